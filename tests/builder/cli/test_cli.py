"""The builder's command: what is there, what is left to do, and one line for whatever goes wrong."""

import io
import json
import os
import shutil

import polars as pl
import pyarrow.parquet as pq
import pytest

from brainlake import BrainlakeError
from brainlake_builder.cli import main
from brainlake_builder.demo.build import MODEL
from brainlake_builder.demo.tables import model_folder
from brainlake_builder.humans.catalogue import DATASETS
from brainlake_builder.humans.dataset import HumanTables
from brainlake_builder.humans.folder import Built


def run(capsys, *arguments):
    status = main([str(a) for a in arguments])
    out, err = capsys.readouterr()
    assert "Traceback" not in out + err
    return status, out, err


def tasks(bank, *more):
    return ("--model", model_folder(), "--name", MODEL, "--bank", bank, "--stimuli", "demo.sentences", *more)


def test_plan_says_what_is_there_and_what_is_left(demo_bank, capsys):
    status, out, _ = run(
        capsys, "plan", *tasks(demo_bank, "--recipe", "document", "document+pool=mean", "--format", "json")
    )
    assert status == 0
    assert [row["state"] for row in json.loads(out)] == ["there", "to do"]
    assert "M" in run(capsys, "plan", *tasks(demo_bank))[1]


def test_extract_again_computes_nothing(demo_bank, capsys):
    before = {p: p.stat().st_mtime_ns for p in demo_bank.rglob("*.parquet") if p.parent != demo_bank}
    status, out, _ = run(capsys, "extract", *tasks(demo_bank))
    assert status == 0
    assert "demo.sentences" in out
    assert {p: p.stat().st_mtime_ns for p in before} == before


def test_humans_from_a_folder_of_one_s_own(tmp_path, capsys):
    folder, bank = tmp_path / "mine", tmp_path / "bank"
    folder.mkdir()
    citation = "benchmark,modality,unit,citation,licence,redistributable\nmine,fmri,stimulus,me,CC0,true\n"
    (folder / "benchmarks.csv").write_text(citation)
    (folder / "stimuli.csv").write_text("stimulus_id,document_id,group_id,text\na,p,t,One.\nb,p,t,Two.\n")
    (folder / "targets.csv").write_text("target_id,roi\nIFG,IFG\n")
    (folder / "responses.csv").write_text("subject,row_id,target_id,value\ns1,a,IFG,0.31\ns1,b,IFG,0.5\n")
    status, out, _ = run(capsys, "humans", "--from", folder, "--bank", bank)
    assert status == 0
    assert "responses/mine.parquet: 2 rows" in out
    (folder / "responses.csv").write_text("subject,row_id,target_id,value\ns1,a,IFG,0.31\ns1,c,IFG,high\n")
    status, _, err = run(capsys, "humans", "--from", folder, "--bank", tmp_path / "other")
    assert status == 1
    assert "responses.csv" in err
    assert not (tmp_path / "other").exists()


def test_humans_goes_on_after_a_data_set_that_cannot_be_had(tmp_path, monkeypatch, capsys):
    from brainlake_builder.humans import ingest

    def read(dataset, source):
        if dataset.benchmark == "blank2014":
            raise BrainlakeError("there is no public copy")
        return Built(dataset, HumanTables(), [])

    monkeypatch.setattr(ingest, "_read", read)
    monkeypatch.setattr(ingest, "check_tables", lambda *_: None)
    names = ("tuckute2024", "aw2024.brain", "alice2016")
    status, out, err = run(capsys, "humans", *names, "--bank", tmp_path)
    assert status == 1
    assert "benchmarks/tuckute2024.parquet" in out
    assert "benchmarks/alice2016.parquet" in out
    assert "benchmarks/aw2024.brain.parquet" not in out
    assert err.splitlines()[-1] == (
        "brainlake-build: blank2014 is not there: there is no public copy; "
        "aw2024.brain is not there: its part blank2014 cannot be had"
    )


def test_humans_shows_its_own_way_in(tmp_path, capsys):
    status, out, _ = run(capsys, "humans", "--list")
    assert status == 0
    for name, dataset in DATASETS.items():
        assert f"{name} ({dataset.modality})" in out
        assert all((dataset.what, dataset.size, dataset.use))
    assert max(map(len, out.splitlines())) <= 100
    assert run(capsys, "humans", "--template", "reading", tmp_path / "mine")[0] == 0
    status, _, err = run(capsys, "humans", "--template", "reading", tmp_path / "mine")
    assert status == 1
    assert "is there and not empty" in err
    assert run(capsys, "humans", "--template", "readin", tmp_path / "x")[2].count("did you mean 'reading'") == 1
    assert "| `group_id` |" in run(capsys, "humans", "--columns", "stimuli")[1]


def test_a_path_that_is_not_utf8_is_one_line(tmp_path, capsys):
    run(capsys, "humans", "--template", "reading", tmp_path / "mine")
    status, _, err = run(capsys, "humans", "--from", tmp_path / "mine", "--bank", os.fsdecode(b"bank\xff"))
    assert status == 1
    assert "not UTF-8: rename" in err
    assert len(err.splitlines()) == 1


