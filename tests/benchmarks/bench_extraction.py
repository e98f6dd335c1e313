"""How fast extraction is, beside the ways it replaces: ``python tests/benchmarks/bench_extraction.py``.

Ratios are taken within one run, of process CPU time with one thread, the shapes that are compared taken in turn: they
hold on a busy machine too. The model has the shape of GPT-2 small and random weights; BRAINLAKE_MIRROR names the folder
with the tokenizer and the texts. minicons and surprisal take part if they can be imported.
"""

import csv
import importlib.util
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import torch
import transformers
from tokenizers import Tokenizer, decoders, models, pre_tokenizers

from brainlake.recipe import parse_recipe
from brainlake.schema import TABLES
from brainlake_builder.batching import BUDGETS, Batch, pad, schedule
from brainlake_builder.contexts import read_stimuli
from brainlake_builder.extract import extract
from brainlake_builder.models import make_runner
from brainlake_builder.models.loading import LoadedModel, load_model
from brainlake_builder.prefixes import join_prefixes
from brainlake_builder.text import Stimuli
from brainlake_builder.writer import write_table

MIRROR = Path(os.environ["BRAINLAKE_MIRROR"])
END = "<|endoftext|>"
N_WORDS, N_PASSAGES, N_SENTENCES = 1000, 12, 60


def save_gpt2(folder: Path, **shape: int) -> str:
    """A model of GPT-2's shape with random weights and GPT-2's tokenizer."""
    files = MIRROR / "tokenizers/gpt2"
    backend = Tokenizer(models.BPE.from_file(str(files / "encoder.json"), str(files / "vocab.bpe")))
    backend.pre_tokenizer, backend.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    tokenizer = transformers.PreTrainedTokenizerFast(tokenizer_object=backend, bos_token=END, eos_token=END)
    torch.manual_seed(0)
    transformers.GPT2LMHeadModel(transformers.GPT2Config(**shape)).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return str(folder)


def read_rows(path: str, **options: Any) -> list[dict[str, str]]:
    with (MIRROR / path).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file, **options))


def story() -> pa.Table:
    rows = read_rows("naturalstories/naturalstories_RTS/all_stories.tok", delimiter="\t", quoting=csv.QUOTE_NONE)
    return stimuli("story", [[row["word"] for row in rows if row["item"] == "1"][:N_WORDS]])


def passages() -> pa.Table:
    documents: dict[str, list[str]] = {}
    for row in read_rows("pereira2018_stimuli/stimulus_set.csv"):
        if "384" in row["experiment"]:
            documents.setdefault(row["passage_label"], []).append(row["sentence"])
    return stimuli("passages", list(documents.values())[:N_PASSAGES])


def sentences() -> pa.Table:
    rows = read_rows("pereira2018_stimuli/stimulus_set.csv")
    return stimuli("sentences", [[row["sentence"]] for row in rows[:N_SENTENCES]])


def stimuli(name: str, documents: list[list[str]]) -> pa.Table:
    texts = [(d, k, text) for d, document in enumerate(documents) for k, text in enumerate(document)]
    rows = [
        {"stimulus_set": name, "stimulus_id": f"{d}.{k}", "position": i, "document_id": str(d), "context_id": str(d)}
        | {"separator": " " if k else "", "text": text}
        for i, (d, k, text) in enumerate(texts)
    ]
    return pa.Table.from_pylist(rows, schema=TABLES["stimuli"])


def engine(model: LoadedModel, table: pa.Table, surprisal: bool = True) -> tuple[Callable[[], None], list[Batch]]:
    """Everything that extraction does but for files, and the batches that it feeds."""
    one, recipe = Stimuli.from_table("bench", table), parse_recipe("document")
    runner = make_runner(model, recipe, surprisal).__enter__()

    def prepare() -> list[Batch]:
        passes = read_stimuli(one, runner.encoder, recipe, runner.limits).passes
        parts = schedule(passes, BUDGETS["cpu"], model.identity.width * len(runner.taps))
        return [pad([passes[k] for k in batch]) for part in parts for batch in part]

    def run() -> None:
        for batch in prepare():
            runner.run(batch)

    return run, prepare()


def brain_score(model: LoadedModel, table: pa.Table, n_sampled: int) -> float:
    """CPU seconds of one pass a prefix with the language-model head and every block's output as an array.

    ``n_sampled`` prefixes are timed, spread over the text; the time of the others is that of the nearest.
    """
    columns = table.to_pydict()
    places: dict[str, list[int]] = {}
    for place, document in enumerate(columns["document_id"]):
        places.setdefault(document, []).append(place)
    kept: dict[int, np.ndarray] = {}

    def keep(layer: int, output: Any) -> None:
        kept[layer] = (output[0] if isinstance(output, tuple) else output).numpy().copy()

    hooks = [
        block.register_forward_hook(lambda _, __, output, k=k: keep(k, output))
        for k, block in enumerate(model.network.transformer.h)
    ]
    total = 0.0
    for group in places.values():
        prefixes = join_prefixes([columns["text"][k] for k in group])
        sampled = np.unique(np.linspace(0, len(group) - 1, min(n_sampled, len(group))).astype(int))
        seconds = []
        for k in sampled:
            start = time.process_time()
            ids = model.tokenizer(prefixes[int(k)], return_tensors="pt")["input_ids"][:, -1024:]
            with torch.no_grad():
                model.network(input_ids=ids).logits[0, -1].log_softmax(-1)
            seconds.append(time.process_time() - start)
        total += float(np.interp(np.arange(len(group)), sampled, seconds).sum())
    for hook in hooks:
        hook.remove()
    return total


