"""All figures that results allow are there, named, with captions and data; of the others it is said why not."""

from dataclasses import replace

import polars as pl

from brainlake.figures.catalogue import GROUPS, NO_GROUPS, figures_of
from brainlake.figures.results import Results, results_of
from drawn import EDGES, deciles_of, placed, profile, reading
from studies import CHECKPOINT_SCORES, CHECKPOINTS, family, scores


def everything():
    scored, who, known = family([2, 1, 1], benchmarks=("b",))
    at = scores([(name, "t", score) for name, score in CHECKPOINT_SCORES.items()])
    tables = [profile(), reading(), scored.with_columns(benchmark=pl.lit("s")), at]
    known_models = pl.concat([who, CHECKPOINTS])
    whole = results_of(tables, shapes=[deciles_of()])
    return replace(whole, models=known_models, model_properties=known, targets=placed())


def test_every_sort_of_figure_is_there_once_a_question():
    figures, omitted = figures_of(everything())
    titles = [one.title for one in figures]
    for title in (
        "Models by benchmarks: all",
        "Models: b, grouped",
        "Layers: b, grouped",
        "Folds: b, grouped",
        "Regions: b, grouped",
        "Targets: b, grouped",
        "Places: b, grouped",
        "What surprisal adds: r",
        "Surprisal against time: r, first_pass, delta_llh",
        "Tuned against base: s, grouped",
        "Alignment against size: s, grouped",
        "Alignment against mmlu: s, grouped",
        "Training: t, grouped",
    ):
        assert titles.count(title) == 1, title
    assert len({one.name for one in figures}) == len(figures)
    assert "Subjects: b, grouped" in [one.title for one in omitted]
    assert all(one.caption and len(one.data) for one in figures)


def test_hostile_names_make_figures_too():
    figures, _ = figures_of(results_of([profile(**EDGES["hostile"])]))
    assert len(figures) >= 5
    assert all("\x1b" not in one.caption for one in figures)


def test_nothing_makes_nothing():
    assert figures_of(Results()) == ([], [])


def test_a_ranking_says_whether_it_is_known_who_can_be_told_apart():
    figures, _ = figures_of(results_of([profile()]))
    (ranked,) = [one for one in figures if one.title.startswith("Models:")]
    assert ranked.caption.endswith(NO_GROUPS)
    assert GROUPS not in ranked.caption
