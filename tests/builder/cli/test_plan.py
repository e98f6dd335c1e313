"""The command ``plan``: what is there, what is left, and what it takes."""

import json

from brainlake_builder.demo.build import MODEL


def test_plan_says_what_is_there_and_what_is_left(demo_bank, run, tasks):
    status, out, _ = run("plan", *tasks(demo_bank, "--recipe", "document", "document+pool=mean", "--format", "json"))
    assert status == 0
    assert [row["state"] for row in json.loads(out)] == ["there", "to do"]
    assert "M" in run("plan", *tasks(demo_bank))[1]


def test_a_plan_fits_a_hundred_columns_and_may_be_empty(demo_bank, run, tasks):
    lines = run("plan", *tasks(demo_bank, "--recipe", "document", "aw2024"))[1].splitlines()
    assert [line.split()[0] for line in lines] == ["model", MODEL, MODEL, "to"]
    assert max(map(len, lines)) <= 100
    assert len({len(line) for line in lines}) == 1
    assert run("plan", *tasks(demo_bank, "--shard", "5/5"))[1].splitlines()[-1].startswith("to do")
    assert json.loads(run("plan", *tasks(demo_bank, "--shard", "5/5", "--format", "json"))[1]) == []
