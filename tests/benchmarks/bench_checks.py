# ruff: noqa: E402
"""Self-checks of deep networks with random weights: false alarms, and how far planted faults stand above tolerance.

``python tests/benchmarks/bench_checks.py --depth 32 --width 256 --seeds 3 --dtype bfloat16`` prints a Markdown table:
for each architecture and gain the largest value over tolerance of a network that is wired right, and the smallest of
the faults that only two passes show. Faults that one pass shows are counted: found, of those planted.
``--quantization 8bit`` and ``4bit`` emulate what bitsandbytes does: products in int8, of rows and of weights by their
largest value, but for the columns in which any row of the batch is large (Dettmers et al., 2022), and weights of 16
levels in blocks of 64.
"""

import argparse
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[1] / "builder")]

from brainlake.contract.recipe import parse_recipe
from brainlake_builder.extraction import checks
from brainlake_builder.models.loading import LoadedModel, ModelIdentity
from brainlake_builder.models.runners import make_runner
from brainlake_builder.text.contexts import read_stimuli
from brainlake_builder.text.documents import Stimuli
from builder.conftest import ARCHITECTURES, TEXT, TOKENIZERS, stimuli_table
from builder.extraction import faults

WIDTHS = ("hidden_size", "n_embd", "d_model")
DEPTHS = ("num_hidden_layers", "n_layer", "n_layers", "num_layers")
INNER = ("intermediate_size", "ffn_dim", "d_ff", "n_inner", "ffn_hidden_size")


