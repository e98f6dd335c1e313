"""What a sidecar records of a run beside the identity of the task."""

from dataclasses import asdict

import torch
import transformers

from brainlake_builder.extraction.facts import sidecar_facts
from brainlake_builder.extraction.request import ExtractionRequest
from brainlake_builder.extraction.tasks import list_tasks
from brainlake_builder.models.loading import load_model
from brainlake_builder.models.runners import make_runner
from brainlake_builder.text.contexts import read_stimuli


def test_all_that_could_change_a_number(make_bank, make_stimuli, model_folder):
    bank, folder = make_bank(words=make_stimuli("words", [["The", "boy", "cried", "wolf."]])), str(model_folder("gpt2"))
    (task,) = list_tasks(ExtractionRequest(bank, [folder], ["words"]))
    model = load_model(folder)
    key = task.key(model.identity.weights_sha256, "t")
    runner = make_runner(model, task.recipe)
    reading = read_stimuli(task.stimuli, runner.encoder, task.recipe, runner.limits)
    found = sidecar_facts(runner, task, reading, key, [{"name": "tokens"}])
    versions = {one["library"]: one["version"] for one in found["versions"]}
    assert (versions["torch"], versions["transformers"]) == (torch.__version__, transformers.__version__)
    assert (found["dtype"], found["device"], found["checks"]) == ("float32", "cpu", [{"name": "tokens"}])
    assert found["stimuli_sha256"] == task.stimuli.sha256
    details = found["details"]
    assert details["key"] == asdict(key)
    assert details["weights_sha256"] == model.identity.weights_sha256
    assert (details["batching"], details["quantization"]) == ("padded", None)
    assert details["tokens_fed"] == reading.n_tokens > 4
