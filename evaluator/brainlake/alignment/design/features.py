"""What is scored: the layers of models, from activations or from kernels, with rows in the order of the stimuli."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from brainlake.alignment.design.score_row import Identity
from brainlake.bank.catalogue import Bank
from brainlake.contract.sidecar import Sidecar
from brainlake.encoding.arrays import FloatArray, IntArray
from brainlake.encoding.decomposition import spectrum_of_features, spectrum_of_kernel
from brainlake.encoding.folds import Folds
from brainlake.encoding.kernel import centred_gram
from brainlake.encoding.ols import kernel_ols_operator, kernel_ols_with_gaps, ols_operator, ols_with_gaps
from brainlake.encoding.packing import Gram, PackedGram, gram_of_features, unpack
from brainlake.encoding.spectrum import Spectrum
from brainlake.encoding.targets import Targets
from brainlake.errors import BrainlakeError, UnknownNameError
from brainlake.recordings.recording import Part, Recording


@dataclass(frozen=True, eq=False)
class Layer:
    """One layer over the stimuli of a recording: its features, shape (n, d), or their Gram matrix.

    ``of_rows`` says that the features are those of TRs (all of them), not of the words in them.
    """

    values: FloatArray | Gram
    of_rows: bool = False

    def same_as(self, other: "Layer") -> bool:
        """Whether it has the features of another, number for number."""
        one, two = self.values, other.values
        return not isinstance(one, Gram) and not isinstance(two, Gram) and np.array_equal(one, two)

    def kernel(self, recording: Recording) -> FloatArray:
        """Gram matrix over the rows of a recording."""
        if recording.volumes is None:
            return self.values.centred if isinstance(self.values, Gram) else centred_gram(self.values)
        if self.of_rows:
            assert not isinstance(self.values, Gram)
            return recording.volumes.kernel_of_trs(self.values)
        return recording.volumes.kernel(self.values)

    def narrow(self, recording: Recording) -> FloatArray | None:
        """Features over the rows of a recording, if they are fewer than half of these."""
        values = self.values
        if recording.volumes is not None or isinstance(values, Gram) or 2 * values.shape[1] >= len(values):
            return None
        return values

    def gram(self) -> Gram:
        """Gram matrix over the stimuli, with what centring removed."""
        return self.values if isinstance(self.values, Gram) else gram_of_features(self.values)

    def features(self, purpose: str) -> FloatArray:
        """Features of the stimuli.

        Raises
        ------
        BrainlakeError
            If only a kernel is there, or features are those of TRs.
        """
        if self.of_rows:
            raise BrainlakeError(f"{purpose} needs features of words, and these are features of TRs")
        if isinstance(self.values, Gram):
            raise BrainlakeError(f"{purpose} needs the features, and the bank has only kernels: fetch the activations")
        return self.values


class LayerFits:
    """Ridge and least squares of one layer; the Gram matrix is computed once for all parts of a recording."""

    def __init__(self, layer: Layer, recording: Recording) -> None:
        self._layer, self._recording = layer, recording
        self._kernel: FloatArray | None = None
        self._spectra: dict[Part, Spectrum] = {}

    @property
    def layer(self) -> Layer:
        """The layer."""
        return self._layer

    def spectrum(self, part: Part) -> Spectrum:
        """What ridge regression needs to know over the rows of a part; made once for all folds."""
        if part not in self._spectra:
            self._spectra[part] = self._decomposed(part)
        return self._spectra[part]

    def _decomposed(self, part: Part) -> Spectrum:
        features = self._layer.narrow(self._recording)
        if features is not None:
            return spectrum_of_features(features, nuisance=part.nuisance)
        return spectrum_of_kernel(self.kernel(), part.nuisance)

    def kernel(self) -> FloatArray:
        """Gram matrix over the rows of the recording."""
        if self._kernel is None:
            self._kernel = self._layer.kernel(self._recording)
        return self._kernel

    def ols_operator(self, folds: Folds) -> FloatArray:
        """Out-of-fold operator of least squares."""
        values = self._layer.values
        return kernel_ols_operator(self.kernel(), folds) if isinstance(values, Gram) else ols_operator(values, folds)

    def ols_with_gaps(self, targets: Targets) -> FloatArray:
        """Out-of-fold predictions of least squares, each target fitted to the rows that it has."""
        values = self._layer.values
        if isinstance(values, Gram):
            return kernel_ols_with_gaps(self.kernel(), targets)
        return ols_with_gaps(values, targets)


@dataclass(frozen=True)
class Features:
    """A model under a recipe, or a baseline; its layers are read one at a time.

    ``numbered`` is False for baselines, whose layers are widths to choose from, if there are several.
    """

    identity: Identity
    layers: tuple[int, ...]
    read: Callable[[int], Layer]
    numbered: bool = True


def model_features(
    bank: Bank, recording: Recording, chosen: Collection[tuple[str, str]], layers: Sequence[int] | None
) -> Iterator[Features]:
    """Models under recipes, from activations or kernels on the stimuli of a recording.

    Parameters
    ----------
    chosen
        Models and recipes, of those in :func:`models_with_features`.
    layers
        Layers to score; by default all.

    Raises
    ------
    UnknownNameError
        If there is no such layer.
    BrainlakeError
        If features were made from other stimuli.
    """
    sets = recording.stimulus_sets
    for first in _feature_files(bank, sets[0]):
        if (first.model, first.recipe) not in chosen:
            continue
        if first.kind == "kernels" and len(sets) > 1:
            raise BrainlakeError(
                f"{recording.benchmark} joins {', '.join(sets)}, and the kernels of {first.model} hold no products "
                f"between stimuli of different sets: fetch the activations"
            )
        parts = [first, *(bank.feature_file(first.kind, str(first.model), s, str(first.recipe)) for s in sets[1:])]
        for part in parts:
            check_stimuli(bank, part)
        there = [int(entry["layer"]) for entry in first.layers]
        known("layer", None if layers is None else [str(k) for k in layers], [str(k) for k in there])
        scored = tuple(k for k in there if layers is None or k in layers)
        yield Features(identity_of(first), scored, _reader(bank, recording, parts))


def models_with_features(bank: Bank, stimulus_set: str) -> list[tuple[str, str]]:
    """Models and recipes with activations or kernels of a stimulus set."""
    return [(str(file.model), str(file.recipe)) for file in _feature_files(bank, stimulus_set)]


def _feature_files(bank: Bank, stimulus_set: str) -> list[Sidecar]:
    """Activations, and kernels where there are none, by model and recipe."""
    activations, kernels = (bank.feature_files(table, stimulus_set) for table in ("activations", "kernels"))
    have = {(s.model, s.recipe) for s in activations}
    files = activations + [s for s in kernels if (s.model, s.recipe) not in have]
    return sorted(files, key=lambda s: (s.model or "", s.recipe or ""))


def known(kind: str, wanted: Sequence[str] | None, there: Sequence[str | None]) -> None:
    """Refuse names that are not there."""
    for name in wanted or ():
        if name not in there:
            raise UnknownNameError(kind, name, sorted({str(t) for t in there}))


def _reader(bank: Bank, recording: Recording, parts: list[Sidecar]) -> Callable[[int], Layer]:
    """Reads one layer, rows in the order of the recording's stimuli."""
    wanted = {
        name: recording.stimuli.filter(pl.col("stimulus_set") == name)["stimulus_id"].to_list()
        for name in recording.stimulus_sets
    }

    def activations(layer: int) -> Layer:
        blocks = []
        for part in parts:
            found = bank.activations(str(part.model), str(part.stimulus_set), layer, str(part.recipe))
            blocks.append(_rows(found.values, _places(found.stimulus_ids, wanted[str(part.stimulus_set)])))
        return Layer(blocks[0] if len(blocks) == 1 else np.concatenate(blocks))

    def kernel(layer: int) -> Layer:
        (part,) = parts
        gram = read_gram(bank, part, layer)
        ids = bank.stimuli(str(part.stimulus_set))["stimulus_id"].to_list()
        rows = _places(ids, wanted[str(part.stimulus_set)])
        return Layer(gram if len(rows) == len(ids) else gram.subset(rows))

    return activations if parts[0].kind == "activations" else kernel


