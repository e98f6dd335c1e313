"""What tuning changes: the paper's numbers from its table, and naive formulas on tables of our own."""

from itertools import product

import numpy as np
import polars as pl
import pytest
from scipy import stats

from brainlake import published, tuning_effect, tuning_pairs
from brainlake.study.effect_row import STATISTICS
from studies import composites, family, models, scores


@pytest.fixture(scope="module")
def papers():
    scored, who, _, benchmarks = published()
    return tuning_effect(scored, who, benchmarks)


def row(found, benchmark, statistic="mean_of_ratios", family="all"):
    (one,) = found.filter(benchmark=benchmark, statistic=statistic, family=family).to_dicts()
    return one


@pytest.mark.parametrize(
    ("benchmark", "percent"),
    [("pereira2018", 6.99), ("blank2014", 7.99), ("wehbe2014", 3.97), ("aw2024.brain", 5.98), ("futrell2018", -11.8)],
)
def test_the_papers_gains(papers, benchmark, percent):
    one = row(papers, benchmark)
    digits = 1 if benchmark == "futrell2018" else 2
    assert round(100 * one["value"], digits) == percent
    assert (one["n_models"], one["n_bases"], one["n_families"], one["families"]) == (17, 8, 2, "llama, t5")
    assert "8 bases of 2 families" in one["p_method"]


def test_paired_tests_of_the_papers_gain(papers):
    brain = row(papers, "aw2024.brain", "difference")
    assert (round(brain["p_t"], 3), round(brain["p_wilcoxon"], 3)) == (0.003, 0.005)
    assert round(row(papers, "blank2014", "difference")["p_t"], 2) == 0.10
    assert round(row(papers, "futrell2018", "difference")["p_t"], 3) == 0.084


def test_gains_of_parts_averaged_are_what_the_paper_calls_overall(papers):
    parts = [row(papers, name)["value"] for name in ("pereira2018", "blank2014", "wehbe2014")]
    found = row(papers, "aw2024.brain", "mean_of_parts_ratios")
    assert found["value"] == pytest.approx(np.mean(parts))
    assert round(np.mean([0.069, 0.080, 0.038]), 3) == 0.062  # as rounded in its text


def test_p_values_say_how_small_they_can_be(papers):
    known = papers.filter(pl.col("p_value").is_not_null())
    assert (known["p_value"] >= known["p_floor"]).all()
    assert (known["p_floor"] == 2.0 ** (1 - known["n_bases"].cast(pl.Float64))).all()


def test_adjusted_p_values_name_their_family(papers):
    three = [row(papers, name) for name in ("pereira2018", "blank2014", "wehbe2014")]
    ranked = sorted(three, key=lambda one: one["p_value"])
    naive, least = {}, 1.0
    for rank in (3, 2, 1):
        least = min(least, ranked[rank - 1]["p_value"] * 3 / rank)
        naive[ranked[rank - 1]["benchmark"]] = least
    assert {one["benchmark"]: one["p_adjusted"] for one in three} == pytest.approx(naive)
    assert {one["adjusted_over"] for one in three} == {"mean_of_ratios on pereira2018, blank2014, wehbe2014"}
    assert row(papers, "aw2024.brain")["p_adjusted"] is None
    assert row(papers, "futrell2018")["adjusted_over"] == "mean_of_ratios on futrell2018"


def test_each_statistic_is_its_formula():
    scored, who, _ = family([1, 3, 2, 2], benchmarks=("b", "c"))
    pairs = tuning_pairs(scored, who)
    found = tuning_effect(scored, who)
    b, c, mean = (pairs.filter(benchmark=name) for name in ("b", "c", "mean of 2"))
    assert mean["score"].to_list() == pytest.approx(((b["score"] + c["score"]) / 2).to_list())
    expected = {
        "mean_of_ratios": (mean["score"] / mean["base_score"]).mean() - 1,
        "ratio_of_means": mean["score"].sum() / mean["base_score"].sum() - 1,
        "difference": mean["difference"].mean(),
        "mean_of_parts_ratios": (b["change"].mean() + c["change"].mean()) / 2,
    }
    assert {name: row(found, "mean of 2", name)["value"] for name in STATISTICS} == pytest.approx(expected)
    assert row(found, "mean of 2")["parts"] == "b, c"


