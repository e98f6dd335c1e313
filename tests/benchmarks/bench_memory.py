"""Peak memory of `brain` over models and over layers, and of `extract` over stimuli.

    python tests/benchmarks/bench_memory.py [FOLDER]

`brain` scores simulated models of 192 stimuli x 2,048 features on 100 targets, one layer at a time; `extract` runs a
random model of 4 layers x 256 on sentences of Natural Stories' words. Prints seconds of the processor and the largest
resident memory of each command.
"""

import csv
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
from asked_folder import asked_folder
from bench_brain import activations
from bench_extraction import read_rows, save_gpt2, stimuli
from bench_many_models import humans

from brainlake import open_bank
from brainlake.bank.manifest import rebuild_manifest
from brainlake.contract.recipe import parse_recipe
from brainlake_builder.tables.registry import register_model
from brainlake_builder.tables.writer import write_activations, write_table

N, TARGETS, WIDTH = 192, 100, 2048
BANKS = [(3, 4), (30, 4), (3, 33)]
"""Models, and layers of each."""
STIMULI = (1_000, 4_000, 16_000)


def models(root: Path, count: int, depth: int) -> None:
    facts = {"stimuli_sha256": str(open_bank(root).sidecar("stimuli", "set").stimuli_sha256), "model_revision": "r"}
    ids = [f"s{i}" for i in range(N)]
    for number in range(count):
        register_model(root, {"model": f"m{number}", "n_layers": depth - 1, "width": WIDTH}, "r")
        layers = ((k, f"layers.{k}", activations(N, k, number, WIDTH)) for k in range(depth))
        write_activations(root, f"m{number}", "set", parse_recipe("document"), ids, layers, **facts)
    rebuild_manifest(root)


def peak(what: str, *command: str) -> None:
    process = subprocess.Popen([sys.executable, "-m", *command], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    error = process.stderr.read().decode() if process.stderr else ""
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(error)
    print(f"{what:40} {usage.ru_utime + usage.ru_stime:6.1f} s CPU {usage.ru_maxrss / 2**20:5.2f} GB", flush=True)


def main(folder: Path) -> None:
    for count, depth in BANKS:
        root = folder / f"{count}x{depth}"
        if not (root / "manifest.json").exists():
            humans(root, N, TARGETS, group=16)
            models(root, count, depth)
        more = ("--benchmark", "b", "--bootstrap", "0", "--threads", "1")
        peak(f"brain, {count} models of {depth} layers", "brainlake", "brain", str(root), *more)
    model = save_gpt2(folder / "model", n_embd=256, n_layer=4, n_head=4)
    rows = read_rows("naturalstories/naturalstories_RTS/all_stories.tok", delimiter="\t", quoting=csv.QUOTE_NONE)
    words = [row["word"] for row in rows]
    for n in STIMULI:
        bank = folder / f"stimuli{n}"
        drawn = np.random.default_rng(0).choice(words, (n, 3))
        write_table(bank, "stimuli", "set", stimuli("set", [[" ".join(row)] for row in drawn]))
        rebuild_manifest(bank)
        more = ("--stimuli", "set", "--bank", str(bank))
        peak(f"extract, {n:,} stimuli", "brainlake_builder", "extract", "--model", model, *more)


if __name__ == "__main__":
    with asked_folder(__doc__) as folder:
        main(folder)
