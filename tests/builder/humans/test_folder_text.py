"""Names that look alike, characters that nobody sees, texts that another program garbled."""

import unicodedata

import polars as pl
import pytest

from brainlake.errors import BrainlakeError
from brainlake_builder.humans.folder_table import cast_table
from brainlake_builder.humans.folder_text import check_texts


def check(table="stimuli", accept=(), **columns):
    plain = {"stimulus_id": ["a", "b"], "document_id": ["d", "d"], "text": ["One", "two"]}
    frame = pl.DataFrame(plain | columns)
    check_texts(cast_table(table, "it.csv", frame, frozenset(accept)))


@pytest.mark.parametrize(
    ("names", "how"),
    [
        (["sub-01", "sub-1"], "zeros"),
        (["1", "1.0"], "zeros"),
        (["01", "1"], "zeros"),
        (["zo\u00e9", unicodedata.normalize("NFD", "zo\u00e9")], "zeros"),
        (["sub-1", "sub\u20111"], "zeros"),
        (["sub 1", "sub\u00a01"], "zeros"),
        (["Sub-1", "sub-1"], "capitals"),
    ],
)
def test_names_that_look_alike(names, how):
    message = rf"it.csv, row 2, column group_id: .* differs from '{names[0]}' of an earlier row only in {how}"
    with pytest.raises(BrainlakeError, match=message):
        check(group_id=names)
    check(group_id=names, accept=["capitals"])


@pytest.mark.parametrize("names", [["sub-1", "sub-10"], ["1.05", "1.5"], ["a.01", "a.1"], ["s_1", "s-1"]])
def test_names_that_are_different(names):
    check(group_id=names)


@pytest.mark.parametrize("character", ["\u200e", "\u200f", "\u202e", "\u2028", "\u2066"])
def test_marks_and_overrides_of_direction(character):
    with pytest.raises(BrainlakeError, match=rf"row 2, column text: holds the character U\+{ord(character):04X}"):
        check(text=["One", f"t{character}wo"])
    check(text=["One", f"t{character}wo"], accept=["invisible"])


@pytest.mark.parametrize(
    "text", ["\U0001f469\u200d\U0001f467", "\u2764\ufe0f", "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"]
)
def test_joiners_are_a_part_of_texts_and_of_no_name(text):
    check(text=["One", text])
    with pytest.raises(BrainlakeError, match="row 2, column group_id: holds the character U"):
        check(group_id=["g", text])


@pytest.mark.parametrize("text", ["caf\u00e9", "\u2019tis", "\u0434\u043e\u043c"])
def test_utf8_that_was_read_as_windows_1252(text):
    misread = "".join(bytes([b]).decode("cp1252", "ignore") for b in text.encode())
    if misread.encode("cp1252") != text.encode():
        pytest.fail("the example has a byte that Windows-1252 has not")
    with pytest.raises(BrainlakeError, match=rf"row 2, column text: '{misread}' was UTF-8, .*it may be '{text}'"):
        check(text=["One", misread])
    check(text=["One", misread], accept=["garbled"])
    check(text=["One", text])


@pytest.mark.parametrize("entity", ["&amp;", "&#39;", "&#x27;", "&nbsp;"])
def test_html_entities(entity):
    with pytest.raises(BrainlakeError, match=f"row 1, column text: holds '{entity}', an HTML entity"):
        check(text=[f"Tom {entity} Jerry", "two"])
    check(text=["Tom & Jerry; AT&T; R&D", "\u00c3\u00a9t\u00e9 \u2014 \u0416"])


@pytest.mark.parametrize(
    ("text", "what"), [(r"on\nthe", "an escape"), (r"caf\u00e9", "an escape"), ("#NAME?", "an error of a spreadsheet")]
)
def test_texts_that_a_program_wrote_otherwise(text, what):
    with pytest.raises(BrainlakeError, match=f"row 2, column text: holds .*, {what}.*--accept garbled"):
        check(text=["One", text])
    check(text=["One", text], accept=["garbled"])
    check(text=["One", "#1"])


def test_a_separator_that_is_an_escape():
    with pytest.raises(BrainlakeError, match=r"row 1, column separator: holds .*, an escape in characters of its own"):
        check(separator=[r"\n", " "])
    check(separator=["\n", " "])


def test_texts_of_a_tidy_table_that_differ_only_in_capitals():
    frame = pl.DataFrame({"text": ["T1", "t1"], "word": ["One", "two"], "value": [300.0, 310.0]})
    with pytest.raises(BrainlakeError, match="row 2, column text: 't1' differs from 'T1'"):
        check_texts(cast_table("data", "it.csv", frame))
