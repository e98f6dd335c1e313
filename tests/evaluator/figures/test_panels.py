"""Small multiples: the same models and axes in every plot."""

import polars as pl
import pytest

from brainlake.figures.panels import panels
from brainlake.figures.rows import of_kind
from drawn import data_of, numbers, profile


def rows_of(n):
    table = of_kind(profile(n=2, ceiling=None), "headline")
    return pl.concat([table.with_columns(pl.col("score") * k, panel=pl.lit(f"p{k}")) for k in range(1, n + 1)])


def ends_of(chart):
    return [str(plot["layer"][0]["encoding"]["x"]["scale"]["domain"]) for plot in chart.to_dict()["concat"]]


def test_every_plot_holds_its_own_scores():
    rows = rows_of(3)
    found = numbers(data_of(panels(rows, "panel", axis="r", width="page", title="T")), "panel", "label", "score")
    assert found == set(rows.select("panel", "label", "score").iter_rows())


@pytest.mark.parametrize(("shared", "different"), [(True, 1), (False, 2)])
def test_axes_are_shared_or_each_plot_s_own(shared, different):
    chart = panels(rows_of(2), "panel", axis="r", width="column", title="T", shared=shared)
    assert len(set(ends_of(chart))) == different


def test_more_plots_than_there_is_room_for_are_counted(monkeypatch):
    monkeypatch.setattr("brainlake.figures.panels.MOST_PANELS", 2)
    chart = panels(rows_of(3), "panel", axis="r", width="page", title="T").to_dict()
    assert len(chart["concat"]) == 2
    assert chart["title"]["text"] == "T (2 of 3)"
