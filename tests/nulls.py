"""Settings of simulated responses, and what every exchange of them gives."""

import numpy as np
import polars as pl

from brainlake.alignment.design.features import Layer, LayerFits
from brainlake.alignment.design.fitting import Scheme
from brainlake.alignment.design.protocols import PROTOCOLS
from brainlake.alignment.design.setting import Setting, TargetGroup
from brainlake.alignment.uncertainty.exchanged_choice import ExchangedChoice
from brainlake.alignment.uncertainty.exchanges import Exchanges
from brainlake.alignment.uncertainty.permutations import null_of_choice
from brainlake.recordings.recording import Recording
from brainlake.recordings.volumes import Volumes

GROUPS = np.repeat([f"g{i:02}" for i in range(14)], [5] * 10 + [4] * 3 + [6])


def setting_of(Y, n_permutations, threads=1, protocol="grouped", **facts):
    v = Y.shape[1]
    labels = np.full(v, "s"), np.full(v, ""), np.arange(v).astype(str)
    recording = Recording("null", pl.DataFrame(), Y, *labels, "groups", **facts)
    groups = [TargetGroup(np.arange(v)), *(TargetGroup(np.array([i]), target_id=str(i)) for i in range(v))]
    return Setting(recording, PROTOCOLS[protocol], groups, 0, n_permutations, pl.DataFrame(), threads)


def null_of(layers, setting, seed=0):
    scheme = Scheme.of(setting.recording, PROTOCOLS["grouped"].folds, with_nuisance=True)
    exchanges = Exchanges.of(setting, seed)
    choice = None
    for X in layers:
        spectra = [LayerFits(Layer(X), setting.recording).spectrum(one.part) for one in scheme.parts]
        found = ExchangedChoice.of_layer(spectra, scheme, exchanges)
        if choice is None:
            choice = found
        else:
            choice.offer(found)
    return null_of_choice(choice, scheme, setting, exchanges), exchanges


def series(rho, n, v, rng):
    noise = rng.standard_normal((n + 100, v))
    for i in range(1, len(noise)):
        noise[i] = rho * noise[i - 1] + np.sqrt(1 - rho**2) * noise[i]
    return noise[100:]


def scans(n):
    times = 2.0 * np.arange(n)
    return Volumes(times + 1, times, np.full(n, "1"), np.arange(n), 2.0)
