"""REML against lme4 and against the dense formula; left-out groups against the multivariate normal density."""

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from brainlake import BrainlakeError
from brainlake.encoding.mixed_model import fit_mixed, left_out_marginal

PEOPLE, WORDS = 12, 60
LME4_SLOPE = {
    "fixed": [294.33248601803, 5.26832494249, 2.56499297987],
    "errors": [6.240637108618, 0.985777158431, 1.632295622864],
    "people": [[234.62221902547, -3.98103411958], [-3.98103411958, 5.72370914836]],
    "criterion": 6320.88454119,
}
LME4_PLAIN = {
    "fixed": [294.40112181646, 5.25397388484, 2.53179095807],
    "word": 96.5024037887,
    "residual": 885.829919133,
    "criterion": 6332.43671974,
}


@pytest.fixture(scope="module")
def reading():
    """Twelve people read sixty words of three stories; legacy generator, so that the numbers stay."""
    rng = np.random.RandomState(7)
    person, word = np.repeat(np.arange(PEOPLE), WORDS), np.tile(np.arange(WORDS), PEOPLE)
    x, z = rng.gamma(2, 2, WORDS)[word], rng.normal(size=WORDS)[word]
    own = rng.multivariate_normal([0, 0], [[400, 20], [20, 4]], PEOPLE)
    y = 300 + 5 * x + 3 * z + own[person, 0] + own[person, 1] * (x - x.mean())
    y = y + rng.normal(0, 10, WORDS)[word] + rng.normal(0, 30, len(word))
    seen = rng.uniform(size=len(word)) < 0.9  # nobody reads every word
    return {"x": x[seen], "z": z[seen], "y": y[seen], "person": person[seen], "word": word[seen]}


def rows(d, slope):
    """Predictors, values, people, words and the slope of both models."""
    X = np.column_stack([d["x"], d["z"]])
    return X, d["y"], d["person"], d["word"], d["x"] if slope else None


def design(d, keep, slope, centre):
    """Dense random-effects design: what people have, and words."""
    n = int(keep.sum())
    own = np.zeros((n, PEOPLE, 2 if slope else 1))
    own[np.arange(n), d["person"][keep], 0] = 1
    if slope:
        own[np.arange(n), d["person"][keep], 1] = d["x"][keep] - centre
    return own.reshape(n, -1), np.eye(WORDS)[d["word"][keep]]


def covariance(d, fit, keep, slope, centre):
    own, words = design(d, keep, slope, centre)
    people = own @ np.kron(np.eye(PEOPLE), fit.people) @ own.T
    return people + fit.word_variance * words @ words.T + fit.residual_variance * np.eye(len(own))


@pytest.mark.parametrize("slope", [True, False])
def test_criterion_is_that_of_the_dense_formula_and_lowest_there(reading, slope):
    X, y, person, word, own = rows(reading, slope)
    fit = fit_mixed(X, y, person, word, own)
    keep = np.ones(len(y), bool)
    A = np.column_stack([np.ones(len(y)), X])

    def criterion(scale):
        shaken = type(fit)(
            fit.coefficients,
            fit.errors,
            fit.people * scale[0],
            fit.word_variance * scale[1],
            fit.residual_variance * scale[2],
            0.0,
        )
        V = covariance(reading, shaken, keep, slope, reading["x"].mean())
        inverse = np.linalg.inv(V)
        information = A.T @ inverse @ A
        beta = np.linalg.solve(information, A.T @ inverse @ y)
        r = y - A @ beta
        log_dets = np.linalg.slogdet(V)[1] + np.linalg.slogdet(information)[1]
        return log_dets + r @ inverse @ r + (len(y) - 3) * np.log(2 * np.pi), beta, np.linalg.inv(information)

    least, beta, of_beta = criterion([1, 1, 1])
    assert fit.criterion == pytest.approx(least, abs=1e-7)
    np.testing.assert_allclose(fit.coefficients, beta, atol=1e-8)
    np.testing.assert_allclose(fit.errors, np.sqrt(np.diag(of_beta)), rtol=1e-8)
    for scale in np.vstack([np.eye(3) * 0.05, -np.eye(3) * 0.05]) + 1:
        assert criterion(scale)[0] > least


def test_equals_lme4(reading):
    """lme4 1.1-31: lmer(y ~ x + z + (1 + xc | person) + (1 | word)) and without slopes."""
    correlated = fit_mixed(*rows(reading, True))
    np.testing.assert_allclose(correlated.coefficients, LME4_SLOPE["fixed"], rtol=1e-5)
    np.testing.assert_allclose(correlated.errors, LME4_SLOPE["errors"], rtol=2e-3)
    np.testing.assert_allclose(correlated.people, LME4_SLOPE["people"], rtol=5e-3)
    assert correlated.criterion == pytest.approx(LME4_SLOPE["criterion"], abs=1e-3)
    plain = fit_mixed(*rows(reading, False))
    np.testing.assert_allclose(plain.coefficients, LME4_PLAIN["fixed"], rtol=1e-5)
    assert plain.word_variance == pytest.approx(LME4_PLAIN["word"], rel=1e-3)
    assert plain.residual_variance == pytest.approx(LME4_PLAIN["residual"], rel=1e-4)
    assert plain.criterion == pytest.approx(LME4_PLAIN["criterion"], abs=1e-3)


@pytest.mark.parametrize("slope", [True, False])
def test_left_out_is_the_multivariate_normal_density(reading, slope):
    X, y, person, word, own = rows(reading, slope)
    story = word // 20
    found = left_out_marginal(X, y, person, word, story, own)
    for k in range(3):
        fitted, out = story != k, story == k
        fit = fit_mixed(X[fitted], y[fitted], person[fitted], word[fitted], None if own is None else own[fitted])
        V = covariance(reading, fit, out, slope, reading["x"][fitted].mean())
        mean = np.column_stack([np.ones(out.sum()), X[out]]) @ fit.coefficients
        assert found[k] == pytest.approx(multivariate_normal.logpdf(y[out], mean, V) / out.sum(), abs=1e-6)


def test_no_word_variance_is_zero_and_not_a_failure(reading):
    y = (
        reading["y"]
        - np.bincount(reading["word"], reading["y"])[reading["word"]] / np.bincount(reading["word"])[reading["word"]]
    )
    fit = fit_mixed(reading["z"], y, reading["person"], reading["word"])
    assert fit.word_variance == pytest.approx(0, abs=1e-3)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"person": 0}, "two people and two words"),
        ({"y": 1.0}, "constant"),
        ({"z": 2.0}, "constant"),
        ({"z": "x"}, "depend on one another"),
    ],
)
def test_what_cannot_be_fitted_is_refused(reading, change, message):
    full = {k: reading[v] if isinstance(v, str) else np.full(len(reading["y"]), v) for k, v in change.items()}
    with pytest.raises(BrainlakeError, match=message):
        fit_mixed(*rows(reading | full, False))


def test_a_word_in_two_groups_is_refused(reading):
    X, y, person, word, _ = rows(reading, False)
    with pytest.raises(BrainlakeError, match="a word is in two groups"):
        left_out_marginal(X, y, person, word, np.arange(len(y)) % 2)
