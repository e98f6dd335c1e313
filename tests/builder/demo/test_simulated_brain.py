import numpy as np
import polars as pl
import pytest
from sklearn.decomposition import PCA

from brainlake.errors import BrainlakeError
from brainlake_builder.demo.simulated_brain import (
    BrainDesign,
    Roi,
    component_scores,
    expected_ceilings,
    simulate_brain,
)


def activations(n: int = 240, d: int = 30, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return (rng.standard_normal((n, d)) * np.geomspace(5, 0.1, d)) @ rng.standard_normal((d, d)) + 3


def topics(n: int = 240, size: int = 10) -> list[str]:
    return [f"topic-{i // size}" for i in range(n)]


def best_prediction(scores: np.ndarray, Y: np.ndarray) -> np.ndarray:
    """Correlation of Y with its least-squares fit on the scores, less the fit's own share of the noise."""
    fit = scores @ np.linalg.lstsq(scores, Y, rcond=None)[0]
    return np.array([np.corrcoef(fit[:, v], Y[:, v])[0, 1] for v in range(Y.shape[1])])


def test_component_scores_are_those_of_pca() -> None:
    X = activations()
    scores = component_scores(X, 7)
    reference = PCA(7, whiten=True, svd_solver="full").fit_transform(X) * np.sqrt(240 / 239)
    np.testing.assert_allclose(np.abs(scores), np.abs(reference), atol=1e-9)
    np.testing.assert_allclose(scores.T @ scores / 240, np.eye(7), atol=1e-10)
    np.testing.assert_allclose(component_scores(np.float32(X), 7), scores, atol=1e-3)


@pytest.mark.parametrize("group_variance", [0.0, 0.5])
def test_ceilings_are_reached_and_not_passed(group_variance: float) -> None:
    n = 20_000
    X, groups = activations(n), topics(n, 2)
    design = BrainDesign(2, (Roi("a", 6, 2, 1.0), Roi("b", 6, 2, 0.2)), 5, group_variance)
    brain = simulate_brain(X, groups, 3, design, np.random.default_rng(1))
    scores = component_scores(X, 5)
    for subject, Y in brain.responses.items():
        truth = brain.truth.filter(pl.col("subject") == subject)
        np.testing.assert_allclose(best_prediction(scores, Y), truth["max_r"], atol=0.03)


def test_signal_to_noise_ratio_and_group_share() -> None:
    n = 20_000
    X, groups = activations(n), np.array(topics(n, 2))
    design = BrainDesign(1, (Roi("a", 8, 0, 0.5),), 5, 0.5)
    (Y,) = simulate_brain(X, list(groups), 1, design, np.random.default_rng(2)).responses.values()
    scores = component_scores(X, 5)
    weights = np.linalg.lstsq(scores, Y, rcond=None)[0]
    rest = Y - scores @ weights
    np.testing.assert_allclose((scores @ weights).var(0), 1, atol=0.05)
    # Within a pair of one group the group component cancels: half the squared difference is noise alone.
    noise = ((rest[::2] - rest[1::2]) ** 2 / 2).mean(0)
    np.testing.assert_allclose(1 / noise, 0.5, rtol=0.05)
    np.testing.assert_allclose(rest.var(0) - noise, 0.5, atol=0.1)


def test_group_component_is_what_shuffled_folds_learn() -> None:
    X, groups = activations(), topics()
    design = BrainDesign(3, (Roi("a", 20, 0, 2.0),), 5, 1.0)
    brain = simulate_brain(X, groups, 1, design, np.random.default_rng(3))
    member = np.array(groups)[:, None] == np.array(groups)
    for Y in brain.responses.values():
        # Mean of the other members of the group, which shuffled folds see and grouped ones do not.
        others = (member @ Y - Y) / 9
        r = [np.corrcoef(others[:, v], Y[:, v])[0, 1] for v in range(20)]
        assert np.mean(r) > 0.3
    without = BrainDesign(3, (Roi("a", 20, 0, 2.0),), 5, 0.0)
    Y = np.hstack(list(simulate_brain(X, groups, 1, without, np.random.default_rng(3)).responses.values()))
    others = (member @ Y - Y) / 9
    assert abs(np.mean([np.corrcoef(others[:, v], Y[:, v])[0, 1] for v in range(60)])) < 0.1


def test_tables() -> None:
    design = BrainDesign(2, (Roi("a", 3, 1, 1.0), Roi("b", 0, 2, 1.0)), 4, 0.0)
    brain = simulate_brain(activations(), topics(), 2, design, np.random.default_rng(0))
    assert list(brain.responses) == ["simulated-01", "simulated-02"]
    assert all(Y.shape == (240, 6) for Y in brain.responses.values())
    assert brain.targets.columns == ["subject", "index", "target_id", "roi", "space", "x", "y", "z"]
    assert brain.targets["index"].to_list() == [*range(6), *range(6)]
    assert brain.targets["target_id"].n_unique() == 12
    assert set(brain.targets["roi"]) == {"simulated-a", "simulated-b"}
    assert set(brain.targets["space"]) == {"simulated"}
    assert brain.truth["target_id"].to_list() == brain.targets["target_id"].to_list()
    assert brain.truth["max_r"].to_list() == [np.sqrt(0.5)] * 3 + [0] * 3 + [np.sqrt(0.5)] * 3 + [0] * 3
    assert set(brain.truth["layer"]) == {2}


def test_same_seed_same_brain() -> None:
    def draw(seed: int) -> np.ndarray:
        brain = simulate_brain(activations(), topics(), 1, BrainDesign(), np.random.default_rng(seed))
        return np.hstack(list(brain.responses.values()))

    np.testing.assert_array_equal(draw(5), draw(5))
    assert np.abs(draw(5) - draw(6)).max() > 1


def test_expected_ceilings() -> None:
    assert expected_ceilings(1.0, 0.0) == pytest.approx((np.sqrt(0.5), np.sqrt(0.5)))
    assert expected_ceilings(1.0, 0.5) == pytest.approx((0.4**0.5, 0.6**0.5))
    assert expected_ceilings(0.0, 0.5) == (0, 0)


def test_what_cannot_be_simulated_is_refused() -> None:
    rng = np.random.default_rng(0)
    with pytest.raises(BrainlakeError, match="239 groups for 240"):
        simulate_brain(activations(), topics()[1:], 1, BrainDesign(), rng)
    with pytest.raises(BrainlakeError, match="two groups or more"):
        simulate_brain(activations(), ["a"] * 240, 1, BrainDesign(), rng)
    with pytest.raises(BrainlakeError, match="the activations have 2"):
        simulate_brain(activations()[:, :2], topics(), 1, BrainDesign(), rng)
    with pytest.raises(BrainlakeError, match="finite matrix"):
        simulate_brain(np.full((240, 5), np.nan), topics(), 1, BrainDesign(), rng)
    with pytest.raises(BrainlakeError, match="region 'a'"):
        Roi("a", 1, 0, 0.0)
    with pytest.raises(BrainlakeError, match="subjects, regions"):
        BrainDesign(n_subjects=0)
