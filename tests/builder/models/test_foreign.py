"""What a network raises is a sentence, and the models behind it are extracted all the same."""

import pytest
import torch
import transformers

from brainlake.errors import BrainlakeError, FailedError
from brainlake_builder.extraction.extract import extract
from brainlake_builder.extraction.request import ExtractionRequest
from brainlake_builder.models.foreign import running


@pytest.mark.parametrize(
    "error", [BrainlakeError("ours"), MemoryError(), torch.OutOfMemoryError(), KeyboardInterrupt()]
)
def test_what_is_not_the_network_s_stays_as_it_is(error):
    with pytest.raises(type(error)), running("m"):
        raise error


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
