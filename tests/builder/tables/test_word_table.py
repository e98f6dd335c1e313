"""Words of others against the stimuli: what does not count, and what is refused with both words."""

import math
import unicodedata

import numpy as np
import polars as pl
import pytest

from brainlake.errors import BrainlakeError
from brainlake_builder.tables.word_table import read_word_table

WORDS = ["The", "café", '"mat', '"', "null", "NA", "end."]
STIMULI = pl.DataFrame({"text": WORDS})
VALUES = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]


def tsv(words=WORDS, values=VALUES, header="word\tsurprisal"):
    return header + "\n" + "".join(f"{word}\t{value}\n" for word, value in zip(words, values, strict=True))


@pytest.fixture
def read(tmp_path):
    def read(content, name="table.tsv", unit="bits"):
        path = tmp_path / name
        if isinstance(content, pl.DataFrame):
            content.write_parquet(path)
        else:
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_word_table(path, STIMULI, unit)

    return read


def quoted(words):
    return ['"' + word.replace('"', '""') + '"' for word in words]


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (tsv(), "table.tsv"),
        (tsv().encode("utf-8-sig"), "table.tsv"),
        (tsv().replace("\n", "\r\n"), "table.tsv"),
        (tsv() + "\n\n\t\n", "table.tsv"),
        (tsv(header=" Word \tSurprisal"), "table.tsv"),
        (tsv([unicodedata.normalize("NFD", word) for word in WORDS]), "table.tsv"),
        (tsv([f" {word}" for word in WORDS]), "table.tsv"),
        (tsv(quoted(WORDS), header='"word"\t"surprisal"').replace('"surprisal"', '"surprisal"'), "table.tsv"),
        (tsv([w if '"' not in w else quoted([w])[0] for w in WORDS]), "table.tsv"),
        (tsv(quoted(WORDS), header="word\tsurprisal").replace("\t", ","), "table.csv"),
        (pl.DataFrame({"word": WORDS, "surprisal": VALUES}), "table.parquet"),
        (pl.DataFrame({"__index_level_0__": range(7), "word": WORDS, "surprisal": VALUES}), "table.parquet"),
        (tsv([f"{k}\t{w}" for k, w in enumerate(WORDS)], header="\tword\tsurprisal"), "table.tsv"),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 20 else "",
)
def test_the_same_words_however_they_are_written(read, content, name):
    assert read(content, name).surprisal.tolist() == VALUES


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["Thec", "afé", *WORDS[2:]], r"row 1 has 'Thec' where the stimuli have 'The' \(word 1\)"),
        (["the", *WORDS[1:]], r"row 1 has 'the' where the stimuli have 'The'"),
        ([*WORDS[:5], "NA,", "end."], r"row 6 has 'NA,' where the stimuli have 'NA'"),
        ([*WORDS[:2], *WORDS[3:]], r"has 6 words, the stimuli have 7; row 3 has '\"' where the stimuli have '\"mat'"),
        (WORDS[:6], r"has 6 words, the stimuli have 7; after row 6 has '\(nothing\)' where the stimuli have 'end.'"),
        ([*WORDS, "more"], r"has 8 words, the stimuli have 7; row 8 has 'more' where the stimuli have '\(nothing\)'"),
        ([*WORDS[:4], "", *WORDS[5:]], r"row 5, column word: is empty \(a word such as null"),
    ],
)
def test_the_first_word_that_differs_is_shown_with_both(read, words, message):
    with pytest.raises(BrainlakeError, match=message):
        read(tsv(words, [1.0] * len(words)))


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("surprisal", "-1", r"row 3, column surprisal: -1.0 cannot be: a surprisal is not below 0"),
        ("surprisal", "inf", r"row 3, column surprisal: 'inf' is not a number"),
        ("surprisal", "3,5", r"row 3, column surprisal: '3,5' is not a number"),
        ("logprob", "0.5", r"row 3, column logprob: 0.5 cannot be: a log probability is not above 0"),
        ("logprob", "-9999", r"row 3, column logprob: -9999.0 cannot be, for one word"),
        ("surprisal", "1e300", r"row 3, column surprisal: 1e\+300 cannot be, for one word"),
    ],
)
def test_values_that_cannot_be_are_refused(read, column, value, message):
    sign = -1 if column == "logprob" else 1
    values = [sign * v for v in VALUES]
    values[2] = value
    with pytest.raises(BrainlakeError, match=message):
        read(tsv(values=values, header=f"{'token' if sign < 0 else 'word'}\t{column}"))


