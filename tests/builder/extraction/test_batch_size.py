"""Batches fit into memory, and are halved no further than one pass."""

import pytest
import torch

from brainlake.errors import BrainlakeError
from brainlake_builder.extraction import batch_size
from brainlake_builder.extraction.batch_size import LEAST, SHARE, budget_of, fitting, halved, token_bytes
from brainlake_builder.text.batching import BUDGETS, Budget

LLAMA_7B = token_bytes(4096, 33, 2)


@pytest.mark.parametrize("free", [1 << 20, 4 << 30, 10 << 30, 60 << 30])
def test_a_batch_is_the_largest_that_fits(free):
    largest = BUDGETS["cuda"]
    found = fitting(largest, free, LLAMA_7B)
    assert found.batch == LEAST or found.batch * LLAMA_7B <= SHARE * free
    assert found.batch == largest.batch or 2 * found.batch * LLAMA_7B > SHARE * free


def test_a_card_of_80_gb_runs_7b_in_the_largest_batches():
    assert fitting(BUDGETS["cuda"], 60 << 30, LLAMA_7B) == BUDGETS["cuda"]


def test_a_cpu_has_batches_of_its_own_and_a_card_those_of_its_free_memory(monkeypatch):
    assert budget_of(torch.device("cpu"), LLAMA_7B) == BUDGETS["cpu"]
    monkeypatch.setattr(batch_size.torch.cuda, "mem_get_info", lambda device: (8 << 30, 80 << 30))
    share = {"get_per_process_memory_fraction": 1.0, "memory_reserved": 10 << 30}
    for name, value in share.items():
        monkeypatch.setattr(batch_size.torch.cuda, name, lambda device, value=value: value)
    assert budget_of(torch.device("cuda"), LLAMA_7B) == Budget(8192, 8192)
    # A process that has an eighth of the card, and its weights on it already, has nothing left of what is free.
    monkeypatch.setattr(batch_size.torch.cuda, "get_per_process_memory_fraction", lambda device: 0.125 + 1 / 80)
    assert budget_of(torch.device("cuda"), LLAMA_7B) == Budget(1024, 1024)


def test_half_and_no_less_than_a_pass():
    assert halved(Budget(512, 1024), 300, "t") == Budget(256, 512)
    with pytest.raises(BrainlakeError, match="t: memory runs out with one text of 512 tokens"):
        halved(Budget(512, 1024), 512, "t")
