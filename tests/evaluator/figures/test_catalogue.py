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


def test_captions_state_n_protocol_recipe_folds_and_baselines():
    figures, _ = figures_of(results_of([profile()]))
    (ranked,) = [one for one in figures if one.title.startswith("Models:")]
    for part in (
        "n = 240 x 200 targets",
        "protocol grouped",
        "Recipe document",
        "10 disjoint folds (no group is split)",
    ):
        assert part in ranked.caption
    assert "Baselines: length, position." in ranked.caption
    assert ranked.caption.endswith(NO_GROUPS)
    assert GROUPS not in ranked.caption


def test_names_of_files_are_harmless_and_differ():
    tables = [profile(benchmark=name) for name in ("../../etc", "..-..-etc", "x" * 300, "<b>", "é")]
    figures, _ = figures_of(results_of(tables))
    names = [one.name for one in figures]
    assert len(set(names)) == len(names)
    assert all(len(name) < 100 and set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789.-") for name in names)
    assert not any(name.startswith(".") for name in names)


def test_models_that_no_bank_knows_are_told_of():
    _, omitted = figures_of(results_of([profile()]))
    assert {one.why for one in omitted if one.title == "Training"} == {
        "the table models has none of the models: name the bank that they are in"
    }


def test_hostile_names_make_figures_too():
    figures, _ = figures_of(results_of([profile(**EDGES["hostile"])]))
    assert len(figures) >= 5
    assert all("\x1b" not in one.caption for one in figures)


def test_nothing_makes_nothing():
    assert figures_of(Results()) == ([], [])
