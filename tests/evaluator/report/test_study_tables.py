"""Tables of a study fit a terminal, and show the numbers of their rows."""

from dataclasses import replace

import pytest

from brainlake.report.study_tables import study_table
from brainlake.report.text_table import GAP, columns_of
from brainlake.study.answers import Answer, papers_answers
from brainlake.study.lineage import lineage
from brainlake.study.model_scores import model_scores
from brainlake.study.training import curves
from studies import CHECKPOINT_SCORES, CHECKPOINTS, scores


@pytest.fixture(scope="module")
def papers():
    return papers_answers()


def test_every_table_of_the_paper_fits_80_columns(papers):
    for answer in papers:
        columns = columns_of(study_table(answer)) if answer.rows else []
        assert sum(column.width for column in columns) + GAP * max(len(columns) - 1, 0) <= 80, answer.asked


def test_gains_stand_with_interval_p_and_n(papers):
    lines = {(row["benchmark"], row["models"]): row for row in study_table(papers[0]).to_dicts()}
    assert lines["pereira2018", "all"] == {
        "benchmark": "pereira2018",
        "models": "all",
        "gain %": "+6.99 [+1.59, +12.39]",
        "p": ".008*",
        "FDR": ".023",
        "gain": ".019",
        "n": "17/8/2",
    }
    assert [key for key in lines if key[1] != "all"] == [("aw2024.brain", "llama"), ("aw2024.brain", "t5")]


def test_where_there_is_no_ratio_the_tests_are_those_of_the_difference(papers):
    rows = [
        replace(row, value=None, p_value=None) if row.statistic == "mean_of_ratios" else row for row in papers[1].rows
    ]
    shown = study_table(replace(papers[1], rows=rows))
    assert "gain %" not in shown.columns
    assert shown["p"].to_list() == [".125 ", ".250*", ".125 "]


def test_correlations_stand_under_their_benchmark(papers):
    table = study_table(papers[2])
    headings = [name for name in table["property"] if not name.startswith("  ")]
    assert headings == ["aw2024.brain", "pereira2018", "blank2014", "wehbe2014"]
    first = table.row(1, named=True)
    assert first["property"] == "  log10_params"
    assert first["r"].split() == [".946", "[", ".860,", ".980]"]
    assert first["ranks"].strip() == ".914"


def test_a_column_of_nothing_is_not_shown_beside_headings(papers):
    rows = [replace(row, p_value=None, p_adjusted=None) for row in papers[2].rows]
    assert study_table(replace(papers[2], rows=rows)).columns == ["property", "models", "r", "ranks", "n"]


def test_one_benchmark_needs_no_heading(papers):
    assert study_table(papers[3])["property"][0] == "nwp_loss given log10_params"
    assert "log10_params without t5" in study_table(papers[4])["property"].to_list()
    assert "FDR" not in study_table(papers[4]).columns


def test_properties_of_two_sources_are_told_apart(papers):
    rows = [*papers[5].rows, *(replace(row, source="them") for row in papers[5].rows if row.property == "mmlu")]
    names = study_table(replace(papers[5], rows=rows))["property"].to_list()
    assert "mmlu (them)" in names
    assert "bbh" in names


def test_steps_of_training():
    scored = model_scores(scores([(m, "b", v) for m, v in CHECKPOINT_SCORES.items()]))
    table = study_table(Answer("?", "training", curves(scored, lineage(CHECKPOINTS))))
    assert table.columns == ["benchmark", "training", "tuning", "step", "score", "over start", "over control"]
    assert table.row(3) == ("b", "base", "instruction", "20", ".300", ".100", ".090")


def test_the_papers_text_beside_its_tables(papers):
    table = study_table(papers[-1])
    (row,) = table.filter(benchmark="aw2024.brain", number="nwp_loss", models="17 tuned").to_dicts()
    assert (row["text"].strip(), row["tables"].strip()) == ("-.540", ".545")


def test_rows_without_a_correlation_are_not_shown(papers):
    rows = [replace(row, r=None) if row.models == "tuned" else row for row in papers[5].rows]
    table = study_table(replace(papers[5], rows=rows))
    assert table.select("property", "models").rows() == [("log10_params", "all")]
    assert study_table(replace(papers[5], rows=[replace(row, r=None) for row in rows])) is None


def test_no_rows_have_no_table():
    assert study_table(Answer("?", "training", [])) is None
