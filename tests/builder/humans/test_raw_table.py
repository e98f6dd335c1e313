"""Raw tables: columns, types and counts."""

import polars as pl
import pytest

from brainlake import BrainlakeError
from brainlake_builder.humans.raw_table import expect, read_columns

WANTED = {"word": pl.String, "n": pl.Int64}


def written(tmp_path, text, name="t.csv"):
    path = tmp_path / name
    path.write_text(text)
    return path


def test_the_columns_wanted_in_their_types(tmp_path):
    table = read_columns(written(tmp_path, "n,more,word\n1,x,null\n,y,NA\n"), WANTED)
    assert table.to_dict(as_series=False) == {"word": ["null", "NA"], "n": [1, None]}


def test_quotes_may_be_letters(tmp_path):
    text = 'word\tn\n"a\t1\n'
    assert read_columns(written(tmp_path, text), WANTED, "\t", quote=None)["word"].to_list() == ['"a']


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("word,m\na,1\n", r"t\.csv has no column n; it has word, m"),
        ("word,n\na,1\nb,two\n", r"t\.csv, row 2, column n: 'two' is no Int64"),
        ("word,n\na,1.5\n", r"t\.csv, row 1, column n: '1\.5' is no Int64"),
        ("", r"t\.csv cannot be read"),
        ("word,n\na,1,3,4\n", r"t\.csv cannot be read"),
    ],
)
def test_what_is_another_table_is_refused_with_its_place(tmp_path, text, message):
    with pytest.raises(BrainlakeError, match=message):
        read_columns(written(tmp_path, text), WANTED)


def test_counts_are_those_that_are_known(tmp_path):
    expect(tmp_path, "words", 3, 3)
    with pytest.raises(BrainlakeError, match="holds 1,234 words, not 1,235"):
        expect(tmp_path, "words", 1234, 1235)
