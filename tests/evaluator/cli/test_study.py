"""The command ``study``: questions in order for people, all rows and columns for programs and files."""

import io
import json
import os
import subprocess
import sys

import polars as pl
import pytest

from studies import composites, family, models, put_tables, scores


@pytest.fixture(scope="module")
def bank(tmp_path_factory):
    scored, who, known = family([2, 2, 1, 2, 2, 2], benchmarks=("b", "c"))
    return put_tables(tmp_path_factory.mktemp("study"), scored, who, known, composites(whole=["b", "c"]))


def test_the_papers_answers_are_printed_in_order(run):
    status, out, err = run("study", "--published")
    numbers = [int(line.split(".")[0]) for line in out.splitlines() if line[:1].isdigit()]
    assert (status, err) == (0, "")
    assert numbers == list(range(1, 11))
    for part in (
        "+6.99 [",
        "+7.99 [",
        "+3.97 [",
        "-11.76 [",
        ".946 [",
        ".920 [",
        ".805 [",
        "-.159 [",
        ".841 [",
        ".593 [",
    ):
        assert part in out
    assert max(map(len, out.splitlines())) <= 100


def test_a_bank_is_studied(bank, run):
    status, out, _ = run("study", bank)
    assert status == 0
    assert "mean of 2: over 11 tuned models" in out
    assert "Not answered: no training of several checkpoints has a score" in out


def test_programs_and_files_get_every_row(bank, tmp_path, run):
    target = tmp_path / "study.parquet"
    rows = json.loads(run("study", bank, "--format", "json", "--out", target)[1])
    table = pl.read_csv(io.StringIO(run("study", bank, "--format", "csv")[1]), infer_schema_length=None)
    written = pl.read_parquet(target)
    assert len(rows) == len(table) == len(written)
    assert list(rows[0]) == table.columns == written.columns
    assert written["question"].unique().to_list() == list(range(1, 8))


def test_benchmarks_protocols_and_scores_are_chosen(bank, tmp_path, run):
    assert "mean of 2" not in run("study", bank, "--benchmark", "b", "--protocol", "grouped")[1]
    own = tmp_path / "own.parquet"
    scores([("base0", "d", 0.2), ("tuned0.0", "d", 0.3), ("stranger", "d", 0.4)]).write_parquet(own)
    _, out, err = run("study", bank, "--scores", own)
    assert "not studied, since the table models does not know them: stranger" in err
    assert "d: over 1 tuned model the change is +50.00 % without an interval (one base" in out


def test_markdown_has_a_table_a_question(bank, run):
    out = run("study", bank, "--format", "markdown")[1]
    assert "1. Does tuning on instructions raise brain alignment?\n\n| benchmark | models |" in out


@pytest.mark.parametrize(
    ("arguments", "status", "match"),
    [
        ((), 2, "name a bank, or ask for what is --published"),
        (("--published", "bank"), 2, "--published goes without a bank"),
        (("--published", "--protocol", "grouped"), 2, "goes without --protocol"),
        (("--published", "--out", "x.csv"), 2, "parquet"),
        (("nowhere",), 1, "nowhere"),
    ],
)
def test_what_makes_no_sense_is_said_in_one_line(arguments, status, match, run):
    found, out, err = run("study", *arguments)
    assert (found, out) == (status, "")
    assert match in err


def test_files_that_are_no_scores_are_refused(bank, tmp_path, run):
    file = tmp_path / "x.parquet"
    file.write_text("no")
    assert "holds no scores" in run("study", bank, "--scores", file)[2]
    pl.DataFrame({"model": ["m"]}).write_parquet(file)
    status, _, err = run("study", bank, "--scores", file)
    assert status == 1
    assert "no column" in err


def test_files_of_scores_are_of_one_form(bank, tmp_path, run):
    whole = scores([("base0", "d", 0.2), ("tuned0.0", "d", 0.3)])
    wider, text, bare = tmp_path / "wider.parquet", tmp_path / "text.parquet", tmp_path / "bare.parquet"
    whole.write_parquet(tmp_path / "whole.parquet")
    whole.with_columns(pl.col("score").cast(pl.Float32), more=1).write_parquet(wider)
    whole.with_columns(score=pl.lit("x")).write_parquet(text)
    whole.with_columns(model=pl.lit(None, pl.String)).write_parquet(bare)
    status, out, err = run("study", bank, "--scores", wider)
    assert (status, err) == (0, "")
    assert "d: over 1 tuned model the change is +50.00 %" in out
    for file in (text, bare):
        status, _, err = run("study", bank, "--scores", tmp_path / "whole.parquet", file)
        assert status == 1
        assert f"{file} holds no scores: " in err


def test_it_needs_no_torch():
    code = "import sys; from brainlake.cli import main; main(['study', '--published', '-q']); "
    code += "sys.exit(str([m for m in ('torch', 'transformers', 'datasets', 'matplotlib') if m in sys.modules]))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=os.environ)
    assert done.stderr.strip() == "[]"


def test_a_tuned_model_whose_base_is_misspelt_is_named(tmp_path, run):
    scored = scores([("base", "b", 0.2), ("tuned", "b", 0.3), ("lost", "b", 0.3)])
    bank = put_tables(tmp_path / "bank", scored, models(("base", None), ("tuned", "base"), ("lost", "bsae")))
    status, _, err = run("study", bank)
    assert status == 0
    assert "in no pair, since no score of a base stands beside theirs: lost (base bsae)" in err
