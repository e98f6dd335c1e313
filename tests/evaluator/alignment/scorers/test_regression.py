"""Rows of encoding models under a plan of folds."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from brainlake.alignment.design.features import Features, Layer, LayerFits
from brainlake.alignment.design.fitting import fit_layer, score
from brainlake.alignment.design.protocols import PROTOCOLS
from brainlake.alignment.design.score_row import Identity
from brainlake.alignment.design.setting import Setting, TargetGroup
from brainlake.alignment.scorers.layer_choice import NestedLedger, TestLedger
from brainlake.alignment.scorers.regression import Regression
from brainlake.encoding.folds import FoldPlan
from brainlake.recordings.recording import Recording

N, V = 60, 4
DISJOINT, SHUFFLED = FoldPlan("disjoint", number=6), FoldPlan("shuffled", number=4, seed=1)
SOURCE = Features(Identity("m"), (0,), lambda k: None)


@pytest.fixture
def case():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((N, 5))
    Y = X[:, :V] + rng.standard_normal((N, V))
    labels = np.full(V, "s"), np.full(V, ""), np.arange(V).astype(str)
    recording = Recording("b", pl.DataFrame(), Y, *labels, "groups", np.array([f"g{i // 5:02}" for i in range(N)]))
    groups = [TargetGroup(np.arange(V)), TargetGroup(np.array([2]), "s", None, "2")]
    return LayerFits(Layer(X), recording), Setting(recording, PROTOCOLS["grouped"], groups, 60, 0, pl.DataFrame())


def test_a_row_a_group_says_what_the_fit_says(case):
    layer, setting = case
    regression = Regression(setting, DISJOINT)
    measure = regression.measure(SOURCE, 3, layer)
    scores = score(fit_layer(layer, [regression.scheme], setting.protocol)[0], regression.scheme)
    every, one = measure.rows
    assert measure.number == 3
    assert every.score == pytest.approx(np.median(scores.targets))
    assert one.score == pytest.approx(scores.targets[2])
    assert (every.aggregation, one.aggregation) == ("mean_then_median", "mean over folds")
    assert every.interval.low < every.score < every.interval.high
    assert one.interval.method == "none: not computed for single targets"
    assert (every.n_folds, every.kept_whole, every.alpha > 0) == (6, "groups", True)


def test_splits_that_overlap_have_no_interval_and_no_p_value(case):
    layer, setting = case
    setting = replace(setting, n_permutations=19)
    regression = Regression(setting, SHUFFLED)
    measure = regression.measure(SOURCE, 0, layer)
    assert {row.interval.method for row in measure.rows} == {"none: the splits overlap"}
    chosen = regression.measure_choice(SOURCE, measure.fit, measure.exchanged)
    assert {row.p.method for row in chosen} == {"none: the splits overlap"}


def test_a_choice_has_p_values_if_they_are_asked_for(case):
    layer, setting = case
    plain = Regression(setting, DISJOINT)
    fit = plain.measure(SOURCE, 0, layer).fit
    assert {row.p for row in plain.measure_choice(SOURCE, fit, None)} == {None}
    regression = Regression(replace(setting, n_permutations=19), DISJOINT)
    measure = regression.measure(SOURCE, 0, layer)
    tested = regression.measure_choice(SOURCE, measure.fit, measure.exchanged)
    assert tested[0].p.value == tested[0].p.floor == pytest.approx(1 / 20)


def test_what_collects_the_layers_is_that_of_the_protocol(case):
    layer, setting = case
    assert isinstance(Regression(setting, DISJOINT).ledger(SOURCE), NestedLedger)
    paper = replace(setting, protocol=PROTOCOLS["aw2024"], n_permutations=19)
    regression = Regression(paper, DISJOINT)
    assert isinstance(regression.ledger(SOURCE), TestLedger)
    measure = regression.measure(SOURCE, 0, layer)
    assert measure.fit is None
    assert measure.null.scores.shape == (20, 2)
    assert measure.rows[0].alpha is None


def test_targets_without_a_score_are_not_counted(case):
    layer, setting = case
    setting.recording.responses[:, 1] = 3.0
    assert Regression(setting, DISJOINT).measure(SOURCE, 0, layer).rows[0].n_targets == V - 1
