"""Networks of the sizes that are studied, on this machine's card: ``python tests/benchmarks/bench_gpu.py``.

Prints a Markdown table: what a bare forward pass with logits gives, and what the whole of ``extract`` takes on texts
shaped as four data sets are, with what its seconds went to. Weights are random and made on the card, texts are random
words, so that nothing is fetched. Without a card, shapes are reduced: it shows that the script runs, and no more.
Seconds of passes and of writing are added up over threads, and overlap.
"""

import datetime
import importlib.util
import json
import os
import platform
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import torch
import transformers
from tokenizers import Tokenizer, models, pre_tokenizers, processors

from brainlake.bank.catalogue import open_bank
from brainlake.bank.manifest import rebuild_manifest
from brainlake.contract.schema import TABLES
from brainlake.errors import BrainlakeError
from brainlake_builder.extraction import extract as extraction
from brainlake_builder.extraction import model as of_model
from brainlake_builder.extraction import run, tasks
from brainlake_builder.extraction.request import ExtractionRequest
from brainlake_builder.extraction.staging import Staging
from brainlake_builder.models import runner
from brainlake_builder.tables.writer import EncodedLayer, write_table

DEVICE = "cuda" if torch.cuda.is_available() else "cpu"
VOCABULARY = 32_000 if DEVICE == "cuda" else 500

SETS = {
    "tuckute2024": (1000, 1, 6),
    "pereira2018.langnet": (168, 4, 10),
    "alice2016": (1, 2106, 1),
    "futrell2018": (10, 1026, 1),
}
"""Documents, items of a document, and words of an item."""

SENTENCES = ("tuckute2024", "pereira2018.langnet")


@dataclass(frozen=True)
class Shape:
    """A network: its configuration, reduced to ``small`` without a card, and what it reads."""

    config: str
    size: dict[str, Any]
    small: dict[str, Any]
    quantization: str | None = None
    sets: tuple[str, ...] = tuple(SETS)


LLAMA = {"num_attention_heads": 32, "max_position_embeddings": 4096}
SMALL = {"hidden_size": 64, "num_hidden_layers": 3, "intermediate_size": 128}
SMALL_LLAMA = SMALL | {"num_attention_heads": 4, "max_position_embeddings": 4096}
L7 = LLAMA | {"hidden_size": 4096, "num_hidden_layers": 32, "intermediate_size": 11008}
SHAPES = {
    "LLaMA 1B": Shape(
        "LlamaConfig",
        LLAMA | {"hidden_size": 2048, "num_hidden_layers": 16, "intermediate_size": 8192, "num_key_value_heads": 8},
        SMALL_LLAMA,
    ),
    "LLaMA 7B": Shape("LlamaConfig", L7, SMALL_LLAMA),
    "LLaMA 7B, 8 bit": Shape("LlamaConfig", L7, SMALL_LLAMA, "8bit", SENTENCES),
    "LLaMA 7B, 4 bit": Shape("LlamaConfig", L7, SMALL_LLAMA, "4bit"),
    "T5 3B": Shape(
        "T5Config",
        {"d_model": 1024, "d_ff": 16384, "num_layers": 24, "num_heads": 32, "d_kv": 128, "n_positions": 512},
        {"d_model": 64, "d_ff": 128, "num_layers": 2, "num_heads": 4, "d_kv": 16, "n_positions": 512},
        None,
        SENTENCES,
    ),
    "Mamba 2.8B": Shape("MambaConfig", {"hidden_size": 2560, "num_hidden_layers": 64}, SMALL, None, SENTENCES),
}

seconds: dict[str, float] = defaultdict(float)


@contextmanager
def counted(what: str) -> Iterator[None]:
    """Add the seconds of a block to what its kind of work took."""
    begun = time.perf_counter()
    yield
    seconds[what] += time.perf_counter() - begun


def count(owner: Any, name: str, what: str) -> None:
    """Let a function of the product say what it takes."""
    function = getattr(owner, name)

    def wrapper(*args: Any, **kwargs: Any) -> Any:
        with counted(what):
            return function(*args, **kwargs)

    setattr(owner, name, wrapper)


