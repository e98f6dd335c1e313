"""What is refused before torch is imported."""

import os
import subprocess
import sys

import pytest

from brainlake.errors import BrainlakeError
from brainlake_builder.extraction import preflight
from brainlake_builder.extraction.request import ExtractionRequest

COMMAND = """
import sys
from brainlake_builder.__main__ import main
try:
    status = main()
except SystemExit as end:
    status = end.code
assert not {"torch", "transformers", "scipy", "sklearn", "duckdb"} & set(sys.modules)
sys.exit(status)
"""


@pytest.mark.parametrize("command", ["extract", "plan"])
@pytest.mark.parametrize(
    ("arguments", "message", "status"),
    [
        (["--bank", "{bank}/nowhere", "--stimuli", "words"], "there is no bank at", 1),
        (["--bank", "{bank}", "--stimuli", "poems"], "unknown stimulus set or benchmark 'poems'", 1),
        (["--bank", "{bank}", "--stimuli", "words", "--recipe", "dokument"], "unknown recipe 'dokument'", 2),
        (["--bank", "{bank}", "--stimuli", "words", "--device", "gpu"], "device is cpu, cuda", 2),
    ],
)
def test_no_wait_for_torch(command, arguments, message, status, make_bank, make_stimuli):
    bank = make_bank(words=make_stimuli("words", [["The", "boy"]]))
    given = [one.format(bank=bank) for one in arguments]
    done = subprocess.run(
        [sys.executable, "-c", COMMAND, command, "--model", "gpt2", *given],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert message in done.stderr
    assert done.returncode == status


def test_a_full_disk(make_bank, make_stimuli, monkeypatch):
    bank = make_bank(words=make_stimuli("words", [["The", "boy"]]))
    monkeypatch.setattr(preflight, "LEAST_FREE", 1 << 60)
    with pytest.raises(BrainlakeError, match=f"the disk of {bank} is full"):
        preflight.check_request(ExtractionRequest(bank, ["gpt2"], ["words"]))