def test_a_surprisal_that_is_the_same_for_all_words_is_refused(read):
    with pytest.raises(BrainlakeError, match="every word the same surprisal, 2 bits"):
        read(tsv(values=[2.0, "", *[2.0] * 5]))


@pytest.mark.parametrize("missing", ["", "NA", "nan", "null", "n/a"])
def test_a_missing_value_is_missing_and_rounding_is_no_sign(read, missing):
    found = read(tsv(values=[missing, "-1e-9", *VALUES[2:]])).surprisal
    assert math.isnan(found[0])
    assert found[1:].tolist() == [-1e-9, *VALUES[2:]]


@pytest.mark.parametrize(("column", "other"), [("word", "surprisal"), ("token", "logprob")])
def test_a_null_word_of_a_parquet_file_is_one_line(read, column, other):
    content = pl.DataFrame({column: [*WORDS[:4], None, *WORDS[5:]], other: [0.0] * 7})
    with pytest.raises(BrainlakeError, match=rf"row 5, column {column}: is empty"):
        read(content, "table.parquet")


def test_a_quotation_mark_more_or_less_is_reported_and_no_reason_to_refuse(read):
    found = read(tsv(['"The', "café", "mat", '"', "null", "NA", 'end."']))
    assert found.surprisal.tolist() == VALUES
    assert found.misspelt == ["'\"The' for 'The'", "'mat' for '\"mat'", "'end.\"' for 'end.'"]


def test_tokens_are_summed_and_counted_and_a_missing_one_makes_its_word_missing(read):
    tokens = ["Th", "e", " cafe\u0301", ' "', "mat", ' "', " null", " NA", " end", "."]
    found = read(tsv(tokens, ["NA", *[-1.0] * 9], header="token\tlogprob"))
    assert np.isnan(found.surprisal[0])
    assert found.surprisal[1:] * math.log(2) == pytest.approx([1, 2, 1, 1, 1, 2])
    assert found.n_tokens == [2, 1, 2, 1, 1, 1, 2]


def test_rows_are_sorted_by_numbers_and_by_the_first_appearance_of_names(read):
    order = [1, 0, 3, 2, 5, 4, 6]
    documents = ["late"] * 4 + ["early"] * 3
    rows = [(documents[i], i % 4, WORDS[i], VALUES[i]) for i in order]
    table = "document_id\tposition\tword\tsurprisal\n" + "".join("\t".join(map(str, row)) + "\n" for row in rows)
    assert read(table).surprisal.tolist() == VALUES


def test_token_counts_are_whole_numbers(read):
    table = tsv([f"1.0\t{word}" for word in WORDS], header="ntok\tword\tsurprisal")
    assert read(table).n_tokens == [1] * 7
    assert read(table.replace("1.0\tThe", "NA\tThe").replace("1.0\tcafé", "\tcafé")).n_tokens == [None, None, *[1] * 5]
    with pytest.raises(BrainlakeError, match=r"row 1, column ntok: 1.5 is no number of tokens"):
        read(table.replace("1.0\tThe", "1.5\tThe"))


@pytest.mark.parametrize(
    ("column", "cells", "message"),
    [
        ("ntok", [2.0**40] * 7, r"row 1, column ntok: 1\.?.* is no number of tokens"),
        ("word", [[word] for word in WORDS], "column word: holds lists, no text"),
        ("surprisal", [[1.0]] * 7, r"row 1, column surprisal: \[1\.0\] is not a number"),
    ],
)
def test_columns_of_another_kind(column, cells, message, read):
    with pytest.raises(BrainlakeError, match=message):
        read(pl.DataFrame({"word": WORDS, "surprisal": VALUES} | {column: cells}), "table.parquet")
