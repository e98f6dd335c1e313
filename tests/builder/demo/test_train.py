from dataclasses import replace
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from brainlake.errors import UnknownNameError
from brainlake_builder.demo.card import model_card
from brainlake_builder.demo.corpus import ALICE
from brainlake_builder.demo.stimuli import sentences
from brainlake_builder.demo.train import Training, batches, run, schedule

TINY = Training(
    vocabulary=400,
    width=16,
    layers=1,
    heads=2,
    intermediate=32,
    context=32,
    batch=4,
    steps=60,
    warmup_steps=4,
)


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    prose = sentences()["text"].to_list()
    lines = [f"{ALICE.first}.", f"Xylophone {' '.join(ALICE.markers)}.", f"So {ALICE.last}"]
    lines += [f"End of Project Gutenberg's {ALICE.title}, by Lewis Carroll"]
    lines += [*prose[:120], "End of the Project Gutenberg EBook of Dracula, by Bram Stoker"]
    lines += [*prose[120:], "End of the Project Gutenberg EBook of Middlemarch, by George Eliot"]
    path = tmp_path / "corpus.txt"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_run_learns_saves_and_repeats(corpus: Path, tmp_path: Path) -> None:
    validation = run(corpus, tmp_path / "a", TINY)
    again = run(corpus, tmp_path / "b", TINY)
    assert validation == again
    for name in ("model.safetensors", "tokenizer.json", "config.json", "tokenizer_config.json", "README.md"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    untrained = run(corpus, tmp_path / "c", replace(TINY, steps=1))
    assert validation.nats_per_token < untrained.nats_per_token - 0.3
    assert f"{validation.bits_per_byte:.3f}" in (tmp_path / "a" / "README.md").read_text(encoding="utf-8")


def test_folder_loads_and_alice_was_not_read(corpus: Path, tmp_path: Path) -> None:
    run(corpus, tmp_path / "m", replace(TINY, steps=1))
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "m")
    model = AutoModelForCausalLM.from_pretrained(tmp_path / "m", dtype=torch.float32)
    assert model.config.max_position_embeddings == 32
    assert model(torch.tensor([tokenizer("It was over.").input_ids])).logits.shape[-1] == len(tokenizer)
    # A word that only Alice has in this corpus stays in small pieces.
    assert len(tokenizer.tokenize("Xylophone")) > 5


def test_schedule() -> None:
    factors = [schedule(step, Training()) for step in range(Training.steps)]
    assert factors[0] == 1 / 40
    assert max(factors) == 1 == factors[Training.steps // 3]
    assert 0 < factors[-1] < 1e-3


def test_batches_are_whole_epochs_in_seeded_order() -> None:
    training = replace(TINY, steps=7)
    rows = batches(14, training)
    assert rows.shape == (7, 4)
    for epoch in (rows[:3], rows[3:6]):
        assert epoch.unique().numel() == 12
    assert torch.equal(rows, batches(14, training))
    assert not torch.equal(rows, batches(14, replace(training, seed=1)))


def test_card_refuses_a_book_of_unknown_source() -> None:
    with pytest.raises(UnknownNameError, match="Moby Dick"):
        model_card(["Moby Dick"], {}, {}, 0, 0)
