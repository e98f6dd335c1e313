"""The README is run: its Python, its SQL, its commands; and CI runs its test command."""

import re
from pathlib import Path

import pytest

from brainlake import behavioral_alignment, open_bank
from readings import put_times, simulated

ROOT = Path(__file__).parent.parent
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)


def blocks(language):
    return [text for kind, text in BLOCKS if kind == language]


@pytest.fixture
def beside_the_demo(demo_bank, monkeypatch, tmp_path):
    """The README's commands are run where the folder ``demo`` lies."""
    monkeypatch.chdir(demo_bank.parent)
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    assert demo_bank.name == "demo"


@pytest.mark.usefixtures("beside_the_demo")
@pytest.mark.parametrize("code", blocks("python"))
def test_python(code, capsys):
    exec(compile(code, "README.md", "exec"), {})
    assert capsys.readouterr().out


@pytest.mark.parametrize("query", blocks("sql"))
def test_sql(query, demo_bank):
    assert len(open_bank(demo_bank).sql(query))


def test_the_query_for_behavioral_alignment_gives_the_function_s_number(demo_bank):
    bank = open_bank(demo_bank)
    by_sql = dict(bank.sql(blocks("sql")[0]).select("model", "r").iter_rows())
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
    query = blocks("sql")[0].replace("demo.reading", "b")
    by_sql = dict(open_bank(tmp_path).sql(query).select("model", "r").iter_rows())
    scores = behavioral_alignment(tmp_path, "b", protocol="pearson", n_boot=0).filter(kind="headline")
    by_function = dict(scores.select("model", "score").iter_rows())
    assert scores["n_subjects"].unique().to_list() == [2]
    assert {model: by_function[model] for model in ("good", "noise")} == pytest.approx(by_sql, abs=1e-12)


def test_ci_runs_the_readme_s_test_command():
    command = next(text.strip() for text in blocks("bash") if "pytest" in text)
    assert command in (ROOT / ".ci/run").read_text(encoding="utf-8").splitlines()


def test_the_readme_has_what_it_promises():
    assert len(blocks("sql")) == 3
    assert "RESULTS" not in (ROOT / "README.md").read_text(encoding="utf-8")
