"""Word probabilities against brute-force enumeration, and next-token distributions against the obvious way."""

import math
from itertools import product

import numpy as np
import pytest
import torch

from brainlake_builder.text.passes import NO_TARGET, Words
from brainlake_builder.text.surprisal import next_token, stimulus_surprisal

VOCABULARY = ["<end>", "a", "b", " a", " b"]
END = 0
BEGINS = np.array([True, False, False, True, True])
OPENS = np.array([True, True, True, False, False])


class ToyModel:
    """P(token | the tokens before), any table over the last two tokens."""

    def __init__(self, seed):
        rng = np.random.default_rng(seed)
        self.table = rng.dirichlet(np.ones(5), size=(6, 6))

    def __call__(self, tokens):
        last = [5, 5, *tokens][-2:]
        return self.table[last[0], last[1]]

    def probability(self, tokens, before=()):
        tokens, before, p = list(tokens), list(before), 1.0
        for token in tokens:
            p *= self(before)[token]
            before.append(token)
        return p


def measured(model, words):
    """Word surprisal by the engine, for words given as lists of tokens."""
    tokens = [token for word in words for token in word]
    distributions = [model(tokens[:t]) for t in range(len(tokens) + 1)]
    targets = np.array([*tokens, NO_TARGET])
    stop = np.cumsum([len(word) for word in words])
    start = stop - [len(word) for word in words]
    n = len(words)
    layout = Words(start, stop, np.arange(n) == 0, np.arange(n) == n - 1, targets)
    log = {
        "log_p": np.array([*(math.log(d[t]) for d, t in zip(distributions, tokens, strict=False)), math.nan]),
        "log_new": np.array([math.log(d[BEGINS].sum()) for d in distributions]),
        "log_opening": np.array([math.log(d[OPENS].sum()) for d in distributions]),
        "entropy": np.array([-(d * np.log(d)).sum() for d in distributions]),
    }
    return stimulus_surprisal(layout, begins=BEGINS, **log), distributions


def word_mass(model, before, continuation):
    """Probability that the tokens given come next, and then a new word or the end."""
    tokens = [*before, *continuation]
    return model.probability(continuation, before) * model(tokens)[BEGINS].sum()


@pytest.mark.parametrize("seed", range(5))
def test_equals_enumeration_of_continuations(seed):
    """P(word | earlier words) = P(it, then a new word or the end) / P(a new word or the end)."""
    model = ToyModel(seed)
    words = [[1, 2], [3, 1], [4], [3, 2, 2]]
    found, _ = measured(model, words)
    before: list[int] = []
    for k, word in enumerate(words):
        mine = word_mass(model, before, word)
        # Before a later word stands the end of the one before it; a text does not open with one of these.
        given = model(before)[BEGINS].sum() if k else model([])[OPENS].sum()
        assert found["surprisal"][k] == pytest.approx(-math.log2(mine / given), rel=1e-9)
        before += word


@pytest.mark.parametrize("seed", range(5))
def test_probabilities_of_all_continuations_sum_to_one(seed):
    """Every word of up to 9 tokens, and the end; what is longer is what is missing."""
    model, before = ToyModel(seed), [1, 2]
    total = model(before)[END] / model(before)[BEGINS].sum()
    for n in range(9):
        for inner in product((1, 2), repeat=n):
            for first in (3, 4):
                word = [first, *inner]
                found, _ = measured(model, [[1, 2], word])
                total += 2 ** -found["surprisal"][1]
    longer = 0.0
    for inner in product((1, 2), repeat=9):
        for first in (3, 4):
            longer += model.probability([first, *inner], before) / model(before)[BEGINS].sum()
    assert total + longer == pytest.approx(1, abs=1e-9)


def test_first_words_and_the_empty_text_sum_to_one():
    model = ToyModel(0)
    total = model([])[END] / model([])[OPENS].sum()
    for n in range(9):
        for word in product((1, 2), repeat=n + 1):
            total += 2 ** -measured(model, [list(word)])[0]["surprisal"][0]
    longer = sum(model.probability(word) for word in product((1, 2), repeat=10)) / model([])[OPENS].sum()
    assert total + longer == pytest.approx(1, abs=1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_sums_over_a_text(seed):
    model = ToyModel(seed)
    words = [[1, 2], [3, 1], [4], [2], [3, 2, 2]]
    found, distributions = measured(model, words)
    tokens = [token for word in words for token in word]
    assert found["surprisal_tokens"].sum() == pytest.approx(-math.log2(model.probability(tokens)))
    ends = math.log2(distributions[0][OPENS].sum()) - math.log2(distributions[-1][BEGINS].sum())
    assert found["surprisal"].sum() == pytest.approx(found["surprisal_tokens"].sum() + ends)
    # Inside a word that two stimuli share there is no boundary on either side.
    before, after = (math.log2(distributions[t][BEGINS].sum()) for t in (4, 6))
    assert found["surprisal"][2] == pytest.approx(found["surprisal_tokens"][2] + before)
    assert found["surprisal"][3] == pytest.approx(found["surprisal_tokens"][3] - after)
    np.testing.assert_allclose(found["entropy"][0], -(distributions[0] * np.log2(distributions[0])).sum())
    assert found["n_tokens"].tolist() == [2, 2, 1, 1, 3]


def test_without_boundaries_it_is_the_plain_sum():
    opens = np.array([True, False])
    layout = Words(np.array([0, 1]), np.array([1, 3]), opens, ~opens, np.array([1, 3, 1, NO_TARGET]))
    arrays = {name: np.log([0.5, 0.25, 0.5, 0.5]) for name in ("log_p", "log_new", "log_opening", "entropy")}
    found = stimulus_surprisal(layout, begins=None, **arrays)
    assert found["surprisal"].tolist() == found["surprisal_tokens"].tolist()
    assert found["surprisal"].tolist() == pytest.approx([1, 3])


@pytest.mark.parametrize("n", [1, 256, 700])
def test_next_token_equals_log_softmax(n):
    generator = torch.Generator().manual_seed(n)
    states = torch.randn(n, 16, generator=generator)
    embedding = torch.randn(300, 16, generator=generator)
    begins = torch.rand(300, generator=generator) < 0.3
    targets = torch.randint(-1, 300, (n,), generator=generator)
    opens = torch.rand(300, generator=generator) < 0.7
    classes = torch.stack([begins, opens, torch.ones(300, dtype=bool)]).float()
    found = next_token(states, targets, lambda rows: 3 * rows @ embedding.T, classes)
    log_p = (3 * states.double() @ embedding.double().T).log_softmax(1)
    expected = torch.where(targets < 0, math.nan, log_p.gather(1, targets.clamp(min=0)[:, None])[:, 0])
    torch.testing.assert_close(found.log_p.double(), expected, rtol=1e-5, atol=1e-4, equal_nan=True)
    torch.testing.assert_close(found.log_new.double(), log_p[:, begins].logsumexp(1), rtol=1e-5, atol=1e-4)
    torch.testing.assert_close(found.log_opening.double(), log_p[:, opens].logsumexp(1), rtol=1e-5, atol=1e-4)
    torch.testing.assert_close(found.entropy.double(), -(log_p.exp() * log_p).sum(1), rtol=1e-5, atol=1e-4)
