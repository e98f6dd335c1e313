"""Missing responses under every variant of a protocol, against loops over targets, folds and penalties."""

import numpy as np
import polars as pl
import pytest
from scipy.spatial.distance import pdist
from scipy.stats import spearmanr
from sklearn.linear_model import LinearRegression

from banks import put, put_model, put_recording, put_stimuli
from brainlake import brain_alignment, open_bank
from brainlake.alignment.baselines import position
from brainlake.bank.manifest import rebuild_manifest
from brainlake.encoding.folds import grouped, shuffle_split
from brainlake.recordings.responses import load_recording

N, GRID = 36, np.logspace(-4, 5, 10)
GROUPS = np.repeat([f"g{i}" for i in range(6)], 6)
FOLDS = grouped(GROUPS)


def build(root, motion=None):
    """36 sentences in 6 groups, one layer of 50 features, two subjects of 3 targets with gaps, and a network of two."""
    rng = np.random.default_rng(4)
    ids = put_stimuli(root, "s", [{"group_id": g, "document_id": g} for g in GROUPS])
    X = (rng.standard_normal((1, N, 50)) * np.r_[5.0, np.ones(49)]).astype(np.float32)
    put_model(root, "m", "s", X)
    Y = {s: X[0] @ rng.standard_normal((50, 3)) / 5 + rng.standard_normal((N, 3)) for s in ("a", "b")}
    Y["a"][3:9, :2] = np.nan
    Y["a"][20, 2] = np.nan
    Y["b"][12:18, 1] = np.nan
    Y = {s: y.astype(np.float32).astype(np.float64) for s, y in Y.items()}
    put_recording(root, "gaps", ["s"], [("s", i, None, None) for i in ids], Y)
    if motion is not None:
        rows = [
            {"benchmark": "gaps", "subject": s, "run": "1", "row_id": i, "name": "motion", "value": v}
            for s, series in motion.items()
            for i, v in zip(ids, series, strict=True)
        ]
        put(root, "nuisance", "gaps", rows)
        rebuild_manifest(root)
    return X[0].astype(np.float64), np.concatenate(list(Y.values()), axis=1)


def residual_makers(K, Z, penalties):
    """Penalty times M (M K M + penalty I)^-1 M, what it makes of responses being their residuals, [A, n, n]."""
    M = np.eye(len(K)) - Z @ np.linalg.pinv(Z)
    return np.array([a * M @ np.linalg.inv(M @ K @ M + a * np.eye(len(K))) @ M for a in penalties])


def predicted(K, Z, y, rows, tested, penalties):
    """Predictions [A, tested] of kernel ridge with the columns of Z fitted without a penalty."""
    found = []
    for R, a in zip(residual_makers(K[np.ix_(rows, rows)], Z[rows], penalties), penalties, strict=True):
        dual = R @ y[rows] / a
        free = np.linalg.lstsq(Z[rows], y[rows] - K[np.ix_(rows, rows)] @ dual, rcond=None)[0]
        found.append(K[np.ix_(tested, rows)] @ dual + Z[tested] @ free)
    return np.array(found)


def inner_error(inner, K, Z, y, train, fold, penalties):
    """Error [A] by which one target chooses, over training rows (indices) of an outer fold."""
    if inner == "gcv":
        R = residual_makers(K[np.ix_(train, train)], Z[train], penalties)
        return np.square(R @ y[train]).sum(1) / np.trace(R, axis1=1, axis2=2) ** 2
    parts = [[i] for i in train] if inner == "leave_one_out" else [train[fold[train] == k] for k in set(fold[train])]
    return sum(
        np.square(y[part] - predicted(K, Z, y, np.setdiff1d(train, part), part, penalties)).sum(1) for part in parts
    )


