"""`python -m rnncourse` is the command `rnncourse`."""

import sys

from rnncourse.commands.main import main

sys.exit(main())
