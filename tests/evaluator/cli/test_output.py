"""Files that a command writes: refused before any work, and whole or not there."""

import polars as pl
import pytest

from brainlake import BrainlakeError
from brainlake.cli import output
from brainlake.cli.output import check_out, write_out
from brainlake.cli.parser import UsageError


@pytest.mark.parametrize("name", ["scores.csv", "scores", ".parquet"])
def test_a_name_that_says_no_form_is_wrong_usage(tmp_path, name):
    with pytest.raises(UsageError, match=r"--out .*: name a \.parquet file"):
        check_out(tmp_path / name, ".parquet")


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(BrainlakeError, match=r"there is no folder .*nowhere; make it first"):
        check_out(tmp_path / "nowhere/scores.parquet", ".parquet")


def test_no_file_and_one_that_can_be_written_pass(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    check_out(None, ".parquet")
    check_out(tmp_path / "x.csv", ".parquet", ".csv")
    check_out(tmp_path.relative_to(tmp_path) / "x.parquet", ".parquet")


@pytest.mark.parametrize("suffix", [".parquet", ".csv", ".json"])
def test_the_form_is_that_of_the_name(tmp_path, suffix):
    table = pl.DataFrame({"a": [1, 2], "b": ["x", None]})
    path = tmp_path / f"x{suffix}"
    write_out(table, path)
    read = {".parquet": pl.read_parquet, ".csv": pl.read_csv, ".json": pl.read_json}[suffix]
    assert read(path).equals(table)


def test_what_was_there_stays_where_writing_fails(tmp_path, monkeypatch):
    path = tmp_path / "x.csv"
    path.write_text("before")

    def fail(*_):
        raise OSError("disk full")

    monkeypatch.setattr(output, "render", fail)
    with pytest.raises(OSError, match="disk full"):
        write_out(pl.DataFrame({"a": [1]}), path)
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("x.csv", "before")]
