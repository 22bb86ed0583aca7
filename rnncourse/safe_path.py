"""Imported first by what starts from the command line: no module comes from where we stand.

`python -m rnncourse` looks for modules in the current folder before it looks anywhere else. An
instructor may stand where students' files lie, and a student may call a folder `json`. From here
on only installed modules are found.
"""

import os
import sys

HERE, OURS = os.getcwd(), os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path[:] = [path for path in sys.path if path not in ("", HERE) or path == OURS]
