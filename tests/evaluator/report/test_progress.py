"""Progress: nothing when quiet, lines in a log, a bar on a terminal that never outlives its work."""

import re

import pytest

from brainlake.report.progress import SILENT, Progress


def test_a_log_has_a_line_a_step_and_no_bar(capsys):
    progress = Progress()
    assert list(progress.steps("abc", "m on b", "layers")) == ["a", "b", "c"]
    with progress.step("m, loading"):
        progress.note("by the way\x1b[2J")
    err = capsys.readouterr().err.splitlines()
    assert re.fullmatch(r"m on b: 3 layers, \d+\.\d s", err[0])
    assert err[1] == "by the way\\x1b[2J"
    assert re.fullmatch(r"m, loading, \d+\.\d s", err[2])
    assert len(err) == 3


def test_sizes_and_what_was_there_are_counted(capsys):
    assert list(Progress().steps(iter("ab"), "x", "tokens", sizes=[1000, 200], done=34)) == ["a", "b"]
    assert "x: 1,234 tokens" in capsys.readouterr().err


def test_one_is_no_plural(capsys):
    assert list(Progress().steps([0], "m", "layers")) == [0]
    assert capsys.readouterr().err.startswith("m: 1 layer, ")


def test_quiet_says_nothing(capsys):
    with SILENT.step("x"):
        SILENT.note("y")
        assert list(SILENT.steps([1], "x", "steps")) == [1]
    assert capsys.readouterr() == ("", "")


def test_what_is_raised_passes_and_no_bar_is_left(monkeypatch, capsys):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    progress = Progress()

    def fail():
        with progress:
            for k in progress.steps([1, 0], "x", "steps"):
                progress.note("[bold]here[/bold]")
                1 / k

    with pytest.raises(ZeroDivisionError):
        fail()
    assert progress._bar is None
    assert "[bold]here[/bold]" in capsys.readouterr().err
