import numpy as np
import pytest

from brainlake.encoding.decomposition import spectrum_of_features, spectrum_of_kernel
from brainlake.encoding.folds import by_stimulus
from brainlake.encoding.kernel import centred_gram
from brainlake.encoding.packing import PackedGram, gram_of_features, pack, unpack
from brainlake.encoding.predict import fold_scores
from brainlake.encoding.targets import prepare
from brainlake.errors import BrainlakeError
from evaluator.encoding.reference import language_model_like, ridge


@pytest.mark.parametrize("outliers", [0.0, 30.0, 1e4])
def test_scores_from_a_packed_kernel_are_those_from_the_features(outliers: float) -> None:
    X = language_model_like(120, 900, outliers=outliers).astype(np.float32)
    rng = np.random.default_rng(0)
    Y = X[:, 3:200].astype(float) @ rng.standard_normal((197, 40)) + 20 * rng.standard_normal((120, 40))
    targets = prepare(Y, by_stimulus(120))
    exact = ridge(spectrum_of_features(X), targets)
    packed = ridge(spectrum_of_kernel(unpack(pack(X)).centred), targets)
    np.testing.assert_array_equal(exact.alphas, packed.alphas)
    np.testing.assert_allclose(fold_scores(packed.operator, targets), fold_scores(exact.operator, targets), atol=1e-5)


def test_packing_keeps_massive_features_apart() -> None:
    X = language_model_like(60, 300, outliers=1e4)
    K = centred_gram(X)
    bulk = centred_gram(np.delete(X, [1, 150], axis=1))
    packed = pack(X)
    assert packed.kernel.shape == (60 * 61 // 2,)
    assert packed.columns.shape == (60 * 8,)
    assert packed.side.shape == (2 * 60 + 5,)
    assert {a.dtype for a in (packed.kernel, packed.columns, packed.side)} == {np.dtype(np.float32)}
    assert abs(packed.kernel).max() < 2 * abs(bulk).max()
    assert np.abs(unpack(packed).centred - K).max() < 1e-6 * np.abs(K).max()


@pytest.mark.parametrize("d", [3, 8, 9, 50])
def test_narrow_features_pack_too(d: int) -> None:
    X = language_model_like(20, d)
    found, expected = unpack(pack(X)), gram_of_features(X)
    assert found.width == expected.width == d
    np.testing.assert_allclose(found.centred, expected.centred, atol=1e-5)
    np.testing.assert_allclose(found.row_sums, expected.row_sums, rtol=1e-6, atol=1e-6)
    assert found.mean_square == pytest.approx(expected.mean_square, rel=1e-13)


def test_a_gram_gives_back_what_centring_removed() -> None:
    X = language_model_like(30, 100) + 5
    gram = gram_of_features(X)
    np.testing.assert_allclose(gram.raw(), X @ X.T, rtol=1e-12)
    np.testing.assert_allclose(gram.row_sums, X.sum(1))
    rows = np.array([3, 4, 9, 20, 28])
    subset, expected = gram.subset(rows), gram_of_features(X[rows])
    np.testing.assert_allclose(subset.centred, expected.centred, atol=1e-9)
    np.testing.assert_allclose(subset.projection, expected.projection, atol=1e-9)
    assert subset.mean_square == pytest.approx(expected.mean_square)


def test_two_thirds_of_an_experiment_are_a_tenth_of_the_bytes() -> None:
    # Pereira2018 at the width of LLaMA-7B: n x d float16 against the packed vectors, both experiments.
    kernels = sum(4 * (n * (n + 1) // 2 + 8 * n + 2 * n + 5) for n in (243, 384))
    assert (243 + 384) * 4096 * 2 / kernels > 10


def test_vectors_that_do_not_belong_together_are_refused() -> None:
    packed = pack(language_model_like(20, 30))
    with pytest.raises(BrainlakeError, match="do not belong together"):
        unpack(PackedGram(packed.kernel[1:], packed.columns, packed.side))
