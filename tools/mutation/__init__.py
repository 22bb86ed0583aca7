"""Mutation testing of the checkers: `python -m tools.mutation`; see __main__.py."""

import os

# One thread: the products are small, and threads of an idle pool would count as processor time.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
