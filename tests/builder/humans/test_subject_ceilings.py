"""Ceilings between subjects, of their mean, and of repeats, each against what it is by definition."""

import numpy as np
import polars as pl
import pyarrow as pa
import pytest

from brainlake.encoding.ceilings import spearman_brown
from brainlake_builder.humans.dataset import Subject, responses_and_targets
from brainlake_builder.humans.lined_up import LinedUp
from brainlake_builder.humans.subject_ceilings import repeat_ceilings, subject_ceilings

N, ROIS = 40, ["front", "back", "back"]
IDS = [f"i{k}" for k in range(N)]


def lined_up(values, rois=ROIS, counted=(True, True, True)):
    s = len(values)
    return LinedUp(
        names=[f"s{k}" for k in range(s)],
        values=np.asarray(values, dtype=np.float64),
        rois=list(rois),
        counted=list(counted),
        rows=pl.DataFrame({"stimulus_set": "texts", "row_id": IDS}),
        units=np.array([f"g{k // 4}" for k in range(N)]),
        drawn="groups",
        prepared="",
    )


def simulated(n_subjects, noise=0.5, seed=0):
    rng = np.random.default_rng(seed)
    return rng.standard_normal((N, 3)) + noise * rng.standard_normal((n_subjects, N, 3))


def rows_of(computed, scale):
    return pl.DataFrame(computed.rows).filter(scale=scale)


def test_what_two_subjects_share_is_their_correlation():
    Y = simulated(2)
    r = [np.corrcoef(Y[0, :, v], Y[1, :, v])[0, 1] for v in range(3)]
    shared = rows_of(subject_ceilings("b", lined_up(Y)), "max_r")
    assert shared["roi"].to_list() == [None, "front", "back"]
    np.testing.assert_allclose(shared["value"], [np.median(r), r[0], np.mean(r[1:])])
    assert shared["method"].str.contains("bootstrap of groups").all()
    assert set(shared["n_subjects"]) == {2}


def test_the_reliability_of_the_mean_of_two_is_that_of_their_halves():
    Y = simulated(2)
    of_mean = rows_of(subject_ceilings("b", lined_up(Y)), "reliability")
    r = np.array([np.corrcoef(Y[0, :, v], Y[1, :, v])[0, 1] for v in range(3)])
    assert of_mean["roi"].to_list() == ["front", "back"]
    assert set(of_mean["subject"]) == {"mean of 2 subjects"}
    np.testing.assert_allclose(of_mean["value"], [spearman_brown(r[0]), np.median(spearman_brown(r[1:]))])


def test_targets_that_are_made_of_others_count_in_their_region_alone():
    Y = simulated(2)
    plain = rows_of(subject_ceilings("b", lined_up(Y[..., :2], ROIS[:2], (True, True))), "max_r")
    with_mean = rows_of(subject_ceilings("b", lined_up(Y, ["front", "back", "mean"], (True, True, False))), "max_r")
    assert with_mean["roi"].to_list() == [None, "front", "back", "mean"]
    np.testing.assert_allclose(with_mean["value"][:3], plain["value"])


def test_without_regions_the_mean_has_no_reliability_of_its_own():
    computed = subject_ceilings("b", lined_up(simulated(2), [None] * 3))
    assert pl.DataFrame(computed.rows)["roi"].to_list() == [None]
    assert computed.why_not == ()


def test_five_subjects_are_drawn_themselves():
    shared = rows_of(subject_ceilings("b", lined_up(simulated(5))), "max_r")
    assert shared["method"].str.contains("bootstrap of subjects").all()
    assert shared["method"].str.contains("(a lower bound)", literal=True).all()
    assert (shared["ci_low"] < shared["ci_high"]).all()


@pytest.mark.parametrize(
    ("values", "rois", "why"),
    [
        (simulated(1), ROIS, "b: no ceiling between subjects: there is one subject"),
        (np.empty((2, N, 0)), [], "b: no ceiling between subjects: they have no target_id in common"),
    ],
)
def test_what_has_none(values, rois, why):
    computed = subject_ceilings("b", lined_up(values, rois))
    assert computed.rows.num_rows == 0
    assert computed.why_not == (why,)


def test_rows_that_no_two_subjects_share_give_no_reliability():
    Y = simulated(2, noise=0.1)
    Y[0, :2] = Y[1, 4:] = np.nan
    computed = subject_ceilings("b", lined_up(Y))
    assert "b: no reliability of the mean over subjects: they have no rows in common" in computed.why_not


def presentations(values, made_of=None):
    """Tables of one subject; values of shape (times, n, v)."""
    tables = [
        responses_and_targets("b", "texts", IDS, [Subject("s0", Y.astype(np.float32), list("xyz"), ROIS, made_of)])
        for Y in values
    ]
    parts = [
        table["responses"].set_column(
            table["responses"].schema.get_field_index("presentation"),
            table["responses"].schema.field("presentation"),
            pa.array([k] * N, pa.int16()),
        )
        for k, table in enumerate(tables)
    ]
    return {"responses": pa.concat_tables(parts), "targets": tables[0]["targets"]}


def test_two_presentations_are_two_halves():
    Y = simulated(2)
    computed = repeat_ceilings("b", presentations(Y), lined_up(Y[:1]))
    rows = pl.DataFrame(computed.rows)
    rho = spearman_brown([np.corrcoef(*Y[..., v].astype(np.float32))[0, 1] for v in range(3)])
    assert rows["roi"].to_list() == [None, "front", "back"]
    np.testing.assert_allclose(rows["value"], [np.median(rho), rho[0], np.mean(rho[1:])], rtol=1e-5)
    assert set(rows["scale"]) == {"reliability"}
    assert rows["method"].str.contains("split halves of 2 presentations").all()


def test_rows_that_were_not_shown_every_time_are_left_out():
    Y = simulated(2)
    Y[1, 30:] = np.nan
    found = pl.DataFrame(repeat_ceilings("b", presentations(Y), lined_up(Y[:1])).rows)
    rho = spearman_brown([np.corrcoef(*Y[:, :30, v].astype(np.float32))[0, 1] for v in range(3)])
    np.testing.assert_allclose(found["value"][0], np.median(rho), rtol=1e-5)


@pytest.mark.parametrize(
    ("values", "why"),
    [
        (simulated(1), "no row has several presentations"),
        (np.where(np.arange(N)[:, None] < 2, simulated(2), np.nan), "no subject has 3 rows in all 2 presentations"),
    ],
)
def test_repeats_that_there_are_not(values, why):
    computed = repeat_ceilings("b", presentations(values), lined_up(values[:1]))
    assert computed.rows.num_rows == 0
    assert computed.why_not == (f"b: no ceiling from repeats: {why}",)


def test_repeats_of_noise_are_no_ceiling():
    noise = np.random.default_rng(3).standard_normal((2, N, 3))
    computed = repeat_ceilings("b", presentations(noise), lined_up(noise[:1]))
    assert computed.rows.num_rows == 0
    assert all("the interval of its reliability" in why for why in computed.why_not)
    assert len(computed.why_not) == 3
