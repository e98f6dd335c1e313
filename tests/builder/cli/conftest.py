"""The builder's command in this process."""

import pytest

from brainlake_builder.cli import main
from brainlake_builder.demo.build import MODEL
from brainlake_builder.demo.tables import model_folder
from commands import in_process


@pytest.fixture
def run(capsys):
    """Runs ``brainlake-build`` with arguments: exit status, stdout, stderr."""
    return in_process(main, capsys)


@pytest.fixture
def tasks():
    """Arguments that name the demo's model and sentences in a bank."""
    return lambda bank, *more: (
        *("--model", model_folder(), "--name", MODEL, "--bank", bank, "--stimuli", "demo.sentences"),
        *more,
    )
