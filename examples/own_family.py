"""Train a family of small language models, three sizes with three checkpoints each: ``own_family.py CORPUS OUT``.

CORPUS is what ``brainlake_builder.demo.train`` takes: English prose, one paragraph a line, books closed by Project
Gutenberg's own line. Alice is left out, since its first chapter is a benchmark. OUT receives a folder a checkpoint,
``<size>-step<steps>``, and ``held-out.txt``, the text that no model was trained on. Five minutes of one core.
"""

import argparse
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

import torch
from tokenizers import Tokenizer
from transformers import LlamaForCausalLM

from brainlake.report.progress import SILENT, Progress
from brainlake_builder.demo.corpus import exclude, hold_out, split_books, windows
from brainlake_builder.demo.train import BOS, Training, build_model, model_config, save, train, train_tokenizer

STEPS = (30, 100, 300)
SHAPE = Training(steps=STEPS[-1])
SIZES: Mapping[str, Training] = {
    "small": replace(SHAPE, width=64, layers=2, intermediate=160),
    "middle": replace(SHAPE, width=128, layers=3, intermediate=320),
    "large": replace(SHAPE, width=192, layers=4, intermediate=480),
}


def train_family(
    corpus: Path,
    out: Path,
    sizes: Mapping[str, Training] = SIZES,
    steps: tuple[int, ...] = STEPS,
    progress: Progress = SILENT,
) -> list[Path]:
    """Train one model a size on the same windows in the same order; returns the folders of the checkpoints."""
    parts = [hold_out(book) for book in exclude(split_books(corpus.read_text(encoding="utf-8").splitlines()))]
    texts = [text for kept, _ in parts for text in kept]
    out.mkdir(parents=True, exist_ok=True)
    (out / "held-out.txt").write_text("\n".join(held for _, held in parts), encoding="utf-8")
    shape = next(iter(sizes.values()))
    tokenizer = train_tokenizer(texts, shape.vocabulary)
    bos: int = tokenizer.token_to_id(BOS)
    seen = torch.tensor([window.ids for text in texts for window in windows(text, tokenizer, shape.context)])
    for size, training in sizes.items():
        config = model_config(training, bos)
        model = build_model(config, training.seed)
        save_to = partial(_checkpoint, model, tokenizer, config, {step: out / f"{size}-step{step}" for step in steps})
        train(model, seen, bos, training, progress, save_to)
    return [out / f"{size}-step{step}" for size in sizes for step in steps]


def _checkpoint(
    model: LlamaForCausalLM, tokenizer: Tokenizer, config: dict[str, object], folders: Mapping[int, Path], done: int
) -> None:
    if done in folders:
        save(model, tokenizer, config, folders[done])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("out", type=Path)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    with Progress() as shown:
        train_family(asked.corpus, asked.out, progress=shown)
