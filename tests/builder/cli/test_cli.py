"""The builder's command: what is there, what is left to do, and one line for whatever goes wrong."""

import json
import shutil

import pyarrow.parquet as pq
import pytest

from brainlake_builder.cli import main
from brainlake_builder.demo.build import MODEL
from brainlake_builder.demo.tables import model_folder


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


def test_benchmarks_or_a_folder_but_not_neither(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["humans", "--bank", "bank"])
    assert stop.value.code == 2
