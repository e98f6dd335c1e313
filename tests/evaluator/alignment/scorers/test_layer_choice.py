"""The choice over layers, from measures made by hand."""

import numpy as np
import pytest

from brainlake.alignment.design.features import Features
from brainlake.alignment.design.fitting import Fit
from brainlake.alignment.design.score_row import Identity, Interval, PValue, ScoreRow
from brainlake.alignment.scorers.layer_choice import Measure, NestedChoice, NestedLedger, TestLedger
from brainlake.alignment.uncertainty.permutations import Exchanges, NullScores
from brainlake.encoding.folds import by_stimulus

FOLDS = by_stimulus(9, 3)


class Plan:
    """A scheme of which only the folds are asked for."""

    folds = FOLDS


def source(numbered=True, layers=(4, 7)):
    return Features(Identity("m" if numbered else "baseline:x"), layers, lambda k: None, numbered)


def row(score, p=None):
    return ScoreRow("layer", "b", Identity("m"), "grouped", "pearson", score, 9, 1, p=p, interval=Interval("x", 0, 1))


def fit(value, errors):
    return Fit([None], [np.full((9, 2), float(value))], np.full(3, float(value)), np.array(errors, float))


def null(observed, *replicates):
    return NullScores(np.array([observed, *replicates])[:, None], np.array([0.5]))


def test_each_fold_takes_the_layer_of_least_error_and_the_first_of_equals():
    choice = NestedChoice(Plan)
    for number, errors in ((4, [1, 2, 3]), (7, [1, 1, 9]), (8, [2, 1, 2])):
        choice.offer(number, fit(number, errors))
    assert choice.layers == [4, 7, 8]
    for layer, s in zip(choice.layers, FOLDS.slices, strict=True):
        assert (choice.fit.predictions[0][s] == layer).all()
    assert choice.fit.alphas.tolist() == [4, 7, 8]
    assert choice.fit.errors.tolist() == [1, 1, 2]


def test_rounding_is_no_reason_to_choose_a_later_layer():
    choice = NestedChoice(Plan)
    choice.offer(4, fit(4, [1, 1, 1]))
    choice.offer(7, fit(7, [1 - 1e-15, 1 - 1e-12, 1 - 1e-6]))
    assert choice.layers == [4, 4, 7]


def test_what_is_offered_is_not_changed_by_what_comes_later():
    choice, first = NestedChoice(Plan), fit(4, [5, 5, 5])
    choice.offer(4, first)
    choice.offer(7, fit(7, [1, 1, 1]))
    assert (first.predictions[0] == 4).all()


def nested(numbered, *scores):
    ledger = NestedLedger(Plan, source(numbered), lambda _, __, ___: [row(0.5, PValue("perm", 0.1, 0.01))])
    for number, score in scores:
        ledger.offer(Measure(number, [row(score)], fit(number, [1 / (1 + abs(score))] * 3)))
    return list(ledger.rows())


def test_the_choice_is_scored_with_what_the_layers_that_folds_chose_score_over_all_folds():
    asked = []
    ledger = NestedLedger(Plan, source(), lambda *given: asked.append(given) or [row(0.5), row(0.4)])
    for number, errors, scores in ((4, [1, 2, 3], (0.1, 0.2)), (7, [3, 1, 9], (0.3, float("nan")))):
        ledger.offer(Measure(number, [row(score) for score in scores], fit(number, errors)))
    list(ledger.rows())
    np.testing.assert_array_equal(asked[0][2], [[0.1, 0.2], [0.3, np.nan], [0.1, 0.2]])


def test_layers_the_choice_and_what_is_best_on_the_test_folds():
    first, second, choice, best = nested(True, (4, 0.2), (7, 0.6))
    assert [(r.kind, r.layer, r.selection) for r in (first, second)] == [("layer", 4, "none"), ("layer", 7, "none")]
    assert (choice.kind, choice.selection, choice.selected_layers, choice.layer) == (
        "headline",
        "nested",
        (7, 7, 7),
        None,
    )
    assert (best.kind, best.score, best.selected_layers) == ("best_on_test", 0.6, (7,))
    assert best.p == PValue("none: the layer was chosen on the test folds")
    assert best.interval == Interval("none: the layer was chosen on the test folds")


def test_a_layer_without_a_score_is_not_the_best():
    assert nested(True, (4, float("nan")), (7, -0.3))[-1].selected_layers == (7,)


@pytest.mark.parametrize(("scores", "selection"), [([(0, 0.2)], "none"), ([(0, 0.2), (1, 0.3)], "nested")])
def test_of_a_baseline_the_choice_alone(scores, selection):
    (found,) = nested(False, *scores)
    assert (found.kind, found.selection, found.selected_layers) == ("headline", selection, None)


def chosen_on_test(numbered, *measures):
    ledger = TestLedger(source(numbered), Exchanges(np.zeros((4, 9), np.intp), "3 exchanges", 9))
    for measure in measures:
        ledger.offer(measure)
    return list(ledger.rows())


def test_the_best_layer_on_the_test_folds_is_chosen_again_in_every_replicate():
    a = Measure(4, [row(0.2)], null=null(0.2, 0.1, 0.5, 0.0))
    b = Measure(7, [row(0.4)], null=null(0.4, 0.3, 0.0, 0.0))
    *layers, best = chosen_on_test(True, a, b)
    assert [r.layer for r in layers] == [4, 7]
    assert (best.kind, best.score, best.selection, best.selected_layers) == ("headline", 0.4, "test", (7,))
    assert best.p.value == pytest.approx((1 + 1) / (3 + 1))
    assert best.p.floor == pytest.approx(1 / 4)
    assert best.p.method == "3 exchanges: median over targets, the layer chosen again in each"


def test_a_baseline_of_one_width_was_not_chosen():
    (single,) = chosen_on_test(False, Measure(0, [row(0.2)]))
    assert (single.selection, single.interval) == ("none", Interval("x", 0, 1))
    (several,) = chosen_on_test(False, Measure(0, [row(0.2)]), Measure(1, [row(0.3)]))
    assert (several.selection, several.selected_layers, several.score) == ("test", None, 0.3)
