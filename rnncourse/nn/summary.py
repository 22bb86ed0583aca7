"""The table that Sequential.summary() prints, drawn like Keras's."""

__all__ = ["summary_lines"]


def summary_lines(model, line_length=76):
    """Keras's summary of a Sequential, a list of lines `line_length` wide."""
    rows = [(f"{x.name} ({type(x).__name__})", *_shape_and_count(x, s)) for x, s in _shapes(model)]
    ends = [int(share * line_length) for share in (0.45, 0.8, 1.0)]
    # Keras's widths are of the text; the frame around each cell is 2 blanks and a line.
    widths = [end - start for start, end in zip([0, *ends], ends, strict=False)]
    widths = _shrink(widths, line_length - 3 * len(widths) - 1)
    lines = [f'Model: "{model.name}"', _rule("┏━┳┓", widths)]
    lines += _row(("Layer (type)", "Output Shape", "Param #"), widths, "┃")
    lines.append(_rule("┡━╇┩", widths))
    for n, row in enumerate(rows):
        if n:
            lines.append(_rule("├─┼┤", widths))
        lines += _row(row, widths, "│")
    lines.append(_rule("└─┴┘", widths))
    built = model.input_shape is not None
    weights = model.weights if built else []
    total = f"{sum(w.size for w in weights):,} ({_readable(sum(w.nbytes for w in weights))})"
    lines += [f" Total params: {total}", f" Trainable params: {total}"]
    return [*lines, " Non-trainable params: 0 (0.00 B)"]


def _shapes(model):
    """Each layer with its output shape, None before build."""
    shape = model.input_shape
    for layer in model.layers:
        shape = None if shape is None else layer.compute_output_shape(shape)
        yield layer, shape


def _shape_and_count(layer, shape):
    if shape is None:
        return "?", "0 (unbuilt)"
    return str(shape), f"{layer.count_params():,}"


def _shrink(widths, room):
    """Widths that sum to `room`: each gives its share of the excess, as in rich's tables."""
    excess, narrow = sum(widths) - room, []
    for n, width in enumerate(widths):
        share = round(excess / (len(widths) - n))
        narrow.append(width - share)
        excess -= share
    return narrow


def _rule(marks, widths):
    left, line, cross, right = marks
    return left + cross.join(line * (w + 2) for w in widths) + right


def _row(cells, widths, edge):
    """One row as lines: text that is too long breaks at its blanks, or is cut with …"""
    columns = [_wrap(cell, width) for cell, width in zip(cells, widths, strict=True)]
    height = max(map(len, columns))
    lines = []
    for n in range(height):
        texts = [column[n] if n < len(column) else "" for column in columns]
        padded = [t.ljust(w) for t, w in zip(texts[:-1], widths[:-1], strict=True)]
        lines.append(f"{edge} {f' {edge} '.join([*padded, texts[-1].rjust(widths[-1])])} {edge}")
    return lines


def _wrap(text, width):
    lines = [""]
    for word in text.split(" "):
        word = word if len(word) <= width else word[: width - 1] + "…"
        if lines[-1] and len(lines[-1]) + 1 + len(word) > width:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def _readable(n_bytes):
    for unit in ("B", "KB", "MB", "GB"):
        if n_bytes < 1024:
            return f"{n_bytes:.2f} {unit}"
        n_bytes /= 1024
    return f"{n_bytes:.2f} TB"
