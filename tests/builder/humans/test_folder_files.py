"""Files of a user's folder: each table's own, surprisal that is imported by itself, and strangers."""

import pytest

from brainlake.errors import BrainlakeError
from brainlake_builder.humans.folder_files import files_of


def test_tables_are_found_in_every_format_and_hidden_files_are_not_looked_at(tmp_path):
    for name in ("benchmarks.csv", "Stimuli.TSV", "responses.parquet", ".DS_Store"):
        (tmp_path / name).touch()
    files, notes = files_of(tmp_path)
    assert {table: path.name for table, path in files.items()} == {
        "benchmarks": "benchmarks.csv",
        "stimuli": "Stimuli.TSV",
        "responses": "responses.parquet",
    }
    assert notes == ()


@pytest.mark.parametrize("content", ["word\tsurprisal\nThe\t1.5\n", "Token\tLogprob\nThe\t-1.5\n"])
def test_surprisal_beside_the_tables_is_left_for_its_command(content, tmp_path):
    (tmp_path / "benchmarks.csv").touch()
    (tmp_path / "gpt3.tsv").write_text(content)
    files, notes = files_of(tmp_path)
    assert list(files) == ["benchmarks"]
    assert notes == ("gpt3.tsv is left for brainlake-build import-surprisal: it holds words and their surprisal",)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("response.csv", "subject,value\n"),
        ("words.csv", "word,time\n"),
        ("bad.csv", "word,surprisal\na\n"),
        ("notes.txt", ""),
        ("gpt3.json", "{}"),
    ],
)
def test_strangers_are_refused(name, content, tmp_path):
    (tmp_path / name).write_text(content)
    with pytest.raises(BrainlakeError, match=rf"{name} is no table of a dataset: a folder holds benchmarks, "):
        files_of(tmp_path)


def test_what_is_no_file_and_what_is_there_twice(tmp_path):
    with pytest.raises(BrainlakeError, match="is not a folder"):
        files_of(tmp_path / "nowhere")
    (tmp_path / "data.csv").touch()
    with pytest.raises(BrainlakeError, match="is not a folder: put the file into a folder, as data beside benchmarks"):
        files_of(tmp_path / "data.csv")
    (tmp_path / "DATA.tsv").touch()
    with pytest.raises(BrainlakeError, match=r"has both DATA\.tsv and data\.csv: remove one"):
        files_of(tmp_path)
    (tmp_path / "DATA.tsv").unlink()
    (tmp_path / "stimuli.csv").mkdir()
    with pytest.raises(BrainlakeError, match=r"stimuli\.csv is a folder, no file"):
        files_of(tmp_path)
