"""The builder's command in this process."""

import pytest

from brainlake_builder.cli import main
from brainlake_builder.demo.build import MODEL
from brainlake_builder.demo.tables import model_folder


@pytest.fixture
def run(capsys):
    """Runs ``brainlake-build`` with arguments: exit status, stdout, stderr."""

    def command(*arguments):
        try:
            status = main([str(one) for one in arguments])
        except SystemExit as stop:
            status = stop.code
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        return status, out, err

    return command


@pytest.fixture
def tasks():
    """Arguments that name the demo's model and sentences in a bank."""
    return lambda bank, *more: (
        *("--model", model_folder(), "--name", MODEL, "--bank", bank, "--stimuli", "demo.sentences"),
        *more,
    )
