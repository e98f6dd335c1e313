"""Models by benchmarks: each score in its cell, shaded within its column."""

import polars as pl
import pytest

from brainlake.errors import BrainlakeError
from brainlake.figures.matrix import MOST_COLUMNS, matrix_rows, models_by_benchmarks
from drawn import data_of, numbers, profile, whole
from studies import scores


def test_the_matrix_shades_from_the_lowest_to_the_highest_of_a_benchmark():
    table = pl.concat([profile(), profile(benchmark="c", start=0.3)])
    found = data_of(models_by_benchmarks(table))
    assert numbers(found, "asked", "score") == set(whole(table, "headline").select("benchmark", "score").iter_rows())
    for name in ("b", "c"):
        rows = sorted((r["score"], r["shade"]) for r in found if r["asked"] == name)
        assert (rows[0][1], rows[-1][1]) == (0, 1)


def test_columns_of_the_same_benchmark_are_named_by_what_differs():
    rows = scores([("m", "b", 0.1), ("m", "b", 0.2, {"protocol": "shuffled"}), ("m", "c", 0.3)])
    assert matrix_rows(rows)["asked"].to_list() == ["b, grouped", "b, shuffled", "c"]


def test_baselines_of_models_that_read_alike_share_a_row():
    names = {"m": 0.3, "baseline:length": 0.1, **{f"baseline:n_tokens({k})": 0.1 for k in "mn"}}
    names["baseline:n_tokens(o)"] = 0.2
    rows = matrix_rows(scores([(name, b, score) for b in "bc" for name, score in names.items()]))
    assert set(rows["label"]) == {"m", "length", "n_tokens(o)", "n_tokens of 2 models"}
    assert len(rows) == 8


def test_what_has_no_room_is_counted_in_the_title():
    many = scores([(model, f"b{k:02d}", 0.1 * k) for model in "mn" for k in range(20)])
    for width, most in MOST_COLUMNS.items():
        chart = models_by_benchmarks(many, width=width)
        assert len({row["asked"] for row in data_of(chart)}) == most
        assert f"({most} of 20 benchmarks)" in chart.to_dict()["title"]["text"]


def test_a_single_question_is_refused():
    with pytest.raises(BrainlakeError, match="needs two benchmarks"):
        models_by_benchmarks(scores([("m", "b", 0.1)]))
