"""A user's table by the columns of the contract: what it says, or where it is wrong."""

import pytest

from brainlake.errors import BrainlakeError, UnknownNameError
from brainlake_builder.tables.stated_table import bank_name, check_source, read_stated

MAY, MUST = ("model", "benchmark", "score", "n_stimuli", "source"), ("model", "benchmark")


def read(tmp_path, content):
    path = tmp_path / "t.csv"
    path.write_text(content)
    return read_stated(path, "scores", MAY, MUST)


def test_cells_are_of_the_kind_of_their_column_and_empty_ones_null(tmp_path):
    found = read(tmp_path, "Model,benchmark,score,N_stimuli,source\nm,b,.25,384,007\nm,c,,NA,\n")
    assert found.to_dicts() == [
        {"model": "m", "benchmark": "b", "score": 0.25, "n_stimuli": 384, "source": "007"},
        {"model": "m", "benchmark": "c", "score": None, "n_stimuli": None, "source": None},
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("model,benchmark\n", "has no rows"),
        ("model,score\nm,1\n", "has no column benchmark"),
        ("model,benchmark,scor\nm,b,1\n", r"unknown column of t.csv 'scor' \(did you mean 'score'\?\)"),
        ("model,benchmark\nm,\n", "row 1, column benchmark: is empty"),
        ("model,benchmark\nm,b\nm, b\n", "row 2, column benchmark: ' b' has white space around it"),
        ("model,benchmark,score\nm,b,30 %\n", "row 1, column score: '30 %' is no number"),
        ("model,benchmark,score\nm,b,inf\n", "row 1, column score: 'inf' is no number"),
        ("model,benchmark,n_stimuli\nm,b,1.5\n", "row 1, column n_stimuli: '1.5' is no whole number"),
        ("model,benchmark,n_stimuli\nm,b,3000000000\n", "'3000000000' is no whole number up to 2147483647"),
        ("model,benchmark\nm,b\x1b[2J\n", r"row 1, column benchmark: 'b\\x1b\[2J' holds a character that is not seen"),
        ("model,benchmark\nm,b\u200b\n", r"'b\\u200b' holds a character that is not seen"),
    ],
)
def test_what_is_wrong_is_named_with_its_row(tmp_path, content, message):
    with pytest.raises(BrainlakeError, match=message):
        read(tmp_path, content)


def test_models_are_called_as_in_a_bank_or_by_their_hub_id():
    assert bank_name("a/b") == bank_name("a/b@main") == "a--b"
    assert bank_name("a/b@step3") == "a--b@step3"
    assert bank_name("a--b@step3") == "a--b@step3"
    for wrong in ("", "a b", "/home/me/model"):
        with pytest.raises(BrainlakeError, match="cannot name a model"):
            bank_name(wrong)


@pytest.mark.parametrize("source", ["", "  ", "lab\x1b[31m"])
def test_a_source_can_be_read(source):
    with pytest.raises(BrainlakeError, match="names no source"):
        check_source(source)


def test_an_unknown_column_is_a_name_that_is_unknown(tmp_path):
    with pytest.raises(UnknownNameError):
        read(tmp_path, "model,benchmark,kind\nm,b,headline\n")
