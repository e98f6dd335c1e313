"""``python -m brainlake`` is the command ``brainlake``."""

import sys

from brainlake.cli import main

sys.exit(main())
