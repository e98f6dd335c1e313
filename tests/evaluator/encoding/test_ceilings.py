import numpy as np
import pytest
from sklearn.linear_model import LinearRegression

from brainlake.encoding.ceilings import chance, extrapolated, leave_one_out, spearman_brown, split_half
from brainlake.encoding.exchange import Blocks
from brainlake.errors import BrainlakeError


def simulate(n_subjects, n_rows, snr, v=1, seed=0):
    rng = np.random.default_rng(seed)
    shared = rng.normal(size=(n_rows, v))
    return shared, shared * snr + rng.normal(size=(n_subjects, n_rows, v))


def test_spearman_brown_of_known_halves():
    assert spearman_brown([0.5, 1.0, 0.0]) == pytest.approx([2 / 3, 1, 0])


@pytest.mark.parametrize("n_subjects", [8, 9])
def test_split_half_recovers_the_reliability_of_the_mean(n_subjects):
    snr = 0.5
    _, responses = simulate(n_subjects, 5000, snr)
    expected = snr**2 / (snr**2 + 1 / n_subjects)
    assert split_half(responses)[0] == pytest.approx(expected, abs=0.02)


def test_leave_one_out_is_the_plain_correlation_with_the_others():
    _, responses = simulate(5, 200, 1.0, v=3)
    Z = (responses - responses.mean(1, keepdims=True)) / responses.std(1, keepdims=True)
    expected = [[np.corrcoef(Z[s, :, t], np.delete(Z, s, 0).mean(0)[:, t])[0, 1] for t in range(3)] for s in range(5)]
    assert leave_one_out(responses) == pytest.approx(np.array(expected))


def test_no_subject_leads_by_its_scale():
    _, responses = simulate(6, 500, 1.0)
    louder = responses * np.array([1, 100, 1, 1, 1, 1])[:, None, None]
    assert split_half(louder) == pytest.approx(split_half(responses))


def test_split_halves_of_missing_responses_are_refused_with_the_subject():
    _, responses = simulate(3, 50, 1.0)
    responses[1, 4] = np.nan
    with pytest.raises(BrainlakeError, match="responses of subject 1 are missing"):
        split_half(responses)


def test_leave_one_out_is_over_the_rows_that_subject_and_others_have():
    _, responses = simulate(3, 60, 1.0)
    responses[1, 4] = responses[:2, 9] = responses[:, 20] = np.nan
    Z = (responses - np.nanmean(responses, 1, keepdims=True)) / np.nanstd(responses, 1, keepdims=True)
    expected = []
    for s in range(3):
        others = np.delete(Z, s, 0)[:, :, 0]
        rows = ~np.isnan(Z[s, :, 0]) & ~np.isnan(others).all(0)
        expected.append(np.corrcoef(Z[s, rows, 0], np.nanmean(others[:, rows], 0))[0, 1])
    np.testing.assert_allclose(leave_one_out(responses)[:, 0], expected)


@pytest.mark.parametrize(("snr", "above"), [(1.0, True), (0.0, False)])
def test_what_subjects_share_is_above_chance_and_noise_is_not(snr, above):
    _, responses = simulate(4, 80, snr)
    found = chance(responses, Blocks.of(np.arange(80) // 4), lambda Y: np.median(leave_one_out(Y), axis=0), n=40)
    assert (found.p_values[0] < 0.05) == above


def least_squares(X, Y):
    rows = np.arange(len(X))
    folds = [rows % 4 == k for k in range(4)]
    predictions = [LinearRegression().fit(X[~test], Y[~test]).predict(X[test]) for test in folds]
    scores = [
        [np.corrcoef(P[:, t], Y[test][:, t])[0, 1] for t in range(Y.shape[1])]
        for P, test in zip(predictions, folds, strict=True)
    ]
    return np.array(scores)


def test_extrapolation_finds_the_asymptote_of_its_own_law():
    def law(X, Y):
        n = X.shape[1] + 1
        return np.full((3, Y.shape[1]), 0.6 * (1 - np.exp(-n / 2)))

    found = extrapolated([np.zeros((10, 1))] * 5, law, n_bootstraps=3)
    assert found == pytest.approx(np.full(5, 0.6), abs=1e-6)


def test_extrapolation_of_simulated_subjects_lies_between_what_was_reached_and_the_limit():
    snr = 1.0
    _, responses = simulate(6, 1200, snr, v=2)
    found = extrapolated(list(responses), least_squares, n_bootstraps=20)
    assert found.shape == (12,)
    pairs = [least_squares(responses[i], responses[j]) for i in range(6) for j in range(6) if i != j]
    limit = np.sqrt(snr**2 / (snr**2 + 1))  # correlation of one noisy subject with the noiseless signal
    assert np.mean(pairs) < np.median(found) < limit


def test_extrapolation_from_random_subsets_is_close_to_that_from_all():
    _, responses = simulate(6, 600, 1.0)
    all_subsets = np.median(extrapolated(list(responses), least_squares, n_bootstraps=20))
    some = np.median(extrapolated(list(responses), least_squares, subsets_per_size=4, n_bootstraps=20))
    assert some == pytest.approx(all_subsets, abs=0.05)


def test_extrapolation_needs_subjects_with_the_same_rows():
    with pytest.raises(BrainlakeError, match="the same rows"):
        extrapolated([np.zeros((4, 1)), np.zeros((5, 1))], least_squares)
