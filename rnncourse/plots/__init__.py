"""Pictures of the course: arrays in, Axes out, one style, a text for those who cannot see them."""

from rnncourse.plots.diagrams import unrolled
from rnncourse.plots.figures import COLORS, figure, show
from rnncourse.plots.lines import curves

__all__ = ["COLORS", "curves", "figure", "show", "unrolled"]
