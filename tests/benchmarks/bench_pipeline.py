"""What an extraction costs beside its passes: ``python tests/benchmarks/bench_pipeline.py [LAYERS] [WORDS] [WIDTH]``.

A network that costs nothing hands out states in bfloat16 at once; they go through the whole of ``extract``. Beside it,
in the same run: what pyarrow's encoding and compression and both hashes of the same layers take on all cores. The goal
is 1.5 times that. 33 layers of 10,256 words of width 4096, the default, are Futrell2018 by a network of 7B.
"""

import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import torch
import transformers
from tokenizers import Tokenizer, models, pre_tokenizers

from brainlake.contract.recipe import parse_recipe
from brainlake.contract.schema import TABLES
from brainlake.storage.files import sha256_file
from brainlake_builder.extraction import run
from brainlake_builder.extraction.extract import extract
from brainlake_builder.extraction.request import ExtractionRequest
from brainlake_builder.models.runner import BatchResult, Runner
from brainlake_builder.tables.writer import EncodedLayer, write_table
from brainlake_builder.text.passes import Reading

RECIPE = parse_recipe("document+boundary=none+dtype=bfloat16")
STORIES = 10


def save_network(folder: Path, n_layers: int) -> str:
    """A network of one word a token, that runs in no time: only its self-checks run it."""
    words = {word: k for k, word in enumerate(["<s>", *(f"w{k}" for k in range(100)), "the", "boy", "a", "house"])}
    backend = Tokenizer(models.WordLevel(words, unk_token="<s>"))
    backend.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    shape = {"num_attention_heads": 2, "vocab_size": len(words), "max_position_embeddings": 4096}
    config = transformers.LlamaConfig(hidden_size=16, intermediate_size=16, num_hidden_layers=n_layers - 1, **shape)
    torch.manual_seed(0)
    transformers.LlamaForCausalLM(config).save_pretrained(folder)
    transformers.PreTrainedTokenizerFast(tokenizer_object=backend, bos_token="<s>").save_pretrained(folder)
    return str(folder)


def put_words(bank: Path, n: int) -> list[str]:
    """Stories of words."""
    rng = np.random.default_rng(0)
    rows = [
        {"stimulus_set": "words", "stimulus_id": f"words.{i}", "position": i, "text": f"w{rng.integers(100)}"}
        | {"document_id": f"{i * STORIES // n}", "context_id": f"{i * STORIES // n}", "separator": " "}
        for i in range(n)
    ]
    write_table(bank, "stimuli", "words", pa.Table.from_pylist(rows, schema=TABLES["stimuli"]))
    return [row["stimulus_id"] for row in rows]


def bare(states: torch.Tensor, ids: list[str], file: Path) -> None:
    """Encoding, compression and both hashes, and nothing else, on all cores."""

    def one(k: int) -> bytes:
        return EncodedLayer.of("m", "words", RECIPE, k, "m", ids, states[k].float().numpy()).parquet

    with ThreadPoolExecutor(os.cpu_count()) as pool, file.open("wb") as out:
        for encoded in pool.map(one, range(len(states))):
            out.write(encoded)
    sha256_file(file)


def timed(function: Callable[[], Any]) -> tuple[float, float]:
    """Wall and CPU seconds."""
    wall, cpu = time.perf_counter(), time.process_time()
    function()
    return time.perf_counter() - wall, time.process_time() - cpu


def main() -> None:
    """Print both times, and their ratio."""
    n_layers, n, width = map(int, (*sys.argv[1:], *("33", "10256", "4096")[len(sys.argv) - 1 :]))
    states = torch.randn(n_layers, n, width, dtype=torch.bfloat16, generator=torch.Generator().manual_seed(0))
    run_part = run.run_part

    def costs_nothing(runner: Runner, reading: Reading, part: list[list[int]]) -> BatchResult:
        real = run_part(runner, reading, part)
        return BatchResult(**vars(real) | {"states": states[:, torch.from_numpy(real.items)]})

    with tempfile.TemporaryDirectory() as folder:
        bank = Path(folder, "bank")
        bank.mkdir()
        model, ids = save_network(Path(folder, "model"), n_layers), put_words(bank, n)
        start = timed(lambda: extract(ExtractionRequest(bank, [model], ["words"], [RECIPE.name])))
        run.run_part = costs_nothing
        least = timed(lambda: bare(states, ids, Path(folder, "bare")))
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        ours = timed(lambda: extract(ExtractionRequest(bank, [model], ["words"], [RECIPE.name], name="wide")))
        after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"{n_layers} layers of {n:,} words, width {width}, bfloat16; {os.cpu_count()} cores")
    print("| | wall s | CPU s |\n|---|---|---|")
    for label, (wall, cpu) in (("encoding and hashes alone", least), ("the same network, 16 wide", start)):
        print(f"| {label} | {wall:.1f} | {cpu:.1f} |")
    print(f"| the whole of `extract` | {ours[0]:.1f} | {ours[1]:.1f} |")
    print(
        f"| less the narrow network, times the bare work | {(ours[0] - start[0]) / least[0]:.2f} | "
        f"{(ours[1] - start[1]) / least[1]:.2f} |"
    )
    print(f"peak memory: {(after - before) / 2**20:.1f} GiB more than the states and the bare work need")


if __name__ == "__main__":
    main()
