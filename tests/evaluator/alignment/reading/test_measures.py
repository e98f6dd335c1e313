"""Measures, people and skips: what a benchmark holds, and what it may not hold."""

import numpy as np
import polars as pl
import pytest

from brainlake import BrainlakeError, UnknownNameError, behavioral_alignment, open_bank
from brainlake.alignment.reading.measures import readings
from readings import put_surprisal, put_texts, put_times


@pytest.fixture
def corpus(tmp_path):
    """A bank with texts and surprisal, and the surprisal."""
    ids = put_texts(tmp_path, "s")
    surprisal = np.random.default_rng(0).gamma(2, 2, len(ids))
    put_surprisal(tmp_path, "m", "s", surprisal)
    return tmp_path, ids, surprisal


def correlations(root, benchmark, **choice):
    scores = behavioral_alignment(open_bank(root), benchmark, protocol="pearson", n_boot=0, **choice)
    return scores.filter(model="m")


def test_three_measures_are_three_rows_each_as_if_alone(corpus):
    root, ids, surprisal = corpus
    rng = np.random.default_rng(1)
    strength = {"first_fixation": 1, "gaze_duration": 5, "total_time": 20}
    values = {m: 200 + k * surprisal + 30 * rng.standard_normal(len(ids)) for m, k in strength.items()}
    rows = [{"stimulus_id": i, "measure": m, "value": v} for m in values for i, v in zip(ids, values[m], strict=True)]
    put_times(root, "eyes", rows)
    scores = correlations(root, "eyes")
    assert dict(scores.select("measure", "score").iter_rows()) == pytest.approx(
        {m: np.corrcoef(surprisal, v)[0, 1] for m, v in values.items()}, abs=1e-12
    )
    assert scores["n_stimuli"].to_list() == [len(ids)] * 3
    one = correlations(root, "eyes", measures="gaze_duration")
    assert one["measure"].to_list() == ["gaze_duration"]
    assert one["score"][0] == scores.filter(measure="gaze_duration")["score"][0]


def test_an_unknown_measure_is_named(corpus):
    root, ids, _ = corpus
    put_times(root, "b", [{"stimulus_id": i, "value": 300.0} for i in ids])
    with pytest.raises(UnknownNameError, match="unknown measure 'gaze'; there is: rt"):
        behavioral_alignment(root, "b", measures=["gaze"])


def test_rows_of_people_beside_rows_of_means_are_refused(corpus):
    root, ids, _ = corpus
    rows = [{"stimulus_id": i, "value": 300.0 + k} for k, i in enumerate(ids)]
    put_times(root, "b", [*rows, *(row | {"subject": "p1"} for row in rows)])
    with pytest.raises(BrainlakeError, match=f"b, rt: of {2 * len(ids)} rows, {len(ids)} without a subject"):
        correlations(root, "b")


def test_a_word_given_twice_and_two_units_are_refused(corpus):
    root, ids, _ = corpus
    rows = [{"stimulus_id": i, "value": 300.0} for i in ids]
    put_times(root, "twice", [*rows, rows[3]])
    with pytest.raises(BrainlakeError, match=f"{ids[3]} is given twice"):
        correlations(root, "twice")
    put_times(root, "units", [row | {"unit": "ms" if k else "microvolt"} for k, row in enumerate(rows)])
    with pytest.raises(BrainlakeError, match=r"several units \(microvolt, ms\)"):
        correlations(root, "units")


def test_times_of_words_that_are_no_stimuli_are_refused(corpus):
    root, ids, _ = corpus
    put_times(root, "b", [{"stimulus_id": i, "value": 300.0} for i in [*ids, "elsewhere"]])
    with pytest.raises(BrainlakeError, match="not in its stimuli"):
        correlations(root, "b")


def test_skips_are_a_measure_and_no_missing_times(corpus):
    root, ids, _ = corpus
    rng = np.random.default_rng(2)
    skipped = rng.uniform(size=(6, len(ids))) < 0.3
    rows = [
        {"stimulus_id": i, "subject": f"p{k}", "skipped": bool(s), "value": None if s else 250.0 + rng.normal()}
        for k, own in enumerate(skipped)
        for i, s in zip(ids, own, strict=True)
    ]
    rows[0] |= {"skipped": False, "value": None}  # one value is lost: neither read nor skipped
    for row in rows:  # as an import marks them
        row["scored"] = row["value"] is not None
        row["why_not_scored"] = None if row["scored"] else "skipped" if row["skipped"] else "no value"
    put_times(root, "b", rows)
    times, rate = readings(open_bank(root), "b")
    assert (times.measure, rate.measure, rate.unit) == ("rt", "skip_rate(rt)", "probability")
    assert len(times.value) == (~skipped).sum() - (not skipped[0, 0])
    expected = skipped[1:, 0].mean()
    assert rate.means(centred=False).value[0] == pytest.approx(expected)
    assert len(rate.value) == skipped.size - 1


