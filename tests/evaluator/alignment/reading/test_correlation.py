"""Correlations of people: two stages, centred means, each alone; and the same numbers from SQL."""

import numpy as np
import pytest
from scipy.stats import ttest_1samp

from banks import put
from brainlake import behavioral_alignment, open_bank
from brainlake.bank.manifest import rebuild_manifest
from readings import put_surprisal, put_texts, put_times, simulated

TWO_STAGES = """
    select model, measure, avg(r) as r, count(*) as people from (
        select model, measure, subject, corr(surprisal, value) as r
        from reading_times join surprisal using (stimulus_set, stimulus_id)
        where benchmark = 'b' and scored
        group by all
    ) group by all
"""


@pytest.fixture(scope="module")
def people(tmp_path_factory):
    """Twelve people; bank, surprisal, times [people, words]."""
    root = tmp_path_factory.mktemp("people")
    surprisal, times, _ = simulated(root, n_people=12)
    return root, surprisal, times


@pytest.fixture(scope="module")
def scores(people):
    return behavioral_alignment(people[0], "b", protocol="pearson", by="subject").filter(model="good")


def test_the_headline_is_the_mean_over_people(people, scores):
    _, surprisal, times = people
    r = np.array([np.corrcoef(surprisal, own)[0, 1] for own in times])
    row = scores.row(0, named=True)
    assert row["score"] == pytest.approx(r.mean(), abs=1e-12)
    assert (row["n_subjects"], row["n_stimuli"]) == (12, times.shape[1])
    assert row["ci_method"] == "Fisher's z, t over 12 people"
    plain = ttest_1samp(r, 0).confidence_interval()
    assert (row["ci_low"], row["ci_high"]) == pytest.approx(tuple(plain), abs=0.01)


def test_sql_says_the_same(people, scores):
    by_sql = open_bank(people[0]).sql(TWO_STAGES).filter(model="good").row(0, named=True)
    assert by_sql["r"] == pytest.approx(scores["score"][0], abs=1e-12)
    assert by_sql["people"] == 12


def test_centred_means_stand_beside(people, scores):
    _, surprisal, times = people
    row = scores.filter(kind="centred").row(0, named=True)
    assert row["score"] == pytest.approx(np.corrcoef(surprisal, times.mean(0))[0, 1], abs=1e-12)
    assert row["score"] > scores["score"][0]


def test_every_person_on_request(people, scores):
    _, surprisal, times = people
    found = {row["subject"]: row["score"] for row in scores.to_dicts() if row["subject"]}
    assert found == pytest.approx({f"p{k}": np.corrcoef(surprisal, own)[0, 1] for k, own in enumerate(times)})


def test_four_people_have_no_interval_and_the_row_says_why(tmp_path):
    simulated(tmp_path, n_people=4)
    row = behavioral_alignment(tmp_path, "b", protocol="pearson").row(0, named=True)
    assert row["score"] is not None
    assert (row["ci_low"], row["ci_method"]) == (None, "none: 4 people, fewer than 5")


def test_five_texts_have_no_interval_and_the_row_says_why(tmp_path):
    simulated(tmp_path, n_texts=5)
    scores = behavioral_alignment(tmp_path, "b")
    assert set(scores["ci_method"]) == {"none: 5 groups, fewer than 6", "none: 5 texts, fewer than 6"}
    assert scores["score"].null_count() == scores["ci_high"].count() == 0


def reliabilities(root, *rows):
    """Ceilings of benchmark b: measure, reliability."""
    plain = {"benchmark": "b", "method": "m", "scale": "reliability", "source": "us"}
    put(root, "ceilings", "b", [plain | {"measure": measure, "value": value} for measure, value in rows])
    rebuild_manifest(root)


def test_a_ceiling_belongs_to_its_measure_alone(tmp_path):
    ids, rng = put_texts(tmp_path, "s"), np.random.default_rng(0)
    put_surprisal(tmp_path, "m", "s", rng.gamma(2, 2, len(ids)))
    rows = [{"stimulus_id": i, "measure": name, "value": rng.normal()} for name in ("one", "two", "three") for i in ids]
    put_times(tmp_path, "b", rows)
    reliabilities(tmp_path, ("two", 0.64), ("three", 0.81))
    scores = behavioral_alignment(tmp_path, "b", protocol="pearson", n_boot=0).filter(model="m")
    assert scores.select("measure", "ceiling").rows() == [("one", None), ("two", 0.8), ("three", pytest.approx(0.9))]
    assert scores["normalized"].to_list()[1] == pytest.approx(scores["score"][1] / 0.8)


