"""The guide to a reading-time corpus is run, from three filled examples to their scores."""

import re
import shlex
from pathlib import Path

import pytest

from brainlake.cli import main as evaluate
from brainlake_builder.cli import main as build
from brainlake_builder.demo.tables import model_folder

DOCS = Path(__file__).parent.parent / "docs"
PROGRAMS = {"brainlake": evaluate, "brainlake-build": build}


@pytest.mark.slow
def test_from_three_examples_to_their_scores(tmp_path, monkeypatch, capsys):
    pytest.importorskip("wordfreq")
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```bash\n(.*?)```", (DOCS / "reading-corpus.md").read_text(encoding="utf-8"), re.DOTALL)
    for block in blocks:
        for command in block.replace("openai-community/gpt2", f"{model_folder()} --name gpt2").splitlines():
            program, *arguments = shlex.split(command)
            assert PROGRAMS[program](arguments) == 0, capsys.readouterr().err
    printed = capsys.readouterr().out
    for benchmark in ("my_eyetracking", "my_reading", "my_eeg"):
        assert re.search(rf"{benchmark}.*gpt2.*\.\d\d", printed), printed
