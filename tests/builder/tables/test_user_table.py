"""Files as users write them: read as they are meant, or refused with what to do."""

import polars as pl
import pytest

from brainlake.errors import BrainlakeError
from brainlake_builder.tables.user_table import read_user_table

EXPECTED = {"word": ["The", "caf\u00e9", "null"], "n": ["1", "2", None]}
PLAIN = "word,n\nThe,1\ncaf\u00e9,2\nnull,\n"


def read(tmp_path, content, name="t.csv"):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_user_table(path)


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (PLAIN, "t.csv"),
        (PLAIN, "T.CSV"),
        (PLAIN.encode("utf-8-sig"), "t.csv"),
        (PLAIN.replace("\n", "\r\n"), "t.csv"),
        (PLAIN.replace("\n", "\r"), "t.csv"),
        (PLAIN + "\n\n,\n , \n", "t.csv"),
        (PLAIN.rstrip("\n"), "t.csv"),
        (PLAIN.replace("word,n", " word , n "), "t.csv"),
        (",word,n\n0,The,1\n1,caf\u00e9,2\n2,null,\n", "t.csv"),
        ("Unnamed: 0,word,n\n1,The,1\n2,caf\u00e9,2\n3,null,\n", "t.csv"),
        (PLAIN.replace("\n", ",,\n"), "t.csv"),
        (PLAIN.replace(",", "\t"), "t.tsv"),
        ('"word"\t"n"\n"The"\t1\n"caf\u00e9"\t2\n"null"\t\n', "t.tsv"),
    ],
)
def test_the_same_table(content, name, tmp_path):
    assert read(tmp_path, content, name).to_dict(as_series=False) == EXPECTED


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        (PLAIN.encode("cp1252"), "t.csv", r"line 3: a character is not written in UTF-8"),
        (PLAIN.encode("utf-16"), "t.csv", r"line 1: a character is not written in UTF-8"),
        (PLAIN.replace(",", ";"), "t.csv", r"separates its columns by ';', where a .csv has ','"),
        (PLAIN, "t.tsv", r"separates its columns by ',', where a .tsv has"),
        (PLAIN.replace("The,1", 'The",1'), "t.csv", r""),
        (PLAIN.replace("The,1", '"The,1'), "t.csv", r"row 1: a quotation mark opens a cell that does not end"),
        (PLAIN.replace("The,1", "The,1,0"), "t.csv", r"row 1 has 3 cells, the header has 2"),
        (PLAIN.replace("The,1\n", "The,1\n\n"), "t.csv", r"row 2 has 0 cells|row 2 is empty"),
        (PLAIN.replace("word,n", "word, word"), "t.csv", r"has two columns named 'word'"),
        (b"\x1f\x8b1234", "t.csv", r"is compressed"),
        (b"word,n\nThe\0,1\n", "t.csv", r"holds zero bytes"),
        (b"", "t.csv", r"is empty"),
        (b"word,n\n", "t.parquet", r"cannot be read as Parquet"),
        (PLAIN, "t.xlsx", r"is no table that can be read"),
    ],
)
def test_refused_with_what_to_do(content, name, message, tmp_path):
    if not message:
        assert read(tmp_path, content, name)["word"][0] == 'The"'
        return
    with pytest.raises(BrainlakeError, match=message):
        read(tmp_path, content, name)


def test_a_first_column_without_a_name_that_counts_nothing_is_kept(tmp_path):
    assert read(tmp_path, ",n\n7,1\n3,2\n").columns == ["Unnamed: 0", "n"]


def test_labels_of_rows_that_pandas_has_sorted_are_left_out(tmp_path):
    frame = pl.DataFrame({"word": ["The", "fox"], "__index_level_0__": [7, 3]})
    frame.write_parquet(tmp_path / "t.parquet")
    assert read_user_table(tmp_path / "t.parquet").columns == ["word"]
    frame.with_columns(pl.col("__index_level_0__").cast(pl.String)).write_parquet(tmp_path / "t.parquet")
    assert read_user_table(tmp_path / "t.parquet").columns == frame.columns


def test_a_header_alone_is_a_table_without_rows(tmp_path):
    assert read(tmp_path, "word,n\n").shape == (0, 2)
    assert isinstance(read(tmp_path, "word,n\n"), pl.DataFrame)


CITATION = '@article{me2024,\n  title = "Words, and more",\n\n  year = {2024},\n}'


@pytest.mark.parametrize("suffix", ["csv", "tsv"])
def test_a_cell_of_several_lines_where_it_may_be(suffix, tmp_path):
    path = tmp_path / f"benchmarks.{suffix}"
    pl.DataFrame({"benchmark": ["b"], "citation": [CITATION], "licence": ["CC0"]}).write_csv(
        path, separator="," if suffix == "csv" else "\t"
    )
    assert read_user_table(path, lines_in_cells=True).row(0) == ("b", CITATION, "CC0")
    with pytest.raises(BrainlakeError, match=r"write a cell on one line|has 2 cells, the header has 3"):
        read_user_table(path)


@pytest.mark.parametrize("cells", ['b,"@article{me}', 'b,"@article{"me"}"'])
def test_a_cell_of_several_lines_that_never_ends(cells, tmp_path):
    path = tmp_path / "benchmarks.csv"
    path.write_text(f"benchmark,citation\n{cells}\n")
    with pytest.raises(BrainlakeError, match="a quotation mark opens a cell that never ends, or does not end before"):
        read_user_table(path, lines_in_cells=True)


def test_another_separator_is_said_before_a_quotation_mark(tmp_path):
    (tmp_path / "words.csv").write_text('word;surprisal\n"no";3.0\n')
    with pytest.raises(BrainlakeError, match=r"separates its columns by ';', where a .csv has ',': save it so"):
        read_user_table(tmp_path / "words.csv")
