"""The command in this process."""

import pytest

from brainlake.cli import main
from commands import in_process


@pytest.fixture
def run(capsys):
    """Runs ``brainlake`` with arguments: exit status, stdout, stderr."""
    return in_process(main, capsys)
