"""The command `brainlake brain` on few targets, where the n x n work rules: one large model, and ten small ones.

    BRAINLAKE_MIRROR=... python tests/benchmarks/bench_laptop.py [FOLDER]

Simulated models on Tuckute2024 (1,000 sentences, six targets): one of LLaMA-7B's shape (33 layers x 4,096 features),
and ten of 3 layers x 128. Banks are built in FOLDER (a temporary one by default, 300 MB) and left alone if they are
there. Prints wall time, CPU time and peak memory of every command.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

from asked_folder import asked_folder
from bench_brain import activations

from brainlake import open_bank
from brainlake.bank.manifest import rebuild_manifest
from brainlake.contract.recipe import parse_recipe
from brainlake_builder.tables.registry import register_model
from brainlake_builder.tables.writer import write_activations

SET = "tuckute2024"


def build(root: Path, names: list[str], layers: int, width: int) -> None:
    """The benchmark from its own files, and models of simulated activations."""
    if (root / "manifest.json").exists():
        return
    command = ("-m", "brainlake_builder", "humans", SET, "--bank", str(root), "--quiet")
    subprocess.run([sys.executable, *command], check=True)
    bank, recipe = open_bank(root), parse_recipe("document+dtype=float16")
    ids, digest = bank.stimuli(SET)["stimulus_id"].to_list(), bank.sidecar("stimuli", SET).stimuli_sha256
    for number, name in enumerate(names):
        register_model(root, {"model": name, "n_layers": layers - 1, "width": width}, "r1")
        values = ((k, f"layers.{k}", activations(len(ids), k, number, width)) for k in range(layers))
        write_activations(root, name, SET, recipe, ids, values, stimuli_sha256=str(digest), model_revision="r1")
    rebuild_manifest(root)


def timed(root: Path, *options: str) -> None:
    """Run the command, and say what it took."""
    command = (sys.executable, "-m", "brainlake", "brain", str(root), "--benchmark", SET, *options)
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{' '.join(command)} failed")
    wall, cpu = time.perf_counter() - start, usage.ru_utime + usage.ru_stime
    said = " ".join(options) or "(defaults)"
    print(f"{wall:6.1f} s wall {cpu:6.1f} s CPU {usage.ru_maxrss / 2**20:5.2f} GB   {root.name} {said}", flush=True)


def main(folder: Path) -> None:
    build(folder / "large", ["large"], 33, 4096)
    build(folder / "small", [f"small{i}" for i in range(10)], 3, 128)
    for root in (folder / "large", folder / "small"):
        timed(root, "--baselines", "--bootstrap", "0")
        timed(root)


if __name__ == "__main__":
    with asked_folder(__doc__) as folder:
        main(folder)