def test_what_is_not_the_measure_itself_has_no_ceiling(tmp_path):
    """Each one's own r, the skip rate, plain means of people: the reliability is that of centred means."""
    ids, rng = put_texts(tmp_path, "s"), np.random.default_rng(0)
    put_surprisal(tmp_path, "m", "s", rng.gamma(2, 2, len(ids)))
    skipped = rng.uniform(size=(3, len(ids))) < 0.3
    rows = [
        {"stimulus_id": i, "subject": f"p{p}", "skipped": bool(skip), "scored": not skip}
        | ({"why_not_scored": "skipped"} if skip else {"value": rng.normal()})
        for p, own in enumerate(skipped)
        for i, skip in zip(ids, own, strict=True)
    ]
    put_times(tmp_path, "b", rows)
    reliabilities(tmp_path, (None, 0.64))
    scores = behavioral_alignment(tmp_path, "b", protocol=["pearson", "aw2024"], by="subject", n_boot=0)
    assert scores.drop_nulls("ceiling").select("model", "measure", "kind", "protocol").rows() == [
        ("m", "rt", "centred", "pearson"),
        ("baseline:word_length", "rt", "centred", "pearson"),
    ]


def test_a_ceiling_over_two_sets_is_none_of_one(tmp_path):
    rng, rows = np.random.default_rng(0), []
    for name in ("s", "t"):
        ids = put_texts(tmp_path, name)
        put_surprisal(tmp_path, "m", name, rng.gamma(2, 2, len(ids)))
        rows += [{"stimulus_id": i, "stimulus_set": name, "value": rng.normal()} for i in ids]
    put_times(tmp_path, "b", rows, sets=("s", "t"))
    reliabilities(tmp_path, (None, 0.64))
    apart, pooled = (
        behavioral_alignment(tmp_path, "b", protocol="pearson", pooled=pooled, n_boot=0).filter(model="m")
        for pooled in (False, True)
    )
    assert apart["ceiling"].to_list() == [None, None]
    assert pooled["ceiling"].to_list() == [0.8]


def test_a_constant_has_no_correlation_and_the_row_says_so(tmp_path):
    ids, rng = put_texts(tmp_path, "s"), np.random.default_rng(0)
    put_surprisal(tmp_path, "flat", "s", np.full(len(ids), 3.0))
    put_times(tmp_path, "b", [{"stimulus_id": i, "value": rng.normal()} for i in ids])
    row = behavioral_alignment(tmp_path, "b", protocol="pearson").filter(model="flat").row(0, named=True)
    assert (row["score"], row["ci_low"]) == (None, None)
    assert row["ci_method"].startswith("none: no score, since the predictor or the measure is constant")


def test_an_absolute_value_lies_inside_its_interval(tmp_path):
    """Where words that surprise take less time, |r| is what is scored, and what the interval is about."""
    ids, rng = put_texts(tmp_path, "s"), np.random.default_rng(0)
    surprisal = rng.gamma(2, 2, len(ids))
    put_surprisal(tmp_path, "m", "s", surprisal)
    times = 300 - 5 * surprisal + rng.normal(0, 20, len(ids))
    rows = [{"stimulus_set": "s", "stimulus_id": one, "value": t} for one, t in zip(ids, times, strict=True)]
    put_times(tmp_path, "b", rows)
    scores = behavioral_alignment(tmp_path, "b", protocol=["pearson", "aw2024"]).filter(model="m")
    signed, absolute = scores.sort("protocol", descending=True).to_dicts()
    assert signed["score"] < 0 < absolute["ci_low"] < absolute["score"] < absolute["ci_high"]
    assert (absolute["ci_low"], absolute["ci_high"]) == pytest.approx((-signed["ci_high"], -signed["ci_low"]))
