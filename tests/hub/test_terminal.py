"""What a stranger's bank says reaches the terminal as text: it commands nothing, and forges no line and no row."""

import errno
import json
import os
import shutil

import polars as pl
import pytest

from brainlake import cli, open_bank
from brainlake_builder import cli as builder_cli
from commands import in_process

FORGED = "x\x1b[2J\nall well"
READING = ("--benchmark", "toy.reading", "--protocol", "pearson", "-q")


@pytest.fixture
def run(capsys):
    """Runs ``brainlake`` with arguments: exit status, stdout, stderr."""
    return in_process(cli.main, capsys)


@pytest.fixture
def build(capsys):
    """Runs ``brainlake-build`` likewise."""
    return in_process(builder_cli.main, capsys)


def harmless(text):
    """Whether a terminal obeys nothing in it but the ends of its lines."""
    return all(c.isprintable() or c == "\n" for c in text)


def test_the_name_of_a_file_forges_no_line(own_bank, run):
    shutil.copy(own_bank / "stimuli/toy.parquet", own_bank / f"stimuli/{FORGED}.parquet")
    status, out, err = run("verify", own_bank)
    assert status == 1
    assert harmless(out + err)
    assert r"stimuli/x\x1b[2J\nall well.parquet" in out
    assert "all well.parquet" not in out.splitlines()


def test_what_a_sidecar_says_forges_no_line(own_bank, run):
    path = next((own_bank / "sidecars").rglob("*.json"))
    path.write_text(json.dumps(json.loads(path.read_text()) | {"kind": FORGED}))
    for command in (("verify", own_bank), ("info", own_bank), ("sql", own_bank, "select 1")):
        status, out, err = run(*command)
        assert status == 1
        assert harmless(out + err)
        assert not any(line.startswith("all well") for line in (out + err).splitlines())


def test_a_text_of_the_bank_in_an_error_of_duckdb(toy_bank, run):
    status, _, err = run("sql", toy_bank, "select (text || chr(27) || '[2J' || chr(10) || 'well')::int from stimuli")
    assert status == 1
    assert harmless(err)
    assert len(err.splitlines()) == 1
    assert r"\x1b[2J" in err


@pytest.mark.parametrize("form", ["table", "markdown"])
def test_a_cell_forges_no_row(toy_bank, run, form):
    query = "select 'a' || chr(10) || 'b  2' as x, chr(27) || '[31m' || chr(8238) as z"
    status, out, _ = run("sql", toy_bank, query, "--format", form)
    assert status == 0
    assert harmless(out)
    assert len(out.splitlines()) == (2 if form == "table" else 3)
    assert r"a\nb  2" in out
    assert r"\x1b[31m\u202e" in out


def test_a_full_disk_is_one_line_and_what_was_there_stays(toy_bank, run, tmp_path, monkeypatch):
    path = tmp_path / "x.parquet"
    path.write_text("before")

    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(pl.DataFrame, "write_parquet", full)
    status, _, err = run("behavior", toy_bank, *READING, "--out", path)
    assert status == 1
    assert err.splitlines()[-1].startswith("brainlake: ")
    assert "No space left" in err.splitlines()[-1]
    assert {p.name: p.read_text() for p in tmp_path.iterdir()} == {"x.parquet": "before"}


def test_a_recipe_that_gives_a_field_twice_writes_nothing(own_bank, build):
    before = sorted(own_bank.rglob("*"))
    arguments = ("--model", "none", "--stimuli", "toy", "--bank", own_bank)
    status, _, err = build("extract", *arguments, "--recipe", "document+pool=mean+pool=last")
    assert status != 0
    assert "pool is given twice" in err
    assert sorted(own_bank.rglob("*")) == before


@pytest.mark.parametrize("change", [lambda s: s.with_columns(score=pl.lit(float("nan"))), lambda s: s.clear()])
def test_a_table_of_scores_that_no_bank_could_hold(own_bank, run, build, tmp_path, change):
    assert run("behavior", own_bank, *READING, "--out", tmp_path / "x.parquet")[0] == 0
    change(pl.read_parquet(tmp_path / "x.parquet")).write_parquet(tmp_path / "bad.parquet")
    status, _, err = build("scores", tmp_path / "bad.parquet", "--bank", own_bank, "--name", "lab.x")
    assert status == 1
    assert "holds no scores" in err
    assert not open_bank(own_bank).table("scores").height
    assert run("verify", own_bank)[0] == 0
