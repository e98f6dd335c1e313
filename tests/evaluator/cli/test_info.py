"""What a bank holds, as a terminal and as a program sees it."""

import io
import json

import polars as pl

from banks import build_wide, put_stimuli
from brainlake import open_bank
from brainlake.bank.identity import bank_digest
from brainlake.bank.manifest import rebuild_manifest
from brainlake.cli import main


def printed(capsys, *arguments):
    assert main(["info", *map(str, arguments)]) == 0
    return capsys.readouterr().out


def test_a_summary_comes_first(toy_bank, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "300")
    lines = printed(capsys, toy_bank).splitlines()
    assert lines[0].startswith(f"{toy_bank}: 1 model, 1 stimulus set, 2 benchmarks, 1 recipe, ")
    assert len(lines) < 20
    assert lines[-1] == f"digest {bank_digest(s for _, s in open_bank(toy_bank).files)}"


def test_the_width_of_the_terminal_counts(tmp_path, capsys, monkeypatch):
    build_wide(tmp_path)
    for k in range(12):
        put_stimuli(tmp_path, f"a-stimulus-set-{k}", [{}])
    rebuild_manifest(tmp_path)
    for columns in ("60", "100"):
        monkeypatch.setenv("COLUMNS", columns)
        *lines, digest = printed(capsys, tmp_path).splitlines()[2:]
        assert max(map(len, lines)) <= int(columns)
        assert len(digest) == 78


def test_programs_get_a_row_for_each_feature(toy_bank, capsys):
    (row,) = json.loads(printed(capsys, toy_bank, "--format", "json"))
    assert row == {
        **{"model": "m", "stimulus_set": "toy", "recipe": "document", "n": 60, "layers": 3, "d": 5},
        **{"activations": True, "surprisal": True, "kernels": False},
    }
    table = pl.read_csv(io.StringIO(printed(capsys, toy_bank, "--format", "csv")))
    assert table.rows(named=True) == [row]


def test_files_are_listed_when_asked_for(toy_bank, capsys):
    lines = printed(capsys, toy_bank, "--files").splitlines()
    assert len(lines) == 1 + len(open_bank(toy_bank).files)
    rows = json.loads(printed(capsys, toy_bank, "--files", "--format", "json"))
    assert {row["kind"] for row in rows} == {s.kind for _, s in open_bank(toy_bank).files}
    assert {row["checks"] for row in rows} == {None}


def test_a_bank_of_people_alone(tmp_path, capsys):
    put_stimuli(tmp_path, "s", [{}])
    rebuild_manifest(tmp_path)
    assert ": 0 models, 1 stimulus set, 0 benchmarks" in printed(capsys, tmp_path).replace(":\n", ": ")
    assert json.loads(printed(capsys, tmp_path, "--format", "json")) == []
