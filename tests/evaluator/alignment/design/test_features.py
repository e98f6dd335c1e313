"""Layers from activations or kernels: the same scores either way, and only of the stimuli that were fed."""

import shutil

import numpy as np
import pytest

from banks import build_story, build_wide, put_model, put_recording, put_stimuli
from brainlake import BrainlakeError, UnknownNameError, open_bank
from brainlake.alignment.design.features import (
    Layer,
    LayerFits,
    identity_of,
    known,
    model_features,
    models_with_features,
    read_gram,
)
from brainlake.bank.manifest import rebuild_manifest
from brainlake.bank.sidecars import remove_sidecar
from brainlake.encoding.decomposition import spectrum_of_kernel
from brainlake.encoding.folds import by_stimulus
from brainlake.encoding.packing import gram_of_features
from brainlake.encoding.targets import prepare
from brainlake.recordings.responses import load_recording
from brainlake_builder.tables.kernels import build_kernels


def without(root, table):
    for path in (root / table).rglob("*.parquet"):
        remove_sidecar(root, path.relative_to(root).as_posix())
        path.unlink()
    rebuild_manifest(root)


@pytest.fixture(scope="module")
def wide(tmp_path_factory):
    """A bank with activations and kernels, and one with kernels alone."""
    root = tmp_path_factory.mktemp("wide") / "both"
    X, _ = build_wide(root)
    list(build_kernels(root))
    rebuild_manifest(root)
    kernels = shutil.copytree(root, root.parent / "kernels")
    without(kernels, "activations")
    return root, kernels, X


def features(root, layers=None, benchmark="wide", chosen=(("m", "document"),)):
    bank = open_bank(root)
    return list(model_features(bank, load_recording(bank, benchmark), chosen, layers))


def test_activations_come_first_and_kernels_where_there_are_none(wide):
    both, kernels, X = wide
    assert models_with_features(open_bank(both), "s") == models_with_features(open_bank(kernels), "s")
    (found,), (packed,) = features(both), features(kernels)
    np.testing.assert_array_equal(found.read(1).values, X[1])
    assert packed.identity == found.identity
    assert packed.layers == found.layers == (0, 1, 2)
    np.testing.assert_allclose(packed.read(1).gram().centred, found.read(1).gram().centred, rtol=1e-5, atol=1e-2)


def test_identity_is_that_of_the_file(wide):
    sidecar = open_bank(wide[0]).feature_file("activations", "m", "s", "document")
    identity = identity_of(sidecar)
    assert (identity.model, identity.model_revision, identity.recipe) == ("m", "r1", "document")
    assert identity.stimuli_sha256 == sidecar.stimuli_sha256
    assert identity.recipe_digest == sidecar.recipe_digest


def test_layers_that_are_asked_for_are_in_the_order_of_the_file(wide):
    assert features(wide[0], [2, 0])[0].layers == (0, 2)
    with pytest.raises(UnknownNameError, match="unknown layer '7'; there is: 0, 1, 2"):
        features(wide[0], [7])
    assert features(wide[0], chosen=()) == []


def test_rows_are_those_of_the_recording(wide, tmp_path):
    _, _, X = wide
    build_wide(tmp_path)
    some = [3, 9, 11, *range(30, 60)]
    Y = {"a": np.random.default_rng(0).standard_normal((len(some), 2))}
    put_recording(tmp_path, "some", ["s"], [("s", f"s.{i}", None, None) for i in some], Y)
    np.testing.assert_array_equal(features(tmp_path, benchmark="some")[0].read(2).values, X[2][some])
    list(build_kernels(tmp_path))
    without(tmp_path, "activations")
    gram = features(tmp_path, benchmark="some")[0].read(2).values
    expected = gram_of_features(X[2][some])
    np.testing.assert_allclose(gram.centred, expected.centred, rtol=1e-5, atol=1e-2)
    np.testing.assert_allclose(gram.row_sums, expected.row_sums, rtol=1e-5, atol=1e-3)


