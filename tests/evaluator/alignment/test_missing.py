"""Missing responses: scores against a loop over targets, penalty and layer chosen by the errors of all of them."""

from functools import cache

import numpy as np
import polars as pl
import pytest
from sklearn.linear_model import Ridge

from banks import build_wide, put_recording
from brainlake import brain_alignment, open_bank
from brainlake.encoding.folds import grouped

GROUPS = np.array([f"g{i // 6}" for i in range(60)])
PENALTIES = np.logspace(-4, 5, 10)


@cache
def decomposed(x, rows):
    """Centre and singular value decomposition of some rows of features, given as bytes."""
    x = np.frombuffer(x).reshape(60, -1)[np.frombuffer(rows, dtype=np.bool_)]
    return x.mean(0), *np.linalg.svd(x - x.mean(0), full_matrices=False)


def ridge_path(x, y, rows, tested, penalties):
    """Predictions [penalties, tested rows] of ridge with an intercept, fitted to some rows."""
    centre, left, singular, right = decomposed(x.tobytes(), rows.tobytes())
    shrunken = singular / (singular**2 + penalties[:, None]) * (left.T @ (y[rows] - y[rows].mean()))
    return shrunken @ (right @ (x[tested] - centre).T) + y[rows].mean()


def naive(X, Y, folds):
    """Scores of each layer [layers, v] and of the nested choice [v], and the layers chosen [F]."""
    n, v = Y.shape
    there = ~np.isnan(Y)
    variance = np.nanvar(Y, axis=0)
    train = [np.isin(np.arange(n), rows) for rows in folds.train]
    test = [np.isin(np.arange(n), rows) for rows in folds.test]
    F = len(folds)
    errors = np.zeros((len(X), len(PENALTIES), F))
    predictions = np.zeros((len(X), len(PENALTIES), n, v))
    for layer, x in enumerate(X.astype(np.float64)):
        penalties = PENALTIES * np.square(x - x.mean(0)).sum() / n
        for t, a in np.ndindex(v, F):
            rows = train[a] & there[:, t]
            predictions[layer, :, test[a], t] = ridge_path(x, Y[:, t], rows, test[a], penalties).T
            for b in set(range(F)) - {a}:
                rows, left_out = train[a] & train[b] & there[:, t], test[b] & there[:, t]
                E = Y[left_out, t] - ridge_path(x, Y[:, t], rows, left_out, penalties)
                errors[layer, :, a] += np.square(E).sum(1) / variance[t]

    def scores(chosen):
        """Mean over folds, weighted by rows, of the correlations of the (layer, penalty) chosen in each."""
        r, weights = np.zeros((F, v)), np.zeros((F, v))
        for a, (layer, p) in enumerate(chosen):
            for t in range(v):
                rows = test[a] & there[:, t]
                if rows.sum() > 1:
                    r[a, t] = np.corrcoef(predictions[layer, p, rows, t], Y[rows, t])[0, 1]
                    weights[a, t] = rows.sum()
        return (r * weights).sum(0) / weights.sum(0)

    of_layers = [scores([(layer, errors[layer, :, a].argmin()) for a in range(F)]) for layer in range(len(X))]
    nested = [np.unravel_index(errors[:, :, a].argmin(), errors.shape[:2]) for a in range(F)]
    return np.array(of_layers), scores(nested), [int(layer) for layer, _ in nested]


def one_cell(missing):
    missing[17, 3] = True


def a_run(missing):
    missing[12:24, 4] = True


def a_subject_without_a_region(missing):
    missing[:, 5::2] = True
    missing[30:36, :5] = True


def a_region_without_a_subject(missing):
    missing[:, :5:2] = True
    missing[48:, 1] = True


def at_random(missing):
    missing |= np.random.default_rng(3).random(missing.shape) < 0.05


def all_but_one_row_of_a_group(missing):
    missing[6:11, :7] = True


@pytest.fixture(scope="module")
def wide(tmp_path_factory):
    root = tmp_path_factory.mktemp("wide")
    return root, *build_wide(root)


def test_the_loop_fits_what_scikit_learn_fits():
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((60, 30)), rng.standard_normal(60)
    rows = np.arange(60) < 20
    found = ridge_path(x, y, rows, ~rows, np.array([0.1, 10.0]))
    np.testing.assert_allclose(
        found, [Ridge(a).fit(x[rows], y[rows]).predict(x[~rows]) for a in (0.1, 10.0)], atol=1e-10
    )


@pytest.mark.parametrize(
    "pattern",
    [
        one_cell,
        a_run,
        a_subject_without_a_region,
        a_region_without_a_subject,
        at_random,
        all_but_one_row_of_a_group,
    ],
)
@pytest.mark.parametrize("shared", [1, 200])
def test_scores_are_those_of_a_loop_over_targets(wide, tmp_path, monkeypatch, pattern, shared):
    monkeypatch.setattr("brainlake.encoding.gaps._SHARED", shared)
    _, X, Y = wide
    missing = np.zeros(Y.shape, dtype=np.bool_)
    pattern(missing)
    Y = np.where(missing, np.nan, Y).astype(np.float32).astype(np.float64)
    build_wide(tmp_path)
    rows = [("s", f"s.{i}", None, None) for i in range(60)]
    put_recording(tmp_path, "gaps", ["s"], rows, {"a": Y[:, :5], "b": Y[:, 5:]})
    scores = brain_alignment(
        open_bank(tmp_path), "gaps", by=("roi", "target"), baselines=(), n_boot=50, n_permutations=19
    ).filter(folds="disjoint", metric="pearson")
    known = np.flatnonzero(~missing.all(0))
    of_layers, nested, chosen = naive(X, Y[:, known], grouped(GROUPS))
    single = scores.filter(pl.col("target_id").is_not_null())
    for layer in range(len(X)):
        found = single.filter(layer=layer)["score"].to_numpy()
        np.testing.assert_allclose(found[known], of_layers[layer], atol=1e-10)
        assert np.isnan(found[missing.all(0)]).all()
    choice = single.filter(selection="nested")
    np.testing.assert_allclose(choice["score"].to_numpy()[known], nested, atol=1e-10)
    assert choice["selected_layers"][0].to_list() == chosen
    whole = scores.filter(pl.col("target_id").is_null())
    headline = whole.filter(pl.col("roi").is_null(), selection="nested")
    assert headline["score"].item() == pytest.approx(np.median(nested), abs=1e-10)
    assert headline["n_targets"].item() == len(known)
    assert headline["n_stimuli"].item() == (~missing).any(1).sum()
    intervals = whole.filter(pl.col("selection") != "test")
    assert intervals["ci_low"].null_count() == 0
    assert (intervals["ci_low"] < intervals["ci_high"]).all()
    assert whole.filter(selection="nested")["p_value"].null_count() == 0