def naive(kernels, Zs, Y, inner="folds", penalty="layer"):
    """Scores [v], predictions and what nuisance predicts [n, v]; one kernel is a layer, several are mixtures."""
    n, v = Y.shape
    there = ~np.isnan(Y)
    fold = np.empty(n, dtype=int)
    for k, test in enumerate(FOLDS.test):
        fold[test] = k
    Ms = [np.eye(n) - Z @ np.linalg.pinv(Z) for Z in (Zs[0], Zs[-1])]
    grids = [GRID * np.mean([np.trace(M @ K @ M) for M in Ms]) / n for K in kernels]
    P, expected, r, weights = np.full((n, v), np.nan), np.full((n, v), np.nan), np.zeros((6, v)), np.zeros((6, v))
    for a in range(6):
        train = [np.flatnonzero(there[:, t] & (fold != a)) for t in range(v)]
        test = np.flatnonzero(fold == a)
        errors = np.array(
            [
                [
                    inner_error(inner, K, Zs[t], Y[:, t], train[t], fold, grid) / np.nanvar(Y[:, t])
                    for K, grid in zip(kernels, grids, strict=True)
                ]
                for t in range(v)
            ]
        )
        for t in range(v):
            by = errors[t] if penalty == "target" else errors.sum(0)
            k, p = np.unravel_index(by.argmin(), by.shape)
            P[test, t] = predicted(kernels[k], Zs[t], Y[:, t], train[t], test, grids[k][p : p + 1])[0]
            free = np.linalg.lstsq(Zs[t][train[t]], Y[train[t], t], rcond=None)[0]
            expected[test, t] = Zs[t][test] @ free
            rows = test[there[test, t]]
            if len(rows) > 1:
                r[a, t] = np.corrcoef(P[rows, t] - expected[rows, t], Y[rows, t] - expected[rows, t])[0, 1]
                weights[a, t] = len(rows)
    return (r * weights).sum(0) / weights.sum(0), P, expected


CONSTANT = np.ones((N, 1))


def scores_of(root, protocol, **more):
    return brain_alignment(
        open_bank(root), "gaps", protocol=protocol, by="target", **{"baselines": (), "n_boot": 0} | more
    )


def of_targets(scores, **which):
    return scores.filter(pl.col("target_id").is_not_null(), **which)["score"].to_numpy()


@pytest.mark.parametrize(
    ("inner", "penalty"),
    [("folds", "layer"), ("folds", "target"), ("leave_one_out", "layer"), ("gcv", "layer"), ("gcv", "target")],
)
@pytest.mark.parametrize("with_nuisance", [False, True])
@pytest.mark.parametrize("shared", [1, 200])
def test_ridge_is_that_of_a_loop_over_targets(tmp_path, monkeypatch, inner, penalty, with_nuisance, shared):
    monkeypatch.setattr("brainlake.encoding.gaps._SHARED", shared)
    rng = np.random.default_rng(8)
    motion = {s: rng.standard_normal(N) for s in ("a", "b")} if with_nuisance else None
    X, Y = build(tmp_path, motion)
    Zs = [np.column_stack([CONSTANT, motion[s]]) if motion else CONSTANT for s in ("a", "b") for _ in range(3)]
    expected, _, _ = naive([X @ X.T], Zs, Y, inner, penalty)
    found = scores_of(tmp_path, f"grouped+inner={inner}+penalty={penalty}")
    np.testing.assert_allclose(of_targets(found, kind="headline"), expected, atol=1e-10)


def test_least_squares_is_that_of_scikit_learn(tmp_path):
    X, Y = build(tmp_path)
    for kind, folds in (("layer", shuffle_split(N)), ("other_folds_layer", FOLDS)):
        expected = np.zeros(Y.shape[1])
        for t in range(Y.shape[1]):
            there = ~np.isnan(Y[:, t])
            r = []
            for train, test in zip(folds.train, folds.test, strict=True):
                rows, tested = (side[there[side]] for side in (train, test))
                if len(tested) > 1:
                    P = LinearRegression().fit(X[rows], Y[rows, t]).predict(X[tested])
                    r.append(np.corrcoef(P, Y[tested, t])[0, 1])
            expected[t] = np.mean(r)
        np.testing.assert_allclose(of_targets(scores_of(tmp_path, "aw2024"), kind=kind), expected, atol=1e-10)


