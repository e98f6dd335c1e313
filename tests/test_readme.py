"""The README is run: its Python; it is short; and CI runs its test command."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)


def blocks(language):
    return [text for kind, text in BLOCKS if kind == language]


@pytest.fixture
def beside_the_demo(demo_bank, monkeypatch, tmp_path):
    """The README's commands are run where the folder ``demo`` lies."""
    monkeypatch.chdir(demo_bank.parent)
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    assert demo_bank.name == "demo"


@pytest.mark.usefixtures("beside_the_demo")
@pytest.mark.parametrize("code", blocks("python"))
def test_python(code, capsys):
    exec(compile(code, "README.md", "exec"), {})
    assert capsys.readouterr().out


def test_ci_runs_the_readme_s_test_command():
    command = next(text.strip() for text in blocks("bash") if "pytest" in text)
    assert command in (ROOT / ".ci/run").read_text(encoding="utf-8").splitlines()


def test_the_readme_is_short():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(text.splitlines()) < 150
    (code,) = blocks("python")
    assert len([line for line in code.splitlines() if line]) <= 10
