"""Beside a ranking stand the groups of models that a stored comparison does not tell apart."""

import polars as pl
import pytest

from brainlake.contract.schema import COMPARISONS
from brainlake.errors import BrainlakeError
from brainlake.figures.catalogue import GROUPS, OF_SEEDS, figures_of
from brainlake.figures.ranks import ranking, ranking_rows
from brainlake.figures.results import results_of
from drawn import EDGES, data_of, profile, whole
from studies import table

ORDER = ["lab--m2", "lab--m1", "lab--m0"]


def pairs(protocol="grouped", **p):
    rows = [
        {
            **{"benchmark": "b", "metric": "pearson", "protocol": protocol, "difference": 0.1, "n_stimuli": 9},
            **{"model_a": a, "recipe_a": "document", "model_b": b, "recipe_b": "document", "engine_version": "0"},
            "p_adjusted": p[f"{a[-1]}{b[-1]}"],
        }
        for i, a in enumerate(ORDER)
        for b in ORDER[i + 1 :]
    ]
    return table(rows, COMPARISONS)


def test_models_that_are_not_told_apart_share_a_letter_and_a_line():
    known = pairs(**{"21": 0.3, "20": 0.01, "10": 0.4})
    rows = ranking_rows(profile(), known)
    assert dict(rows.select("label", "not_told_apart").iter_rows()) == {
        "m2": "a",
        "m1": "ab",
        "m0": "b",
        "length": "",
        "position": "",
    }
    lines = {(r["group"], r["label"]) for r in data_of(ranking(profile(), known)) if "group" in r}
    assert lines == {(0, "m2"), (0, "m1"), (1, "m1"), (1, "m0")}


def test_twins_that_are_one_line_are_in_every_group_that_one_of_them_is_in():
    twins = {"lab--m0": "lab--m+untrained-s0", "lab--m1": "lab--m+untrained-s1"}
    known = pairs(**{"21": 0.3, "20": 0.01, "10": 0.01})
    known = known.with_columns(pl.col("model_a", "model_b").replace(twins))
    rows = ranking_rows(profile(layers=0).with_columns(pl.col("model").replace(twins)), known)
    groups = dict(rows.select("label", "not_told_apart").iter_rows())
    assert groups["m2"] == "a"
    assert "a" in groups["m+untrained, seeds 0-1"]
    scores = profile(layers=0)
    for named, said in ((scores, False), (scores.with_columns(pl.col("model").replace(twins)), True)):
        figures, _ = figures_of(results_of([named], comparisons=[known]))
        (ranked,) = [one for one in figures if one.title.startswith("Models:")]
        assert GROUPS in ranked.caption
        assert (OF_SEEDS in ranked.caption) == said


@pytest.mark.parametrize("edge", EDGES)
def test_the_ranking_holds_every_headline_best_first(edge):
    table = profile(**EDGES[edge])
    rows = [r for r in data_of(ranking(table)) if "sort" in r]
    expected = whole(table, "headline").sort("score", descending=True)
    once = list({r["label"]: r for r in rows}.values())
    assert [(r["score"], r["ci_low"], r["ceiling"]) for r in once] == list(
        expected.select("score", "ci_low", "ceiling").iter_rows()
    )


@pytest.mark.parametrize("known", [None, pairs("grouped+folds=5", **{"21": 0.3, "20": 0.3, "10": 0.3})])
def test_without_a_comparison_of_the_same_question_there_are_none(known):
    assert ranking_rows(profile(), known)["not_told_apart"].is_null().all()


def test_all_told_apart_has_no_lines():
    known = pairs(**dict.fromkeys(("21", "20", "10"), 0.001))
    assert not [r for r in data_of(ranking(profile(), known)) if "group" in r]


def test_the_best_are_drawn_and_all_stand_in_the_rows():
    many = profile(n=100, layers=0)
    assert len(ranking_rows(many)) == 102
    drawn = {r["label"] for r in data_of(ranking(many)) if "sort" in r}
    best = many.filter(pl.col("roi").is_null(), kind="headline").sort("score", descending=True)["model"][:60]
    assert drawn == {name.removeprefix("lab--").removeprefix("baseline:") for name in best}


def test_several_questions_are_refused():
    with pytest.raises(BrainlakeError, match="answer several: b, grouped, c, grouped"):
        ranking(pl.concat([profile(), profile(benchmark="c")]))
