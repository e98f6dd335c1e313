"""Notes below the tables, and everything as one table."""

import polars as pl
import pytest

from brainlake import property_correlations, published, tuning_effect
from brainlake.report.study_text import below, everything, legend
from brainlake.study.answers import papers_answers


@pytest.fixture(scope="module")
def papers():
    return papers_answers()


def test_everything_has_every_row_and_column_of_the_functions(papers):
    tables = published()
    whole = everything(papers)
    gains = tuning_effect(tables.scores, tables.models, tables.benchmarks)
    r = property_correlations(tables.scores, tables.model_properties, tables.models, tables.benchmarks)
    ours = whole.filter(pl.col("question") <= 2).select(gains.columns)
    assert ours.sort(pl.all()).equals(gains.sort(pl.all()))
    assert set(r.columns) <= set(whole.columns)
    assert whole["question"].unique().to_list() == list(range(1, 11))
    assert whole.filter(question=7)["says"].item().startswith("Not answered")
    assert whole["says"].null_count() == whole["asked"].null_count() == 0


def test_other_averages_intervals_and_tests_of_the_gain_stand_below(papers):
    text = " ".join(line.strip() for line in below(papers[0], 100))
    for part in (
        "ratio of means +4.99 %, mean over parts +6.32 %",
        "by sign flips [-0.44, +12.45]",
        "by a bootstrap of bases, which covers .75 with 3 bases, .88 with 8, .93 with 32, [+1.16, +10.89]",
        "paired t p = .003, Wilcoxon p = .005; they are of 8 bases of 2 families",
        "FDR over mean_of_ratios on pereira2018, blank2014, wehbe2014.",
    ):
        assert part in text


def test_the_family_of_every_adjustment_is_named(papers):
    text = " ".join(line.strip() for line in below(papers[2], 100))
    assert "FDR over properties of tuned models: log10_params, nwp_loss, mmlu, bbh; properties of all models" in text


@pytest.mark.parametrize("width", [80, 100])
def test_lines_keep_to_a_width(papers, width):
    lines = [line for answer in papers for line in below(answer, width)] + legend(width)
    assert max(map(len, lines)) <= width