def read_gram(bank: Bank, sidecar: Sidecar, layer: int) -> Gram:
    """Read one layer of a ``kernels`` file."""
    model, stimulus_set, recipe = str(sidecar.model), str(sidecar.stimulus_set), str(sidecar.recipe)
    rows = bank.table("kernels", model=model, stimulus_set=stimulus_set, recipe=recipe, layer=str(layer))
    return unpack(PackedGram(*(rows[name][0].to_numpy() for name in ("kernel", "columns", "side"))))


def _rows(values: FloatArray, rows: IntArray) -> FloatArray:
    """Rows of an array, without a copy where they are all of them in order."""
    return values if len(rows) == len(values) and (np.diff(rows) == 1).all() else values[rows]


def _places(ids: list[str], wanted: list[str]) -> IntArray:
    if ids == wanted:
        return np.arange(len(ids))
    place = {name: i for i, name in enumerate(ids)}
    return np.array([place[name] for name in wanted], dtype=np.intp)


def identity_of(sidecar: Sidecar) -> Identity:
    """Whose features a file holds."""
    return Identity(
        str(sidecar.model), sidecar.model_revision, sidecar.stimuli_sha256, sidecar.recipe, sidecar.recipe_digest
    )


def check_stimuli(bank: Bank, part: Sidecar) -> None:
    """Refuse a file made from other texts under the same ids: the ids alone would not tell."""
    if part.stimuli_sha256 != bank.sidecar("stimuli", str(part.stimulus_set)).stimuli_sha256:
        raise BrainlakeError(
            f"{part.path} was made from other stimuli than the {part.stimulus_set} of this bank; extract it again"
        )
