"""One task: its passes in parts, its parts staged, its files written, and nothing left behind."""

import json
import os
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from brainlake.bank.catalogue import open_bank
from brainlake.bank.manifest import rebuild_manifest
from brainlake.contract.layout import feature_path
from brainlake.errors import BrainlakeError
from brainlake_builder.extraction import run
from brainlake_builder.extraction.facts import sidecar_facts
from brainlake_builder.extraction.request import ExtractionRequest
from brainlake_builder.extraction.tasks import list_tasks
from brainlake_builder.models.loading import load_model
from brainlake_builder.models.runner import join_results
from brainlake_builder.models.runners import make_runner
from brainlake_builder.text.batching import BUDGETS, Budget, pad
from brainlake_builder.text.contexts import read_stimuli

DOCUMENTS = [["The", "boy", "cried", "wolf."], ["He", "walked."], ["Nobody", "came", "over", "the", "hill."]]


@pytest.fixture
def work(make_bank, make_stimuli, model_folder, monkeypatch):
    """A task of several parts with all that running it takes."""
    monkeypatch.setitem(BUDGETS, "cpu", Budget(12, 12))
    bank = make_bank(words=make_stimuli("words", DOCUMENTS))
    folder = str(model_folder("gpt2"))
    (task,) = list_tasks(ExtractionRequest(bank, [folder], ["words"]))
    model = load_model(folder)

    def make(surprisal=True):
        runner = make_runner(model, task.recipe, surprisal=surprisal)
        reading = read_stimuli(task.stimuli, runner.encoder, task.recipe, runner.limits)
        facts = sidecar_facts(runner, task, reading, task.key(model.identity.weights_sha256, "t"), [])
        return bank, runner, task, reading, facts

    return make


def write(bank, runner, task, reading, facts, there=lambda: []):
    with runner:
        return run.run_and_write(run.Work(bank, runner, task, reading, facts), 2, there)


def test_parts_hold_every_pass_once_and_every_token(work):
    _, runner, _, reading, _ = work()
    parts = run.parts_of(runner, reading, run.own_budget(runner))
    assert len(parts) > 1
    assert sorted(k for part in parts for batch in part for k in batch) == list(range(len(reading.passes)))
    assert sum(run.tokens_of_parts(reading, parts)) == reading.n_tokens


