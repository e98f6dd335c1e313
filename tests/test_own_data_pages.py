"""The pages on one's own data are run: their commands, from a template to the printed score, and their Python."""

import re
import shlex
from pathlib import Path

import pytest

from brainlake.cli import main as evaluate
from brainlake_builder.cli import main as build
from brainlake_builder.demo.tables import model_folder
from brainlake_builder.humans.columns import as_markdown
from brainlake_builder.humans.templates import TEMPLATES

DOCS = Path(__file__).parent.parent / "docs"
PROGRAMS = {"brainlake": evaluate, "brainlake-build": build}


def blocks(kind, language):
    text = (DOCS / f"own-data-{kind}.md").read_text(encoding="utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


@pytest.mark.parametrize("kind", TEMPLATES)
def test_from_the_template_to_the_printed_score(kind, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (block,) = blocks(kind, "bash")
    commands = block.replace("openai-community/gpt2", f"{model_folder()} --name gpt2").splitlines()
    for command in commands:
        program, *arguments = shlex.split(command)
        assert PROGRAMS[program](arguments) == 0, capsys.readouterr().err
        if program == "brainlake-build":
            capsys.readouterr()
    printed = capsys.readouterr().out
    assert re.search(r"gpt2.*-?0?\.\d\d", printed), printed


@pytest.mark.parametrize(("kind", "code"), [(kind, code) for kind in TEMPLATES for code in blocks(kind, "python")])
def test_python(kind, code, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    exec(compile(code, f"own-data-{kind}.md", "exec"), {})
    assert (tmp_path / re.findall(r'"(from_\w+)"', code)[0] / "benchmarks").exists()


def test_the_page_of_columns_is_that_of_the_command(capsys):
    assert build(["humans", "--columns"]) == 0
    assert capsys.readouterr().out == as_markdown()
    assert (DOCS / "own-data-columns.md").read_text(encoding="utf-8").endswith(as_markdown())
