"""The program behind the tables of docs/intervals.md runs on what the packages are now."""

import csv

from benchmarks.bench_coverage import run, table

# One of each kind: a model, the mean of two benchmarks, what is beyond a baseline, a pair of models.
KINDS = ["8 groups, weak signal", "composite, no signal", "beyond a baseline, half of the signal", "pair, equal"]


def test_a_seed_of_every_kind_has_a_score_inside_its_interval(tmp_path):
    run(tmp_path / "f.csv", KINDS, 1, 0)
    lines = list(csv.DictReader((tmp_path / "f.csv").open()))
    assert [line["scenario"] for line in lines] == KINDS
    assert all(float(line["low"]) < float(line["score"]) < float(line["high"]) for line in lines)
    run(tmp_path / "f.csv", KINDS, 1, 0)  # what is there is not run again
    assert len((tmp_path / "f.csv").read_text().splitlines()) == 1 + len(KINDS)
    assert table(tmp_path / "f.csv").count("\n") == 1 + len(KINDS)
