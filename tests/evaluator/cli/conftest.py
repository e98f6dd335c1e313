"""The command in this process."""

import pytest

from brainlake.cli import main


@pytest.fixture
def run(capsys):
    """Runs ``brainlake`` with arguments: exit status, stdout, stderr."""

    def command(*arguments):
        try:
            status = main([str(one) for one in arguments])
        except SystemExit as stop:
            status = stop.code
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        return status, out, err

    return command
