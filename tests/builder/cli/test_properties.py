"""The command ``properties``."""

import json

from brainlake import open_bank


def test_a_table_and_results_of_the_harness_in_one_file(run, own_bank, tmp_path):
    known = open_bank(own_bank).models[0]
    (tmp_path / "results_1.json").write_text(
        json.dumps({"results": {"mmlu": {"acc,none": 0.5}}, "versions": {"mmlu": 2}, "n-shot": {"mmlu": 5}})
    )
    (tmp_path / "own.csv").write_text("model,property,value,source\nowner/other,mmlu,.25,lab\n")
    status, out, err = run(
        *("properties", tmp_path / "results_1.json", "--model-name", known, "--bank", own_bank, "--name", "harness")
    )
    assert (status, out, err) == (0, "model_properties/harness.parquet: 1 rows\n", "")
    status, out, err = run("properties", tmp_path / "own.csv", "--bank", own_bank, "--name", "lab")
    assert (status, out) == (0, "model_properties/lab.parquet: 1 rows\n")
    assert "the bank has no such model, its properties wait for it: owner--other" in err
    found = open_bank(own_bank).sql("select model, value, source from model_properties order by value").rows()
    assert found == [
        ("owner--other", 0.25, "lab"),
        (known, 0.5, "lm-evaluation-harness, task version 2, 5-shot, acc"),
    ]


def test_wrong_use(run, own_bank, tmp_path):
    assert run("properties", "--bank", own_bank, "--name", "x")[0] == 2
    status, out, err = run("properties", tmp_path / "no.csv", "--bank", own_bank, "--name", "x")
    assert (status, out) == (1, "")
    assert "there is no file at" in err
