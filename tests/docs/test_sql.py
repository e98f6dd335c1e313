"""The page of SQL recipes is run, on the demo bank."""

import re
import shutil
from pathlib import Path

import pytest

from brainlake import behavioral_alignment, brain_alignment, open_bank
from brainlake_builder.cli import main
from readings import put_times, simulated

PAGE = (Path(__file__).parents[2] / "docs/sql.md").read_text(encoding="utf-8")
QUERIES = re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize("query", [query for query in QUERIES if "from scores" not in query])
def test_it_gives_rows(query, demo_bank):
    assert len(open_bank(demo_bank).sql(query))


def test_of_stored_scores_it_runs_where_there_are_none(demo_bank):
    (query,) = [query for query in QUERIES if "from scores" in query]
    assert open_bank(demo_bank).sql(query).columns == ["model", "roi", "layer", "r"]


def test_scores_that_are_stored_under_two_names_count_once(demo_bank, tmp_path):
    (query,) = [query for query in QUERIES if "from scores" in query]
    root = Path(shutil.copytree(demo_bank, tmp_path / "bank"))
    scored = brain_alignment(root, "demo.brain", by=["roi"], n_boot=0)
    scored.write_parquet(tmp_path / "scores.parquet")
    found = []
    for name in ("mine", "again"):
        assert main(["scores", str(tmp_path / "scores.parquet"), "--name", name, "--bank", str(root), "--quiet"]) == 0
        found.append(open_bank(root).sql(query))
    assert len(open_bank(root).table("scores")) == 2 * len(scored)
    assert len(found[0]) == scored.filter(kind="layer").select("model", "roi").drop_nulls().n_unique() > 1
    assert found[1].equals(found[0])


def test_the_query_for_behavioral_alignment_gives_the_function_s_number(demo_bank):
    bank = open_bank(demo_bank)
    by_sql = dict(bank.sql(QUERIES[0]).select("model", "r").iter_rows())
    scores = behavioral_alignment(bank, "demo.reading", protocol="pearson", n_boot=0)
    by_function = dict(scores.select("model", "score").iter_rows())
    assert len(by_sql) == 2
    assert {model: by_function[model] for model in by_sql} == pytest.approx(by_sql, abs=1e-12)


def test_it_does_so_for_people_who_read_little_or_differ_in_nothing(tmp_path):
    _, times, ids = simulated(tmp_path, n_people=4)
    rows = [
        {"stimulus_id": i, "subject": f"p{p}", "value": 250.0 if p == 2 else float(times[p, k])}
        for p in range(4)
        for k, i in enumerate(ids)
        if p < 3 or k < 2
    ]
    put_times(tmp_path, "b", rows)
    query = QUERIES[0].replace("demo.reading", "b")
    by_sql = dict(open_bank(tmp_path).sql(query).select("model", "r").iter_rows())
    scores = behavioral_alignment(tmp_path, "b", protocol="pearson", n_boot=0).filter(kind="headline")
    by_function = dict(scores.select("model", "score").iter_rows())
    assert scores["n_subjects"].unique().to_list() == [2]
    assert {model: by_function[model] for model in ("good", "noise")} == pytest.approx(by_sql, abs=1e-12)
