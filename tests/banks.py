"""Banks with what the toy bank lacks: scans, missing responses, more features than stimuli, composites."""

import numpy as np
import pyarrow as pa

from brainlake.bank.catalogue import open_bank
from brainlake.bank.manifest import rebuild_manifest
from brainlake.contract.digests import stimuli_sha256
from brainlake.contract.recipe import parse_recipe
from brainlake.contract.schema import TABLES
from brainlake_builder.tables.registry import register_model
from brainlake_builder.tables.writer import write_activations, write_table


def stimuli_table(texts, stimulus_set="toy", groups=6) -> pa.Table:
    """Stimuli of documents of equal length."""
    n = len(texts)
    document = [f"d{i * groups // n}" for i in range(n)]
    first = [i == 0 or document[i] != document[i - 1] for i in range(n)]
    return pa.Table.from_pydict(
        {
            "stimulus_set": [stimulus_set] * n,
            "stimulus_id": [f"{stimulus_set}.{i}" for i in range(n)],
            "position": list(range(n)),
            "document_id": document,
            "separator": ["" if f else " " for f in first],
            "context_id": document,
            "group_id": document,
            "sentence_id": document,
            "text": texts,
            "onset_s": [None] * n,
            "offset_s": [None] * n,
        },
        schema=TABLES["stimuli"],
    )


def put(root, table, name, rows):
    write_table(root, table, name, pa.Table.from_pylist(rows, schema=TABLES[table]))


def put_stimuli(root, name, rows):
    """Stimuli of which only what differs from item to item is given."""
    plain = {"stimulus_set": name, "separator": " ", "context_id": "c", "text": "word"}
    content = [
        plain | {"stimulus_id": f"{name}.{i}", "position": i, "document_id": "d", "sentence_id": "s"} | row
        for i, row in enumerate(rows)
    ]
    put(root, "stimuli", name, content)
    return [row["stimulus_id"] for row in content]


def put_model(root, name, stimulus_set, X, recipe="document"):
    """Activations (layers, n, d)."""
    stimuli = open_bank(root).stimuli(stimulus_set)
    facts = {"stimuli_sha256": stimuli_sha256(stimuli.to_arrow()), "model_revision": "r1"}
    register_model(root, {"model": name, "n_layers": len(X) - 1, "width": X.shape[2]}, "r1")
    layers = ((k, f"block {k}", x) for k, x in enumerate(np.asarray(X, np.float32)))
    write_activations(root, name, stimulus_set, parse_recipe(recipe), stimuli["stimulus_id"].to_list(), layers, **facts)
    rebuild_manifest(root)


def put_recording(root, name, sets, rows, Y, **facts):
    """Responses Y of each subject, {subject: (n, v)}, to rows of (stimulus set, row id, run, time)."""
    put(root, "benchmarks", name, [{"benchmark": name, "stimulus_sets": sets, "unit": "stimulus"} | facts])
    responses, targets = [], []
    for subject, values in Y.items():
        targets += [
            {"benchmark": name, "subject": subject, "index": v, "target_id": f"t{v}", "roi": f"roi{v % 2}"}
            for v in range(values.shape[1])
        ]
        responses += [
            {"benchmark": name, "stimulus_set": where, "subject": subject, "row_id": row, "presentation": 0}
            | {"run": run, "time_s": time, "response": y}
            for (where, row, run, time), y in zip(rows, np.asarray(values, np.float32), strict=True)
        ]
    put(root, "responses", name, responses)
    put(root, "targets", name, targets)
    rebuild_manifest(root)


def build_wide(root):
    """60 sentences in 10 groups, 3 layers of 150 features, two subjects; layer 1 drives the responses."""
    rng = np.random.default_rng(0)
    ids = put_stimuli(root, "s", [{"group_id": f"g{i // 6}", "document_id": f"g{i // 6}"} for i in range(60)])
    X = (rng.standard_normal((3, 60, 150)) * np.r_[300.0, np.ones(149)]).astype(np.float32)
    put_model(root, "m", "s", X)
    basis = X[1, :, 1:] @ rng.standard_normal((149, 5)) / 8
    Y = {s: basis + rng.standard_normal((60, 5)) for s in ("a", "b")}
    put_recording(root, "wide", ["s"], [("s", i, None, None) for i in ids], Y)
    return X, np.concatenate(list(Y.values()), axis=1)


def build_story(root):
    """600 words, 2 a second, heard in 8 segments over 160 TRs of 2 s by two subjects with nuisance; lag 2 TRs."""
    rng = np.random.default_rng(1)
    onsets = np.arange(600) * 0.5 + 0.1
    put_stimuli(
        root, "w", [{"group_id": f"g{i // 75}", "onset_s": t, "offset_s": t + 0.4} for i, t in enumerate(onsets)]
    )
    X = rng.standard_normal((2, 600, 12)).astype(np.float32)
    put_model(root, "m", "w", X)
    times = np.arange(160) * 2.0
    averaged = np.zeros((160, 12))
    for k in range(160):
        words = X[1][(onsets >= times[k]) & (onsets < times[k] + 2)]
        averaged[k] = words.mean(0) if len(words) else 0
    signal = np.roll(averaged, 2, axis=0) @ rng.standard_normal((12, 3))
    motion = {s: rng.standard_normal(160).cumsum() for s in ("a", "b")}
    Y = {s: signal + 0.5 * rng.standard_normal((160, 3)) + 0.3 * motion[s][:, None] for s in motion}
    rows = [("w", f"tr{k}", "1", t) for k, t in enumerate(times)]
    put_recording(root, "story", ["w"], rows, Y, unit="tr", tr_s=2.0, response_shift_s=0.0)
    put(
        root,
        "nuisance",
        "story",
        [
            {"benchmark": "story", "subject": s, "run": "1", "row_id": f"tr{k}", "name": "motion", "value": value}
            for s, series in motion.items()
            for k, value in enumerate(series)
        ],
    )
    rebuild_manifest(root)
    return X, Y, motion
