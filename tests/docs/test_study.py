"""The page on the study is run, and its numbers are those of the tables that ship."""

import re
import shlex
from pathlib import Path

import polars as pl
import pytest

from brainlake import property_correlations, published, tuning_effect
from brainlake.cli import main
from brainlake.report.cells import number
from brainlake.report.study_cells import interval, p_value, percent
from brainlake.study.effect_row import STATISTICS
from studies import family, put_tables

PAGE = (Path(__file__).parents[2] / "docs/study.md").read_text(encoding="utf-8")
LINES = [[cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.splitlines() if line.startswith("| ")]


def line(name):
    (cells,) = [cells for cells in LINES if cells[0] == name]
    return cells[1:]


def p(value):
    return p_value(value).removeprefix("p ").removeprefix("= ")


def test_its_commands_run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    scored, who, known = family([2, 1, 2])
    put_tables(tmp_path / "bank", None, who, known)
    scored.write_parquet("scores.parquet")
    (block,) = re.findall(r"```bash\n(.*?)```", PAGE, re.DOTALL)
    for command in block.splitlines():
        program, *arguments = shlex.split(command)
        assert program == "brainlake"
        assert main(arguments) == 0, capsys.readouterr().err
    assert len(pl.read_parquet("study.parquet")) > 0


def test_its_python_runs(capsys):
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    exec(compile(code, "study.md", "exec"), {})
    assert "aw2024.brain" in capsys.readouterr().out


def test_it_describes_every_statistic():
    table = re.search(r"\| statistic \| what it is \|\n\|---\|---\|\n((?:\|.*\n)+)", PAGE).group(1)
    assert table.splitlines() == [f"| `{name}` | {meaning} |" for name, meaning in STATISTICS.items()]


GAINS = {
    "Pereira2018": ("pereira2018", "mean_of_ratios"),
    "Blank2014": ("blank2014", "mean_of_ratios"),
    "Wehbe2014": ("wehbe2014", "mean_of_ratios"),
    "average of the three": ("aw2024.brain", "mean_of_ratios"),
    "mean of the three gains": ("aw2024.brain", "mean_of_parts_ratios"),
    "Futrell2018": ("futrell2018", "mean_of_ratios"),
}


@pytest.mark.parametrize("name", GAINS)
def test_its_gains_are_those_of_the_tables(name):
    scores, models, _, benchmarks = published()
    effects = tuning_effect(scores, models, benchmarks).filter(family="all")
    benchmark, statistic = GAINS[name]
    (row,) = effects.filter(benchmark=benchmark, statistic=statistic).to_dicts()
    (plain,) = effects.filter(benchmark=benchmark, statistic="difference").to_dicts()
    gain, flips, fdr, t, wilcoxon = line(name)
    assert gain == f"{percent(row['value'])} % {interval(row['ci_low'], row['ci_high'], percent)}"
    assert flips.split(",")[0] == number(row["p_value"])
    assert ("smallest" in flips) is (row["p_value"] == row["p_floor"])
    assert fdr == ("" if row["p_adjusted"] is None or benchmark == "futrell2018" else number(row["p_adjusted"]))
    assert (t, wilcoxon) == (("", "") if "parts" in statistic else (p(plain["p_t"]), p(plain["p_wilcoxon"])))


CORRELATIONS = {
    "log10 of parameters": ("aw2024.brain", "log10_params", None, "tuned"),
    "over all 25": ("aw2024.brain", "log10_params", None, "all"),
    "MMLU": ("aw2024.brain", "mmlu", None, "tuned"),
    "BBH": ("aw2024.brain", "bbh", None, "tuned"),
    "next-word loss (WikiText-2)": ("aw2024.brain", "nwp_loss", None, "tuned"),
    "MMLU given log10 of parameters": ("aw2024.brain", "mmlu", "log10_params", "tuned"),
    "log10 of parameters given MMLU": ("aw2024.brain", "log10_params", "mmlu", "tuned"),
    "MMLU given parameters": ("aw2024.brain", "mmlu", "n_params", "tuned"),
    "behavior: MMLU": ("futrell2018", "mmlu", None, "tuned"),
    "behavior: log10 of parameters": ("futrell2018", "log10_params", None, "tuned"),
}


@pytest.mark.parametrize("name", CORRELATIONS)
def test_its_correlations_are_those_of_the_tables(name):
    scores, models, properties, benchmarks = published()
    rows = property_correlations(scores, properties, models, benchmarks).filter(pl.col("left_out").is_null())
    benchmark, what, given, which = CORRELATIONS[name]
    same = pl.col("given").eq_missing(pl.lit(given))
    (row,) = rows.filter(same, benchmark=benchmark, property=what, models=which, method="pearson").to_dicts()
    r = f"{number(row['r'])} {interval(row['ci_low'], row['ci_high'], number)}"
    assert line(name) == [r, p(row["p_value"]), p(row["p_independent"])]
