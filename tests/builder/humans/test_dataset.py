"""Tables of the contract from arrays."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from brainlake.contract.schema import TABLES
from brainlake_builder.humans.dataset import (
    HumanDataset,
    HumanTables,
    Subject,
    list_array,
    responses_and_targets,
    spaced,
    table_of,
)


def test_a_scalar_fills_its_column_and_what_is_not_given_is_null():
    table = table_of("targets", 3, benchmark="b", subject="s", index=range(3), target_id=list("xyz"))
    assert table.schema.equals(TABLES["targets"])
    assert table.column("subject").to_pylist() == ["s"] * 3
    assert table.column("roi").null_count == 3


def test_a_column_that_there_is_not():
    with pytest.raises(ValueError, match="targets has no column a, b"):
        table_of("targets", 1, b=1, a=2)


@given(n=st.integers(0, 5), v=st.integers(1, 4))
def test_lines_of_a_matrix_are_lists(n, v):
    values = np.arange(n * v, dtype=np.float32).reshape(n, v)
    assert list_array(values).to_pylist() == values.tolist()
    assert list_array(np.asfortranarray(values)).to_pylist() == values.tolist()


@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=8).map(sorted))
def test_a_document_begins_without_a_space(documents):
    separators = spaced(documents)
    assert separators.count("") == len(set(documents))
    assert set(separators) <= {"", " "}


def test_every_subject_has_its_rows_and_targets():
    a = Subject("a", np.array([[1, 2], [3, np.nan]], np.float32), ["x", "y"], ["r", "r"])
    b = Subject("b", np.array([[5], [6]], np.float32), ["z"], made_of=[["x", "y"]])
    tables = responses_and_targets("bench", "set", ["i", "j"], [a, b], run=["1", "2"])
    responses, targets = (tables[name].to_pylist() for name in ("responses", "targets"))
    assert [(row["subject"], row["row_id"], row["run"]) for row in responses] == [
        *(("a", "i", "1"), ("a", "j", "2")),
        *(("b", "i", "1"), ("b", "j", "2")),
    ]
    assert responses[2]["response"] == [5]
    assert np.isnan(responses[1]["response"][1])
    assert [(row["subject"], row["index"], row["target_id"], row["roi"]) for row in targets] == [
        *(("a", 0, "x", "r"), ("a", 1, "y", "r")),
        ("b", 0, "z", None),
    ]
    assert [row["made_of"] for row in targets] == [None, None, ["x", "y"]]


def test_its_row_of_benchmarks():
    facts = {"citation": "c", "licence": "l", "redistributable": False, "origin": "o", "modality": "fmri"}
    dataset = HumanDataset("b", ("s",), (), build=lambda _: HumanTables(), unit="tr", tr_s=2.0, **facts)
    (row,) = dataset.benchmarks_row().to_pylist()
    assert {name: row[name] for name in facts} == facts
    assert (row["stimulus_sets"], row["composite_of"], row["tr_s"]) == (["s"], None, 2.0)
