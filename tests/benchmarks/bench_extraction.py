"""How fast extraction is, beside the ways it replaces: ``python tests/benchmarks/bench_extraction.py``.

Ratios are taken within one run, of process CPU time with one thread, the shapes that are compared taken in turn: they
hold on a busy machine too. The model has the shape of GPT-2 small and random weights; BRAINLAKE_MIRROR names the folder
with the tokenizer and the texts. minicons and surprisal take part if they can be imported; Brain-Score, whose
dependencies are other versions of ours, if ``--brain-score`` names a Python that has it.
"""

import argparse
import csv
import importlib.util
import json
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

from brainlake.bank.manifest import rebuild_manifest
from brainlake.contract.recipe import parse_recipe
from brainlake.contract.schema import TABLES
from brainlake_builder.extraction.facts import sidecar_facts
from brainlake_builder.extraction.parallel import in_order, one_thread_a_batch
from brainlake_builder.extraction.request import ExtractionRequest
from brainlake_builder.extraction.run import Work, run_and_write
from brainlake_builder.extraction.tasks import list_tasks
from brainlake_builder.models.loading import LoadedModel, load_model, tokenizer_sha256
from brainlake_builder.models.runners import make_runner
from brainlake_builder.tables.writer import write_table
from brainlake_builder.text.batching import BUDGETS, Batch, pad, schedule
from brainlake_builder.text.contexts import read_stimuli
from brainlake_builder.text.documents import Stimuli
from brainlake_builder.text.prefixes import join_prefixes

MIRROR = Path(os.environ["BRAINLAKE_MIRROR"])
END = "<|endoftext|>"
N_WORDS, WRITTEN_WORDS, N_PASSAGES, N_SENTENCES = 1000, 3000, 32, 120


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


def story(n_words: int | None = None) -> pa.Table:
    rows = read_rows("naturalstories/naturalstories_RTS/all_stories.tok", delimiter="\t", quoting=csv.QUOTE_NONE)
    if n_words:  # of as many stories as it takes
        stories: dict[str, list[str]] = {}
        for row in rows[:n_words]:
            stories.setdefault(row["item"], []).append(row["word"])
        return stimuli("story", list(stories.values()))
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


Text = tuple[list[str], list[int]]
"""Stimuli of a document, and the places of those that one pass a prefix is timed on."""


def texts_to_time(table: pa.Table, n_timed: int) -> list[Text]:
    """Documents of a set, in each of which ``n_timed`` stimuli stand for the others."""
    documents: dict[str, list[str]] = {}
    for document, text in zip(table["document_id"].to_pylist(), table["text"].to_pylist(), strict=True):
        documents.setdefault(document, []).append(text)
    return [
        (texts, sorted({round(k) for k in np.linspace(0, len(texts) - 1, min(n_timed, len(texts)))}))
        for texts in documents.values()
    ]


def in_all(texts: list[Text], seconds: list[list[float]]) -> float:
    """CPU seconds for every stimulus, from those that were timed: the others lie between."""
    return sum(
        float(np.interp(np.arange(len(stimuli)), timed, found).sum())
        for (stimuli, timed), found in zip(texts, seconds, strict=True)
    )


def one_pass_a_prefix(model: LoadedModel, texts: list[Text], surprisal: bool) -> list[list[float]]:
    """CPU seconds of what Brain-Score's ``digest_text`` does for a stimulus, without its xarray assemblies."""
    kept: dict[int, torch.Tensor] = {}
    hooks = [
        block.register_forward_hook(
            lambda _, __, output, k=k: kept.update({k: output[0] if isinstance(output, tuple) else output})
        )
        for k, block in enumerate(model.network.transformer.h)
    ]
    found = []
    for stimuli, timed in texts:
        seconds = []
        for place in timed:
            n_before = len(model.tokenizer(" ".join(stimuli[:place]))["input_ids"])
            start = time.process_time()
            fed = model.tokenizer(join_prefixes(stimuli[: place + 1])[place], return_tensors="pt")
            n_tokens = fed["input_ids"].shape[1]
            fed = {name: values[:, -1024:] for name, values in fed.items()}
            with torch.no_grad():
                logits = model.network(**fed, use_cache=False).logits[0]
            # What overflows the window counts as read; a first token has nothing before it.
            n_new = min(n_tokens - n_before, len(logits) - 1)
            if surprisal and n_new:
                ids = fed["input_ids"][0]
                torch.nn.functional.cross_entropy(logits[-n_new - 1 : -1], ids[-n_new:], reduction="sum")
            np.concatenate([states[:, -1:].squeeze(0).numpy() for states in kept.values()], axis=-1)
            seconds.append(time.process_time() - start)
        found.append(seconds)
    for hook in hooks:
        hook.remove()
    return found


