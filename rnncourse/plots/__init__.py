"""Pictures of the course: arrays in, Axes out, one style, a text for those who cannot see them."""

from rnncourse.plots.diagrams import unrolled
from rnncourse.plots.figures import COLORS, figure, show
from rnncourse.plots.lines import curves
from rnncourse.plots.translation import alignment, alignment_table, encoder_decoder

__all__ = [
    "COLORS",
    "alignment",
    "alignment_table",
    "curves",
    "encoder_decoder",
    "figure",
    "show",
    "unrolled",
]
