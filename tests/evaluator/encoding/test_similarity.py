import numpy as np
import pytest
import rsatoolbox
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import pdist
from scipy.stats import kendalltau, pearsonr, spearmanr

from brainlake.encoding.kernel import centred_gram
from brainlake.encoding.packing import gram_of_features, pack, unpack
from brainlake.encoding.similarity import compare_rdms, kernel_cka, kernel_rdm, rdm
from brainlake.errors import BrainlakeError
from evaluator.encoding.reference import cka, language_model_like

N = 40
X = language_model_like(N, 150, seed=1, outliers=30.0)
Y = X[:, :30] + np.random.default_rng(2).standard_normal((N, 30))


@pytest.mark.parametrize("metric", ["cosine", "correlation", "euclidean", "squared_euclidean"])
def test_dissimilarities_are_those_of_scipy(metric: str) -> None:
    expected = pdist(X, metric.replace("squared_", "sq"))
    np.testing.assert_allclose(rdm(X, metric), expected, rtol=1e-9)
    np.testing.assert_allclose(rdm(gram_of_features(X), metric), expected, rtol=1e-9)
    found = rdm(unpack(pack(X.astype(np.float16))), metric)
    exact = pdist(X.astype(np.float16).astype(float), metric.replace("squared_", "sq"))
    np.testing.assert_allclose(found, exact, atol=1e-6 * exact.max())
    rows = [1, 5, 6, 30]
    np.testing.assert_allclose(
        rdm(gram_of_features(X).subset(rows), metric), pdist(X[rows], metric.replace("squared_", "sq"))
    )


@pytest.mark.parametrize(("metric", "theirs"), [("correlation", "correlation"), ("squared_euclidean", "euclidean")])
def test_dissimilarities_are_those_of_rsatoolbox(metric: str, theirs: str) -> None:
    data = rsatoolbox.data.Dataset(X)
    expected = rsatoolbox.rdm.calc_rdm(data, method=theirs).dissimilarities[0]
    scale = X.shape[1] if metric == "squared_euclidean" else 1  # theirs is divided by the number of channels
    np.testing.assert_allclose(rdm(X, metric) / scale, expected, rtol=1e-8)


def test_comparisons_are_those_of_scipy_and_rsatoolbox() -> None:
    a, b = rdm(X, "squared_euclidean"), rdm(Y, "squared_euclidean")
    assert compare_rdms(a, b, "pearson") == pytest.approx(pearsonr(a, b).statistic)
    assert compare_rdms(a, b, "spearman") == pytest.approx(spearmanr(a, b).statistic)
    assert compare_rdms(a, b, "kendall") == pytest.approx(kendalltau(a, b).statistic)
    first, second = (rsatoolbox.rdm.RDMs(r[None]) for r in (a, b))
    for ours, theirs in (("pearson", "corr"), ("spearman", "spearman"), ("whitened_cosine", "cosine_cov")):
        expected = rsatoolbox.rdm.compare(first, second, method=theirs).item()
        assert compare_rdms(a, b, ours) == pytest.approx(expected, rel=1e-9)
    tied = np.round(a, -1)
    assert compare_rdms(tied, b, "spearman") == pytest.approx(spearmanr(tied, b).statistic)


def test_whitened_cosine_of_squared_distances_is_alignment() -> None:
    # Diedrichsen et al. 2021, appendix: the two are one.
    a, b = rdm(X, "squared_euclidean"), rdm(Y, "squared_euclidean")
    assert compare_rdms(a, b, "whitened_cosine") == pytest.approx(cka(X, Y))


def naive_cka(X: np.ndarray, Y: np.ndarray) -> float:
    """Kornblith et al. 2019, equation 3, on features."""
    Xc, Yc = X - X.mean(0), Y - Y.mean(0)
    return ((Yc.T @ Xc) ** 2).sum() / np.sqrt(((Xc.T @ Xc) ** 2).sum() * ((Yc.T @ Yc) ** 2).sum())


def naive_unbiased_hsic(K: np.ndarray, L: np.ndarray) -> float:
    """Song et al. 2012, equation 5, in loops."""
    n = len(K)
    K, L = K.copy(), L.copy()
    np.fill_diagonal(K, 0)
    np.fill_diagonal(L, 0)
    one = np.ones(n)
    total = np.trace(K @ L) + one @ K @ one * (one @ L @ one) / ((n - 1) * (n - 2))
    return (total - 2 / (n - 2) * one @ K @ L @ one) / (n * (n - 3))


