"""Reliability of reading times, of readers that are known."""

import numpy as np
import pyarrow as pa
import pytest

from brainlake.contract.schema import TABLES
from brainlake_builder.humans.dataset import table_of
from brainlake_builder.humans.reader_ceilings import reader_ceilings, reliability

N = 120
IDS = [f"i{k}" for k in range(N)]


def stimuli(groups=True):
    group = [f"g{k // 6}" for k in range(N)] if groups else None
    plain = {"document_id": IDS, "context_id": IDS, "text": "word", "separator": ""}
    return {"s": table_of("stimuli", N, stimulus_set="s", stimulus_id=IDS, position=range(N), group_id=group, **plain)}


def means(mean, sd, n, **more):
    plain = {"benchmark": "b", "stimulus_set": "s", "measure": "rt", "unit": "ms", "skipped": False, "scored": True}
    rows = [
        plain | {"stimulus_id": IDS[k], "value": float(mean[k]), "sd": float(sd), "n_subjects": n} | more
        for k in range(N)
    ]
    return pa.Table.from_pylist(rows, schema=TABLES["reading_times"])


def test_it_is_one_less_the_share_of_error():
    mean = np.array([1.0, 2.0, 3.0])
    assert reliability(mean, np.full(3, 2.0), np.full(3, 8.0)) == pytest.approx(1 - (4 / 8) / 1)
    assert reliability(mean, np.zeros(3), np.full(3, 8.0)) == 1


@pytest.mark.parametrize(("groups", "drawn"), [(True, "groups"), (False, "words")])
def test_it_is_recovered_with_its_interval(groups, drawn):
    rng = np.random.default_rng(0)
    mean = 300 + 20 * rng.standard_normal(N) + 10 * rng.standard_normal(N)
    (row,) = reader_ceilings("b", means(mean, 40, 16), stimuli(groups)).rows.to_pylist()
    assert row["value"] == pytest.approx(0.8, abs=0.08)
    assert row["ci_low"] < row["value"] < row["ci_high"]
    assert row["method"].endswith(f"bootstrap of {drawn}")
    assert (row["scale"], row["n_subjects"], row["measure"]) == ("reliability", 16, None)


def test_every_measure_has_its_own():
    mean = 300 + 20 * np.random.default_rng(0).standard_normal(N)
    both = pa.concat_tables([means(mean, 40, 16, measure=name) for name in ("first", "second")])
    assert [row["measure"] for row in reader_ceilings("b", both, stimuli()).rows.to_pylist()] == ["first", "second"]


@pytest.mark.parametrize("seen", [1.0, 0.6], ids=["all words", "other words each"])
def test_how_fast_readers_are_is_no_error(seen):
    rng = np.random.default_rng(0)
    word, speed = 20 * rng.standard_normal(N), 90 * rng.standard_normal(16)
    plain = {"benchmark": "b", "stimulus_set": "s", "measure": "rt", "unit": "ms", "skipped": False, "scored": True}
    rows = [
        plain | {"subject": f"p{p}", "stimulus_id": IDS[k], "value": 400 + speed[p] + word[k] + 40 * rng.normal()}
        for p in range(16)
        for k in range(N)
        if rng.uniform() < seen
    ]
    (row,) = reader_ceilings(
        "b", pa.Table.from_pylist(rows, schema=TABLES["reading_times"]), stimuli()
    ).rows.to_pylist()
    truth = np.var(word, ddof=1) / (np.var(word, ddof=1) + 40**2 / (16 * seen))
    assert row["value"] == pytest.approx(truth, abs=0.06)
    assert "readers centred" in row["method"]


def test_a_measure_that_has_none_is_named():
    mean = 300 + 20 * np.random.default_rng(0).standard_normal(N)
    both = pa.concat_tables([means(mean, 40, 16, measure="first"), means(mean, 40, 1, measure="second")])
    computed = reader_ceilings("b", both, stimuli())
    assert [row["measure"] for row in computed.rows.to_pylist()] == ["first"]
    assert computed.why_not[0].startswith("b, second: no ceiling of readers")


@pytest.mark.parametrize(
    ("table", "why"),
    [
        (lambda m: means(m, 400, 4), "does not lie above 0"),
        (lambda m: means(m, 40, 1), "two readers or more"),
        (lambda m: means(m, 40, 16, scored=False, why_not_scored="x"), "no word is scored"),
    ],
)
def test_why_there_is_none(table, why):
    mean = 300 + 20 * np.random.default_rng(0).standard_normal(N)
    computed = reader_ceilings("b", table(mean), stimuli())
    assert computed.rows.num_rows == 0
    assert why in computed.why_not[0]