def brain_score(python: str, folder: str, texts: list[Text], surprisal: bool) -> list[list[float]]:
    """CPU seconds of Brain-Score itself for each stimulus that is timed, in its own environment."""
    command = [python, str(Path(__file__).with_name("brain_score.py")), folder, "both" if surprisal else "activations"]
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(command, input=json.dumps(texts), capture_output=True, text=True, env=clean, check=True)
    found: list[list[float]] = json.loads(done.stdout.splitlines()[-1])
    return found


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


def best(*runs: Callable[[], None], repeat: int = 2, clock: Callable[[], float] = time.process_time) -> list[float]:
    """Least seconds of each, taken in turn."""
    seconds = [float("inf")] * len(runs)
    for _ in range(repeat):
        for k, run in enumerate(runs):
            start = clock()
            run()
            seconds[k] = min(seconds[k], clock() - start)
    return seconds


def report(what: str, found: float, wanted: str) -> None:
    sys.stdout.write(f"{what:<78} {found:8.2f}   (wanted: {wanted})\n")
    sys.stdout.flush()


def writing(folder: str, root: Path) -> float:
    """Wall time from the first pass to the last file and the manifest, over that of the passes alone."""
    table = story(WRITTEN_WORDS)
    write_table(root, "stimuli", "story", table)
    (task,) = list_tasks(ExtractionRequest(root, [folder], ["story"], ["document"]))
    model = load_model(task.files)
    key = task.key(task.files.weights_sha256, tokenizer_sha256(model.tokenizer))
    with one_thread_a_batch("cpu") as workers, make_runner(model, task.recipe) as runner:
        reading = read_stimuli(task.stimuli, runner.encoder, task.recipe, runner.limits)
        facts = sidecar_facts(runner, task, reading, key, [])
        parts = schedule(reading.passes, BUDGETS["cpu"], model.identity.width * len(runner.taps))
        batches = [pad([reading.passes[k] for k in batch]) for part in parts for batch in part]

        def passes() -> None:
            for _ in in_order(runner.run, batches, workers):
                pass

        def files() -> None:
            run_and_write(Work(root, runner, task, reading, facts), workers, list)
            rebuild_manifest(root)

        alone, written = best(passes, files, repeat=3, clock=time.perf_counter)
    return written / alone


def peak(folder: str, way: str) -> float:
    """Peak above the loaded model (MB), in a process of its own."""
    done = subprocess.run(
        [sys.executable, __file__, "--memory", folder, way], capture_output=True, text=True, check=True
    )
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


def main(python: str | None) -> None:
    torch.set_num_threads(1)
    transformers.logging.set_verbosity_error()
    root = Path(tempfile.mkdtemp())
    folder = save_gpt2(root / "gpt2-shaped")
    model = load_model(folder)
    for name, table, timed, wanted in (
        (f"story of {N_WORDS} words", story(), 8, ">= 300"),
        (f"{N_PASSAGES} passages of 4 sentences", passages(), 4, ">= 5"),
    ):
        texts = texts_to_time(table, timed)
        for both in (False, True):
            run, groups = engine(model, table, both)
            what = "activations and surprisal" if both else "activations"
            (before,) = best(run)
            prefixes = in_all(texts, one_pass_a_prefix(model, texts, both))
            theirs = in_all(texts, brain_score(python, folder, texts, both)) if python else None
            ours, forward = best(run, bare(model, groups))
            ours = min(ours, before)
            report(f"{name}, {what}: one pass a prefix / engine", prefixes / ours, wanted)
            if theirs is not None:
                report(f"{name}, {what}: Brain-Score / engine", theirs / ours, wanted)
        report(f"{name}: rate of engine, both / bare forward pass with logits", forward / ours, ">= 0.9")
    read = sentences().column("text").to_pylist()
    run, _ = engine(model, sentences())
    peers: dict[str, Callable[[int], Callable[[], None]]] = {
        "minicons": lambda size: minicons(model, read, size),
        "surprisal": lambda size: surprisal(folder, read, size),
    }
    for name, make in peers.items():
        if importlib.util.find_spec(name) is None:
            sys.stdout.write(f"{name} is not installed: left out\n")
            continue
        ours, *theirs = best(run, *(make(size) for size in (1, 8, 32)))
        report(f"sentences: {name} at its best batch size / engine", min(theirs) / ours, ">= 1.2")
    engines, full = (peak(folder, way) for way in ("engine", "full"))
    report(f"story: peak memory above the model, {engines:.0f} MB / {full:.0f} MB", engines / full, "< 0.5")
    written = writing(folder, root / "bank")
    report(f"{WRITTEN_WORDS} words: wall time of passes and files / of the passes alone", written, "< 1.1")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--brain-score", metavar="PYTHON", help="a Python in which brainscore_language is installed")
    parser.add_argument("--memory", nargs=2, metavar=("MODEL", "WAY"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    memory(*arguments.memory) if arguments.memory else main(arguments.brain_score)
