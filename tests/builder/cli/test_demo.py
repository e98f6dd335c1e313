"""The command ``demo``: says that nobody was scanned, and what was recovered."""

from brainlake_builder.demo import build


def test_what_was_simulated_is_said_and_what_was_recovered_shown(run, demo, monkeypatch):
    root, built = demo
    monkeypatch.setattr(build, "build_demo", lambda *_: built)
    status, out, _ = run("demo", "--bank", root)
    assert status == 0
    assert "SIMULATED: nobody was scanned, nobody read" in out
    assert "protocol grouped" in out
    assert all(str(name) in out for name in built.recovered()["what"])
    assert f"Next: brainlake info {root}" in out


def test_wrong_use(run):
    assert run("demo", "folder")[0] == 2
