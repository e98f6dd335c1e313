"""How far two passes are apart, and what rounding alone does to one."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from brainlake.contract.recipe import parse_recipe
from brainlake_builder.extraction.rounding import EIGHT_BITS, distance, feature_scale, floors, nats, unit
from brainlake_builder.models.loading import load_model
from brainlake_builder.models.runners import make_runner
from brainlake_builder.text.batching import pad
from brainlake_builder.text.contexts import read_stimuli
from brainlake_builder.text.documents import Stimuli


def states(seed, shape=(2, 6, 5)):
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


def test_the_scale_of_a_feature_is_its_own_or_the_median_s():
    X = np.zeros((1, 2, 3), np.float32)
    X[0] = [[3, 0.1, 2], [-3, -0.1, 2]]
    np.testing.assert_allclose(feature_scale(X), [[[3, 2, 2]]])
    assert (feature_scale(np.zeros((1, 2, 3), np.float32)) > 0).all()


def test_distance_is_that_of_a_loop():
    found, expected = states(0), states(1)
    scale = feature_scale(expected)
    loop = [
        np.sqrt(
            np.mean(
                [
                    ((found[i, j, k] - float(expected[i, j, k])) / scale[i, 0, k]) ** 2
                    for j in range(6)
                    for k in range(5)
                ]
            )
        )
        for i in range(2)
    ]
    np.testing.assert_allclose(distance(found, expected, scale), loop, rtol=1e-6)


@given(st.integers(0, 1000), st.sampled_from([0.25, 2.0, 1024.0]))
def test_distance_has_no_unit(seed, factor):
    found, expected = states(seed), states(seed + 1)
    one = distance(found, expected, feature_scale(expected))
    other = distance(
        found * np.float32(factor), expected * np.float32(factor), feature_scale(expected * np.float32(factor))
    )
    np.testing.assert_allclose(one, other, rtol=1e-6)


@pytest.mark.parametrize("odd", [np.nan, np.inf])
def test_what_is_not_finite_is_infinitely_far_in_its_layer_alone(odd):
    expected = states(0)
    found = expected.copy()
    found[1, 2, 3] = odd
    np.testing.assert_array_equal(distance(found, expected, feature_scale(expected)), [0, np.inf])


def test_a_pass_without_stimuli_is_not_apart():
    none = np.zeros((2, 0, 5), np.float32)
    np.testing.assert_array_equal(distance(none, none, np.ones((2, 1, 5))), [0, 0])


def test_nats_are_of_what_was_asked_for():
    expected = np.array([np.nan, -1, -2], np.float32)
    assert nats(np.array([7, -1.5, -1.75], np.float32), expected) == 0.5
    assert nats(np.array([7], np.float32), expected[:1]) == 0


@pytest.fixture
def runner(model_folder):
    def make(dtype="float32"):
        model = load_model(str(model_folder("gpt2")), dtype=dtype)
        return make_runner(model, parse_recipe(f"document+dtype={dtype}"))

    return make


def test_sums_in_float32_round_at_every_addition_and_those_of_reduced_precision_once(runner):
    made = runner("float32")
    assert unit(made) == 2.0**-23 * made.model.identity.width**0.5
    assert unit(runner("bfloat16")) == 2.0**-7


def test_kernels_of_eight_bits_have_no_more(runner, monkeypatch):
    made = runner()
    object.__setattr__(made.model, "quantization", "8bit")
    assert unit(made) == EIGHT_BITS


def test_floors_lie_between_a_unit_and_a_fault_and_leave_the_network_alone(runner, make_stimuli):
    stimuli = Stimuli.from_table("words", make_stimuli("words", [["The", "boy", "cried", "wolf."]]))
    found = {}
    for dtype in ("float32", "bfloat16"):
        with runner(dtype) as made:
            (one,) = read_stimuli(stimuli, made.encoder, made.recipe, made.limits).passes
            plain = made.run(pad([one]))
            scale = feature_scale(plain.activations)
            far, log_p = floors(made, one, plain, scale)
            assert far.shape == (len(made.taps),)
            assert (far >= unit(made)).all()
            assert far.max() < 100 * unit(made)
            assert log_p >= unit(made)
            again = made.run(pad([one]))
            np.testing.assert_array_equal(again.activations, plain.activations)
            found[dtype] = far
            same = floors(made, one, plain, scale)
            np.testing.assert_array_equal(same[0], far)
            assert same[1] == log_p
    assert (found["bfloat16"] > 1000 * found["float32"]).all()


def test_hooks_come_off_when_a_pass_fails(runner, make_stimuli, monkeypatch):
    stimuli = Stimuli.from_table("words", make_stimuli("words", [["The", "boy", "cried", "wolf."]]))
    with runner() as made:
        (one,) = read_stimuli(stimuli, made.encoder, made.recipe, made.limits).passes
        plain = made.run(pad([one]))
        hooks = [len(block._forward_hooks) + len(block._forward_pre_hooks) for block in made.stacks[0][1]]

        def fail(_):
            raise torch.OutOfMemoryError

        monkeypatch.setattr(made, "forward", fail)
        with pytest.raises(torch.OutOfMemoryError):
            floors(made, one, plain, feature_scale(plain.activations))
        assert [len(block._forward_hooks) + len(block._forward_pre_hooks) for block in made.stacks[0][1]] == hooks
