"""The demo recovers what was simulated, says that it is simulated, and is not computed twice."""

import time

import polars as pl
import pytest

from brainlake import open_bank
from brainlake.bank.sidecars import read_sidecars
from brainlake.report.tables import show
from brainlake_builder.cli import main
from brainlake_builder.demo.build import MODEL, TRUE_LAYER


def test_the_layer_and_the_correlations_are_recovered(demo):
    _, found = demo
    table = found.recovered()
    rows = {what: (truth, value) for what, truth, value in table.iter_rows()}
    assert rows["layer that the voxels read from"] == (TRUE_LAYER, TRUE_LAYER)
    for what, (truth, value) in rows.items():
        if what.startswith("r of"):
            assert value == pytest.approx(truth, abs=0.05)
        elif what.startswith("r in"):
            assert 0.3 * truth < value < truth + 0.05


def test_shuffled_folds_flatter_and_a_trained_model_beats_its_floors(demo):
    _, found = demo
    nested = found.brain_scores.filter(pl.col("roi").is_null(), selection="nested", metric="pearson")
    score = {(m, f): s for m, f, s in nested.select("model", "folds", "score").iter_rows()}
    assert score[MODEL, "shuffled"] > score[MODEL, "disjoint"] > score[f"{MODEL}+untrained-s0", "disjoint"]
    r = dict(found.reading_scores.select("model", "score").iter_rows())
    assert r[MODEL] > max(r[f"{MODEL}+untrained-s0"], r["baseline:word_length"])


def test_everything_says_that_it_is_simulated(demo_bank):
    benchmarks = open_bank(demo_bank).sql("select * from benchmarks")
    assert benchmarks["modality"].str.contains("simulated").all()
    assert benchmarks["citation"].str.contains("nobody was scanned").all()


def test_the_command_prints_truth_beside_what_was_recovered_and_run_again_changes_no_number(demo, capsys):
    demo_bank, first = demo
    hashes = {s.path: s.sha256 for s in read_sidecars(demo_bank)}
    stamps = {p: p.stat().st_mtime_ns for p in (demo_bank / "activations").rglob("*.parquet")}
    time.sleep(0.01)
    assert main(["demo", "--bank", str(demo_bank)]) == 0
    assert {s.path: s.sha256 for s in read_sidecars(demo_bank)} == hashes
    assert {p: p.stat().st_mtime_ns for p in (demo_bank / "activations").rglob("*.parquet")} == stamps
    out = capsys.readouterr().out
    lines = out.splitlines()
    assert lines[:2] == [
        f"{demo_bank}: built and verified.",
        "Its participants are SIMULATED: nobody was scanned, nobody read.",
    ]
    titles = (
        "Brain alignment with simulated voxels that read from layer 2",
        "Behavioral alignment with simulated reading times",
        "What was simulated, and what was recovered",
    )
    brain, reading, recovered = (lines.index(title) for title in titles)
    assert lines[brain + 1] == f"  brainlake brain {demo_bank} --benchmark demo.brain --by roi"
    assert lines[reading + 1] == f"  brainlake behavior {demo_bank} --benchmark demo.reading --protocol pearson"
    assert lines[brain + 2].split() == ["model", "roi", "layer", "score", "shuffled", "beyond", "ceiling"]
    assert lines[reading + 2].split() == ["model", "score", "ceiling"]
    assert lines[recovered + 1].split() == ["what", "truth", "recovered"]
    assert lines[recovered + 2].startswith("layer that the voxels read from")
    show(first.recovered(), "table")
    assert capsys.readouterr().out in out
    assert lines[-2:] == [
        f"Next: brainlake info {demo_bank}",
        f'      brainlake sql {demo_bank} "select * from benchmarks"',
    ]


def test_a_folder_with_something_else_is_left_alone(tmp_path, capsys):
    (tmp_path / "thesis.tex").write_text("precious")
    assert main(["demo", "--bank", str(tmp_path)]) == 1
    assert "is no bank" in capsys.readouterr().err
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.tex"]


def test_it_goes_on_after_a_full_disk(tmp_path, monkeypatch, capsys):
    """Whatever had been written: nothing but folders, or tables without a manifest."""

    def full(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr("brainlake.storage.files._flush", full)
        assert main(["demo", "--bank", str(tmp_path)]) == 1
        assert "No space left" in capsys.readouterr().err
    assert not (tmp_path / "manifest.json").exists()
    with monkeypatch.context() as disk:
        disk.setattr("brainlake_builder.demo.build.extract", full)
        for _ in range(2):
            assert main(["demo", "--bank", str(tmp_path)]) == 1
            assert "No space left" in capsys.readouterr().err
    assert (tmp_path / "stimuli").is_dir()
    assert not (tmp_path / "manifest.json").exists()
