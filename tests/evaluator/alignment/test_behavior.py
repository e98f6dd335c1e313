"""Behavioral alignment: Pearson, its floors, and the same number from SQL."""

import numpy as np
import pytest

from brainlake import BrainlakeError, UnknownNameError, behavioral_alignment, open_bank
from brainlake.bank.manifest import rebuild_manifest


def test_python_sql_and_numpy_agree(toy_bank, toy_arrays):
    *_, surprisal, times = toy_arrays
    bank = open_bank(toy_bank)
    scores = behavioral_alignment(bank, "toy.reading", n_boot=200)
    row = scores.filter(model="m").row(0, named=True)
    query = """
        select corr(surprisal, value) as r, count(*) as n
        from reading_times join surprisal using (stimulus_set, stimulus_id)
        where benchmark = 'toy.reading' and scored
    """
    by_sql = bank.sql(query).row(0, named=True)
    assert row["score"] == pytest.approx(np.corrcoef(surprisal[1:], times[1:])[0, 1], abs=1e-12)
    assert row["score"] == pytest.approx(by_sql["r"], abs=1e-12)
    assert row["n_stimuli"] == by_sql["n"] == len(times) - 1
    assert row["ci_low"] < row["score"] < row["ci_high"]


def test_floors_stand_beside(toy_bank):
    scores = behavioral_alignment(open_bank(toy_bank), "toy.reading", protocol="pearson", n_boot=0)
    assert scores["model"].to_list() == ["m", "baseline:word_length", "baseline:n_tokens(m)"]
    assert set(scores["kind"]) == {"headline"}


def test_all_words_are_one_more(toy_bank):
    bank = open_bank(toy_bank)
    choice = {"protocol": "pearson", "n_boot": 0}
    scored, every = (behavioral_alignment(bank, "toy.reading", words=w, **choice) for w in ("scored", "all"))
    assert (every["n_stimuli"] - scored["n_stimuli"]).to_list() == [1, 1, 1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"benchmark": "nope"}, "unknown reading-time benchmark 'nope'; there is: toy.reading"),
        ({"models": ["nope"]}, "unknown model 'nope'; there is: m"),
        ({"recipes": ["nope"]}, "unknown recipe 'nope'"),
        ({"protocol": "nope"}, "unknown behavioral protocol 'nope'"),
        ({"words": "nope"}, "unknown choice of words 'nope'"),
    ],
)
def test_unknown_names(toy_bank, arguments, message):
    with pytest.raises(UnknownNameError, match=message):
        behavioral_alignment(open_bank(toy_bank), **{"benchmark": "toy.reading"} | arguments)


def test_surprisal_of_other_stimuli_is_refused(own_bank):
    path = next((own_bank / "sidecars/surprisal").rglob("*.json"))
    text = path.read_text()
    digest = text.split('"stimuli_sha256": "')[1][:64]
    path.write_text(text.replace(digest, "0" * 64))
    rebuild_manifest(own_bank)
    with pytest.raises(BrainlakeError, match="other stimuli"):
        behavioral_alignment(open_bank(own_bank), "toy.reading")
