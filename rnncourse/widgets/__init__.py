"""Eight explorers: pictures that answer a slider, and make their point unmoved.

A lesson shows one in the last line of a cell, under a **Predict** and above what we saw:

    from rnncourse import widgets

    widgets.gradient_flow()

With a running kernel that is the live explorer; in stored outputs, on the web site and on paper it
is the explorer's first picture with its alt text. Nothing in it is random, so nbval may compare it.
Each file holds a pure function (arrays in, arrays out), the picture, and the controls.
"""

from rnncourse.widgets._bptt_by_hand import PAPER, bptt_by_hand, unfold
from rnncourse.widgets._gates import gates, run_gates
from rnncourse.widgets._gradient_flow import gradient_flow, run_flow
from rnncourse.widgets._next_character import next_character
from rnncourse.widgets._play_frames import play_frames, read_frames
from rnncourse.widgets._stepper import run_steps, stepper
from rnncourse.widgets._task_shapes import task_shapes, unroll
from rnncourse.widgets._two_units import fixed_points, run_impulse, two_units

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
