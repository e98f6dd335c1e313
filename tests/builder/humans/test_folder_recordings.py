"""What a user may leave out is filled in, what does not fit is refused, long responses are gathered."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brainlake.errors import BrainlakeError
from brainlake_builder.humans.dataset import table_of
from brainlake_builder.humans.folder_recordings import (
    features_of,
    fill_nuisance,
    fill_targets,
    gather,
    with_names,
)
from brainlake_builder.humans.folder_table import FolderTable, cast_table


def table(name, /, **columns):
    return cast_table(name, f"{name}.csv", pl.DataFrame(columns, strict=False))


def responses(**columns):
    plain = {"subject": ["s1", "s2"], "row_id": ["a", "a"], "target_id": ["x", "x"], "value": [1.0, 2.0]}
    return table("responses", **plain | columns)


def filled(targets, given=None):
    tables = {"targets": targets, "responses": given or responses()}
    fill_targets(tables)
    return tables


def test_one_benchmark_and_one_set_need_not_be_named():
    found = with_names(responses(), "mine", ("texts",)).frame
    assert found["benchmark"].to_list() == ["mine", "mine"]
    assert found["stimulus_set"].to_list() == ["texts", "texts"]
    named = responses(stimulus_set=["one", "two"])
    assert with_names(named, "mine", ("one", "two")).frame["stimulus_set"].to_list() == ["one", "two"]
    with pytest.raises(BrainlakeError, match=r"responses\.csv needs a column stimulus_set: there are 2 sets"):
        with_names(responses(), "mine", ("one", "two"))


def test_features_lie_by_set_and_source():
    assert features_of(None) == {}
    columns = {"stimulus_id": ["a", "a", "b"], "name": "length", "value": [1.0, 2.0, 3.0]}
    given = with_names(table("stimulus_features", source=["me", "you", "me"], **columns), "mine", ("texts",))
    found = features_of(given)
    assert {key: content.column("value").to_pylist() for key, content in found.items()} == {
        ("texts", "me"): [1.0, 3.0],
        ("texts", "you"): [2.0],
    }


def test_targets_without_a_subject_are_everybody_s():
    found = filled(table("targets", target_id=["y", "x"]))
    rows = found["targets"].frame.select("subject", "index", "target_id").rows()
    assert rows == [("s1", 0, "y"), ("s1", 1, "x"), ("s2", 0, "y"), ("s2", 1, "x")]
    assert found["responses"].frame["presentation"].to_list() == [0, 0]


def test_targets_are_numbered_inside_their_subject():
    found = filled(table("targets", subject=["s2", "s1", "s2"], target_id=["x", "x", "y"]))
    assert found["targets"].frame["index"].to_list() == [0, 0, 1]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"target_id": ["x", "x"]}, "row 2, column target_id: .* stands in an earlier row"),
        ({"subject": ["s1", "s3"], "target_id": ["x", "x"]}, "row 2, column subject: .* has no responses"),
        (
            {"target_id": ["x", "all"], "made_of": [None, "x; z"]},
            "row 2, column made_of: 'z' is no recorded target of the same subject",
        ),
        (
            {"target_id": ["x", "mean", "all"], "made_of": [None, "x", "mean"]},
            "row 3, column made_of: 'mean' is no recorded target of the same subject",
        ),
    ],
)
def test_targets_that_do_not_fit(columns, message):
    with pytest.raises(BrainlakeError, match=rf"targets\.csv, {message}"):
        filled(table("targets", **columns))


def test_responses_need_targets():
    with pytest.raises(BrainlakeError, match=r"responses\.csv needs a file of targets beside it"):
        fill_targets({"responses": responses()})


def nuisance(**columns):
    plain = {"subject": ["s1", "s1"], "row_id": ["a", "b"], "name": "motion_x", "value": [0.1, 0.2]}
    return table("nuisance", **plain | columns)


SCANS = {"subject": ["s1", "s1"], "row_id": ["a", "b"]}


def test_regressors_have_every_row_of_their_subject():
    fill_nuisance(nuisance(), responses(**SCANS))
    partly = nuisance(
        subject="s1", row_id=["a", "b", "a"], name=["motion_x", "motion_x", "motion_y"], value=[0.1, 0.2, 0.3]
    )
    with pytest.raises(BrainlakeError, match=r"nuisance\.csv: motion_y of s1 has no value for row b"):
        fill_nuisance(partly, responses(**SCANS))


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"row_id": ["a", "z"]}, "row 2, column row_id: .* is no row of the responses of this subject"),
        ({"subject": ["s1", "s2"]}, "row 2, column row_id: .* is no row of the responses of this subject"),
        ({"row_id": "a", "name": ["p", "q"], "run": ["1", "2"]}, "row 2, column run: '2', but '1' in an earlier row"),
    ],
)
def test_regressors_that_do_not_fit(columns, message):
    with pytest.raises(BrainlakeError, match=rf"nuisance\.csv, {message}"):
        fill_nuisance(nuisance(**columns), responses(**SCANS))


STIMULI = {
    "texts": table_of(
        "stimuli", 3, stimulus_set="texts", stimulus_id=list("abc"), position=range(3), document_id="d", separator="",
        context_id="d", text="word",
    )
}  # fmt: skip


def long(rows):
    """Responses of one row a value, with all that is filled in."""
    columns = zip(*rows, strict=True)
    names = ("subject", "row_id", "presentation", "target_id", "value")
    given = table("responses", **{name: list(values) for name, values in zip(names, columns, strict=True)})
    return with_names(given, "mine", ("texts",))


def gathered(given, unit="stimulus"):
    tables = {"targets": table("targets", target_id=["x", "y"]), "responses": given}
    fill_targets(tables)
    return gather(tables["responses"], tables["targets"], STIMULI, unit).frame


CELLS = st.tuples(st.sampled_from(["s1", "s2"]), st.sampled_from("abc"), st.integers(0, 1), st.sampled_from("xy"))


@settings(max_examples=30, deadline=None)
@given(st.dictionaries(CELLS, st.floats(-100, 100, width=32), min_size=1))
def test_any_order_of_rows_gives_the_same_responses(values):
    found = gathered(long([(*cell, value) for cell, value in values.items()]))
    assert found.height == len({cell[:3] for cell in values})
    for subject, row, presentation, response in found.select("subject", "row_id", "presentation", "response").rows():
        expected = [values.get((subject, row, presentation, target), np.nan) for target in "xy"]
        np.testing.assert_array_equal(np.array(response), expected)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([("s1", "a", 0, "x", 1.0), ("s1", "a", 0, "z", 1.0)], "row 2, column target_id: .* is not a target of"),
        ([("s1", "a", 0, "x", 1.0), ("s1", "a", 0, "x", 2.0)], "row 2, column value: is given a second time"),
        ([("s1", "a", 0, "x", 1.0), ("s1", "z", 0, "x", 2.0)], "row 2, column row_id: .* is not a stimulus"),
    ],
)
def test_values_that_do_not_fit(rows, message):
    with pytest.raises(BrainlakeError, match=rf"responses\.csv, {message}"):
        gathered(long(rows))


def test_scans_have_one_time_each():
    rows = long([("s1", "tr0", 0, "x", 1.0), ("s1", "tr0", 0, "y", 2.0)])
    with pytest.raises(BrainlakeError, match=r"responses\.csv has no column time_s"):
        gathered(rows, "tr")
    (scan,) = gathered(FolderTable(rows.table, rows.label, rows.frame.with_columns(time_s=2.0)), "tr").to_dicts()
    assert (scan["row_id"], scan["time_s"], scan["response"]) == ("tr0", 2.0, [1.0, 2.0])
    two = FolderTable(rows.table, rows.label, rows.frame.with_columns(time_s=pl.Series([2.0, 4.0])))
    with pytest.raises(BrainlakeError, match=r"row 2, column time_s: 4\.0, but 2\.0 in an earlier row"):
        gathered(two, "tr")
