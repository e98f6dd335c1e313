"""Behavioral alignment: Pearson, its floors, and the same number from SQL."""

import re
from pathlib import Path

import numpy as np
import pytest

from brainlake import BrainlakeError, UnknownNameError, behavioral_alignment, open_bank
from brainlake.bank.manifest import rebuild_manifest
from readings import put_surprisal, put_texts, put_times

RECIPES = Path(__file__).parents[3] / "docs/sql.md"


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


@pytest.fixture
def two_sets(tmp_path):
    """Two stimulus sets, two models; times of people who skip words unevenly, and means."""
    rng, rows = np.random.default_rng(0), []
    for name in ("s", "t"):
        ids = put_texts(tmp_path, name)
        for model in ("one", "two"):
            surprisal = np.where(rng.uniform(size=len(ids)) < 0.05, np.nan, rng.gamma(2, 2, len(ids)))
            put_surprisal(tmp_path, model, name, surprisal)
        plain = [{"stimulus_set": name, "stimulus_id": i} for i in ids]
        rows += [row | {"value": rng.normal(), "scored": bool(rng.uniform() < 0.9)} for row in plain]
        for person in range(5):
            for row in plain:
                skips = rng.uniform() < 0.1 * person
                what = {"skipped": True, "scored": False, "why_not_scored": "skipped"} if skips else {}
                value = None if skips else rng.normal()
                rows.append(row | {"measure": "gaze", "subject": f"p{person}", "value": value} | what)
    put_times(tmp_path, "b", rows, sets=("s", "t"))
    return tmp_path


def test_the_query_of_the_recipes_says_the_same_of_sets_people_and_means(two_sets):
    (query,) = [q for q in re.findall(r"```sql\n(.*?)```", RECIPES.read_text(encoding="utf-8"), re.S) if "corr(" in q]
    key = ["model", "recipe", "stimulus_set", "measure"]
    by_sql = open_bank(two_sets).sql(query.replace("demo.reading", "b"))
    scores = behavioral_alignment(two_sets, "b", protocol="pearson", n_boot=0).filter(kind="headline")
    by_function = scores.filter(scores["model"].is_in(["one", "two"]), ~scores["measure"].str.starts_with("skip"))
    assert len(by_sql) == len(by_function) == 8
    both = by_sql.join(by_function, on=key, how="inner", validate="1:1")
    np.testing.assert_allclose(both["r"], both["score"], atol=1e-12)
    assert len(both) == 8


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