def network(
    name: str, depth: int, width: int, gain: float | None, seed: int, dtype: torch.dtype
) -> tuple[Any, Any, str]:
    """A network, its tokenizer and its kind; weights at the architecture's default, or of a gain a layer."""
    architecture = ARCHITECTURES[name]
    tokenizer = TOKENIZERS[architecture.tokenizer]()
    size = dict.fromkeys(DEPTHS, depth) | dict.fromkeys(WIDTHS, width) | dict.fromkeys(INNER, 2 * width)
    size |= {"head_dim": width // 4, "d_kv": width // 4, "word_embed_proj_dim": width, "num_decoder_layers": 2}
    options = {k: size.get(k, v) for k, v in architecture.options.items()}
    options |= {k: 512 for k in ("n_positions", "max_position_embeddings", "seq_length", "max_seq_len") if k in options}
    special = {"bos_token_id": tokenizer.bos_token_id, "pad_token_id": 0, "eos_token_id": tokenizer.eos_token_id}
    config = getattr(transformers, architecture.config)(vocab_size=len(tokenizer), **special | options)
    kinds = {"t5": ("encoder-decoder", "AutoModelForSeq2SeqLM"), "bert": ("encoder", "AutoModelForMaskedLM")}
    kind, loader = kinds.get(name, ("decoder", "AutoModelForCausalLM"))
    torch.manual_seed(seed)
    found = getattr(transformers, loader).from_config(config, dtype=torch.float32)
    if gain is not None:
        for parameter in found.parameters():
            if parameter.ndim == 2:
                torch.nn.init.normal_(parameter, std=gain * parameter.shape[-1] ** -0.5)
    return found.to(dtype).eval().requires_grad_(False), tokenizer, kind


class Int8(torch.nn.Module):
    """A linear layer whose products are of 8 bits, but for the columns where any row of the batch is large."""

    def __init__(self, linear: torch.nn.Linear) -> None:
        super().__init__()
        self.weight, self.bias = linear.weight, linear.bias
        self.scale = linear.weight.float().abs().amax(1, keepdim=True) / 127
        self.rounded = (linear.weight.float() / self.scale).round()

    def forward(self, states: torch.Tensor) -> torch.Tensor:
        rows = states.float().flatten(0, -2)
        large = rows.abs().amax(0) > 6
        small = rows.masked_fill(large, 0)
        scale = small.abs().amax(1, keepdim=True).clamp_min(1e-30) / 127
        out = (small / scale).round() @ self.rounded.T * scale * self.scale.T
        out = out + rows[:, large] @ self.weight[:, large].float().T
        out = out if self.bias is None else out + self.bias
        return out.to(states.dtype).unflatten(0, states.shape[:-1])


def quantized(network: Any, quantization: str | None) -> Any:
    """The network with its blocks' linear layers as of 8 or 4 bits."""
    head = network.get_output_embeddings()
    for parent in list(network.modules()) if quantization else ():
        for name, linear in parent.named_children():
            if not isinstance(linear, torch.nn.Linear) or linear is head:
                continue
            if quantization == "8bit":
                setattr(parent, name, Int8(linear))
            else:
                blocks = linear.weight.data.float().reshape(-1, 64)
                scale = blocks.abs().amax(1, keepdim=True) / 7.5
                levels = ((blocks / scale - 0.5).round() + 0.5).clamp(-7.5, 7.5) * scale
                linear.weight.data = levels.reshape(linear.weight.shape).to(linear.weight.dtype)
    return network


def texts() -> Any:
    """Documents of some 10 to 60 words."""
    words, rng = " ".join(TEXT[:4]).split(), np.random.default_rng(0)
    documents = [[words[k] for k in rng.integers(len(words), size=n)] for n in (60, 12, 30)]
    return Stimuli.from_table("words", stimuli_table("words", documents))


def all_checks(
    name: str, found: tuple[Any, Any, str], options: argparse.Namespace, fault: str | None = None
) -> list[dict[str, Any]]:
    """The checks, whether they pass or not, of a network in which a fault may be planted."""
    network, tokenizer, kind = found
    dtype = options.dtype
    identity = ModelIdentity(name, None, None, None, None, name, name, 0, options.depth, options.width)
    recipe = parse_recipe(f"document+dtype={dtype}" + ("" if kind == "decoder" else "+boundary=none"))
    model = LoadedModel(identity, kind, network, tokenizer, options.quantization)  # type: ignore[arg-type]
    with pytest.MonkeyPatch.context() as patch, ExitStack() as stack:
        patch.setattr(checks, "require", lambda *_: None)
        runner = stack.enter_context(make_runner(model, recipe))
        reading = read_stimuli(texts(), runner.encoder, recipe, runner.limits)
        if fault:
            reading = getattr(faults, fault)(runner, reading, patch)
        return checks.check_reading(runner, texts(), reading)


def rows(options: argparse.Namespace) -> Iterator[str]:
    for name in options.architecture:
        for gain in options.gain:
            healthy, across, found, planted = 0.0, float("inf"), 0, 0
            worst = ""
            for seed in range(options.seeds):
                one = network(name, options.depth, options.width, gain or None, seed, getattr(torch, options.dtype))
                quantized(one[0], options.quantization)
                for check in all_checks(name, one, options):
                    ratio = check["value"] / check["tolerance"] if check["tolerance"] else 1e9 * check["value"]
                    if ratio > healthy:
                        healthy, worst = ratio, check["name"]
                if seed or not options.faults:
                    continue
                for fault, expected in faults.WITHIN.items():
                    if (fault == "norm_too_many" and name == "bert") or (
                        fault == "start_token_missing" and name == "t5"
                    ):
                        continue
                    planted += 1
                    got = {check["name"] for check in all_checks(name, one, options, fault) if not check["passed"]}
                    found += expected in got
                    if expected not in got:
                        sys.stderr.write(f"{name}: {fault} is not found by {expected}: {got}\n")
                ratios = [
                    c["value"] / c["tolerance"]
                    for c in all_checks(name, one, options, "padding_attended")
                    if c["tolerance"]
                ]
                across = max(ratios)
            caught = f"{across:.1f} | {found} of {planted}" if options.faults else " | "
            yield f"| {name} | {gain or 'default'} | {healthy:.2f} ({worst}) | {caught} |"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--depth", type=int, default=32)
    parser.add_argument("--width", type=int, default=256)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--dtype", default="bfloat16")
    parser.add_argument("--quantization", choices=("8bit", "4bit"))
    parser.add_argument("--gain", type=float, nargs="+", default=[0, 1.0], help="0 for the architecture's own")
    parser.add_argument(
        "--architecture",
        nargs="+",
        default=["gpt2", "gpt_neox", "opt", "llama", "mistral", "gemma", "qwen2", "t5", "bert"],
    )
    parser.add_argument("--no-faults", dest="faults", action="store_false")
    options = parser.parse_args()
    torch.set_num_threads(1)
    sys.stdout.write(f"{options.depth} layers of width {options.width}, {options.dtype}, {options.seeds} seeds")
    sys.stdout.write(f", {options.quantization}\n\n" if options.quantization else "\n\n")
    sys.stdout.write("| architecture | gain | right: value / tolerance | padding attended | faults within a pass |\n")
    sys.stdout.write("|---|---|---|---|---|\n")
    for row in rows(options):
        sys.stdout.write(row + "\n")
        sys.stdout.flush()