def test_features_of_other_texts_under_the_same_ids_are_refused(tmp_path):
    build_wide(tmp_path)
    put_stimuli(tmp_path, "s", [{"text": "other", "group_id": f"g{i // 6}"} for i in range(60)])
    with pytest.raises(BrainlakeError, match="was made from other stimuli than the s of this bank; extract it again"):
        features(tmp_path)


def test_kernels_of_several_sets_cannot_be_joined(tmp_path):
    X = np.random.default_rng(0).standard_normal((1, 20, 30))
    for name in ("one", "two"):
        put_stimuli(tmp_path, name, [{}] * 20)
        put_model(tmp_path, "m", name, X)
    rows = [(name, f"{name}.{i}", None, None) for name in ("one", "two") for i in range(20)]
    put_recording(tmp_path, "both", ["one", "two"], rows, {"a": np.ones((40, 2))})
    np.testing.assert_allclose(
        features(tmp_path, benchmark="both")[0].read(0).values, np.concatenate([X[0]] * 2), rtol=1e-6
    )
    list(build_kernels(tmp_path))
    without(tmp_path, "activations")
    with pytest.raises(BrainlakeError, match="both joins one, two, and the kernels of m hold no products between"):
        features(tmp_path, benchmark="both")


def test_a_kernel_gives_what_needs_no_features_and_says_what_does(wide):
    _, kernels, X = wide
    bank = open_bank(kernels)
    layer = Layer(read_gram(bank, bank.feature_file("kernels", "m", "s", "document"), 0))
    recording = load_recording(bank, "wide")
    np.testing.assert_array_equal(layer.kernel(recording), layer.gram().centred)
    with pytest.raises(BrainlakeError, match="rsa needs the features, and the bank has only kernels: fetch the activ"):
        layer.features("rsa")
    with pytest.raises(BrainlakeError, match="rsa needs features of words, and these are features of TRs"):
        Layer(X[0], of_rows=True).features("rsa")


def test_one_decomposition_a_part_whichever_side_is_smaller(wide):
    recording = load_recording(open_bank(wide[0]), "wide")
    (part,) = recording.parts
    for d in (4, 29, 31, 200):
        X = np.random.default_rng(d).standard_normal((60, d))
        fits = LayerFits(Layer(X), recording)
        spectrum = fits.spectrum(part)
        assert fits.spectrum(part) is spectrum
        Xc = X - X.mean(0)
        expected = spectrum_of_kernel(Xc @ Xc.T).residual_maker(3.0)
        np.testing.assert_allclose(spectrum.residual_maker(3.0), expected, atol=1e-8)


def test_least_squares_from_a_kernel_are_those_from_features(wide):
    recording = load_recording(open_bank(wide[0]), "wide")
    X, folds = np.random.default_rng(0).standard_normal((60, 90)), by_stimulus(60, 5)
    plain, packed = (LayerFits(Layer(values), recording) for values in (X, gram_of_features(X)))
    np.testing.assert_allclose(packed.ols_operator(folds), plain.ols_operator(folds), atol=1e-7)
    Y = np.where(np.random.default_rng(1).random((60, 3)) > 0.1, X[:, :3], np.nan)
    targets = prepare(Y, folds)
    np.testing.assert_allclose(packed.ols_with_gaps(targets), plain.ols_with_gaps(targets), atol=1e-6)


def test_scans_take_kernels_of_words_and_of_scans(tmp_path):
    build_story(tmp_path)
    bank = open_bank(tmp_path)
    recording = load_recording(bank, "story")
    X = np.random.default_rng(0).standard_normal((160, 2))
    np.testing.assert_allclose(Layer(X, of_rows=True).kernel(recording), recording.volumes.kernel_of_trs(X))
    words = next(model_features(bank, recording, [("m", "document")], None)).read(1)
    np.testing.assert_allclose(words.kernel(recording), recording.volumes.kernel(words.values))


def test_names_that_are_there_pass():
    known("thing", None, [])
    known("thing", ["a"], ["a", "b"])
    with pytest.raises(UnknownNameError, match="unknown thing 'c'; there is: a, b"):
        known("thing", ["a", "c"], ["b", "a", "b"])
