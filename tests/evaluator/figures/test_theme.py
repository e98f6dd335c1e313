"""Figures are as wide as asked, and whatever stands in them is text and numbers."""

import re

import polars as pl
import pytest

from brainlake.errors import BrainlakeError
from brainlake.figures.layers import layer_profile
from brainlake.figures.matrix import models_by_benchmarks
from brainlake.figures.ranks import ranking
from brainlake.figures.saving import rendered
from brainlake.figures.targets import by_targets
from brainlake.figures.theme import COLOURS, DASHES, SHAPES, WIDTHS, domain, pixels, values
from drawn import EDGES, profile

DRAWN = {
    "layers": lambda edge, width: layer_profile(profile(**edge), width=width),
    "ranking": lambda edge, width: ranking(profile(**edge), width=width),
    "regions": lambda edge, width: by_targets(profile(**edge), width=width),
    "matrix": lambda edge, width: models_by_benchmarks(
        pl.concat([profile(**edge), profile(**edge, benchmark="c")]), width=width
    ),
}


@pytest.mark.parametrize(("edge", "width"), [("one model", "page"), ("long names", "column"), ("hostile", "column")])
@pytest.mark.parametrize("name", DRAWN)
def test_no_figure_is_wider_than_asked_and_no_name_is_markup(name, edge, width):
    svg = rendered(DRAWN[name](EDGES[edge] | {"n": 2, "layers": 2}, width), "svg").decode()
    assert float(re.search(r'width="([\d.]+)"', svg)[1]) <= WIDTHS[width] + 1
    assert "<img" not in svg
    assert "\x1b" not in svg


def test_an_axis_holds_all_numbers_and_zero():
    assert domain([1.0, 2.0, None, float("nan")]) == pytest.approx([-0.08, 2.08])
    assert domain([1.0, 2.0], zero=False) == pytest.approx([0.96, 2.04])
    assert domain([3.0], zero=False) == [2.5, 3.5]
    assert domain([], zero=False) == pytest.approx([-0.04, 1.04])


@pytest.mark.parametrize("n", [1, 5001])
def test_data_have_no_number_that_json_lacks(n):
    rows = pl.DataFrame({"x": [float("inf")] * n, "t": ["a"] * n, "list": [[1]] * n})
    found = values(rows)
    found = found.to_dicts() if isinstance(found, pl.DataFrame) else found.values
    assert found == [{"x": None, "t": "a"}] * n


def test_colours_have_a_shape_and_a_dash_each():
    assert len(set(COLOURS)) == len(set(SHAPES)) == len(set(DASHES)) == len(COLOURS)


def test_another_width_is_refused():
    with pytest.raises(BrainlakeError, match="unknown width"):
        pixels("poster")
