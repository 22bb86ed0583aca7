"""Pictures of the course: arrays in, Axes out, one style, a text for those who cannot see them."""

from rnncourse.plots.figure import COLORS, figure, show
from rnncourse.plots.lines import curves
from rnncourse.plots.unrolled import unrolled

__all__ = ["COLORS", "curves", "figure", "show", "unrolled"]
