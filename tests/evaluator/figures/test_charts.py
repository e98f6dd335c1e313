"""Every figure holds the numbers of the scores, whatever these are, and is no wider than asked."""

import re

import polars as pl
import pytest

from brainlake import figures
from brainlake.errors import BrainlakeError
from brainlake.figures.saving import rendered
from brainlake.figures.theme import WIDTHS
from drawn import EDGES, data_of, deciles_of, numbers, placed, profile, reading
from studies import CHECKPOINT_SCORES, CHECKPOINTS, family, models, properties, scores

WHOLE = [pl.col(name).is_null() for name in ("subject", "roi", "target_id")]


def whole(table, kind):
    return table.filter(*WHOLE, kind=kind)


@pytest.mark.parametrize("edge", EDGES)
@pytest.mark.parametrize("width", WIDTHS)
def test_the_profile_holds_every_layer_and_baseline(edge, width):
    table = profile(**EDGES[edge])
    found = data_of(figures.layer_profile(table, width=width))
    layers = whole(table, "layer")
    assert numbers((r for r in found if r.get("kind") == "layer"), "layer", "score", "ci_low") == set(
        layers.select("layer", "score", "ci_low").iter_rows()
    )
    references = {r["score"] for r in found if r.get("what") == "baseline"}
    assert references == set(whole(table, "headline").filter(pl.col("model").str.starts_with("baseline"))["score"])
    ceilings = {r["score"] for r in found if r.get("what") == "ceiling"}
    assert ceilings == set(table["ceiling"].drop_nulls())


@pytest.mark.parametrize("edge", EDGES)
def test_the_ranking_holds_every_headline_best_first(edge):
    table = profile(**EDGES[edge])
    rows = [r for r in data_of(figures.ranking(table)) if "sort" in r]
    expected = whole(table, "headline").sort("score", descending=True)
    once = list({r["label"]: r for r in rows}.values())
    assert [(r["score"], r["ci_low"], r["ceiling"]) for r in once] == list(
        expected.select("score", "ci_low", "ceiling").iter_rows()
    )


@pytest.mark.parametrize("edge", EDGES)
def test_folds_hold_both_scores_of_everyone(edge):
    table = profile(**EDGES[edge])
    found = numbers(data_of(figures.folds_beside(table)), "kind", "folds", "score")
    both = table.filter(*WHOLE, pl.col("kind").is_in(["headline", "other_folds"]))
    assert found == set(both.select("kind", "folds", "score").iter_rows())


@pytest.mark.parametrize("edge", EDGES)
def test_regions_hold_every_region(edge):
    table = profile(**EDGES[edge])
    found = numbers(data_of(figures.by_targets(table, "roi", width="column")), "roi", "score")
    expected = table.filter(pl.col("roi").is_not_null(), pl.col("target_id").is_null(), kind="headline")
    assert found == set(expected.select("roi", "score").iter_rows())


def test_targets_are_summed_up_in_quantiles():
    table = profile(n=1)
    (found,) = [r for r in data_of(figures.by_targets(table, "target_id")) if "median" in r]
    single = table.filter(pl.col("target_id").is_not_null())["score"]
    assert found["median"] == pytest.approx(single.median())
    assert found["n_targets"] == len(single)


def test_the_matrix_shades_from_the_lowest_to_the_highest_of_a_benchmark():
    table = pl.concat([profile(), profile(benchmark="c", start=0.3)])
    found = data_of(figures.models_by_benchmarks(table))
    assert numbers(found, "asked", "score") == set(whole(table, "headline").select("benchmark", "score").iter_rows())
    for name in ("b", "c"):
        rows = sorted((r["score"], r["shade"]) for r in found if r["asked"] == name)
        assert (rows[0][1], rows[-1][1]) == (0, 1)


def test_gains_hold_every_measure():
    table = reading()
    assert numbers(data_of(figures.reading_gains(table)), "panel", "score") == set(
        table.select("measure", "score").iter_rows()
    )


@pytest.mark.parametrize("n", [1, 2, 6])
def test_deciles_hold_every_bin(n):
    table = deciles_of(n)
    found = numbers(data_of(figures.surprisal_deciles(table)), "model", "predictor_mean", "value")
    assert found == set(table.select("model", "predictor_mean", "value").iter_rows())


def test_tuned_models_stand_beside_their_bases():
    scored, who, _ = family([2, 1])
    found = [r for r in data_of(figures.tuned_against_base(scored, who)) if "which" in r]
    of = dict(scored.select("model", "score").iter_rows())
    assert {(r["of"], r["score"]) for r in found} == set(of.items())
    assert sorted(r["which"] for r in found) == ["base"] * 3 + ["tuned"] * 3


