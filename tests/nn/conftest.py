"""One BLAS thread for these tests: their matrices are tiny, and threads would wait for others."""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
