"""Lines of models: their order, their marks and the title of their axis."""

import polars as pl
import pytest

from brainlake.figures.dots import axis_title, best_first, dots
from brainlake.figures.rows import of_kind
from drawn import data_of, profile


def test_who_has_no_score_comes_last():
    rows = pl.DataFrame({"score": [None, 0.1, float("nan"), 0.3], "label": list("abcd")})
    assert best_first(rows)["label"].to_list() == ["d", "b", "a", "c"]


@pytest.mark.parametrize("bare", [False, True])
def test_lines_hold_scores_and_what_is_known_beside_them(bare):
    rows = of_kind(profile(n=3, ceiling=None, half=None) if bare else profile(n=3), "headline")
    chart = dots(rows, ["m1", "length"], axis="r")
    found = {(r["label"], r["score"]) for r in data_of(chart) if "label" in r}
    assert found == set(rows.filter(pl.col("label").is_in(["m1", "length"])).select("label", "score").iter_rows())
    assert ("ci_low:Q" in str(chart.to_dict()), len(chart.layer)) == (False, 2) if bare else (True, 4)


@pytest.mark.parametrize(
    ("metrics", "title"),
    [(["pearson"], "r"), (["delta_llh"], "gain (nats a word)"), (["pearson", "unique_r2"], "score"), (["x"], "x")],
)
def test_the_axis_is_named_by_the_metric(metrics, title):
    assert axis_title(pl.DataFrame({"metric": metrics})) == title
