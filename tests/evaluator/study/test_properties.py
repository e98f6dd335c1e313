"""What goes with alignment: the paper's numbers from its tables, and scipy's on tables of our own."""

import numpy as np
import polars as pl
import pytest
from scipy import stats

from brainlake import BrainlakeError, property_correlations, published
from studies import family, models, properties, scores


@pytest.fixture(scope="module")
def papers():
    scored, who, known, benchmarks = published()
    return property_correlations(scored, known, who, benchmarks)


def row(found, benchmark, what, **more):
    asked = {"models": "tuned", "method": "pearson", "given": None, "left_out": None} | more
    same = [pl.col(name).eq_missing(pl.lit(value)) for name, value in asked.items()]
    (one,) = found.filter(*same, benchmark=benchmark, property=what).to_dicts()
    return one


@pytest.mark.parametrize(
    ("benchmark", "what", "more", "r"),
    [
        ("aw2024.brain", "log10_params", {}, 0.946),
        ("aw2024.brain", "log10_params", {"models": "all"}, 0.920),
        ("aw2024.brain", "mmlu", {}, 0.805),
        ("aw2024.brain", "bbh", {}, 0.379),
        ("aw2024.brain", "nwp_loss", {}, 0.545),
        ("aw2024.brain", "mmlu", {"given": "log10_params"}, -0.16),
        ("aw2024.brain", "log10_params", {"given": "mmlu"}, 0.84),
        ("aw2024.brain", "mmlu", {"given": "n_params"}, 0.59),
        ("pereira2018", "mmlu", {}, 0.774),
        ("blank2014", "mmlu", {}, 0.191),
        ("wehbe2014", "log10_params", {}, 0.662),
        ("futrell2018", "mmlu", {}, 0.079),
        ("futrell2018", "log10_params", {}, 0.260),
        ("futrell2018", "nwp_loss", {"left_out": "llama"}, -0.198),
        ("futrell2018", "nwp_loss", {"left_out": "t5"}, 0.674),
    ],
)
def test_the_papers_correlations(papers, benchmark, what, more, r):
    digits = 2 if more.get("given") else 3
    assert round(row(papers, benchmark, what, **more)["r"], digits) == r


@pytest.mark.parametrize(
    ("what", "more", "p"),
    [
        ("mmlu", {}, 0.764),
        ("log10_params", {}, 0.313),
        ("nwp_loss", {"left_out": "llama"}, 0.537),
        ("nwp_loss", {"left_out": "t5"}, 0.213),
    ],
)
def test_the_papers_p_values_of_behavior(papers, what, more, p):
    assert round(row(papers, "futrell2018", what, **more)["p_independent"], 3) == p


def test_what_is_known_of_tuned_models_alone_is_not_said_of_all(papers):
    assert set(papers.filter(models="all")["property"]) == {"log10_params"}
    assert set(papers.filter(models="all")["n_models"]) == {25, 17, 8}


def test_numbers_of_models_bases_and_families(papers):
    one, without = row(papers, "pereira2018", "mmlu"), row(papers, "pereira2018", "mmlu", left_out="t5")
    assert (one["n_models"], one["n_bases"], one["n_families"], one["families"]) == (17, 8, 2, "llama, t5")
    assert (without["n_models"], without["n_bases"], without["families"]) == (5, 3, "llama")
    assert without["ci_method"] == "none: 3 bases are too few, 5 are needed"


@pytest.mark.parametrize(("method", "scipys"), [("pearson", stats.pearsonr), ("spearman", stats.spearmanr)])
def test_correlations_are_scipys(method, scipys):
    scored, who, known = family([2, 1, 3, 2, 2, 1])
    one = row(property_correlations(scored, known, who), "b", "mmlu", method=method)
    both = known.join(scored, on="model")
    expected = scipys(both["value"], both["score"])
    assert (one["r"], one["p_independent"]) == pytest.approx((expected.statistic, expected.pvalue))
    assert one["ci_low"] < one["r"] < one["ci_high"]


