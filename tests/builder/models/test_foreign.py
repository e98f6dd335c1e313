"""What a network raises is a sentence, and the models behind it are extracted all the same."""

import pytest
import torch
import transformers

from brainlake.errors import BrainlakeError, FailedError
from brainlake_builder.extraction.extract import extract
from brainlake_builder.extraction.request import ExtractionRequest
from brainlake_builder.models import loading
from brainlake_builder.models.foreign import running, within_memory

from .test_families import FAMILIES, save


@pytest.mark.parametrize(
    "error", [BrainlakeError("ours"), MemoryError(), torch.OutOfMemoryError(), KeyboardInterrupt()]
)
def test_what_is_not_the_network_s_stays_as_it_is(error):
    with pytest.raises(type(error)), running("m"):
        raise error


def test_a_full_host_is_memory_that_ran_out():
    """Of which torch has a plain error: a smaller batch may mend it, as on a card."""
    with pytest.raises(torch.OutOfMemoryError, match="can't allocate"), running("m"):
        raise RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes")


@pytest.mark.parametrize("recipe", ["document+dtype=bfloat16", "document+dtype=float16"])
def test_a_precision_that_the_code_of_a_network_does_not_run_in(recipe, make_bank, make_stimuli, tmp_path):
    """The CPU's code for Mamba in ``transformers`` multiplies float32 by what it was given."""
    save(FAMILIES["mamba"], tmp_path / "mamba")
    bank = make_bank(words=make_stimuli("words", [["The boy cried wolf.", "Nobody came."]]))
    with pytest.raises(BrainlakeError, match=r"mamba: its code does not run in this precision .*take dtype float32"):
        extract(ExtractionRequest(bank, [str(tmp_path / "mamba")], ["words"], [recipe]))


@pytest.mark.parametrize("error", [MemoryError(), torch.OutOfMemoryError("CUDA out of memory.\nAdvice")])
def test_memory_that_no_smaller_batch_mends_is_a_sentence(error):
    said = r"^m: memory runs out \(.*(Error|memory\.)\); take a larger device"
    with pytest.raises(BrainlakeError, match=said), within_memory("m"):
        raise error


@pytest.mark.parametrize("where", ["loading", "self-checks"])
def test_a_network_too_large_stops_no_other(where, make_bank, make_stimuli, model_folder, monkeypatch):
    def none_left(*_, **__):
        raise torch.OutOfMemoryError("CUDA out of memory.")

    if where == "self-checks":
        monkeypatch.setattr(transformers.OPTModel, "forward", none_left)
    else:
        load = loading._trained
        monkeypatch.setattr(loading, "_trained", lambda f, *g: none_left() if f.model == "opt" else load(f, *g))
    bank = make_bank(words=make_stimuli("words", [["The boy cried wolf.", "Nobody came."]]))
    with pytest.raises(FailedError, match=r"opt.*: memory runs out \(CUDA out of memory\.\)"):
        extract(ExtractionRequest(bank, [str(model_folder(name)) for name in ("opt", "gpt2")], ["words"]))
    assert sorted(path.name for path in (bank / "surprisal").iterdir()) == ["gpt2"]


def test_a_network_that_fails_on_a_later_text(make_bank, make_stimuli, model_folder, monkeypatch):
    """The self-checks see two texts, and an error of a third one is a sentence as well."""
    forward, texts = transformers.OPTModel.forward, [["a", "wolf"], ["The", "boy", "cried"], ["wolf"] * 9]

    def fails(self, input_ids=None, **options):
        if len(input_ids) == len(texts):  # self-checks run two at most
            raise IndexError("index out of range")
        return forward(self, input_ids=input_ids, **options)

    monkeypatch.setattr(transformers.OPTModel, "forward", fails)
    bank = make_bank(words=make_stimuli("words", texts))
    with pytest.raises(BrainlakeError, match=r"opt: its network cannot be run .*IndexError: index out of range"):
        extract(ExtractionRequest(bank, [str(model_folder("opt"))], ["words"]))


def test_a_network_that_asks_for_more(make_bank, make_stimuli, model_folder, monkeypatch):
    def forward(self, *arguments, **options):
        raise TypeError("missing 1 required\nargument: 'pixels'")

    monkeypatch.setattr(transformers.OPTModel, "forward", forward)
    bank = make_bank(words=make_stimuli("words", [["The boy cried wolf.", "Nobody came."]]))
    with pytest.raises(FailedError) as raised:
        extract(ExtractionRequest(bank, [str(model_folder(name)) for name in ("opt", "gpt2")], ["words"]))
    (message,) = map(str, raised.value.found.values())
    assert (
        "opt: its network cannot be run on a text alone (TypeError: missing 1 required argument: 'pixels')" in message
    )
    assert sorted(path.name for path in (bank / "surprisal").iterdir()) == ["gpt2"]
