"""The penalty, and the layer, chosen again in every exchange by the inner errors of exchanged responses."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from brainlake.alignment.design.fitting import Scheme
from brainlake.alignment.uncertainty.exchanges import Exchanges
from brainlake.encoding.arrays import FloatArray, IntArray
from brainlake.encoding.error_forms import error_forms, exchanged, forms_of_nothing
from brainlake.encoding.folds import Folds
from brainlake.encoding.ridge import DEFAULT_ALPHAS, mean_scale
from brainlake.encoding.spectrum import Spectrum
from brainlake.encoding.targets import Targets
from brainlake.encoding.unpenalised import unpenalised_weights

# So many bytes of exchanged values (exchanges x pairs of rows) are held at once by a thread: every block of exchanges
# reads all error forms, and with 64 of 1,000 rows an exchange takes half of the time that it takes with 16.
_BYTES = 2**27
# So many values of error forms (penalties x folds x pairs of rows) are held at once by a thread, 256 MB in float32: all
# penalties of 1,000 rows in 10 folds, and a penalty at a time of a few thousand.
_FORMS = 2**26
# With more rows than this, errors of exchanged responses are float32: 1e-6 of them, in half the time and memory.
_FLOAT32_ROWS = 500


@dataclass(eq=False)
class ExchangedChoice:
    """The penalty, and the layer, of each outer fold in every exchange.

    Attributes
    ----------
    layers
        Spectra of each layer's parts.
    errors
        Inner error of the choice less that of predicting nothing, shape (1 + exchanges, F).
    layer, alpha
        Number in ``layers``, and index of the penalty, of the same shape.
    """

    layers: list[list[Spectrum]]
    errors: FloatArray
    layer: IntArray
    alpha: IntArray

    @classmethod
    def of_layer(cls, spectra: list[Spectrum], scheme: Scheme, exchanges: Exchanges) -> "ExchangedChoice":
        """Choose the penalty of one layer."""
        errors = np.full((len(exchanges.orders), len(scheme.folds)), np.inf)
        alpha = np.zeros(errors.shape, dtype=np.intp)
        scale = mean_scale(spectra)
        moments = [_moments(one.targets) for one in scheme.parts]
        nothing = [forms_of_nothing(s, scheme.folds) for s in spectra]
        for first, grid in _penalties_at_a_time(scheme.folds):
            forms = [
                np.concatenate([error_forms(s, scheme.folds, a * scale / s.scale, S.dtype, zero) for a in grid])
                for s, S, zero in zip(spectra, moments, nothing, strict=True)
            ]
            for rows in _row_blocks(len(errors), forms[0][0].nbytes):
                orders = exchanges.orders[rows]
                products = [exchanged(S, orders) @ Q.T for S, Q in zip(moments, forms, strict=True)]
                found = np.sum(products, axis=0).reshape(len(orders), len(grid), -1)
                better = found.min(1) < errors[rows]
                alpha[rows] = np.where(better, first + found.argmin(1), alpha[rows])
                errors[rows] = np.where(better, found.min(1), errors[rows])
        return cls([spectra], errors, np.zeros_like(alpha), alpha)

    def offer(self, other: "ExchangedChoice") -> None:
        """Take the folds and exchanges in which a layer is better than all before."""
        better = other.errors < self.errors
        self.layer[better] = len(self.layers) + other.layer[better]
        self.alpha[better] = other.alpha[better]
        self.errors[better] = other.errors[better]
        self.layers += other.layers


def exchangeable(targets: Targets) -> FloatArray:
    """Responses less what nuisance regressors predict of the rows that a target has, 0 where missing."""
    if targets.nuisance_operator is None:
        return targets.responses
    Y, B = targets.responses, targets.unpenalised
    present = np.ones(Y.shape, np.bool_) if targets.gaps is None else targets.gaps.present
    return np.where(present, Y - B @ unpenalised_weights(B, Y, present), 0.0).astype(Y.dtype)


def _moments(targets: Targets) -> FloatArray:
    """Sum over targets of y y' / var(y), (n, n)."""
    L = exchangeable(targets) / np.sqrt(targets.variance)
    return np.asarray(L @ L.T, dtype=np.float32 if targets.folds.n > _FLOAT32_ROWS else targets.dtype)


def _penalties_at_a_time(folds: Folds) -> Iterator[tuple[int, tuple[float, ...]]]:
    """Stretches of the penalties whose error forms are held together, and the number of the first of each."""
    height = max(1, _FORMS // (len(folds) * folds.n * folds.n // 2))
    for first in range(0, len(DEFAULT_ALPHAS), height):
        yield first, DEFAULT_ALPHAS[first : first + height]


def _row_blocks(n: int, n_bytes: int) -> Iterator[slice]:
    height = max(1, _BYTES // n_bytes)
    return (slice(start, start + height) for start in range(0, n, height))