def test_properties_hold_scores_values_and_their_line():
    scored, who, known = family([2, 1, 1])
    rows = data_of(figures.against_property(scored, who, known, "mmlu"))
    of = dict(known.select("model", "value").iter_rows())
    assert {(r["model"], r["value"]) for r in rows if "model" in r} == set(of.items())
    x, y, fit = zip(*{(r["value"], r["score"], r["fit"]) for r in rows if "fit" in r}, strict=True)
    residual = [b - c for b, c in zip(y, fit, strict=True)]
    assert sum(residual) == pytest.approx(0, abs=1e-12)
    assert sum(a * r for a, r in zip(x, residual, strict=True)) == pytest.approx(0, abs=1e-12)


def test_properties_say_the_correlation_of_the_study():
    from brainlake import property_correlations
    from brainlake.figures.properties import property_rows

    scored, who, known = family([2, 2, 1, 2, 2, 2])
    found = property_rows(scored, who, known)
    study = property_correlations(scored, known, who).filter(
        pl.col("left_out").is_null(), pl.col("given").is_null(), property="log10_params", models="all", method="pearson"
    )
    assert found["r"].unique().to_list() == study["r"].to_list()
    assert found["r_low"].unique().to_list() == study["ci_low"].to_list()


def test_a_property_of_two_sources_is_refused():
    scored, who, _ = family([1, 1])
    known = properties(("base0", "p", 1.0, "me"), ("base1", "p", 1.0, "you"))
    with pytest.raises(BrainlakeError, match="p has 2 sources"):
        figures.against_property(scored, who, known, "p")


def test_curves_hold_every_checkpoint():
    scored = scores([(name, "b", score) for name, score in CHECKPOINT_SCORES.items()])
    rows = data_of(figures.training_curve(scored, CHECKPOINTS))
    assert numbers(rows, "model", "score") == {(n, s) for n, s in CHECKPOINT_SCORES.items() if "@" in n}


def test_places_hold_scores_at_their_coordinates():
    table = profile(n=2)
    rows = data_of(figures.scores_in_place(table, placed(), "lab--m1"))
    of = dict(table.filter(pl.col("target_id").is_not_null(), model="lab--m1").select("target_id", "score").iter_rows())
    assert {(r["x"], r["score"]) for r in rows if "x" in r} == {(-40.0, of["e-left"]), (41.0, of["e-right"])}


DRAWN = {
    "layers": lambda edge, width: figures.layer_profile(profile(**edge), width=width),
    "ranking": lambda edge, width: figures.ranking(profile(**edge), width=width),
    "regions": lambda edge, width: figures.by_targets(profile(**edge), width=width),
    "matrix": lambda edge, width: figures.models_by_benchmarks(
        pl.concat([profile(**edge), profile(**edge, benchmark="c")]), width=width
    ),
}


@pytest.mark.parametrize("edge", ["one model", "long names", "hostile"])
@pytest.mark.parametrize("name", DRAWN)
def test_no_figure_is_wider_than_asked_and_no_name_is_markup(name, edge):
    for width, pixels in WIDTHS.items():
        svg = rendered(DRAWN[name](EDGES[edge] | {"n": 2}, width), "svg").decode()
        assert float(re.search(r'width="([\d.]+)"', svg)[1]) <= pixels + 1
        assert "<img" not in svg
        assert "\x1b" not in svg


def test_several_questions_are_refused():
    table = pl.concat([profile(), profile(benchmark="c")])
    for draw in (figures.layer_profile, figures.ranking, figures.folds_beside, figures.by_targets):
        with pytest.raises(BrainlakeError, match="answer several: b, grouped, c, grouped"):
            draw(table)


def test_what_is_lacking_is_said():
    bare = scores([("m", "b", 0.1)])
    lacking = {
        "no scores of kind layer": lambda: figures.layer_profile(bare),
        "no score under other folds": lambda: figures.folds_beside(bare),
        "score with --by roi": lambda: figures.by_targets(bare),
        "score with --by target": lambda: figures.scores_in_place(bare, placed()),
        "needs two benchmarks": lambda: figures.models_by_benchmarks(bare),
        "no scores of kind headline": lambda: figures.reading_gains(bare),
        "no model tuned on instructions": lambda: figures.tuned_against_base(bare, models(("m", None))),
        "fewer than 4 models": lambda: figures.against_property(bare, models(("m", None))),
        "no training has scores of two": lambda: figures.training_curve(bare, models(("m", None))),
        "give what surprisal_shapes returns": lambda: figures.surprisal_deciles(bare),
        "no column": lambda: figures.ranking(bare.drop("kind")),
        "unknown width": lambda: figures.ranking(bare, width="poster"),
    }
    for match, draw in lacking.items():
        with pytest.raises(BrainlakeError, match=match):
            draw()
