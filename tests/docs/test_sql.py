"""The page of SQL recipes is run, on the demo bank."""

import re
from pathlib import Path

import pytest

from brainlake import behavioral_alignment, open_bank

PAGE = (Path(__file__).parents[2] / "docs/sql.md").read_text(encoding="utf-8")
QUERIES = re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize("query", [query for query in QUERIES if "from scores" not in query])
def test_it_gives_rows(query, demo_bank):
    assert len(open_bank(demo_bank).sql(query))


def test_of_stored_scores_it_runs_where_there_are_none(demo_bank):
    (query,) = [query for query in QUERIES if "from scores" in query]
    assert open_bank(demo_bank).sql(query).columns == ["model", "roi", "layer", "r"]


def test_the_query_for_behavioral_alignment_gives_the_function_s_number(demo_bank):
    bank = open_bank(demo_bank)
    by_sql = dict(bank.sql(QUERIES[0]).select("model", "r").iter_rows())
    scores = behavioral_alignment(bank, "demo.reading", protocol="pearson", n_boot=0)
    by_function = dict(scores.select("model", "score").iter_rows())
    assert len(by_sql) == 2
    assert {model: by_function[model] for model in by_sql} == pytest.approx(by_sql, abs=1e-12)
