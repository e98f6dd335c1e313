"""The command `brainlake brain` on a whole model, and what its kernels weigh.

    python tests/benchmarks/bench_brain.py [FOLDER]

A simulated model of LLaMA-7B's shape (33 layers x 4,096 features, massive dimensions included) on the two Pereira2018
experiments (243 and 384 sentences), as float16 activations, and 12,155 simulated voxels of nine subjects. The bank is
built in FOLDER (a temporary one by default, 400 MB) and left alone if it is there. Prints wall time and peak memory
of the command, of its parts, and the bytes of kernels beside those of activations.
"""

import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
from asked_folder import asked_folder

from brainlake import open_bank
from brainlake.bank.manifest import rebuild_manifest
from brainlake.contract.digests import stimuli_sha256
from brainlake.contract.recipe import parse_recipe
from brainlake.contract.schema import TABLES
from brainlake_builder.tables.registry import register_model
from brainlake_builder.tables.writer import write_activations, write_table

LAYERS, WIDTH, VOXELS, SUBJECTS = 33, 4096, 12_155, 9
SETS = {"experiment.243": 243, "experiment.384": 384}


def activations(n: int, layer: int, seed: int, width: int = WIDTH) -> np.ndarray:
    """Power-law spectrum, a common mean and four massive dimensions, rounded to float16 as extraction does."""
    rng = np.random.default_rng([seed, layer])
    Z = rng.standard_normal((n, n), dtype=np.float32) * np.arange(1, n + 1, dtype=np.float32) ** -0.5
    X = Z @ rng.standard_normal((n, width), dtype=np.float32)
    X = X / X.std() + 0.1 * rng.standard_normal((n, width), dtype=np.float32)
    X += 3 * np.random.default_rng(layer).standard_normal(width, dtype=np.float32)
    X[:, np.array([7, 1415, 2533, 3431]) % width] = 300 + 30 * rng.standard_normal((n, 4), dtype=np.float32)
    return X.astype(np.float16).astype(np.float32)


def put(root: Path, table: str, name: str, rows: list[dict]) -> None:
    write_table(root, table, name, pa.Table.from_pylist(rows, schema=TABLES[table]))


def build(root: Path) -> None:
    rng = np.random.default_rng(0)
    recipe = parse_recipe("document+dtype=float16")
    register_model(root, {"model": "simulated", "n_layers": LAYERS - 1, "width": WIDTH}, "r1")
    for seed, (name, n) in enumerate(SETS.items()):
        plain = {"stimulus_set": name, "separator": " ", "text": "some words of a sentence"}
        rows = [
            plain
            | {"stimulus_id": f"{name}.{i}", "position": i, "document_id": f"{i // 4}", "context_id": f"{i // 4}"}
            | {"group_id": f"{name}.{i // 16}"}
            for i in range(n)
        ]
        put(root, "stimuli", name, rows)
        digest = stimuli_sha256(pa.Table.from_pylist(rows, schema=TABLES["stimuli"]))
        layers = ((k, f"layers.{k}", activations(n, k, seed)) for k in range(LAYERS))
        ids = [row["stimulus_id"] for row in rows]
        write_activations(root, "simulated", name, recipe, ids, layers, stimuli_sha256=digest, model_revision="r1")
    signal = np.concatenate([activations(n, 20, seed)[:, 100:164] for seed, n in enumerate(SETS.values())])
    Y = signal @ rng.standard_normal((64, VOXELS), dtype=np.float32) * 0.05
    Y += rng.standard_normal(Y.shape, dtype=np.float32)
    rows = [(name, f"{name}.{i}") for name, n in SETS.items() for i in range(n)]
    responses, targets = [], []
    for subject, columns in enumerate(np.array_split(np.arange(VOXELS), SUBJECTS)):
        targets += [
            {"benchmark": "both", "subject": f"s{subject}", "index": i, "target_id": f"v{v}"}
            for i, v in enumerate(columns)
        ]
        for (name, stimulus), y in zip(rows, Y[:, columns], strict=True):
            row = {"benchmark": "both", "stimulus_set": name, "subject": f"s{subject}", "row_id": stimulus}
            responses.append(row | {"presentation": 0, "response": y})
    put(root, "benchmarks", "both", [{"benchmark": "both", "stimulus_sets": list(SETS), "unit": "stimulus"}])
    put(root, "responses", "both", responses)
    put(root, "targets", "both", targets)
    rebuild_manifest(root)


def timed(*arguments: str) -> None:
    start = time.perf_counter()
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    subprocess.run([sys.executable, "-m", "brainlake", *arguments], check=True, stdout=subprocess.DEVNULL)
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(
        f"{time.perf_counter() - start:6.1f} s wall, {usage.ru_utime - before:6.1f} s user, "
        f"peak {usage.ru_maxrss / 2**20:.2f} GB so far   brainlake {' '.join(arguments)}",
        flush=True,
    )


def main(root: Path) -> None:
    if not (root / "manifest.json").exists():
        build(root)
    command = ("brain", str(root), "--benchmark", "both", "--by")
    timed(*command, "--baselines", "--bootstrap", "0")
    timed(*command, "--baselines")
    timed(*command, "--baselines", "--bootstrap", "0", "--permutations", "1000")
    timed(*command)
    subprocess.run([sys.executable, "-m", "brainlake_builder", "kernels", "--bank", str(root)], check=True)
    manifest = open_bank(root).sql("select kind, n, d, bytes from manifest where kind in ('activations', 'kernels')")
    float16 = LAYERS * sum(SETS.values()) * WIDTH * 2
    for kind, size in manifest.group_by("kind").agg(pl.col("bytes").sum()).iter_rows():
        print(f"{kind}: {size / 1e6:.1f} MB, raw float16 activations {float16 / 1e6:.1f} MB = {float16 / size:.1f} x")


if __name__ == "__main__":
    with asked_folder(__doc__) as folder:
        main(folder)
