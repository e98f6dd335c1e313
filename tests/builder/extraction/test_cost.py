"""What tasks take, from the texts and the shape of a network without weights."""

import pytest
from torch.utils.flop_counter import FlopCounterMode

from brainlake.errors import Failures
from brainlake_builder.extraction.cost import costs, without_weights
from brainlake_builder.extraction.request import ExtractionRequest
from brainlake_builder.extraction.tasks import list_tasks
from brainlake_builder.models.loading import load_model
from brainlake_builder.models.runners import make_runner
from brainlake_builder.text.batching import pad

SENTENCES = [["The boy cried wolf.", "Nobody came."], ["He walked and walked."]]


@pytest.fixture
def bank(make_bank, make_stimuli):
    return make_bank(words=make_stimuli("words", SENTENCES))


def cost_of(bank, folder, *recipes, surprisal=True):
    request = ExtractionRequest(bank, [str(folder)], ["words"], list(recipes) or ["document"])
    tasks = list(list_tasks(request, Failures(True)))
    model = without_weights(tasks[0].files)
    return [cost for _, _, cost in costs(model, tasks, "cpu", surprisal)]


def test_operations_are_those_that_torch_counts(bank, model_folder):
    (cost,) = cost_of(bank, model_folder("llama"))
    model = load_model(str(model_folder("llama")))
    ids = model.tokenizer(" ".join(SENTENCES[0]), return_tensors="pt")["input_ids"]
    with FlopCounterMode(display=False) as counter:
        model.network(ids)
    assert cost.flops * ids.shape[1] / cost.tokens == pytest.approx(counter.get_total_flops(), rel=0.1)


def test_weights_are_counted_and_not_read(bank, model_folder):
    model = without_weights(list_tasks(ExtractionRequest(bank, [str(model_folder("llama"))], ["words"]))[0].files)
    assert {weight.device.type for weight in model.network.parameters()} == {"meta"}
    weights = sum(p.numel() * p.element_size() for p in load_model(str(model_folder("llama"))).network.parameters())
    (cost,) = cost_of(bank, model_folder("llama"))
    assert cost.weights_bytes == weights < cost.memory_bytes


def test_surprisal_and_single_precision_cost_more(bank, model_folder):
    whole, half = cost_of(bank, model_folder("gpt2"), "document", "document+dtype=bfloat16")
    (without,) = cost_of(bank, model_folder("gpt2"), surprisal=False)
    assert without.flops < whole.flops == half.flops
    assert (half.disk_bytes < whole.disk_bytes, half.weights_bytes * 2) == (True, whole.weights_bytes)


@pytest.mark.parametrize("recipe", ["document+boundary=none", "aw2024"])
def test_each_stack_of_an_encoder_decoder_is_counted_on_what_it_is_fed(recipe, bank, model_folder):
    folder = model_folder("t5")
    (task,) = list_tasks(ExtractionRequest(bank, [str(folder)], ["words"], [recipe]))
    ((_, reading, cost),) = costs(without_weights(task.files), [task], "cpu", True)
    with make_runner(load_model(str(folder)), task.recipe) as runner, FlopCounterMode(display=False) as counter:
        for one in reading.passes:
            runner.run(pad([one]))
    assert cost.flops == pytest.approx(counter.get_total_flops(), rel=0.25)


def test_reduced_weights_take_less(bank, model_folder):
    folder = str(model_folder("llama"))
    found = [
        list_tasks(ExtractionRequest(bank, [folder], ["words"], quantization=reduced))[0]
        for reduced in (None, "8bit", "4bit")
    ]
    whole, eight, four = (
        next(costs(without_weights(task.files), [task], "cuda", True))[2].weights_bytes for task in found
    )
    assert four < eight < whole
    blocks = load_model(folder).network.model.layers
    inside = sum(weight.numel() for weight in blocks.parameters() if weight.ndim > 1)
    assert (whole - eight, whole - four) == (3 * inside, int(inside * (4 - 0.5625)))
