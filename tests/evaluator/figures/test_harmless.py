"""Whatever a name holds, it is text: in a notebook, in a page, and for what draws."""

import json

import polars as pl
import pytest

from brainlake.figures import folds_beside, layer_profile, models_by_benchmarks, ranking
from brainlake.figures.harmless import harmless_text
from drawn import profile

EVIL = "</script><script>alert(1)</script>\x00"


def hostile():
    names = ("model", "benchmark", "metric", "folds", "roi")
    table = profile(n=2, layers=2).filter(~pl.col("model").str.starts_with("baseline:"))
    return table.with_columns(pl.col(names) + pl.lit(EVIL))


DRAWN = {
    "one": ranking,
    "layers": layer_profile,
    "folds": folds_beside,
    "matrix": lambda table: models_by_benchmarks(pl.concat([table, table.with_columns(benchmark=pl.lit("c"))])),
}


@pytest.mark.parametrize("name", DRAWN)
def test_no_text_of_a_chart_ends_a_script_or_the_process_that_draws(name):
    chart = DRAWN[name](hostile()).properties(title=EVIL)
    text = json.dumps(chart.to_dict(), ensure_ascii=False)
    assert "</" not in text
    assert "\\u0000" not in text
    assert "\\\\u003c/script>" in text


def test_a_notebook_shows_no_script_of_a_name():
    shown = ranking(hostile())._repr_mimebundle_()
    page = (shown[0] if isinstance(shown, tuple) else shown)["text/html"]
    assert "alert(1)" in page
    assert "</script><script>alert" not in page


def test_heads_of_a_matrix_are_found_by_the_names_of_its_columns():
    chart = DRAWN["matrix"](hostile()).to_dict()
    columns = chart["hconcat"][0]["layer"][0]["encoding"]["x"]
    heads = json.loads(columns["axis"]["labelExpr"].removesuffix("[datum.value]").strip("()"))
    assert list(heads) == columns["scale"]["domain"]


def test_other_texts_stay_as_they_are():
    assert harmless_text("<b> a < b é") == "<b> a < b é"
