"""Which spectra features and Gram matrices have."""

import numpy as np
import pytest

from brainlake.encoding import lapack
from brainlake.encoding.decomposition import spectrum_of_features, spectrum_of_kernel, spectrum_of_rows
from brainlake.encoding.spectrum import Whole
from brainlake.errors import BrainlakeError
from evaluator.encoding.reference import language_model_like

N = 30


def test_a_subset_is_the_spectrum_of_its_rows():
    rng = np.random.default_rng(0)
    X, Z = language_model_like(N, 50), rng.standard_normal((N, 2))
    rows = np.sort(rng.choice(N, 20, replace=False))
    some = spectrum_of_rows(spectrum_of_features(X, nuisance=Z), rows)
    again = spectrum_of_features(X[rows], nuisance=Z[rows])
    np.testing.assert_allclose(some.residual_maker(2.0), again.residual_maker(2.0), atol=1e-8)
    assert some.n == 20


def test_a_kernel_need_not_be_centred():
    X = language_model_like(N, 50)
    Xc = X - X.mean(0)
    a, b = spectrum_of_kernel(X @ X.T), spectrum_of_kernel(Xc @ Xc.T)
    np.testing.assert_allclose(a.residual_maker(1.0), b.residual_maker(1.0), atol=1e-8)


def test_what_is_no_gram_matrix_is_refused():
    with pytest.raises(BrainlakeError, match="symmetric"):
        spectrum_of_kernel(np.arange(16.0).reshape(4, 4))


@pytest.mark.parametrize("q", [0, 2])
def test_only_what_few_directions_may_make_is_decomposed(monkeypatch, q):
    rng = np.random.default_rng(4)
    X, Z = rng.standard_normal((60, 200)), rng.standard_normal((60, q)) if q else None
    few = [np.eye(60), X[:, :9] @ X[:, :9].T, X[:, :9] @ X[:, :9].T + np.eye(60)]
    monkeypatch.setattr(lapack, "eigh", None)
    assert isinstance(spectrum_of_kernel(X @ X.T, Z), Whole)
    for K in few:
        with pytest.raises(TypeError):
            spectrum_of_kernel(K, Z)
