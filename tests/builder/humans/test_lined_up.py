"""Responses of subjects lined up by row and target."""

import numpy as np
import polars as pl
import pyarrow as pa
import pytest

from brainlake_builder.humans.dataset import Subject, responses_and_targets, table_of
from brainlake_builder.humans.lined_up import BLOCK_ROWS, groups_of, line_up, mean_response

N = 40
IDS = [f"i{k}" for k in range(N)]


def stimuli(groups=True):
    group = [f"g{k // 4}" for k in range(N)] if groups else None
    plain = {"document_id": "d", "context_id": "d", "text": "word", "separator": ""}
    return {"s": table_of("stimuli", N, stimulus_set="s", stimulus_id=IDS, position=range(N), group_id=group, **plain)}


def arrays(seed=0):
    return np.random.default_rng(seed).standard_normal((N, 3)).astype(np.float32)


def test_targets_are_the_same_where_their_names_are():
    a, b = arrays(0), arrays(1)
    tables = responses_and_targets(
        "b", "s", IDS, [Subject("a", a, ["x", "y", "z"], ["r", "r", "q"]), Subject("b", b, ["z", "x", "w"])]
    )
    found = line_up(tables, stimuli(), "stimulus")
    assert (found.names, found.rois, found.counted) == (["a", "b"], ["r", "q"], [True, True])
    np.testing.assert_allclose(found.values, [a[:, [0, 2]], b[:, [1, 0]]])
    assert found.rows["row_id"].to_list() == IDS
    assert (found.drawn, found.prepared, len(set(found.units))) == ("groups", "", 10)


def test_rows_that_a_subject_lacks_are_missing():
    a, b = arrays(0), arrays(1)
    one = responses_and_targets("b", "s", IDS, [Subject("a", a, list("xyz"))])
    two = responses_and_targets("b", "s", IDS[::-2], [Subject("b", b[::-2], list("xyz"))])
    found = line_up({name: pa.concat_tables([one[name], two[name]]) for name in one}, stimuli(), "stimulus")
    expected = b.astype(float)
    expected[0::2] = np.nan
    np.testing.assert_allclose(found.values[1], expected)


def test_presentations_are_averaged_over_those_that_are_there():
    first, second = arrays(0), arrays(1)
    second[0, 1] = np.nan
    first[3, 2] = second[3, 2] = np.nan
    tables = [
        responses_and_targets("b", "s", IDS, [Subject("a", y, list("xyz"))])["responses"] for y in (first, second)
    ]
    rows = pl.DataFrame({"stimulus_set": ["s"] * N, "row_id": IDS})
    with np.errstate(all="ignore"):
        expected = np.nanmean([first.astype(float), second], axis=0)
    np.testing.assert_allclose(mean_response(pl.DataFrame(pa.concat_tables(tables)), rows), expected, rtol=1e-6)


def test_drift_is_taken_off_and_said_so():
    Y = arrays()
    drift = np.linspace(-1, 1, N)
    values = (Y + 5 * drift[:, None]).astype(np.float32)
    times = [2.0 * k for k in range(N)]
    tables = responses_and_targets("b", "s", IDS, [Subject("a", values, list("xyz"))], time_s=times, run="1")
    tables["nuisance"] = table_of(
        "nuisance", N, benchmark="b", subject="a", row_id=IDS, name="drift_1", value=drift.tolist()
    )
    found = line_up(tables, stimuli(), "tr")
    design = np.c_[np.ones(N), drift]
    np.testing.assert_allclose(found.values[0], values - design @ np.linalg.lstsq(design, values)[0], atol=1e-5)
    assert (found.prepared, found.drawn) == (", drift removed", f"blocks of {BLOCK_ROWS} TRs")


@pytest.mark.parametrize(("groups", "n_units"), [(True, 10), (False, N)])
def test_single_stimuli_are_drawn_where_there_are_no_groups(groups, n_units):
    tables = responses_and_targets("b", "s", IDS, [Subject("a", arrays(), list("xyz"))])
    assert len(set(line_up(tables, stimuli(groups), "stimulus").units)) == n_units
    assert groups_of(stimuli(groups)).height == N