def save_folder(folder: Path, shape: Shape) -> None:
    """Configuration and tokenizer: every word and every sentinel is a token."""
    surfaces = ["<pad>", "</s>", "<unk>", "<s>", *(f"<extra_id_{k}>" for k in range(3))]
    surfaces += [f"▁{word}" for word in ("the", "boy", "a", "house")]
    surfaces += [f"▁w{k}" for k in range(VOCABULARY - len(surfaces))]
    backend = Tokenizer(models.WordLevel({surface: k for k, surface in enumerate(surfaces)}, unk_token="<unk>"))
    backend.pre_tokenizer = pre_tokenizers.Metaspace()
    named = {"pad_token": "<pad>", "eos_token": "</s>", "unk_token": "<unk>"}
    if shape.config == "T5Config":
        backend.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    else:
        named |= {"bos_token": "<s>"}
    tokenizer = transformers.PreTrainedTokenizerFast(tokenizer_object=backend, model_max_length=4096, **named)
    tokenizer.save_pretrained(folder)
    ids = {"bos_token_id": 3, "eos_token_id": 1, "pad_token_id": 0, "decoder_start_token_id": 0}
    size = shape.size if DEVICE == "cuda" else shape.small
    getattr(transformers, shape.config)(vocab_size=VOCABULARY, **ids, **size).save_pretrained(folder)


def put_sets(bank: Path) -> None:
    """Texts of random words, shaped as the data sets are."""
    rng = np.random.default_rng(0)
    for name, (documents, items, words) in SETS.items():
        n = documents * items
        rows = [
            {"stimulus_set": name, "stimulus_id": f"{name}.{i}", "position": i, "separator": " "}
            | {"document_id": f"{i // items}", "context_id": f"{i // items}"}
            | {"text": " ".join(f"w{k}" for k in rng.integers(VOCABULARY - 20, size=words))}
            for i in range(n)
        ]
        write_table(bank, "stimuli", name, pa.Table.from_pylist(rows, schema=TABLES["stimuli"]))


def made_on_the_device(shape: Shape, dtype: torch.dtype) -> Any:
    """The network with random weights, reduced if asked for."""
    config = getattr(transformers, shape.config)
    with tempfile.TemporaryDirectory() as folder:
        save_folder(Path(folder), shape)
        config = config.from_pretrained(folder)
    torch.manual_seed(0)
    auto = transformers.AutoModelForSeq2SeqLM if shape.config == "T5Config" else transformers.AutoModelForCausalLM
    with torch.device(DEVICE):
        network = auto.from_config(config, dtype=dtype)
    if shape.quantization:
        network = reduced(network, shape.quantization, dtype)
    return network.eval().requires_grad_(False)


def reduced(network: Any, quantization: str, dtype: torch.dtype) -> Any:
    """Linear layers of the blocks in 8 or 4 bits, by bitsandbytes, as ``transformers`` reduces them when it loads."""
    import bitsandbytes as bnb

    for module in list(network.model.layers.modules()):
        for name, child in list(module.named_children()):
            if not isinstance(child, torch.nn.Linear):
                continue
            size = (child.in_features, child.out_features, child.bias is not None)
            if quantization == "8bit":
                new = bnb.nn.Linear8bitLt(*size, has_fp16_weights=False)
                new.weight = bnb.nn.Int8Params(child.weight.data.cpu(), requires_grad=False, has_fp16_weights=False)
            else:
                new = bnb.nn.Linear4bit(*size, compute_dtype=dtype)
                new.weight = bnb.nn.Params4bit(child.weight.data.cpu(), requires_grad=False)
            setattr(module, name, new.to(DEVICE))
    return network