def test_the_tests_are_scipys_and_the_sign_flip_flips_bases():
    scored, who, _ = family([1, 3, 2, 2, 1, 4])
    pairs, one = tuning_pairs(scored, who), row(tuning_effect(scored, who), "b", "difference")
    assert one["p_t"] == pytest.approx(stats.ttest_rel(pairs["score"], pairs["base_score"]).pvalue)
    assert one["p_wilcoxon"] == pytest.approx(stats.wilcoxon(pairs["difference"].to_numpy()).pvalue)
    sums = pairs.group_by("base", maintain_order=True).agg(pl.col("difference").sum())["difference"].to_numpy()
    flips = [abs(np.array(signs) @ sums) >= abs(sums.sum()) - 1e-12 for signs in product((1, -1), repeat=6)]
    assert one["p_value"] == pytest.approx(np.mean(flips))
    assert one["ci_low"] < one["value"] < one["ci_high"]
    assert one["flip_low"] < one["value"] < one["flip_high"]


def test_wilcoxon_is_approximate_where_changes_are_tied():
    rows = [(m, "b", v) for m, v in zip("abcdef", (0.2, 0.3, 0.3, 0.4, 0.4, 0.6), strict=True)]
    who = models(("a", None), ("b", "a"), ("c", None), ("d", "c"), ("e", None), ("f", "e"))
    found = row(tuning_effect(scores(rows), who), "b", "difference")
    expected = stats.wilcoxon([0.1, 0.1, 0.2], method="asymptotic")
    assert found["p_wilcoxon"] == pytest.approx(expected.pvalue)


def test_what_was_tuned_twice_counts_with_its_first_base():
    who = models(("base", None), ("sft", "base"), ("dpo", "sft"), ("other", None), ("more", "other"))
    rows = [(m, "b", v) for m, v in (("base", 0.2), ("sft", 0.3), ("dpo", 0.35), ("other", 0.3), ("more", 0.33))]
    found = row(tuning_effect(scores(rows), who), "b", "difference")
    assert (found["n_models"], found["n_bases"]) == (3, 2)
    assert found["value"] == pytest.approx((0.1 + 0.05 + 0.03) / 3)


def test_families_stand_beside_all():
    scored, who, _ = family([2, 2, 2, 2, 2, 2])
    found = tuning_effect(scored, who)
    of_a = [name for name, kind in who.select("model", "family").iter_rows() if kind == "a"]
    alone = tuning_effect(scored.filter(pl.col("model").is_in(of_a)), who)
    assert row(found, "b", family="a")["value"] == pytest.approx(row(alone, "b")["value"])
    assert set(alone["family"]) == {"all"}


def test_a_ratio_to_a_base_near_zero_is_refused_and_the_difference_is_not():
    rows = [("base", "b", 0.01), ("tuned", "b", 0.03), ("other", "b", 0.3), ("more", "b", 0.4)]
    found = tuning_effect(scores(rows), models(("base", None), ("tuned", "base"), ("other", None), ("more", "other")))
    assert row(found, "b")["value"] is None
    assert row(found, "b")["ci_method"] == "no ratio: the score of a base is near zero: base"
    assert row(found, "b", "ratio_of_means")["value"] == pytest.approx(0.43 / 0.31 - 1)
    assert row(found, "b", "difference")["value"] == pytest.approx(0.06)


@pytest.mark.parametrize("base", [-0.1, 0.015])
def test_means_of_bases_near_zero_are_refused_too(base):
    rows = [("base", "b", base), ("tuned", "b", 0.3), ("other", "b", 0.02), ("more", "b", 0.4)]
    found = tuning_effect(scores(rows), models(("base", None), ("tuned", "base"), ("other", None), ("more", "other")))
    assert row(found, "b", "ratio_of_means")["ci_method"].startswith("no ratio: bases score")


def test_one_base_has_a_value_and_no_interval():
    found = tuning_effect(
        scores([("base", "b", 0.2), ("t", "b", 0.3), ("u", "b", 0.4)]),
        models(("base", None), ("t", "base"), ("u", "base")),
    )
    one = row(found, "b")
    assert one["value"] == pytest.approx(0.75)
    assert (one["ci_low"], one["p_value"]) == (None, None)
    assert one["ci_method"] == "none: one base shows no spread between bases"


def test_parts_that_lack_a_pair_are_not_averaged():
    who = models(("base", None), ("t", "base"), ("u", "base"))
    rows = [(m, b, 0.2) for m in ("base", "t", "u") for b in ("whole", "b", "c") if (m, b) != ("u", "c")]
    found = tuning_effect(scores(rows), who, composites(whole=["b", "c"]))
    assert row(found, "whole", "mean_of_parts_ratios")["ci_method"] == "no ratio: not every part has every pair"