def test_extract_says_what_it_wrote(demo_bank, tmp_path, capsys):
    bank = tmp_path / "bank"
    shutil.copytree(demo_bank, bank)
    arguments = ("extract", *tasks(bank, "--recipe", "document+pool=mean"), "--untrained", "3")
    status, out, _ = run(capsys, *arguments)
    assert status == 0
    written = dict(line.rsplit(": ", 1) for line in out.splitlines())
    assert [path.split("/")[0] for path in written] == ["activations", "surprisal"]
    for path, rows in written.items():
        assert path.split("/")[1] == f"{MODEL}+untrained-s3"
        assert rows == f"{pq.read_metadata(bank / path).num_rows} rows"
    status, out, err = run(capsys, *arguments)
    assert [line.rsplit(": ", 1)[0] for line in out.splitlines()] == list(written)
    assert "already there" in err


@pytest.mark.parametrize(
    "arguments",
    [
        ("humans", "nope", "--bank", "BANK"),
        ("extract", "--model", "MODEL", "--stimuli", "demo.sentences", "--bank", "BANK", "--recipe", "nope"),
        ("extract", "--model", "MODEL", "--stimuli", "demo.sentences", "--bank", "BANK", "--device", "tpu"),
        ("extract", "--model", "nowhere/at/all", "--stimuli", "demo.sentences", "--bank", "BANK"),
        ("extract", "--model", "MODEL", "--stimuli", "nope", "--bank", "BANK"),
        ("plan", "--model", "MODEL", "--stimuli", "demo.sentences", "--bank", "nowhere"),
        ("import-surprisal", "nowhere.csv", "--model", "x", "--stimuli", "demo.story", "--bank", "BANK"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_status_1(demo_bank, capsys, arguments):
    here = {"BANK": demo_bank, "MODEL": model_folder()}
    status, out, err = run(capsys, *(here.get(a, a) for a in arguments))
    assert status == 1
    assert out == ""
    assert len(err.splitlines()) == 1
    assert err.startswith("brainlake-build: ")


TEXT = "Nobody came.\nThe ship\n\nsailed on.\n"


def test_words_of_a_text(tmp_path, capsys, monkeypatch):
    file, out = tmp_path / "story.txt", tmp_path / "story.csv"
    file.write_bytes(b"\xef\xbb\xbf" + TEXT.replace("\n", "\r\n").encode())
    model = ("--model", model_folder())
    rows = json.loads(run(capsys, "surprisal", file, *model, "--format", "json")[1])
    assert [(row["document"], row["word"]) for row in rows] == [
        *((1, word) for word in ("Nobody", "came.", "The", "ship")),
        *((2, word) for word in ("sailed", "on.")),
    ]
    assert set(rows[0]) == {"document", "word", "surprisal", "entropy", "n_tokens"}
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(TEXT.encode())))
    assert json.loads(run(capsys, "surprisal", "-", *model, "--format", "json")[1]) == rows
    assert run(capsys, "surprisal", file, *model, "--out", out)[1] == f"{out}: 6 words in 2 documents\n"
    assert pl.read_csv(out).to_dicts() == rows


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "cannot be read: No such file or directory"),
        (b"\xff\xfeH\x00", "is no text in UTF-8: byte 1 does not fit"),
        (b"H\x00", "it holds a null character"),
        (b" \n", "there is no word in this text"),
    ],
)
def test_no_text(content, message, tmp_path, capsys):
    file = tmp_path / "text"
    if content is not None:
        file.write_bytes(content)
    status, out, err = run(capsys, "surprisal", file, "--model", model_folder())
    assert (status, out) == (1, "")
    assert message in err
    assert len(err.splitlines()) == 1


def test_a_plan_fits_a_hundred_columns_and_may_be_empty(demo_bank, capsys):
    lines = run(capsys, "plan", *tasks(demo_bank, "--recipe", "document", "aw2024"))[1].splitlines()
    assert [line.split()[0] for line in lines] == ["model", MODEL, MODEL, "to"]
    assert max(map(len, lines)) <= 100
    assert len({len(line) for line in lines}) == 1
    assert run(capsys, "plan", *tasks(demo_bank, "--shard", "5/5"))[1].splitlines()[-1].startswith("to do")
    assert json.loads(run(capsys, "plan", *tasks(demo_bank, "--shard", "5/5", "--format", "json"))[1]) == []


@pytest.mark.parametrize("arguments", [("--shard", "0/3"), ("--shard", "3/2"), ("--untrained", "-1")])
def test_numbers_that_make_no_sense_are_wrong_usage(demo_bank, capsys, arguments):
    with pytest.raises(SystemExit) as stop:
        main(["plan", *map(str, tasks(demo_bank)), *arguments])
    assert stop.value.code == 2
    assert arguments[0] in capsys.readouterr().err


def test_benchmarks_or_a_folder_but_not_neither(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["humans", "--bank", "bank"])
    assert stop.value.code == 2
