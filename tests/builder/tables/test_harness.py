"""Results of lm-evaluation-harness: a value a task, metric and filter, and in its source what makes it comparable."""

import json

import pytest

from brainlake.errors import BrainlakeError
from brainlake_builder.tables.harness import read_harness

RESULTS = {
    "results": {
        "mmlu": {"acc,none": 0.452, "acc_stderr,none": 0.004, "alias": "mmlu"},
        "arc_challenge": {
            "name": "arc_challenge",
            "alias": "arc_challenge",
            "sample_len": 1172,
            "acc,none": 0.31,
            "acc_stderr,none": 0.0135,
            "acc_norm,none": 0.34,
            "acc_norm_stderr,none": "N/A",
        },
        "gsm8k": {"exact_match,strict-match": 0.05, "exact_match,flexible-extract": 0.07, "alias": "gsm8k"},
        "squad_completion": {"contains,none": float("nan"), "alias": " "},
    },
    "versions": {"mmlu": 2, "arc_challenge": 1.0, "gsm8k": 3.0},
    "n-shot": {"mmlu": 5, "arc_challenge": 25, "gsm8k": 5},
    "n-samples": {
        "arc_challenge": {"original": 1172, "effective": 1172},
        "gsm8k": {"original": 1319, "effective": 200},
    },
    "configs": {"gsm8k": {"task": "gsm8k"}},
    "config": {"model": "hf", "model_args": "pretrained=owner/name,revision=step1000,dtype=float32", "limit": None},
    "model_source": "hf",
    "model_name": "owner/name",
    "model_name_sanitized": "owner__name",
    "chat_template": None,
}


def written(tmp_path, **changes):
    path = tmp_path / "results_2026-01-01T00-00-00.json"
    path.write_text(json.dumps(RESULTS | changes))
    return path


def values(tmp_path, model=None, **changes):
    rows = read_harness(written(tmp_path, **changes), model)
    return {(row["property"], row["source"].removeprefix("lm-evaluation-harness, ")): row["value"] for row in rows}


def test_every_number_that_is_a_metric_and_nothing_else(tmp_path):
    assert values(tmp_path) == {
        ("mmlu", "task version 2, 5-shot, acc"): 0.452,
        ("arc_challenge", "task version 1.0, 25-shot, acc"): 0.31,
        ("arc_challenge", "task version 1.0, 25-shot, acc_norm"): 0.34,
        ("gsm8k", "task version 3.0, 5-shot, exact_match, filter strict-match, 200 of 1319 items"): 0.05,
        ("gsm8k", "task version 3.0, 5-shot, exact_match, filter flexible-extract, 200 of 1319 items"): 0.07,
    }


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({}, "owner--name@step1000"),
        ({"config": {"model_args": {"pretrained": "owner/name", "revision": "main"}}}, "owner--name"),
        ({"config": {"model_args": ""}, "model_name": "owner/other"}, "owner--other"),
        (
            {"config": {"model_args": "pretrained=owner/name,peft=me/adapter"}, "model_name": "me/adapter"},
            "me--adapter",
        ),
        ({"model_name": None}, "owner--name@step1000"),
        ({"config": {"model_args": "pretrained=owner/name,peft=None,load_in_4bit=False"}}, "owner--name"),
        ({"config": {"model_args": ["owner/name"]}}, "owner--name"),
    ],
)
def test_the_model_is_the_one_of_the_file(tmp_path, changes, name):
    assert {row["model"] for row in read_harness(written(tmp_path, **changes))} == {name}


def test_a_folder_has_no_name_until_it_is_given_one(tmp_path):
    folder = {"model_name": "/home/me/models/small", "config": {"model_args": "pretrained=/home/me/models/small"}}
    with pytest.raises(BrainlakeError, match=r"is about '/home/me/models/small', .*: say its name with --model-name"):
        read_harness(written(tmp_path, **folder))
    assert {row["model"] for row in read_harness(written(tmp_path, **folder), "small")} == {"small"}


