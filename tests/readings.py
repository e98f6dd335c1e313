"""Banks of reading times, made on the fly."""

import numpy as np

from banks import put, put_stimuli
from brainlake.bank.catalogue import open_bank
from brainlake.bank.manifest import rebuild_manifest
from brainlake.contract.digests import stimuli_sha256
from brainlake.contract.recipe import parse_recipe
from brainlake_builder.tables.registry import register_model
from brainlake_builder.tables.writer import write_surprisal


def put_texts(root, name, n_texts=8, n_words=40, seed=0):
    """Words of several texts, some with a comma or full stop; their ids."""
    rng = np.random.default_rng(seed)
    ends = rng.choice(["", "", "", ",", "."], n_texts * n_words)
    words = ["w" * k + end for k, end in zip(rng.integers(1, 10, n_texts * n_words), ends, strict=True)]
    rows = [
        {"text": word, "document_id": f"t{i // n_words}", "group_id": f"t{i // n_words}"}
        for i, word in enumerate(words)
    ]
    return put_stimuli(root, name, rows)


def put_surprisal(root, model, name, surprisal, n_tokens=None, entropy=None):
    """Surprisal of a model, one value a word; NaN is none."""
    stimuli = open_bank(root).stimuli(name)
    none = [None] * len(stimuli)
    columns = {
        "stimulus_id": stimuli["stimulus_id"].to_list(),
        "surprisal": [None if np.isnan(value) else float(value) for value in surprisal],
        "surprisal_tokens": none,
        "entropy": none if entropy is None else entropy,
        "n_tokens": none if n_tokens is None else n_tokens,
    }
    register_model(root, {"model": model}, "r1")
    facts = {"stimuli_sha256": stimuli_sha256(stimuli.to_arrow()), "model_revision": "r1"}
    write_surprisal(root, model, name, parse_recipe("document"), columns, **facts)
    rebuild_manifest(root)


def put_times(root, benchmark, rows, sets=("s",)):
    """Rows of (stimulus id, value), with what differs from a scored self-paced reading time."""
    plain = {
        "benchmark": benchmark,
        "stimulus_set": "s",
        "measure": "rt",
        "unit": "ms",
        "skipped": False,
        "scored": True,
    }
    put(root, "benchmarks", benchmark, [{"benchmark": benchmark, "stimulus_sets": list(sets)}])
    put(root, "reading_times", benchmark, [plain | row for row in rows])
    rebuild_manifest(root)


def put_frequency(root, name, values, source="made-up"):
    """Log frequency, one value a word."""
    ids = open_bank(root).stimuli(name)["stimulus_id"].to_list()
    rows = [
        {"stimulus_set": name, "stimulus_id": i, "name": "log_frequency", "value": value, "source": source}
        for i, value in zip(ids, values, strict=True)
    ]
    put(root, "stimulus_features", f"{name}/{source}", rows)
    rebuild_manifest(root)


def simulated(root, seed=0, effect=4.0, n_people=0, n_texts=8):
    """A corpus of texts, with frequencies and two models, of which the second is noise; surprisal, times, ids.

    Times are means, or of that many people, of different speed and slope.
    """
    rng = np.random.default_rng(seed)
    ids = put_texts(root, "s", n_texts)
    n = len(ids)
    surprisal = rng.gamma(2, 2, n)
    put_surprisal(root, "good", "s", surprisal, n_tokens=rng.integers(1, 4, n).tolist(), entropy=rng.gamma(2, 2, n))
    put_surprisal(root, "noise", "s", rng.gamma(2, 2, n))
    put_frequency(root, "s", rng.normal(-8, 2, n))
    speed, slope = 80 * rng.standard_normal((n_people or 1, 1)), 1 + 0.2 * rng.standard_normal((n_people or 1, 1))
    slope = slope if n_people else 1.0
    times = 300 + speed + slope * effect * surprisal + 20 * rng.standard_normal((n_people or 1, n))
    rows = [
        {"stimulus_id": i, "value": float(value), "subject": f"p{k}" if n_people else None}
        for k, own in enumerate(times)
        for i, value in zip(ids, own, strict=True)
    ]
    put_times(root, "b", rows)
    return surprisal, times, ids
