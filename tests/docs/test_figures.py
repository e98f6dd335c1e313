"""The page on figures is so: its commands and its Python run, and its table has every function."""

import re
import shlex
from importlib import import_module
from pathlib import Path

from brainlake import figures
from brainlake.cli import main

TEXT = (Path(__file__).parents[2] / "docs/figures.md").read_text(encoding="utf-8")


def test_python_runs(demo_bank, monkeypatch, tmp_path):
    (code,) = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    monkeypatch.chdir(tmp_path)
    exec(compile(code.replace('"demo"', repr(str(demo_bank))), "figures.md", "exec"), {})
    assert (tmp_path / "profile.pdf").stat().st_size > 1000
    assert "<svg" in (tmp_path / "ranking.svg").read_text()


def test_commands_are_right_use(monkeypatch):
    (commands,) = re.findall(r"```bash\n(.*?)```", TEXT, re.DOTALL)
    done = []
    for line in commands.splitlines():
        program, name, *arguments = shlex.split(line)
        assert program == "brainlake"
        monkeypatch.setattr(import_module(f"brainlake.cli.{name}"), "execute", lambda options: done.append(options.out))
        assert main([name, *arguments]) == 0
    assert [str(path) for path in done] == ["brain.parquet", "pairs.parquet", "figures", "report.html"]


def test_the_table_has_every_function():
    named = re.findall(r"^\| `(\w+)` \|", TEXT, re.MULTILINE)
    assert sorted([*named, "save"]) == sorted(figures.__all__)
    assert all(callable(getattr(figures, name)) for name in figures.__all__)
    assert dir(figures) == sorted(figures.__all__)