def test_means_take_out_each_person_s_own_mean(corpus):
    """Slow people who read the difficult words make plain means rise with difficulty; centred ones do not."""
    root, ids, surprisal = corpus
    hard = surprisal > np.median(surprisal)
    rows = [
        {"stimulus_id": i, "subject": who, "value": speed}
        for who, speed, words in (("slow", 500.0, hard), ("fast", 200.0, ~hard))
        for i, seen in zip(ids, words, strict=True)
        if seen
    ]
    put_times(root, "b", rows)
    (reading,) = readings(open_bank(root), "b")
    plain, centred = reading.means(centred=False), reading.means()
    assert np.corrcoef(surprisal, plain.value)[0, 1] > 0.5
    np.testing.assert_allclose(centred.value, np.full(len(ids), centred.value[0]))


def test_stimulus_sets_stand_apart_and_pooled_on_request(corpus):
    root, ids, surprisal = corpus
    rng = np.random.default_rng(3)
    more = put_texts(root, "other", seed=5)
    other = rng.gamma(2, 2, len(more))
    put_surprisal(root, "m", "other", other)
    x = {"s": surprisal, "other": other}
    y = {name: 300 + 100 * (name == "other") + 3 * one + 10 * rng.standard_normal(len(one)) for name, one in x.items()}
    rows = [
        {"stimulus_id": i, "stimulus_set": name, "value": value}
        for name, there in (("s", ids), ("other", more))
        for i, value in zip(there, y[name], strict=True)
    ]
    put_times(root, "b", rows, sets=("s", "other"))
    scores = behavioral_alignment(root, "b", protocol="pearson", n_boot=0)
    assert scores.group_by("stimulus_set").len().sort("stimulus_set").rows() == [("other", 2), ("s", 2)]
    found = dict(scores.filter(model="m").select("stimulus_set", "score").iter_rows())
    assert found == pytest.approx({name: np.corrcoef(x[name], y[name])[0, 1] for name in x}, abs=1e-12)
    pooled = correlations(root, "b", pooled=True)
    assert pooled["stimulus_set"].to_list() == [None]
    assert pooled["score"][0] == pytest.approx(
        np.corrcoef(*(np.concatenate([v["s"], v["other"]]) for v in (x, y)))[0, 1]
    )
    put_surprisal(root, "half", "s", surprisal)
    with pytest.raises(BrainlakeError, match="half by document has no surprisal of other"):
        behavioral_alignment(root, "b", pooled=True)
    assert pl.Series(["half", "m"]).is_in(behavioral_alignment(root, "b", n_boot=0)["model"].implode()).all()


def test_a_measure_without_any_value_is_named(tmp_path):
    ids = put_texts(tmp_path, "s")
    nothing = {"value": None, "subject": "p", "skipped": True, "scored": False, "why_not_scored": "skipped"}
    put_times(tmp_path, "b", [nothing | {"stimulus_id": i} for i in ids])
    with pytest.raises(BrainlakeError, match=r"b, rt: no word of s has a value; name other measures"):
        readings(open_bank(tmp_path), "b")
    (rate,) = readings(open_bank(tmp_path), "b", ["skip_rate(rt)"])
    assert (rate.value == 1).all()
    assert rate.is_skip_rate


def test_one_set_of_several_can_be_chosen(tmp_path):
    rows = [{"stimulus_set": s, "stimulus_id": i, "value": 1.0} for s in ("s", "t") for i in put_texts(tmp_path, s)]
    put_times(tmp_path, "b", rows, sets=("s", "t"))
    bank = open_bank(tmp_path)
    assert [one.stimulus_set for one in readings(bank, "b", stimuli=["t"])] == ["t"]
    with pytest.raises(UnknownNameError, match="unknown stimulus set 'nope'"):
        readings(bank, "b", stimuli=["nope"])


def test_a_set_without_a_value_takes_nothing_from_the_others(corpus):
    """``all`` words are those that have a value: of a measure that was not taken on one set, those of the other."""
    root, ids, surprisal = corpus
    others = put_texts(root, "u")
    rows = [{"stimulus_id": i, "value": 300.0 + x} for i, x in zip(ids, surprisal, strict=True)]
    empty = {"stimulus_set": "u", "value": None, "scored": False}
    put_times(root, "b", [*rows, *(empty | {"stimulus_id": i} for i in others)], sets=("s", "u"))
    (reading,) = readings(open_bank(root), "b", words="all")
    assert (reading.stimulus_set, reading.whole, len(reading.word)) == ("s", True, len(ids))
    put_times(root, "b", [empty | {"stimulus_id": i} for i in others], sets=("u",))
    with pytest.raises(BrainlakeError, match="no word of u has a value"):
        readings(open_bank(root), "b", words="all")
