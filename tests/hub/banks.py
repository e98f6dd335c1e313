"""Features added to the toy bank, with the checks that publishing asks for."""

import numpy as np

from brainlake import open_bank, parse_recipe
from brainlake.bank.manifest import rebuild_manifest
from brainlake.bank.sidecars import remove_sidecar
from brainlake_builder.tables.registry import register_model
from brainlake_builder.tables.writer import write_activations, write_surprisal

CHECKS = [{"name": "prefix", "value": 1e-6, "tolerance": 1e-4, "passed": True}]


def add_model(root, model, X, recipe="document", checks=CHECKS, surprisal=True):
    """A model with activations X, shape (layers, n, d), on the toy stimuli, and surprisal."""
    stimuli = open_bank(root).sidecar("stimuli", "toy")
    facts = {"stimuli_sha256": stimuli.stimuli_sha256, "model_revision": "r1"}
    ids, recipe = [f"toy.{i}" for i in range(stimuli.n)], parse_recipe(recipe)
    register_model(root, {"model": model, "n_layers": len(X) - 1, "width": X.shape[2]}, "r1")
    layers = ((k, f"block {k}", np.ascontiguousarray(values, np.float32)) for k, values in enumerate(X))
    write_activations(root, model, "toy", recipe, ids, layers, checks=checks, **facts)
    if surprisal:
        values = np.random.default_rng(len(model)).gamma(2, 3, len(ids))
        columns = {"stimulus_id": ids, "surprisal": values, "surprisal_tokens": values, "entropy": values}
        write_surprisal(root, model, "toy", recipe, columns | {"n_tokens": [1] * len(ids)}, **facts)
    rebuild_manifest(root)


def take_away(root, path):
    """Remove a file and its sidecar."""
    remove_sidecar(root, path.relative_to(root).as_posix())
    path.unlink()


def values(layers=3, n=60, d=5, seed=0):
    """Activations with the precision of a half-precision pass."""
    rng = np.random.default_rng(seed)
    return rng.standard_normal((layers, n, d)).astype(np.float16).astype(np.float32)
