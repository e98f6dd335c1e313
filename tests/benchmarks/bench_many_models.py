"""A bank of 300 models: opened, asked, scored, interrupted and continued, and added to.

    python tests/benchmarks/bench_many_models.py [FOLDER]

300 simulated models of 3 layers x 32 features with surprisal, on 120 sentences and 20 targets; half of the
bank is built at once, the rest too, then one model more is added to it and to an empty bank. Prints wall and CPU time,
and peak memory, of each command.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import polars as pl
from asked_folder import asked_folder
from bench_brain import activations, put

from brainlake import open_bank
from brainlake.bank.manifest import rebuild_manifest
from brainlake.contract.recipe import parse_recipe
from brainlake_builder.tables.registry import register_model
from brainlake_builder.tables.writer import write_activations, write_surprisal

N, TARGETS, LAYERS, WIDTH = 120, 20, 3, 32
RECIPE = parse_recipe("document")


def humans(root: Path, n: int = N, n_targets: int = TARGETS, group: int = 8) -> None:
    """Responses at random to so many sentences, in groups of a size."""
    plain = {"stimulus_set": "set", "separator": " ", "text": "some words of a sentence"}
    places = [{"stimulus_id": f"s{i}", "position": i, "document_id": f"{i // 4}", "context_id": "c"} for i in range(n)]
    put(root, "stimuli", "set", [plain | place | {"group_id": f"{i // group}"} for i, place in enumerate(places)])
    Y = np.random.default_rng(0).standard_normal((n, n_targets)).astype(np.float32)
    plain = {"benchmark": "b", "subject": "s"}
    put(root, "benchmarks", "b", [{"benchmark": "b", "stimulus_sets": ["set"], "unit": "stimulus"}])
    row = plain | {"stimulus_set": "set", "presentation": 0}
    put(root, "responses", "b", [row | {"row_id": f"s{i}", "response": y} for i, y in enumerate(Y)])
    put(root, "targets", "b", [plain | {"index": i, "target_id": f"t{i}"} for i in range(n_targets)])
    rebuild_manifest(root)


def add(root: Path, number: int) -> None:
    """Put a model into a bank, without its manifest."""
    name, ids = f"org--model-{number:03}", [f"s{i}" for i in range(N)]
    facts = {"stimuli_sha256": str(open_bank(root).sidecar("stimuli", "set").stimuli_sha256), "model_revision": "r"}
    register_model(root, {"model": name, "n_layers": LAYERS - 1, "width": WIDTH, "family": "simulated"}, "r")
    layers = ((k, f"layers.{k}", activations(N, k, number, WIDTH)) for k in range(LAYERS))
    write_activations(root, name, "set", RECIPE, ids, layers, **facts)
    bits = np.random.default_rng(number).gamma(2, 3, N)
    columns = {"stimulus_id": ids, "surprisal": bits, "surprisal_tokens": bits, "entropy": bits, "n_tokens": [1] * N}
    write_surprisal(root, name, "set", RECIPE, columns, **facts)


def timed(what: str, *command: str, stop_after: float | None = None) -> None:
    start = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", *command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, process_group=0
    )
    if stop_after is not None:
        time.sleep(stop_after)
        process.terminate()
    _, _, usage = os.wait4(process.pid, 0)
    wall, cpu = time.perf_counter() - start, usage.ru_utime + usage.ru_stime
    print(f"{what:32} {wall:6.1f} s wall {cpu:6.1f} s CPU {usage.ru_maxrss / 2**20:5.2f} GB", flush=True)


def adding(root: Path, number: int) -> None:
    add(root, number)
    start, cpu = time.perf_counter(), time.process_time()
    rebuild_manifest(root)
    wall, cpu = time.perf_counter() - start, time.process_time() - cpu
    files = len(open_bank(root).files)
    print(f"manifest of {files} files, one model more: {wall:.2f} s wall {cpu:.2f} s CPU", flush=True)


def main(folder: Path, models: int = 300) -> None:
    empty, root = folder / "empty", folder / "many"
    if not (root / "manifest.json").exists():
        humans(root)
        for number in range(models):
            add(root, number)
        rebuild_manifest(root)
    humans(empty)
    adding(empty, 0)
    adding(root, models)
    start = time.perf_counter()
    open_bank(root)
    print(f"open_bank: {time.perf_counter() - start:.2f} s wall")
    timed("info", "brainlake", "info", str(root))
    query = "select model, avg(surprisal) from surprisal group by model order by 2"
    timed("sql over all surprisals", "brainlake", "sql", str(root), query)
    out, whole = folder / "scores.parquet", folder / "whole.parquet"
    command = ("brainlake", "brain", str(root), "--benchmark", "b", "--out")
    timed("brain", *command, str(whole))
    timed("brain, stopped after 25 s", *command, str(out), stop_after=25)
    kept = folder / "scores.parquet.unfinished"
    print(f"kept: {len(list(kept.iterdir()))} models")
    timed("brain, continued", *command, str(out))
    print("the same table:", pl.read_parquet(out).equals(pl.read_parquet(whole)))


if __name__ == "__main__":
    with asked_folder(__doc__) as folder:
        main(folder)