def test_alignment_is_that_of_the_definitions() -> None:
    assert cka(X, Y) == pytest.approx(naive_cka(X, Y), rel=1e-9)
    assert cka(X, X) == pytest.approx(1)
    K, L = X @ X.T, Y @ Y.T
    expected = naive_unbiased_hsic(K, L) / np.sqrt(naive_unbiased_hsic(K, K) * naive_unbiased_hsic(L, L))
    assert cka(X, Y, debiased=True) == pytest.approx(expected, rel=1e-9)
    assert kernel_cka(K, centred_gram(Y), debiased=True) == pytest.approx(expected, rel=1e-9)
    packed = unpack(pack(X)).centred
    assert kernel_cka(packed, centred_gram(Y)) == pytest.approx(cka(X, Y), abs=1e-7)
    assert kernel_cka(packed, centred_gram(Y), debiased=True) == pytest.approx(expected, abs=1e-7)


def test_debiasing_removes_what_width_alone_brings() -> None:
    rng = np.random.default_rng(0)
    pairs = [rng.standard_normal((2, 20, 500)) for _ in range(30)]
    assert np.mean([cka(a, b) for a, b in pairs]) > 0.9
    assert abs(np.mean([cka(a, b, debiased=True) for a, b in pairs])) < 0.05


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_similarity_ignores_rotation_scale_and_common_order(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rotated = 3 * X @ np.linalg.qr(rng.standard_normal((150, 150)))[0]
    shifted = rotated + rng.standard_normal(150)
    order = rng.permutation(N)
    assert cka(shifted, Y) == pytest.approx(cka(X, Y), rel=1e-7)
    assert cka(X[order], Y[order], debiased=True) == pytest.approx(cka(X, Y, debiased=True), rel=1e-7)
    np.testing.assert_allclose(rdm(shifted, "euclidean"), 3 * rdm(X, "euclidean"), rtol=1e-6)
    np.testing.assert_allclose(rdm(rotated, "cosine"), rdm(X, "cosine"), rtol=1e-6)
    moved = compare_rdms(rdm(X[order]), rdm(Y[order]))
    assert moved == pytest.approx(compare_rdms(rdm(X), rdm(Y)), rel=1e-6)


def test_what_a_kernel_cannot_answer_is_refused() -> None:
    K = centred_gram(X)
    np.testing.assert_allclose(kernel_rdm(K, "euclidean"), pdist(X), rtol=1e-9)
    for metric in ("cosine", "correlation"):
        with pytest.raises(BrainlakeError, match="does not determine"):
            kernel_rdm(K, metric)


def test_degenerate_input_has_a_defined_answer() -> None:
    with pytest.raises(BrainlakeError, match="one target"):
        rdm(Y[:, :1])
    with pytest.raises(BrainlakeError, match="2 rows"):
        rdm(X[:2])
    with pytest.raises(BrainlakeError, match="unknown dissimilarity"):
        rdm(X, "manhattan")
    with pytest.raises(BrainlakeError, match="unknown comparison"):
        compare_rdms(rdm(X), rdm(Y), "tau-a")
    with pytest.raises(BrainlakeError, match="not those of one set"):
        compare_rdms(rdm(X), rdm(Y[:-1]))
    with pytest.raises(BrainlakeError, match="at least 4"):
        cka(X[:3], Y[:3], debiased=True)
    with pytest.raises(BrainlakeError, match="cannot be compared"):
        cka(X, Y[1:])
    flat = X.copy()
    flat[7] = 0.1
    undefined = np.isnan(rdm(flat, "correlation"))
    assert undefined.sum() == N - 1
    with pytest.raises(BrainlakeError, match="not finite"):
        compare_rdms(rdm(flat), rdm(Y))
    assert np.isnan(cka(np.ones((N, 5)), Y))
    assert np.isnan(compare_rdms(np.ones(len(rdm(X))), rdm(X), "spearman"))


@pytest.mark.parametrize("metric", ["cosine", "correlation", "euclidean", "squared_euclidean"])
@pytest.mark.parametrize("method", ["spearman", "kendall"])
def test_equal_stimuli_are_tied_from_activations_as_from_kernels(metric: str, method: str) -> None:
    """Each stimulus three times, in places that a product of matrices treats in different ways."""
    twice = np.random.default_rng(3).permutation(np.tile(np.arange(17), 3))
    features = language_model_like(17, 96, seed=4)[twice].astype(np.float32)
    other = np.random.default_rng(5).standard_normal((len(twice), 6))
    base = np.round(pdist(features.astype(float), metric.replace("squared_", "sq")), 9)
    exact = compare_rdms(base, rdm(other, metric), method)
    for representation, near in ((features, 1e-12), (unpack(pack(features)), 2e-6)):
        assert compare_rdms(rdm(representation, metric), rdm(other, metric), method) == pytest.approx(exact, abs=near)
