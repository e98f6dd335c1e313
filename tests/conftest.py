"""Small banks made on the fly, and the real data that BRAINLAKE_MIRROR points to."""

import os
import shutil
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from banks import stimuli_table
from brainlake.bank.manifest import rebuild_manifest
from brainlake.contract.digests import stimuli_sha256
from brainlake.contract.recipe import parse_recipe
from brainlake.contract.schema import TABLES
from brainlake_builder.tables.registry import register_model
from brainlake_builder.tables.writer import write_activations, write_surprisal, write_table
from hub.fixtures import bank, hub, repo  # noqa: F401
from hub.local_hub import stand_in

LOCAL_HUB = stand_in()
"""Takes the place of the real Hub for the whole session: no test reaches the network."""


def pytest_unconfigure():
    """Stop the local Hub and remove what was cached from it."""
    LOCAL_HUB.close()
    shutil.rmtree(os.environ["HF_HOME"], ignore_errors=True)


@pytest.fixture(scope="session")
def local_hub():
    """The local Hub."""
    return LOCAL_HUB


N, D, GROUPS, LAYERS = 60, 5, 6, 3
ROIS = ("front", "back", "all")


NEEDS = {
    "mirror": (
        bool(os.environ.get("BRAINLAKE_MIRROR")),
        "BRAINLAKE_MIRROR is not set: {} tests on real data were left out",
    ),
    "distributed": (find_spec("ray") is not None, "Ray is not installed: {} tests on a cluster were left out"),
}
"""Markers of tests that need more than the extra ``test`` gives: whether it is there, and what is said if it is not."""


def pytest_collection_modifyitems(config, items):
    """Leave out what needs something that is not there, and count it."""
    config.stash[LEFT_OUT] = {}
    for marker, (there, _) in NEEDS.items():
        left_out = [] if there else [item for item in items if item.get_closest_marker(marker)]
        if left_out:
            config.hook.pytest_deselected(items=left_out)
            items[:] = [item for item in items if item not in left_out]
            config.stash[LEFT_OUT][marker] = len(left_out)


LEFT_OUT = pytest.StashKey[dict[str, int]]()


def pytest_terminal_summary(terminalreporter, config):
    """Say what was not tested."""
    for marker, n in config.stash.get(LEFT_OUT, {}).items():
        terminalreporter.write_line(NEEDS[marker][1].format(n))


@pytest.fixture(scope="session")
def mirror() -> Path:
    """Folder of the real data."""
    return Path(os.environ["BRAINLAKE_MIRROR"])


@pytest.fixture(scope="session")
def toy_arrays():
    """Activations (layers, n, d), responses (n, 3) driven by layer 1, and reading times."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((LAYERS, N, D)).astype(np.float32)
    Y = X[1] @ rng.standard_normal((D, len(ROIS))) + rng.standard_normal((N, len(ROIS)))
    surprisal = rng.gamma(2, 3, N)
    times = 300 + 5 * surprisal + 30 * rng.standard_normal(N)
    return X, Y.astype(np.float32), surprisal, times


def build_toy_bank(root: Path, arrays) -> Path:
    """A whole bank, small: one stimulus set, model, recipe, brain benchmark and reading-time benchmark."""
    X, Y, surprisal, times = arrays
    texts = [f"{'w' * (1 + i % 7)} number {i}" for i in range(N)]
    stimuli = stimuli_table(texts)
    ids = stimuli.column("stimulus_id").to_pylist()
    write_table(root, "stimuli", "toy", stimuli)
    facts = {"stimuli_sha256": stimuli_sha256(stimuli), "model_revision": "r1"}
    recipe = parse_recipe("document")
    register_model(root, {"model": "m", "n_layers": LAYERS - 1, "width": D}, "r1")
    layers = ((k, f"block {k}", X[k]) for k in range(LAYERS))
    write_activations(root, "m", "toy", recipe, ids, layers, **facts)
    columns = {"stimulus_id": ids, "surprisal": surprisal, "surprisal_tokens": surprisal + 1}
    columns |= {"entropy": surprisal, "n_tokens": [1 + i % 3 for i in range(N)]}
    write_surprisal(root, "m", "toy", recipe, columns, **facts)
    for name, table in human_tables(ids, Y, times).items():
        write_table(root, name, table.column("benchmark")[0].as_py(), table)
    write_table(root, "benchmarks", "toy.reading", _benchmark("toy.reading", None))
    rebuild_manifest(root)
    return root


def human_tables(ids, Y, times) -> dict[str, pa.Table]:
    """Responses of one subject with three regions, and mean reading times of which the first is not scored."""
    n = len(ids)
    reading = {"benchmark": "toy.reading", "stimulus_set": "toy", "measure": "self_paced_rt", "unit": "ms"}
    reading |= {"skipped": False}
    ceilings = [
        {"benchmark": "toy.brain", "roi": roi, "method": "made up", "scale": "max_r", "value": 0.8, "source": "here"}
        for roi in ROIS
    ]
    rows = {
        "benchmarks": [_benchmark("toy.brain", "stimulus").to_pylist()[0]],
        "responses": [
            {"benchmark": "toy.brain", "stimulus_set": "toy", "subject": "s", "row_id": name, "presentation": 0}
            | {"response": Y[i].tolist()}
            for i, name in enumerate(ids)
        ],
        "targets": [
            {"benchmark": "toy.brain", "subject": "s", "index": i, "target_id": roi, "roi": roi}
            for i, roi in enumerate(ROIS)
        ],
        "ceilings": ceilings,
        "reading_times": [
            reading | {"stimulus_id": ids[i], "value": float(times[i]), "n_subjects": 80, "scored": i > 0}
            for i in range(n)
        ],
    }
    return {name: pa.Table.from_pylist(content, schema=TABLES[name]) for name, content in rows.items()}


def _benchmark(name: str, unit: str | None) -> pa.Table:
    row = {"benchmark": name, "stimulus_sets": ["toy"], "unit": unit}
    return pa.Table.from_pylist([row], schema=TABLES["benchmarks"])


@pytest.fixture(scope="session")
def toy_bank(tmp_path_factory, toy_arrays) -> Path:
    """A bank to read."""
    return build_toy_bank(tmp_path_factory.mktemp("toy"), toy_arrays)


@pytest.fixture
def own_bank(tmp_path, toy_arrays) -> Path:
    """A bank to break."""
    return build_toy_bank(tmp_path / "bank", toy_arrays)


@pytest.fixture(scope="session")
def demo(tmp_path_factory):
    """The demo bank, built once, and what it recovered."""
    from brainlake_builder.demo.build import build_demo

    root = tmp_path_factory.mktemp("readme") / "demo"
    return root, build_demo(root)


@pytest.fixture(scope="session")
def demo_bank(demo) -> Path:
    """Folder of the demo bank."""
    return demo[0]
