"""The demo's report says that nobody was scanned, why truth lies above, and which commands show the same."""

from brainlake_builder.demo.report import WHY_BELOW, commands, write_demo_report


def test_it_says_what_was_simulated_recovered_and_run(demo, tmp_path):
    from html import unescape

    root, built = demo
    bank = tmp_path / "demo"
    bank.symlink_to(root, target_is_directory=True)
    path = write_demo_report(built, bank)
    text = unescape(path.read_text(encoding="utf-8"))
    path.unlink()
    assert "nobody was scanned, nobody read" in text
    assert WHY_BELOW in text
    assert all(line in text for line in commands(bank).values())
    assert all(str(name) in text for name in built.recovered()["what"])
    for title in ("Layers: demo.brain, grouped", "Surprisal against time: demo.reading", "13 of 13 passed"):
        assert title in text
