"""The course's figures: one style, one colour a quantity, and a text beside every picture."""

import base64
import html
import io

import matplotlib.pyplot as plt
from IPython.display import display

__all__ = ["COLORS", "figure", "show"]

plt.style.use("rnncourse.plots.course")  # for the lessons' own plt calls as well

#: The same quantity has the same colour in every lesson. Okabe and Ito's colours, two of them
#: darker, so that each has a contrast of 3 on white (WCAG 2.2, 1.4.11).
COLORS = {
    "truth": "#000000",
    "baseline": "#7F7F7F",
    "input": "#BF8300",
    "state": "#0072B2",
    "output": "#009E73",
    "gradient": "#D55E00",
    "training": "#3398D6",
    "validation": "#CC79A7",
    "rnn": "#0072B2",
    "lstm": "#D55E00",
    "gru": "#009E73",
    "direct": "#009E73",  # three ways to forecast several steps ahead
    "seq2seq": "#0072B2",
    "recursive": "#D55E00",
}


def figure(n_rows=1, n_cols=1, *, height=3.0, width=7.2, **options):
    """A figure in the course's style: (figure, Axes or array of Axes); sizes in inches."""
    return plt.subplots(n_rows, n_cols, figsize=(width, height), **options)


def show(figure, alt):
    """Show `figure` (or the Axes' figure) with `alt`, the text for those who cannot see it.

    `alt` says what the picture shows, not that it is one. Notebooks drop matplotlib's own
    pictures' text; an <img> of ours keeps it in JupyterLab, Colab and on the site alike.
    """
    figure = getattr(figure, "figure", figure)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=144)
    plt.close(figure)  # or the inline backend shows it a second time
    data = base64.b64encode(buffer.getvalue()).decode()
    style = f"width: {figure.get_figwidth() * 100:.0f}px; max-width: 100%; background: white"
    source = f"data:image/png;base64,{data}"
    image = f'<img alt="{html.escape(alt)}" style="{style}" src="{source}">'
    display({"text/html": image, "text/plain": f"Figure: {alt}"}, raw=True)