def test_a_mean_of_benchmarks_is_correlated_too():
    scored, who, known = family([2, 1, 3, 2, 2, 1], benchmarks=("b", "c"))
    mean = scored.group_by("model").agg(pl.col("score").mean()).join(known, on="model")
    one = row(property_correlations(scored, known, who), "mean of 2", "mmlu")
    assert one["r"] == pytest.approx(stats.pearsonr(mean["value"], mean["score"]).statistic)


def test_adjusted_p_values_name_their_family(papers):
    p = {what: row(papers, "blank2014", what) for what in ("log10_params", "nwp_loss", "mmlu", "bbh")}
    expected = stats.false_discovery_control([one["p_value"] for one in p.values()])
    assert [one["p_adjusted"] for one in p.values()] == pytest.approx(expected.tolist())
    assert {one["adjusted_over"] for one in p.values()} == {
        "properties of tuned models: log10_params, nwp_loss, mmlu, bbh"
    }
    assert row(papers, "blank2014", "mmlu", given="log10_params")["p_adjusted"] is None


def test_values_of_two_sources_are_two_properties():
    scored, who, known = family([2, 1, 3, 2, 2])
    theirs = known.with_columns(source=pl.lit("them"), value=1 - pl.col("value"))
    found = property_correlations(scored, pl.concat([known, theirs]), who)
    plain = found.filter(pl.col("given").is_null(), pl.col("left_out").is_null(), property="mmlu", method="pearson")
    r = dict(plain.select("source", "r").iter_rows())
    assert r["me"] == pytest.approx(-r["them"])
    assert plain["adjusted_over"].to_list() == ["properties of tuned models: log10_params, mmlu (me), mmlu (them)"] * 2
    given = found.filter(property="log10_params", given="mmlu", method="pearson", models="tuned")
    assert sorted(given["given_source"]) == ["me", "them"]


def test_one_source_with_two_values_is_refused():
    scored, who, known = family([2, 2, 2])
    with pytest.raises(BrainlakeError, match=r"me gives tuned0.0 two values of mmlu, 0\.\d+ and 0.9"):
        property_correlations(scored, pl.concat([known, properties(("tuned0.0", "mmlu", 0.9))]), who)


@pytest.mark.parametrize("value", [None, float("nan"), float("inf")])
def test_a_value_that_is_no_number_is_refused(value):
    scored, who, known = family([2, 2, 2])
    other = known[:1].with_columns(property=pl.lit("bbh"), value=value)
    with pytest.raises(BrainlakeError, match=r"me gives tuned0\.0 no number as its bbh, but"):
        property_correlations(scored, pl.concat([known, other]), who)


def test_what_cannot_be_correlated_says_why():
    scored, who, known = family([1, 1, 1])
    found = property_correlations(scored, known, who)
    assert row(found, "b", "mmlu")["ci_method"] == "no correlation: 3 of the 4 models that it needs"
    six = row(found, "b", "log10_params", models="all")
    assert (six["n_models"], six["ci_method"]) == (6, "none: 3 bases are too few, 5 are needed")
    flat = property_correlations(scored, known.with_columns(value=pl.lit(0.5)), who)
    assert row(flat, "b", "mmlu")["r"] is None


def test_properties_of_one_value_do_not_vary():
    scored, who, known = family([2, 2, 2, 2, 2])
    one = row(property_correlations(scored, known.with_columns(value=pl.lit(0.5)), who), "b", "mmlu")
    assert (one["r"], one["ci_method"]) == (None, "no correlation: scores or values do not vary")


def test_controls_untrained_models_and_early_checkpoints_do_not_count():
    who = models(
        *((f"m{i}", None, {"n_params": 10**i}) for i in range(1, 7)),
        ("u", "m1", {"tuning": "untrained", "n_params": 5}),
        ("c", "m1", {"tuning": "control", "n_params": 5}),
        *((f"s@{k}", None, {"hub_id": "s", "training_step": k, "n_params": 50}) for k in (1, 2)),
    )
    values = {name: float(np.cos(i)) for i, name in enumerate(who["model"])}
    found = property_correlations(scores([(m, "b", v) for m, v in values.items()]), properties(), who)
    assert set(found["n_models"]) == {7}


def test_a_table_of_something_else_is_refused():
    scored, who, known = family([2, 2])
    with pytest.raises(BrainlakeError, match="no column source"):
        property_correlations(scored, known.drop("source"), who)
