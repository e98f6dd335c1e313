"""The command ``humans``: known data sets, one's own, and its own way in."""

import os

import pytest

from brainlake import BrainlakeError
from brainlake_builder.cli import main
from brainlake_builder.humans.catalogue import DATASETS
from brainlake_builder.humans.dataset import HumanTables
from brainlake_builder.humans.folder import Built


def test_humans_from_a_folder_of_one_s_own(tmp_path, run):
    folder, bank = tmp_path / "mine", tmp_path / "bank"
    folder.mkdir()
    citation = "benchmark,modality,unit,citation,licence,redistributable\nmine,fmri,stimulus,me,CC0,true\n"
    (folder / "benchmarks.csv").write_text(citation)
    (folder / "stimuli.csv").write_text("stimulus_id,document_id,group_id,text\na,p,t,One.\nb,p,t,Two.\n")
    (folder / "targets.csv").write_text("target_id,roi\nIFG,IFG\n")
    (folder / "responses.csv").write_text("subject,row_id,target_id,value\ns1,a,IFG,0.31\ns1,b,IFG,0.5\n")
    status, out, _ = run("humans", "--from", folder, "--bank", bank)
    assert status == 0
    assert "responses/mine.parquet: 2 rows" in out
    (folder / "responses.csv").write_text("subject,row_id,target_id,value\ns1,a,IFG,0.31\ns1,c,IFG,high\n")
    status, _, err = run("humans", "--from", folder, "--bank", tmp_path / "other")
    assert status == 1
    assert "responses.csv" in err
    assert not (tmp_path / "other").exists()


def test_humans_goes_on_after_a_data_set_that_cannot_be_had(tmp_path, monkeypatch, run):
    from brainlake_builder.humans import ingest

    def read(dataset, source):
        if dataset.benchmark == "blank2014":
            raise BrainlakeError("there is no public copy")
        return Built(dataset, HumanTables(), [])

    monkeypatch.setattr(ingest, "_read", read)
    monkeypatch.setattr(ingest, "check_tables", lambda *_: None)
    names = ("tuckute2024", "aw2024.brain", "alice2016")
    status, out, err = run("humans", *names, "--bank", tmp_path)
    assert status == 1
    assert "benchmarks/tuckute2024.parquet" in out
    assert "benchmarks/alice2016.parquet" in out
    assert "benchmarks/aw2024.brain.parquet" not in out
    assert err.splitlines()[-3:] == [
        "brainlake-build: 2 failed:",
        "  blank2014: there is no public copy",
        "  aw2024.brain: its part blank2014 is not there",
    ]
    status, out, err = run("humans", "blank2014", "tuckute2024", "--bank", tmp_path / "new", "--fail-fast")
    assert (status, out, err) == (1, "", "brainlake-build: there is no public copy\n")


def test_humans_shows_its_own_way_in(tmp_path, run):
    status, out, _ = run("humans", "--list")
    assert status == 0
    for name, dataset in DATASETS.items():
        assert f"{name} ({dataset.modality})" in out
        assert all((dataset.what, dataset.size, dataset.use))
    assert max(map(len, out.splitlines())) <= 100
    assert run("humans", "--template", "reading", tmp_path / "mine")[0] == 0
    status, _, err = run("humans", "--template", "reading", tmp_path / "mine")
    assert status == 1
    assert "is there and not empty" in err
    assert run("humans", "--template", "readin", tmp_path / "x")[2].count("did you mean 'reading'") == 1
    assert "| `group_id` |" in run("humans", "--columns", "stimuli")[1]


def test_a_path_that_is_not_utf8_is_one_line(tmp_path, run):
    run("humans", "--template", "reading", tmp_path / "mine")
    status, _, err = run("humans", "--from", tmp_path / "mine", "--bank", os.fsdecode(b"bank\xff"))
    assert status == 1
    assert "not UTF-8: rename" in err
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize("arguments", [(), ("--from", "mine", "--source", "raw"), ("--list", "--source", "raw")])
def test_benchmarks_or_a_folder_but_not_neither(capsys, arguments):
    with pytest.raises(SystemExit) as stop:
        main(["humans", "--bank", "bank", *arguments])
    assert stop.value.code == 2
