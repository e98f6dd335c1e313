"""The command ``demo``: says that nobody was scanned, and what was recovered."""

import pytest

from brainlake.errors import BrainlakeError
from brainlake_builder.demo import build, report


def refused(*_):
    raise BrainlakeError("figures need more")


@pytest.mark.parametrize(
    ("written", "said"),
    [(lambda _, bank, __: bank / "report.html", "Report: {}/report.html"), (refused, "No report: figures")],
)
def test_what_was_simulated_is_said_and_what_was_recovered_shown(written, said, run, demo, monkeypatch):
    root, built = demo
    monkeypatch.setattr(build, "build_demo", lambda *_: built)
    monkeypatch.setattr(report, "write_demo_report", written)
    status, out, _ = run("demo", "--bank", root)
    assert status == 0
    assert "SIMULATED: nobody was scanned, nobody read" in out
    assert "protocol grouped" in out
    assert all(str(name) in out for name in built.recovered()["what"])
    assert said.format(root) in out
    assert " ".join(report.WHY_BELOW.split()) in " ".join(out.split())
    for command in ("brain alignment", "behavioral alignment"):
        assert report.commands(root)[command] in out
    assert f"Next: brainlake info {root}" in out


def test_wrong_use(run):
    assert run("demo", "folder")[0] == 2