def bare(network: Any, shape: Shape, tokens: int) -> float:
    """Tokens a second of a forward pass with logits in batches as large as ``extract`` makes them."""
    length = 512
    rows = max(1, (16384 if DEVICE == "cuda" else 2048) // length)
    ids = torch.randint(20, VOCABULARY, (rows, length), device=DEVICE)
    fed = {"input_ids": ids} | (
        {"decoder_input_ids": ids[:, :8]} if shape.config == "T5Config" else {"use_cache": False}
    )
    done = 0
    with torch.inference_mode():
        for warm in (True, False):
            begun = time.perf_counter()
            while done < (rows * length if warm else tokens):
                network(**fed)
                done += rows * length
            if DEVICE == "cuda":
                torch.cuda.synchronize()
            if warm:
                done = 0
    return done / (time.perf_counter() - begun)


def extracted(name: str, shape: Shape, folder: Path) -> Iterator[list[str]]:
    """A row of the table for each data set that a network reads."""
    dtype = torch.bfloat16 if DEVICE == "cuda" else torch.float32
    made = time.perf_counter()
    network = made_on_the_device(shape, dtype)
    made = time.perf_counter() - made
    rate = bare(network, shape, 65_536 if DEVICE == "cuda" else 2048)
    model = folder / name.replace(" ", "_").replace(",", "")
    save_folder(model, shape)
    of_model.load_network = lambda *_: network
    of_model.weights_sha256 = lambda *_: "0" * 64
    recipe = "document+dtype=bfloat16" if DEVICE == "cuda" else "document"
    for stimuli in shape.sets:
        bank = folder / f"bank.{model.name}.{stimuli}"
        bank.mkdir()
        put_sets(bank)
        seconds.clear()
        if DEVICE == "cuda":
            torch.cuda.reset_peak_memory_stats()
        begun = time.perf_counter()
        try:
            sidecars = extraction.extract(
                ExtractionRequest(
                    bank,
                    [str(model)],
                    [stimuli],
                    [recipe],
                    device=DEVICE,
                    untrained_seed=0,
                    quantization=shape.quantization,
                )
            )
        except BrainlakeError as error:
            yield [name, stimuli, f"{rate:,.0f}", f"refused: {error}", *[""] * 7]
            continue
        whole = time.perf_counter() - begun
        tokens = json.loads(sidecars[0].details or "")["tokens_fed"]
        peak = torch.cuda.max_memory_allocated() / 2**30 if DEVICE == "cuda" else float("nan")
        parts = [seconds[key] for key in ("checks", "passes", "copying", "staging", "encoding", "writing")]
        yield [
            name,
            stimuli,
            f"{rate:,.0f}",
            f"{tokens:,}",
            f"{whole:.1f}",
            *(f"{p:.1f}" for p in parts),
            f"{peak:.1f}",
        ]
    if DEVICE == "cuda":
        torch.cuda.empty_cache()


def equal_to_the_cpu(folder: Path) -> str:
    """A small network in float32 on both: largest difference of a state, over its layer's RMS, and of a surprisal."""
    import brainlake_builder.models.loading as loading

    model = folder / "small"
    save_folder(model, Shape("LlamaConfig", SMALL_LLAMA, SMALL_LLAMA))
    of_model.load_network, of_model.weights_sha256 = loading.load_network, loading.weights_sha256
    found = []
    for device in ("cpu", DEVICE):
        bank = folder / f"bank.small.{len(found)}"
        bank.mkdir()
        put_sets(bank)
        extraction.extract(ExtractionRequest(bank, [str(model)], ["tuckute2024"], device=device, untrained_seed=0))
        rebuild_manifest(bank)
        opened = open_bank(bank)
        (name,) = opened.models
        layers = [opened.activations(name, "tuckute2024", k).values for k in range(4)]
        found.append(
            (
                np.stack(layers),
                opened.sql("select surprisal from surprisal order by stimulus_id")["surprisal"].to_numpy(),
            )
        )
    (here, bits), (there, other) = found
    scale = np.sqrt((here**2).mean((1, 2), keepdims=True))
    states, surprisal = np.abs((here - there) / scale).max(), np.abs(bits - other).max()
    return (
        f"small network in float32 on the CPU and on {DEVICE}: states differ by at most {states:.1e} of their layer's "
        f"RMS, surprisal by {surprisal:.1e} bits"
    )


def main() -> None:
    """Print the table."""
    device = torch.cuda.get_device_name() if DEVICE == "cuda" else f"CPU ({os.cpu_count()} cores), shapes reduced"
    versions = f"torch {torch.__version__}, transformers {transformers.__version__}, Python {platform.python_version()}"
    print(f"{datetime.date.today()}, {device}, {versions}\n", flush=True)
    watched: list[tuple[Any, str, str]] = [
        (of_model, "check_reading", "checks"),
        (run, "run_part", "passes"),
        (runner, "_to_host", "copying"),
        (Staging, "write", "staging"),
        (run, "write_encoded", "writing"),
    ]
    for one in watched:
        count(*one)
    of: Callable[..., Any] = EncodedLayer.of

    def timed(*args: Any) -> Any:
        with counted("encoding"):
            return of(*args)

    EncodedLayer.of = timed
    tasks.check_device = extraction.check_device = lambda *_: None
    columns = ["network", "texts", "bare tokens/s", "tokens", "extract s", "checks", "passes", "copying", "staging"]
    columns += ["encoding", "writing", "peak GiB"]
    print("| " + " | ".join(columns) + " |\n|" + "---|" * len(columns), flush=True)
    chosen = sys.argv[1:] or list(SHAPES)
    with tempfile.TemporaryDirectory() as folder:
        for name in chosen:
            if SHAPES[name].quantization and not importlib.util.find_spec("bitsandbytes"):
                print(f"| {name} | not run: bitsandbytes is not installed |" + " |" * (len(columns) - 2), flush=True)
                continue
            for row in extracted(name, SHAPES[name], Path(folder)):
                print("| " + " | ".join(row) + " |", flush=True)
        print("\n" + equal_to_the_cpu(Path(folder)))


if __name__ == "__main__":
    main()
