"""Eight explorers: pictures that answer a slider, and make their point unmoved.

A lesson shows one in the last line of a cell, under a **Predict** and above what we saw:

    from rnncourse import widgets

    widgets.gradient_flow()

With a running kernel that is the live explorer; in stored outputs, on the web site and on paper it
is the explorer's first picture with its alt text. Nothing in it is random, so nbval may compare it.
Each file holds a pure function (arrays in, arrays out), the picture, and the controls.
"""

from rnncourse.widgets.by_hand import PAPER, bptt_by_hand, unfold
from rnncourse.widgets.flow import gradient_flow, run_flow
from rnncourse.widgets.frames import play_frames, read_frames
from rnncourse.widgets.gating import gates, run_gates
from rnncourse.widgets.plane import fixed_points, run_impulse, two_units
from rnncourse.widgets.shapes import task_shapes, unroll
from rnncourse.widgets.stepping import run_steps, stepper
from rnncourse.widgets.temperature import next_character

__all__ = [
    "PAPER",
    "bptt_by_hand",
    "fixed_points",
    "gates",
    "gradient_flow",
    "next_character",
    "play_frames",
    "read_frames",
    "run_flow",
    "run_gates",
    "run_impulse",
    "run_steps",
    "stepper",
    "task_shapes",
    "two_units",
    "unfold",
    "unroll",
]
