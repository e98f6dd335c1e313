"""Bytes over the network: one layer of a published bank, and ``info``, counted by a Hub on this machine.

    python tests/benchmarks/bench_network.py

Random activations of 33 layers x 627 sentences x 1,024 features with the precision of a half-precision pass are
published, and read as a stranger would: with nothing in the cache. What is counted are the bodies of all answers.
It prints the table of ``docs/hub.md``, and fails where the page says otherwise.
"""

import contextlib
import io
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from hub.local_hub import LocalHub, stand_in

PAGE = Path(__file__).parents[2] / "docs" / "hub.md"
LAYERS, N, WIDTH, MODELS = 33, 627, 1024, 20


def values(width: int, layers: int) -> np.ndarray:
    rng = np.random.default_rng(0)
    return rng.standard_normal((layers, N, width)).astype(np.float16).astype(np.float32)


def write_bank(root: Path, models: int, width: int, layers: int) -> None:
    import pyarrow as pa

    from brainlake.bank.manifest import rebuild_manifest
    from brainlake.contract.digests import stimuli_sha256
    from brainlake.contract.recipe import parse_recipe
    from brainlake.contract.schema import TABLES
    from brainlake_builder.tables.registry import register_model
    from brainlake_builder.tables.writer import write_activations, write_table
    from hub.banks import CHECKS

    ids = [f"s{i}" for i in range(N)]
    row = {"stimulus_set": "s", "separator": ""}
    rows = [
        row | {"stimulus_id": name, "position": i, "document_id": name, "context_id": name, "text": f"Sentence {i}."}
        for i, name in enumerate(ids)
    ]
    stimuli = pa.Table.from_pylist(rows, schema=TABLES["stimuli"])
    write_table(root, "stimuli", "s", stimuli, redistributable=True, licence="CC0-1.0")
    facts = {"stimuli_sha256": stimuli_sha256(stimuli), "model_revision": "r1", "checks": CHECKS}
    X = values(width, layers)
    for k in range(models):
        register_model(root, {"model": f"m{k}", "n_layers": layers - 1, "width": width}, "r1")
        numbered = ((layer, f"block {layer}", X[layer]) for layer in range(layers))
        write_activations(root, f"m{k}", "s", parse_recipe("document"), ids, numbered, **facts)
    rebuild_manifest(root)


def counted(hub: LocalHub, work: Callable[[], object]) -> float:
    """Megabytes that an action moves where nothing is in the cache."""
    shutil.rmtree(os.environ["HF_HOME"], ignore_errors=True)
    hub.forget()
    work()
    return hub.sent / 1e6


def main() -> None:
    hub = stand_in()
    from brainlake import open_bank
    from brainlake.cli import main as brainlake
    from brainlake_builder.publishing.publish import publish

    with tempfile.TemporaryDirectory() as folder:
        large, many = Path(folder) / "large", Path(folder) / "many"
        write_bank(large, 1, WIDTH, LAYERS)
        write_bank(many, MODELS, 8, 3)
        publish(large, "tester/large")
        publish(many, "tester/many")
        (file,) = (large / "activations").rglob("*.parquet")
        size = file.stat().st_size / 1e6
        opened = counted(hub, lambda: open_bank("tester/large"))
        moved = counted(hub, lambda: open_bank("tester/large").activations("m0", "s", layer=5))
        with contextlib.redirect_stdout(io.StringIO()):
            listed = counted(hub, lambda: brainlake(["info", "tester/many", "--format", "json"]))
    hub.close()
    rows = (
        f"| one layer of {LAYERS} x {N} x {WIDTH:,} activations | {moved - opened:.2f} MB of a file of {size:.1f} MB |",
        f"| opening the bank that it lies in | {opened * 1000:.0f} kB |",
        f"| `brainlake info` on {MODELS} models of one stimulus set | {listed * 1000:.0f} kB |",
    )
    sys.stdout.write("\n".join(rows) + "\n")
    said = PAGE.read_text(encoding="utf-8").splitlines()
    if missing := [row for row in rows if row not in said]:
        sys.exit(f"docs/hub.md says otherwise of {len(missing)} of them")


if __name__ == "__main__":
    main()
