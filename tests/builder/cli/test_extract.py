"""The command ``extract``."""

import shutil

import pyarrow.parquet as pq
import pytest

from brainlake import open_bank
from brainlake_builder.demo.build import MODEL
from brainlake_builder.demo.tables import model_folder


def test_extract_again_computes_nothing(demo_bank, run, tasks):
    before = {p: p.stat().st_mtime_ns for p in demo_bank.rglob("*.parquet") if p.parent != demo_bank}
    status, out, _ = run("extract", *tasks(demo_bank))
    assert status == 0
    assert "demo.sentences" in out
    assert {p: p.stat().st_mtime_ns for p in before} == before


def test_extract_says_what_it_wrote(demo_bank, tmp_path, run, tasks):
    bank = tmp_path / "bank"
    shutil.copytree(demo_bank, bank)
    arguments = ("extract", *tasks(bank, "--recipe", "document+pool=mean"), "--untrained", "3")
    status, out, _ = run(*arguments)
    assert status == 0
    written = dict(line.rsplit(": ", 1) for line in out.splitlines())
    assert [path.split("/")[0] for path in written] == ["activations", "surprisal"]
    for path, rows in written.items():
        assert path.split("/")[1] == f"{MODEL}+untrained-s3"
        assert rows == f"{pq.read_metadata(bank / path).num_rows} rows"
    status, out, err = run(*arguments)
    assert [line.rsplit(": ", 1)[0] for line in out.splitlines()] == list(written)
    assert "already there" in err


def test_what_became_of_a_model_is_said_at_once_or_later(demo_bank, tmp_path, run, tasks):
    bank = tmp_path / "bank"
    shutil.copytree(demo_bank, bank)
    said = ("--tuning", "control", "--base-model", "owner/base", "--training-step", "2400")

    def known(model):
        columns = ("tuning", "base_model", "training_step")
        return open_bank(bank).table("models").filter(model=model).select(columns).rows()

    features = sorted(bank.glob("activations/**/*.parquet"))
    assert run("extract", *tasks(bank, *said))[0] == 0
    assert known(MODEL) == [("control", "owner--base", 2400)]
    assert sorted(bank.glob("activations/**/*.parquet")) == features
    where = ("--stimuli", "demo.sentences", "--bank", bank, "--name", "other")
    assert run("extract", "--model", model_folder(), *where, *said)[0] == 0
    assert known("other") == known(MODEL)
    assert open_bank(bank).verify() == []


@pytest.mark.parametrize(
    ("said", "status", "message"),
    [
        (("--tuning", "tuned"), 2, "invalid choice: 'tuned'"),
        (("--training-step", "-1"), 2, "a whole number of at least 0"),
        (("--base-model", "a b"), 1, "'a b' cannot name a model"),
        (("--untrained", "0", "--tuning", "vanilla"), 1, "untrained weights were tuned from nothing"),
    ],
)
def test_what_cannot_be_said_of_a_model(demo_bank, run, tasks, said, status, message):
    found, out, err = run("extract", *tasks(demo_bank, *said))
    assert (found, out) == (status, "")
    assert message in err
