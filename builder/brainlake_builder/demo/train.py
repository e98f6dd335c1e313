"""Trains the demo model: ``python -m brainlake_builder.demo.train CORPUS OUT``, twelve minutes of one core.

CORPUS is English prose, one paragraph a line, its books closed by Project Gutenberg's own line; OUT receives
a folder that ``AutoModelForCausalLM`` and ``AutoTokenizer`` load. Steps, seeds and the single thread are
fixed: the same machine and versions give the same weights. Needs torch 2.9 or later, for its Muon.
"""

import argparse
import json
import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from torch.nn.functional import cross_entropy, pad
from transformers import LlamaConfig, LlamaForCausalLM

from brainlake.errors import BrainlakeError
from brainlake.report.progress import SILENT, Progress
from brainlake_builder.demo.card import model_card
from brainlake_builder.demo.corpus import Window, exclude, hold_out, split_books, windows

BOS = "<|endoftext|>"


@dataclass(frozen=True)
class Training:
    """What is trained, and how long. Widths and vocabulary keep the whole folder under 3 MB in float16."""

    vocabulary: int = 2048
    width: int = 128
    layers: int = 3
    heads: int = 4
    intermediate: int = 320
    context: int = 512
    batch: int = 4
    steps: int = 2400
    warmup_steps: int = 40
    decay_share: float = 0.55
    lr_matrices: float = 0.02
    lr_others: float = 4e-3
    seed: int = 0


@dataclass(frozen=True)
class Validation:
    """Loss on held-out text, and that of a unigram model of the same tokens (counts of the training text)."""

    nats_per_token: float
    bits_per_byte: float
    unigram_bits_per_byte: float
    n_tokens: int
    n_bytes: int


def train_tokenizer(texts: Sequence[str], vocabulary: int) -> Tokenizer:
    """Byte-level BPE that begins each sequence with the beginning-of-sequence token."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=[BOS],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{BOS} $A", pair=f"{BOS} $A $B", special_tokens=[(BOS, tokenizer.token_to_id(BOS))]
    )
    return tokenizer


def model_config(training: Training, bos: int) -> dict[str, object]:
    """The config.json of the model, in the form that transformers 4.57 and 5 both read."""
    return {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "vocab_size": training.vocabulary,
        "hidden_size": training.width,
        "intermediate_size": training.intermediate,
        "num_hidden_layers": training.layers,
        "num_attention_heads": training.heads,
        "num_key_value_heads": training.heads,
        "head_dim": training.width // training.heads,
        "max_position_embeddings": training.context,
        "hidden_act": "silu",
        "rms_norm_eps": 1e-5,
        "rope_theta": 10000.0,
        "attention_bias": False,
        "attention_dropout": 0.0,
        "mlp_bias": False,
        "tie_word_embeddings": True,
        "bos_token_id": bos,
        "eos_token_id": bos,
        "pad_token_id": None,
        "use_cache": True,
        "dtype": "float16",
    }


def build_model(config: dict[str, object], seed: int) -> LlamaForCausalLM:
    """A model with random float32 weights."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return LlamaForCausalLM(LlamaConfig(**{key: value for key, value in config.items() if key != "dtype"}))


def batch_loss(model: LlamaForCausalLM, ids: torch.Tensor, bos: int, reduction: str = "mean") -> torch.Tensor:
    """Cross-entropy in nats of every token of `ids` [windows, length], the first one given BOS alone."""
    inputs = pad(ids[:, :-1], (1, 0), value=bos)
    logits = model(inputs, use_cache=False).logits
    return cross_entropy(logits.flatten(0, 1), ids.flatten(), reduction=reduction)


def optimizers(model: LlamaForCausalLM, training: Training) -> list[torch.optim.Optimizer]:
    """Muon for the matrices of the blocks, AdamW for the embedding and the norms."""
    matrices = [p for name, p in model.named_parameters() if p.ndim == 2 and "embed" not in name]
    others = [p for name, p in model.named_parameters() if p.ndim != 2 or "embed" in name]
    return [
        torch.optim.Muon(matrices, lr=training.lr_matrices, momentum=0.95, weight_decay=0.01),
        torch.optim.AdamW(others, lr=training.lr_others, betas=(0.9, 0.95), weight_decay=0.0),
    ]


def schedule(step: int, training: Training) -> float:
    """Factor on the learning rates: linear warm-up, constant, linear decay to zero."""
    warmup = (step + 1) / training.warmup_steps
    decay = (training.steps - step) / (training.decay_share * training.steps)
    return min(1.0, warmup, decay)


def batches(n_windows: int, training: Training) -> torch.Tensor:
    """Rows of the windows of each step [steps, batch]; each epoch in its own order, without its odd rest."""
    rng = np.random.default_rng(training.seed)
    whole = n_windows // training.batch * training.batch
    epochs = math.ceil(training.steps * training.batch / whole)
    order = np.concatenate([rng.permutation(n_windows)[:whole] for _ in range(epochs)])
    return torch.from_numpy(order.reshape(-1, training.batch)[: training.steps])


