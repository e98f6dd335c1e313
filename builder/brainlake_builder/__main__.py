"""``python -m brainlake_builder`` is the command ``brainlake-build``."""

import sys

from brainlake_builder.cli import main

sys.exit(main())
