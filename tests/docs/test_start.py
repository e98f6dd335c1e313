"""The first page of the site is run, beside the demo bank."""

import re
import shlex
from pathlib import Path

import pytest

from brainlake.cli import main

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/start.md").read_text(encoding="utf-8")
PYTHON = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
LOOK = re.findall(r"```bash\n(.*?)```", PAGE, re.DOTALL)[1].splitlines()


@pytest.fixture
def beside_the_demo(demo_bank, monkeypatch, tmp_path):
    monkeypatch.chdir(demo_bank.parent)
    monkeypatch.setenv("HF_HOME", str(tmp_path))


def test_its_ten_lines_are_the_readme_s_which_are_run():
    assert PYTHON[0] in (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(PYTHON) == 2


@pytest.mark.usefixtures("beside_the_demo")
def test_a_file_opens_alone(capsys):
    exec(compile(PYTHON[1], "start.md", "exec"), {})
    assert capsys.readouterr().out == "(128,)\n"


@pytest.mark.usefixtures("beside_the_demo")
@pytest.mark.parametrize("command", [command for command in LOOK if " brain " not in command])
def test_its_commands_print(command, capsys):
    program, *arguments = shlex.split(command)
    assert program == "brainlake"
    assert main(arguments) == 0, capsys.readouterr().err
    assert "demo" in capsys.readouterr().out
