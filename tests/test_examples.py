"""The examples run: small, on a corpus of a few sentences."""

import importlib.util
from dataclasses import replace
from pathlib import Path

import pytest

from brainlake_builder.demo.corpus import ALICE
from brainlake_builder.demo.stimuli import sentences
from brainlake_builder.extraction.loss import next_word_loss
from brainlake_builder.models.loading import load_model

EXAMPLES = Path(__file__).parent.parent / "examples"


def example(name):
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def corpus(tmp_path):
    prose = sentences()["text"].to_list()
    lines = [f"{ALICE.first}.", " ".join(ALICE.markers), f"So {ALICE.last}"]
    lines += [f"End of Project Gutenberg's {ALICE.title}, by Lewis Carroll"]
    lines += [*prose, "End of the Project Gutenberg EBook of Dracula, by Bram Stoker"]
    path = tmp_path / "corpus.txt"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_a_family_of_sizes_and_checkpoints_that_learns(corpus, tmp_path):
    own = example("own_family")
    shape = replace(own.SHAPE, vocabulary=400, layers=1, heads=2, intermediate=32, context=32, steps=60, warmup_steps=4)
    sizes = {size: replace(shape, width=width) for size, width in (("a", 16), ("b", 32))}
    folders = own.train_family(corpus, tmp_path / "family", sizes, (1, 60))
    assert [folder.name for folder in folders] == ["a-step1", "a-step60", "b-step1", "b-step60"]
    held_out = (tmp_path / "family" / "held-out.txt").read_text(encoding="utf-8")
    models = [load_model(str(folder)) for folder in folders]
    losses = [next_word_loss(model, held_out).nats_per_token for model in models]
    assert losses[1] < losses[0] - 0.3
    assert losses[3] < losses[2] - 0.3
    assert models[0].identity.width == 16 < models[2].identity.width == 32
