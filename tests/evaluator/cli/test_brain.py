"""The command ``brain``: a digest for people, everything for programs and files."""

import io
import json
import re

import polars as pl
import pytest

from brainlake import brain_alignment, open_bank
from brainlake.contract.schema import SCORES
from brainlake.report.progress import Progress
from hub.banks import add_model, values

ON = ("--benchmark", "toy.brain", "--bootstrap", 0)


def test_brain_prints_a_digest_and_writes_everything(toy_bank, tmp_path, run):
    target = tmp_path / "scores.parquet"
    status, out, _ = run("brain", toy_bank, "--benchmark", "toy.brain", "--bootstrap", 50, "--out", target)
    assert status == 0
    head, *lines = out.splitlines()
    assert head.split() == ["model", "layer", "score", "shuffled", "beyond"]
    assert re.match(r"m +1 +-?\.\d{3} \[", lines[0])
    assert lines[1].startswith("baseline:")
    assert lines[3].startswith("toy.brain, protocol grouped: pearson")
    written = pl.read_parquet(target)
    assert written.columns == SCORES.names
    assert written.equals(brain_alignment(open_bank(toy_bank), "toy.brain", n_boot=50))


def test_json_and_csv_have_every_layer_and_column(toy_bank, run):
    arguments = ("brain", toy_bank, "--benchmark", "toy.brain", "--protocol", "aw2024", "--bootstrap", 0)
    rows = json.loads(run(*arguments, "--format", "json")[1])
    table = pl.read_csv(io.StringIO(run(*arguments, "--format", "csv")[1]))
    assert list(rows[0]) == table.columns
    assert table.columns == SCORES.names
    assert {row["layer"] for row in rows if row["model"] == "m"} == {0, 1, 2, None}
    assert [row["score"] for row in rows] == pytest.approx(table["score"].to_list(), abs=1e-7, nan_ok=True)


def test_layers_are_shown_or_only_some_of_them_scored(run, toy_bank):
    names = [line.split()[:2] for line in run("brain", toy_bank, *ON, "--layers")[1].splitlines()[1:5]]
    assert names == [["m", "1"], ["m", "0"], ["m", "1"], ["m", "2"]]
    rows = json.loads(run("brain", toy_bank, *ON, "--layers", 2, "--format", "json")[1])
    assert {row["layer"] for row in rows if row["model"] == "m"} == {2, None}


def test_its_options_are_those_of_the_function(run, toy_bank):
    arguments = (*ON, "--baselines", "length", "--by", "roi", "--permutations", 19, "--threads", 2)
    rows = json.loads(run("brain", toy_bank, *arguments, "--format", "json")[1])
    expected = brain_alignment(
        open_bank(toy_bank), "toy.brain", baselines=["length"], by=["roi"], n_boot=0, n_permutations=19
    )
    assert pl.DataFrame(rows, schema_overrides=expected.schema).equals(expected)
    assert not any(
        row["model"].startswith("baseline:")
        for row in json.loads(run("brain", toy_bank, *ON, "--baselines", "--format", "json")[1])
    )


def test_a_level_that_there_is_not(run, toy_bank):
    status, out, err = run("brain", toy_bank, *ON, "--by", "voxel")
    assert (status, out) == (2, "")
    assert "brainlake brain: error: argument --by: invalid choice: 'voxel'" in err


@pytest.fixture
def damaged(own_bank):
    """A bank with three models, the activations of one damaged."""
    for seed, name in enumerate(("a", "z")):
        add_model(own_bank, name, values(seed=seed))
    (file,) = open_bank(own_bank).feature_files("activations", "toy", "a")
    content = bytearray((own_bank / file.path).read_bytes())
    content[len(content) // 2] ^= 1
    (own_bank / file.path).write_bytes(content)
    return own_bank


def test_a_model_and_a_benchmark_that_fail_keep_no_other_from_its_score(run, damaged):
    status, out, err = run(
        "brain", damaged, "-q", "--format", "json", "--bootstrap", 0, "--benchmark", "no", "toy.brain"
    )
    assert status == 1
    assert {row["model"] for row in json.loads(out) if not row["model"].startswith("baseline:")} == {"m", "z"}
    first, *lines = err.splitlines()
    assert first == "brainlake: 2 failed:"
    assert [line.partition(": ")[0] for line in lines] == ["  no, grouped", "  a by document on toy.brain"]
    sound = run("brain", damaged, *ON, "--format", "json", "--model", "m", "z")[1]
    assert json.loads(out) == json.loads(sound)


def test_the_first_failure_ends_it_if_asked_to(run, damaged):
    status, out, err = run("brain", damaged, *ON, "--fail-fast")
    assert (status, out) == (1, "")
    assert "failed:" not in err


def test_where_no_model_is_left_there_are_no_scores(run, damaged):
    status, out, err = run("brain", damaged, *ON, "--model", "z", "m", "--layers", 77)
    assert (status, out) == (1, "")
    lines = [line.partition(": ")[0] for line in err.splitlines()[-2:]]
    assert lines == ["  m by document on toy.brain", "  z by document on toy.brain"]


def test_a_run_that_was_interrupted_goes_on_with_what_it_had(run, own_bank, tmp_path, monkeypatch):
    add_model(own_bank, "z", values(seed=1))
    whole, out, folder = tmp_path / "whole.parquet", tmp_path / "s.parquet", tmp_path / "s.parquet.unfinished"
    run("brain", own_bank, *ON, "--out", whole)
    steps = Progress.steps

    def stopped(progress, things, label, *arguments, **options):
        if label.endswith("z (2 of 2)"):
            raise KeyboardInterrupt
        return steps(progress, things, label, *arguments, **options)

    with monkeypatch.context() as during:
        during.setattr(Progress, "steps", stopped)
        assert run("brain", own_bank, *ON, "--out", out)[0] == 130
    assert not out.exists()
    assert len(list(folder.iterdir())) == 1
    status, _, said = run("brain", own_bank, *ON, "--out", out)
    assert status == 0
    assert f"{folder} holds what an interrupted run had done: going on from there" in said
    assert "z (2 of 2)" in said
    assert "m (1 of 2)" not in said
    assert pl.read_parquet(out).equals(pl.read_parquet(whole))
    assert not folder.exists()