def test_unique_variance_is_that_of_a_loop_over_targets(tmp_path):
    X, Y = build(tmp_path)
    bank = open_bank(tmp_path)
    found = scores_of(tmp_path, "grouped", baselines=("position",), n_boot=50).filter(kind="beyond")
    B = position(load_recording(bank, "gaps").stimuli)

    def of_trace_n(x):
        x = x - x.mean(0)
        return x @ x.T * (N / np.square(x).sum())

    model, baseline = of_trace_n(X), of_trace_n(B)
    w = np.array([[0, 1], [0.5, 0.5], [1, 0]])
    w = np.maximum(w, 1e-3) / np.maximum(w, 1e-3).sum(1, keepdims=True)
    Zs = [CONSTANT] * 6
    joint, alone = (naive(K, Zs, Y)[1] for K in ([a * model + b * baseline for a, b in w], [baseline]))
    mean = naive([baseline], Zs, Y)[2]
    there = ~np.isnan(Y)
    gain = np.where(there, (Y - alone) ** 2 - (Y - joint) ** 2, 0).sum(0)
    expected = gain / np.where(there, (Y - mean) ** 2, 0).sum(0)
    np.testing.assert_allclose(of_targets(found), expected, atol=1e-10)
    whole = found.filter(pl.col("target_id").is_null())
    assert whole["score"].item() == pytest.approx(np.median(expected), abs=1e-10)
    assert whole["ci_low"].item() < whole["ci_high"].item()


def made_of_its_parts(root):
    """Mark the last target of each subject as the mean of the other two."""
    bank = open_bank(root)
    rows = [
        row | {"made_of": ["t0", "t1"] if row["index"] == 2 else None}
        for row in bank.table("targets", benchmark="gaps").to_dicts()
    ]
    put(root, "targets", "gaps", rows)
    rebuild_manifest(root)


@pytest.mark.parametrize("whole", [False, True])
def test_similarity_is_over_the_rows_that_every_target_has(tmp_path, whole):
    X, Y = build(tmp_path)
    if whole:
        made_of_its_parts(tmp_path)
    rsa, cka = [], []
    for y in (Y[:, :2], Y[:, 3:5]) if whole else (Y[:, :3], Y[:, 3:]):
        rows = ~np.isnan(y).any(1)
        x, y = X[rows], y[rows]
        rsa.append(spearmanr(pdist(x, "correlation"), pdist(y, "correlation")).statistic)
        x, y = x - x.mean(0), y - y.mean(0)
        cka.append(np.square(x.T @ y).sum() / (np.linalg.norm(x.T @ x) * np.linalg.norm(y.T @ y)))
    # Patterns over two targets correlate by 1 or -1, up to rounding: their ranks say nothing.
    for protocol, expected in (("cka", cka), ("rsa", rsa))[: 1 if whole else 2]:
        headline = brain_alignment(open_bank(tmp_path), "gaps", protocol=protocol, baselines=(), n_boot=0)
        found = headline.filter(kind="headline")["score"].item()
        assert found == pytest.approx(np.mean(expected), abs=1e-10)


def test_what_is_made_of_others_is_not_counted_beside_them(tmp_path):
    build(tmp_path)
    made_of_its_parts(tmp_path)
    scores = scores_of(tmp_path, "grouped").filter(kind="headline")
    headline = scores.filter(pl.col("target_id").is_null())
    assert headline["n_targets"].item() == 4
    of_parts = scores.filter(pl.col("target_id").is_in(["t0", "t1"]))["score"]
    assert headline["score"].item() == pytest.approx(of_parts.median(), abs=1e-12)
    assert scores["target_id"].to_list().count("t2") == 2