@pytest.mark.parametrize(
    "arguments",
    ["pretrained=owner/name,peft=me/adapter", {"pretrained": "owner/name", "load_in_4bit": True}],
)
def test_an_adapter_or_reduced_weights_are_not_taken_for_the_model_itself(tmp_path, arguments):
    file = written(tmp_path, config={"model_args": arguments}, model_name=None)
    with pytest.raises(BrainlakeError, match=r"is about 'owner/name' with (peft=me/adapter|load_in_4bit=True), which"):
        read_harness(file)
    assert {row["model"] for row in read_harness(file, "mine")} == {"mine"}


def test_a_file_that_names_no_model_says_so(tmp_path):
    with pytest.raises(BrainlakeError, match=r"json has no name of a model in a bank: say its name with --model-name"):
        read_harness(written(tmp_path, model_name=None, config={}))


def test_a_mark_of_the_byte_order_and_numbers_without_end(tmp_path):
    path = tmp_path / "results_1.json"
    path.write_text('\ufeff{"results": {"a": {"acc": 1%s, "f1": 0.5}}, "model_name": "a/b"}' % ("0" * 400))
    assert [row["value"] for row in read_harness(path)] == [0.5]


def test_how_it_was_asked_is_part_of_the_source(tmp_path):
    asked = {"results": {"mmlu": {"acc,none": 0.5}}, "n-samples": {}}
    plain = values(tmp_path, **asked)
    assert plain == {("mmlu", "task version 2, 5-shot, acc"): 0.5}
    for changes, word in (
        ({"chat_template": "{{ messages }}"}, "chat template"),
        ({"system_instruction": "Be brief."}, "system instruction"),
        ({"config": {"limit": 10.0, "model_args": ""}}, "limit 10"),
        ({"config": {"limit": "10", "model_args": ""}}, "limit 10"),
        ({"n-shot": {}, "group_subtasks": {"mmlu": ["mmlu", "other"], "other": ["mmlu"]}}, "shots not stated"),
        ({"versions": {}}, "task version not stated"),
        ({"n-shot": {}}, "shots not stated"),
    ):
        ((_, source),) = values(tmp_path, **asked | changes)
        assert word in source.split(", ")


@pytest.mark.parametrize(("other", "word"), [(5, "5-shot"), (0, "shots not stated")])
def test_a_group_has_the_shots_of_its_tasks_if_they_agree(tmp_path, other, word):
    grouped = {
        "results": {"mmlu": {"acc,none": 0.5}},
        "group_subtasks": {"mmlu": ["mmlu_stem"], "mmlu_stem": ["mmlu_a", "mmlu_b"], "mmlu_a": []},
        "n-shot": {"mmlu_a": 5, "mmlu_b": other},
    }
    assert values(tmp_path, **grouped) == {("mmlu", f"task version 2, {word}, acc"): 0.5}


def test_metrics_of_the_older_harness_have_no_filter(tmp_path):
    old = {"results": {"mmlu": {"acc": 0.4, "acc_stderr": 0.01}}, "config": {"num_fewshot": 5}, "n-shot": {}}
    assert values(tmp_path, "m", **old) == {("mmlu", "task version 2, 5-shot, acc"): 0.4}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "is no JSON"),
        ("[" * 100_000, "is no JSON"),
        ("[]", "is no file of results of lm-evaluation-harness"),
        ('{"results": {"mmlu": 3}}', "is no file of results of lm-evaluation-harness"),
        ('{"results": {"mmlu": {"alias": "mmlu", "acc,none": "N/A"}}, "model_name": "a/b"}', "holds no number"),
    ],
)
def test_what_is_something_else(tmp_path, content, message):
    path = tmp_path / "x.json"
    path.write_text(content)
    with pytest.raises(BrainlakeError, match=message):
        read_harness(path)
    with pytest.raises(BrainlakeError, match="cannot be read"):
        read_harness(tmp_path / "nowhere.json")