def train(
    model: LlamaForCausalLM,
    ids: torch.Tensor,
    bos: int,
    training: Training,
    progress: Progress = SILENT,
    after: Callable[[int], object] = lambda _: None,
) -> None:
    """Train in place on windows of tokens [n, context]; ``after`` is called with the steps done, after each of them."""
    both = optimizers(model, training)
    schedulers = [torch.optim.lr_scheduler.LambdaLR(o, lambda step: schedule(step, training)) for o in both]
    model.train()
    for done, rows in enumerate(progress.steps(batches(len(ids), training), "training", "steps"), 1):
        loss = batch_loss(model, ids[rows], bos)
        torch.autograd.backward(loss)
        for optimizer, scheduler in zip(both, schedulers, strict=True):
            optimizer.step()
            scheduler.step()
            optimizer.zero_grad(set_to_none=True)
        after(done)
    model.eval()


def validate(model: LlamaForCausalLM, held: Sequence[Window], seen: torch.Tensor, bos: int) -> Validation:
    """Losses on held-out windows; `seen` are the training tokens that the unigram counts come from."""
    ids = torch.tensor([window.ids for window in held])
    with torch.inference_mode():
        nats = sum(float(batch_loss(model, part, bos, reduction="sum")) for part in torch.split(ids, 8))
    counts = torch.bincount(seen.flatten(), minlength=model.config.vocab_size).double() + 1
    unigram = -(counts / counts.sum()).log()[ids].sum().item()
    n_bytes = sum(window.n_bytes for window in held)
    bits = 1 / (math.log(2) * n_bytes)
    return Validation(nats / ids.numel(), nats * bits, unigram * bits, ids.numel(), n_bytes)


def save(model: LlamaForCausalLM, tokenizer: Tokenizer, config: dict[str, object], out: Path) -> None:
    """Write weights (float16, the tied output matrix left out), configuration and tokenizer.

    The JSON files are ours, not ``save_pretrained``'s: those of transformers 5 name a tokenizer class and a
    rope table that 4.57 does not know.
    """
    out.mkdir(parents=True, exist_ok=True)
    weights = {k: v.half().contiguous() for k, v in model.state_dict().items() if k != "lm_head.weight"}
    save_file(weights, out / "model.safetensors", metadata={"format": "pt"})
    tokenizer.save(str(out / "tokenizer.json"), pretty=False)
    tokenizer_config = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "bos_token": BOS,
        "eos_token": BOS,
        "clean_up_tokenization_spaces": False,
        "model_max_length": config["max_position_embeddings"],
        "model_input_names": ["input_ids", "attention_mask"],
    }
    for name, content in (("config.json", config), ("tokenizer_config.json", tokenizer_config)):
        (out / name).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def run(corpus: Path, out: Path, training: Training, progress: Progress = SILENT) -> Validation:
    """Corpus to model folder: select books, train tokenizer and model, validate, save, write the card."""
    books = exclude(split_books(corpus.read_text(encoding="utf-8").splitlines()))
    parts = [hold_out(book) for book in books]
    texts = [text for kept, _ in parts for text in kept]
    tokenizer = train_tokenizer(texts, training.vocabulary)
    bos: int = tokenizer.encode(BOS, add_special_tokens=False).ids[0]
    seen = torch.tensor([w.ids for text in texts for w in windows(text, tokenizer, training.context)])
    # Half windows: a held-out stretch is a few thousand tokens, and its rest shorter than a window is lost.
    held = [w for _, text in parts for w in windows(text, tokenizer, training.context // 2)]
    config = model_config(training, bos)
    model = build_model(config, training.seed)
    train(model, seen, bos, training, progress)
    # Validated as it ships: weights rounded to float16.
    model.half().float()
    validation = validate(model, held, seen, bos)
    save(model, tokenizer, config, out)
    titles = [book.title for book in books]
    n_parameters = sum(p.numel() for p in model.parameters())
    card = model_card(titles, asdict(training), asdict(validation), n_parameters, seen.numel())
    (out / "README.md").write_text(card, encoding="utf-8")
    return validation


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m brainlake_builder.demo.train", description=__doc__)
    parser.add_argument("corpus", type=Path, metavar="CORPUS", help="text file, one paragraph a line")
    parser.add_argument("out", type=Path, metavar="OUT", help="folder to write the model to")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    try:
        with Progress() as progress:
            run(arguments.corpus, arguments.out, Training(), progress)
    except (BrainlakeError, OSError) as error:
        parser.exit(1, f"{parser.prog}: {error}\n")


if __name__ == "__main__":
    main()
