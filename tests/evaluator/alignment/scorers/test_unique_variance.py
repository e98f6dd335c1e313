"""What a model explains beyond baselines, on responses of which that is known."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from brainlake.alignment.design.features import Features, Layer, LayerFits
from brainlake.alignment.design.protocols import PROTOCOLS
from brainlake.alignment.design.score_row import Identity
from brainlake.alignment.design.setting import Setting, TargetGroup
from brainlake.alignment.scorers.regression import Regression
from brainlake.alignment.scorers.unique_variance import Beyond
from brainlake.encoding.folds import FoldPlan
from brainlake.recordings.recording import Recording

N, V = 240, 6


@pytest.fixture(scope="module")
def case():
    """Responses of which half the variance is a baseline's, a quarter the model's own, a quarter noise."""
    rng = np.random.default_rng(0)
    base, own, other = (rng.standard_normal((N, 4)) for _ in range(3))
    parts = [X @ np.linalg.qr(rng.standard_normal((4, 4)))[0][:, np.arange(V) % 4] for X in (base, own)]
    Y = np.sqrt(0.5) * parts[0] + np.sqrt(0.25) * parts[1] + np.sqrt(0.25) * rng.standard_normal((N, V))
    labels = np.full(V, "s"), np.full(V, ""), np.arange(V).astype(str)
    recording = Recording("b", pl.DataFrame(), Y, *labels, "groups", np.array([f"g{i // 8:02}" for i in range(N)]))
    groups = [TargetGroup(np.arange(V)), TargetGroup(np.array([1]), target_id="1")]
    setting = Setting(recording, PROTOCOLS["grouped"], groups, 60, 0, pl.DataFrame())
    return Regression(setting, FoldPlan("disjoint", number=6)), base, own, other


def offered(regression, name, X, numbered=True):
    """A source of one layer, and the choice over it."""
    source = Features(Identity(name), (0,), lambda _: Layer(X), numbered)
    ledger = regression.ledger(source)
    ledger.offer(regression.measure(source, 0, LayerFits(Layer(X), regression.setting.recording)))
    return source, ledger.choice


def beyond(regression, baselines, X):
    known = [offered(regression, f"baseline:b{k}", one, numbered=False) for k, one in enumerate(baselines)]
    return list(Beyond(regression, known).rows(*offered(regression, "m", X)))


def test_what_is_the_models_own_is_found(case):
    regression, base, own, other = case
    every, single = beyond(regression, [base, other], np.hstack([base, own]))
    assert every.score == pytest.approx(0.25, abs=0.06)
    assert every.interval.low < every.score < every.interval.high
    assert (every.kind, every.metric, every.selection, every.selected_layers) == (
        "beyond",
        "unique_r2",
        "nested",
        (0,) * 6,
    )
    assert every.controls == "b0, b1"
    assert every.aggregation == "median over targets of R2 beyond b0, b1"
    assert single.aggregation == "R2 beyond b0, b1"
    assert single.interval.method == "none: not computed for single targets"


def test_what_the_baselines_have_too_and_noise_are_nothing(case):
    regression, base, own, other = case
    assert abs(beyond(regression, [base], base)[0].score) < 0.02
    assert abs(beyond(regression, [base, own], other)[0].score) < 0.03


def test_responses_that_are_missing_change_little(case):
    regression, base, own, _ = case
    setting = regression.setting
    Y = np.where(np.random.default_rng(5).random((N, V)) > 0.1, setting.recording.responses, np.nan)
    gapped = replace(setting, recording=replace(setting.recording, responses=Y), n_boot=0)
    gapped = Regression(gapped, FoldPlan("disjoint", number=6))
    assert beyond(gapped, [base], np.hstack([base, own]))[0].score == pytest.approx(0.25, abs=0.08)
