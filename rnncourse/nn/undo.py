"""What a model was before something failed, or was only tried out."""

from contextlib import contextmanager

__all__ = ["states_kept", "unbuilt_after_errors"]


@contextmanager
def unbuilt_after_errors(model):
    """If the first use of a model fails, it can be built for other data after that."""
    unbuilt = [layer for layer in model.layers if not layer.built]
    try:
        yield
    except Exception:
        for layer in unbuilt:
            layer.unbuild()
        if unbuilt:
            model.input_shape = None
        raise


@contextmanager
def states_kept(layers):
    """Stateful layers begin from zeros here, and go on afterwards from where they were."""
    carried = [layer.exchange_state(None) for layer in layers]
    try:
        yield
    finally:
        for layer, states in zip(layers, carried, strict=True):
            layer.exchange_state(states)