def test_a_part_gives_what_its_passes_give_alone(work):
    _, runner, _, reading, _ = work()
    with runner:
        found = run.run_part(runner, reading, [[2, 0], [1]])
        alone = join_results([runner.run(pad([reading.passes[k]])) for k in (2, 0, 1)])
    np.testing.assert_array_equal(found.items, alone.items)
    np.testing.assert_allclose(found.activations, alone.activations, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(found.log_p, alone.log_p, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("batching", "n"), [("padded", 4), ("one_pass", 1), ("one_width", 1)])
def test_a_network_that_a_pass_changes_runs_one_batch_at_a_time(batching, n, work):
    _, runner, _, _, _ = work()
    runner.batching = batching
    assert run.side_by_side(runner, 4) == n


def test_both_files_are_written_and_no_part_is_left(work):
    bank, runner, task, reading, facts = work()
    written = write(bank, runner, task, reading, facts)
    assert [sidecar.kind for sidecar in written] == ["activations", "surprisal"]
    assert not list((bank / ".staging").glob("**/*.safetensors"))
    rebuild_manifest(bank)
    found = open_bank(bank).activations("gpt2", "words", 2, "document")
    with runner:
        plain = join_results([runner.run(pad([one])) for one in reading.passes])
    expected = plain.activations[2][np.argsort(plain.items)]
    np.testing.assert_allclose(found.values, expected, rtol=1e-4, atol=1e-5)


def test_activations_alone(work):
    bank, *rest = work(surprisal=False)
    assert [sidecar.kind for sidecar in write(bank, *rest)] == ["activations"]
    assert not list(bank.glob("surprisal/**/*.parquet"))


def test_what_another_process_has_made_meanwhile_is_left_alone(work, monkeypatch):
    bank, runner, task, reading, facts = work()
    there = write(bank, runner, task, reading, facts)
    monkeypatch.setattr(run, "run_part", lambda *_: pytest.fail("it was run again"))
    assert write(bank, runner, task, reading, facts, lambda: there) is there
    assert not list((bank / ".staging").glob(f"{task.digest}/*"))


def test_half_written_files_of_a_killed_run_go(work):
    bank, runner, task, reading, facts = work()
    path = bank / feature_path("activations", "gpt2", "words", task.recipe)
    path.parent.mkdir(parents=True)
    debris, other = path.parent / f".{path.name}.123.tmp", path.parent / ".another.parquet.123.tmp"
    debris.touch()
    other.touch()
    write(bank, runner, task, reading, facts)
    assert not debris.exists()
    assert other.exists()


def test_a_state_that_is_not_finite_is_no_file(work, monkeypatch):
    bank, runner, task, reading, facts = work()
    run_part = run.run_part

    def infinite(*given):
        result = run_part(*given)
        return replace(result, states=result.states * np.inf)

    monkeypatch.setattr(run, "run_part", infinite)
    with pytest.raises(BrainlakeError, match="layer 0 of gpt2 on words holds NaN or infinity; nothing is written"):
        write(bank, runner, task, reading, facts)
    assert not list(bank.glob("activations/**/*.parquet"))


def test_weights_that_are_written_to_during_the_passes(work, monkeypatch):
    """On a CPU a network may be the pages of its file: neither a file comes of it, nor a part to go on with."""
    bank, runner, task, reading, facts = work()
    run_part, _ = run.run_part, task.files.stamps

    def written_to(*given):
        os.utime(task.files.weights[0])
        return run_part(*given)

    monkeypatch.setattr(run, "run_part", written_to)
    with pytest.raises(BrainlakeError, match=r"model\.safetensors was changed while its weights were in use"):
        write(bank, runner, task, reading, facts)
    assert not list(bank.glob("activations/**/*.parquet"))
    assert not list((bank / ".staging").rglob("part-*"))


def test_a_disk_too_small_for_the_states_is_refused_before_a_pass(work, monkeypatch):
    bank, runner, task, reading, facts = work()
    needed = 4 * len(task.stimuli) * runner.model.identity.width * len(runner.taps)
    run_part = run.run_part
    monkeypatch.setattr(run.shutil, "disk_usage", lambda _: SimpleNamespace(free=needed - 1))
    monkeypatch.setattr(run, "run_part", lambda *_: pytest.fail("a pass was run"))
    with pytest.raises(BrainlakeError, match=r"its states take 0 MB until they are written, and the disk of .* has 0"):
        write(bank, runner, task, reading, facts)
    monkeypatch.setattr(run, "run_part", run_part)
    monkeypatch.setattr(run.shutil, "disk_usage", lambda _: SimpleNamespace(free=needed))
    assert len(write(bank, runner, task, reading, facts)) == 2


def test_facts_of_the_sidecars(work):
    _, runner, task, reading, facts = work()
    details = facts["details"]
    assert details["key"] == vars(task.key(runner.model.identity.weights_sha256, "t"))
    assert details["tokens_fed"] == sum(len(one.ids) for one in reading.passes)
    assert (details["batching"], details["head"], details["space_marker"]) == ("padded", None, "Ġ")
    assert (facts["dtype"], facts["device"]) == ("float32", "cpu")
    assert facts["stimuli_sha256"] == task.stimuli.sha256


def test_memory_that_runs_out_begins_the_task_again_with_half_the_batch(work, monkeypatch, capsys):
    bank, runner, task, reading, facts = work()
    run_part, longest = run.run_part, max(map(len, reading.passes))

    def short_of_memory(runner, reading, part):
        if any(len(batch) * max(len(reading.passes[k]) for k in batch) > longest for batch in part):
            raise torch.OutOfMemoryError
        return run_part(runner, reading, part)

    monkeypatch.setitem(BUDGETS, "cpu", Budget(2 * longest, 24))
    monkeypatch.setattr(run, "run_part", short_of_memory)
    activations, _ = write(bank, runner, task, reading, facts)
    assert json.loads(activations.details)["batch_tokens"] == longest
    rebuild_manifest(bank)
    assert len(open_bank(bank).activations("gpt2", "words", 2, "document").values) == len(task.stimuli)
    assert not list((bank / ".staging").glob("**/*.safetensors"))


def test_one_pass_that_memory_does_not_hold_is_refused(work, monkeypatch):
    bank, runner, task, reading, facts = work()

    def none_left(*_):
        raise torch.OutOfMemoryError

    monkeypatch.setattr(run, "run_part", none_left)
    with pytest.raises(BrainlakeError, match="gpt2 on words by document: memory runs out with one text of"):
        write(bank, runner, task, reading, facts)