def bare(model: LoadedModel, groups: list[Batch]) -> Callable[[], None]:
    """The model's own forward pass on the same batches, logits and all, nothing read."""

    def run() -> None:
        with torch.inference_mode():
            for batch in groups:
                model.network(input_ids=torch.from_numpy(batch.ids), use_cache=False)

    return run


def minicons(model: LoadedModel, texts: list[str], size: int) -> Callable[[], None]:
    scorer = importlib.import_module("minicons.scorer").IncrementalLMScorer(
        model.network, "cpu", tokenizer=model.tokenizer
    )

    def run() -> None:
        for k in range(0, len(texts), size):
            scorer.token_score(texts[k : k + size], surprisal=True, base_two=True, bos_token=True, bow_correction=True)

    return run


def surprisal(folder: str, texts: list[str], size: int) -> Callable[[], None]:
    scorer = importlib.import_module("surprisal.model").CausalHuggingFaceModel(folder)

    def run() -> None:
        for k in range(0, len(texts), size):
            scorer.surprise(texts[k : k + size])

    return run


def best(*runs: Callable[[], None], repeat: int = 2) -> list[float]:
    """Least CPU seconds of each, taken in turn."""
    seconds = [float("inf")] * len(runs)
    for _ in range(repeat):
        for k, run in enumerate(runs):
            start = time.process_time()
            run()
            seconds[k] = min(seconds[k], time.process_time() - start)
    return seconds


def report(what: str, found: float, wanted: str) -> None:
    sys.stdout.write(f"{what:<78} {found:8.2f}   (wanted: {wanted})\n")
    sys.stdout.flush()


def writing(folder: str, root: Path) -> float:
    """Wall time of a whole extraction over that of its passes alone."""
    write_table(root, "stimuli", "story", story())
    model = load_model(folder)
    run, _ = engine(model, story())
    start = time.perf_counter()
    run()
    passes = time.perf_counter() - start
    start = time.perf_counter()
    extract(root, [folder], ["story"])
    return (time.perf_counter() - start) / passes


def peak(folder: str, way: str) -> float:
    """Peak above the loaded model (MB), in a process of its own."""
    done = subprocess.run([sys.executable, __file__, folder, way], capture_output=True, text=True, check=True)
    return float(done.stdout)


def memory(folder: str, way: str) -> None:
    """Print the peak above the loaded model (MB); Linux only."""
    torch.set_num_threads(1)
    model = load_model(folder)
    run, groups = engine(model, story())
    Path("/proc/self/clear_refs").write_text("5")  # forget the peak of loading
    before = resident("VmRSS")
    if way == "engine":
        run()
    else:
        with torch.inference_mode():
            for batch in groups:
                output = model.network(input_ids=torch.from_numpy(batch.ids), output_hidden_states=True)
                output.logits.log_softmax(-1)
    sys.stdout.write(str(resident("VmHWM") - before))


def resident(field: str) -> float:
    """A line of /proc/self/status (MB)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(field))


def main() -> None:
    torch.set_num_threads(1)
    transformers.logging.set_verbosity_error()
    root = Path(tempfile.mkdtemp())
    folder = save_gpt2(root / "gpt2-shaped")
    model = load_model(folder)
    for name, table, sampled, wanted in (
        (f"story of {N_WORDS} words", story(), 12, ">= 300"),
        ("passages of 4 sentences", passages(), 4, ">= 5"),
    ):
        run, groups = engine(model, table)
        alone, _ = engine(model, table, surprisal=False)
        ours, activations, theirs = best(run, alone, bare(model, groups))
        naive = brain_score(model, table, sampled)
        report(f"{name}: one pass a prefix / engine, activations", naive / activations, wanted)
        report(f"{name}: one pass a prefix / engine, activations and surprisal", naive / ours, wanted)
        report(f"{name}: rate of engine, both / bare forward pass with logits", theirs / ours, ">= 0.9")
    texts = sentences().column("text").to_pylist()
    run, _ = engine(model, sentences())
    peers: dict[str, Callable[[int], Callable[[], None]]] = {
        "minicons": lambda size: minicons(model, texts, size),
        "surprisal": lambda size: surprisal(folder, texts, size),
    }
    for name, make in peers.items():
        if importlib.util.find_spec(name) is None:
            sys.stdout.write(f"{name} is not installed: left out\n")
            continue
        ours, *theirs = best(run, *(make(size) for size in (1, 8, 32)))
        report(f"sentences: {name} at its best batch size / engine", min(theirs) / ours, ">= 1.2")
    engines, full = (peak(folder, way) for way in ("engine", "full"))
    report(f"story: peak memory above the model, {engines:.0f} MB / {full:.0f} MB", engines / full, "< 0.5")
    report("story: wall time of extraction, files included / its passes alone", writing(folder, root / "bank"), "< 1.1")


if __name__ == "__main__":
    memory(sys.argv[1], sys.argv[2]) if len(sys.argv) > 2 else main()
