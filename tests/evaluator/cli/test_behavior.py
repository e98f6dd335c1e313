"""The command ``behavior``."""

import json

from brainlake import behavioral_alignment, open_bank

ON = ("--benchmark", "toy.reading", "--bootstrap", 0)


def test_the_floors_stand_below_the_models(run, toy_bank):
    status, out, _ = run("behavior", toy_bank, *ON, "--protocol", "pearson")
    assert status == 0
    assert [line.split()[0] for line in out.splitlines()[1:3]] == ["m", "baseline:word_length"]


def test_programs_get_the_scores_of_the_function(run, toy_bank):
    for words in ("scored", "all"):
        rows = json.loads(
            run("behavior", toy_bank, *ON, "--protocol", "pearson", "--words", words, "--format", "json")[1]
        )
        expected = behavioral_alignment(open_bank(toy_bank), "toy.reading", protocol="pearson", words=words, n_boot=0)
        assert [(row["model"], row["n_stimuli"]) for row in rows] == expected.select("model", "n_stimuli").rows()


def test_wrong_use(run, toy_bank):
    assert run("behavior", toy_bank, *ON, "--words", "some")[0] == 2
    status, _, err = run("behavior", toy_bank, *ON, "--measure", "gaze")
    assert status == 1
    assert "gaze" in err


def test_a_benchmark_that_fails_keeps_no_other_from_its_scores(run, toy_bank):
    on = ("behavior", toy_bank, "--bootstrap", 0, "--format", "json", "--benchmark")
    status, out, err = run(*on, "nope", "toy.reading")
    assert status == 1
    assert out == run(*on, "toy.reading")[1]
    assert err.startswith("brainlake: nope: unknown reading-time benchmark 'nope'")
    assert run(*on, "nope", "toy.reading", "--fail-fast")[:2] == (1, "")
