"""The command: tables, exit status, and one line for whatever goes wrong."""

import io
import json
import os
import re
import subprocess
import sys

import polars as pl
import pytest

from brainlake import brain_alignment, open_bank
from brainlake.cli import main
from brainlake.contract.schema import SCORES


def run(capsys, *arguments):
    status = main([str(a) for a in arguments])
    out, err = capsys.readouterr()
    assert "Traceback" not in out + err
    return status, out, err


def test_brain_prints_a_digest_and_writes_everything(toy_bank, tmp_path, capsys):
    target = tmp_path / "scores.parquet"
    status, out, _ = run(capsys, "brain", toy_bank, "--benchmark", "toy.brain", "--bootstrap", 50, "--out", target)
    assert status == 0
    head, *lines = out.splitlines()
    assert head.split() == ["model", "layer", "score", "shuffled", "beyond"]
    assert re.match(r"m +1 +-?\.\d{3} \[", lines[0])
    assert lines[1].startswith("baseline:")
    assert lines[3].startswith("toy.brain, protocol grouped: pearson")
    written = pl.read_parquet(target)
    assert written.columns == SCORES.names
    assert written.equals(brain_alignment(open_bank(toy_bank), "toy.brain", n_boot=50))


def test_json_and_csv_have_every_layer_and_column(toy_bank, capsys):
    arguments = ("brain", toy_bank, "--benchmark", "toy.brain", "--protocol", "aw2024", "--bootstrap", 0)
    rows = json.loads(run(capsys, *arguments, "--format", "json")[1])
    table = pl.read_csv(io.StringIO(run(capsys, *arguments, "--format", "csv")[1]))
    assert list(rows[0]) == table.columns
    assert table.columns == SCORES.names
    assert {row["layer"] for row in rows if row["model"] == "m"} == {0, 1, 2, None}
    assert [row["score"] for row in rows] == pytest.approx(table["score"].to_list(), abs=1e-7, nan_ok=True)


def test_behavior_verify_info_and_sql(toy_bank, capsys):
    assert "baseline:word_length" in run(capsys, "behavior", toy_bank, "--benchmark", "toy.reading")[1]
    assert run(capsys, "verify", toy_bank)[1].endswith("files checked: all well\n")
    assert "toy.reading" in run(capsys, "info", toy_bank)[1]
    assert run(capsys, "sql", toy_bank, "select 6 * 7 as answer")[1].split() == ["answer", "42"]


def test_verify_fails_loudly(own_bank, capsys):
    path = own_bank / "models/m.parquet"
    path.write_bytes(path.read_bytes()[:-1])
    status, out, _ = run(capsys, "verify", own_bank)
    assert status == 1
    assert "models/m.parquet: has" in out


@pytest.mark.parametrize(
    "arguments",
    [
        ("brain", "BANK", "--benchmark", "nope"),
        ("brain", "BANK", "--benchmark", "toy.brain", "--model", "nope"),
        ("brain", "BANK", "--benchmark", "toy.brain", "--protocol", "nope"),
        ("brain", "BANK", "--benchmark", "toy.brain", "--layers", "77"),
        ("brain", "BANK", "--benchmark", "toy.brain", "--out", "/nowhere/at/all.parquet"),
        ("brain", "nowhere", "--benchmark", "toy.brain"),
        ("behavior", "BANK", "--benchmark", "nope"),
        ("behavior", "BANK", "--benchmark", "toy.reading", "--recipe", "nope"),
        ("sql", "BANK", "select * from nope"),
        ("sql", "BANK", "drop table models"),
        ("info", "/"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_status_1(toy_bank, capsys, arguments):
    status, out, err = run(capsys, *(toy_bank if a == "BANK" else a for a in arguments))
    assert status == 1
    assert out == ""
    assert len(err.splitlines()) == 1
    assert err.startswith("brainlake: ")


BRAIN = ("brain", "x", "--benchmark", "b")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "required: COMMAND"),
        (("nope",), "invalid choice: 'nope'"),
        (("brain", "x"), "required: --benchmark"),
        (("info", "x", "--format", "xml"), "invalid choice: 'xml'"),
        ((*BRAIN, "--permutations", "-1"), "--permutations: a whole number of at least 0, not '-1'"),
        ((*BRAIN, "--threads", "0"), "--threads: a whole number of at least 1, not '0'"),
        ((*BRAIN, "--layers", "-1"), "--layers: a whole number of at least 0, not '-1'"),
        ((*BRAIN, "--bootstrap", "many"), "--bootstrap: a whole number of at least 0, not 'many'"),
        (("behavior", *BRAIN[1:], "--bootstrap", "-5"), "--bootstrap: a whole number of at least 0, not '-5'"),
        (("behavior", *BRAIN[1:], "--bootstrap", "1"), "a 95 % interval needs at least 40"),
        (("pull", "a/b", "--bank", "x", "--layers", "-1"), "--layers: a whole number of at least 0, not '-1'"),
    ],
)
def test_wrong_usage_is_status_2(capsys, arguments, message):
    with pytest.raises(SystemExit) as stop:
        main(list(arguments))
    assert stop.value.code == 2
    assert message in capsys.readouterr().err


def test_the_same_thing_named_twice_is_once(toy_bank, capsys):
    once = run(capsys, "behavior", toy_bank, "--benchmark", "toy.reading", "--format", "csv")[1]
    twice = ("--benchmark", "toy.reading", "toy.reading", "--model", "m", "m", "--protocol", "pearson", "pearson")
    assert run(capsys, "behavior", toy_bank, toy_bank, *twice, "--format", "csv")[1] == once


def test_quiet_is_results_alone(toy_bank, capsys):
    arguments = ("brain", toy_bank, "--benchmark", "toy.brain", "--bootstrap", 0)
    _, out, err = run(capsys, *arguments)
    assert re.search(r"toy\.brain, grouped: m: 3 layers, \d+\.\d s\n", err)
    assert run(capsys, *arguments, "-q")[1:] == (out, "")


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_a_console_that_cannot_show_a_character(toy_bank, encoding):
    command = [sys.executable, "-m", "brainlake", "sql", toy_bank, "select 'Ж' as x"]
    found = subprocess.run(command, capture_output=True, env=os.environ | {"PYTHONIOENCODING": encoding}, check=False)
    assert found.returncode == 0
    assert found.stdout.decode(encoding).splitlines()[1] == "\\u0416"
