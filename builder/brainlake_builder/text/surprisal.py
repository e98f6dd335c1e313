"""Next-token distributions, and the probability of a word from those of its tokens.

With B the tokens that begin a new word (their surface starts with a space, and the end-of-text token), the
probability of a word is that of its tokens times P(B after it) / P(B before it): a word is over only when the next
one begins, and that the previous word was over is not its own doing (Pimentel and Meister, 2024, "How to compute
the probability of a word"; Oh and Schuler, 2024). A word that opens a text without a space divides by the
probability of the tokens that may do so: all that start with no space, the end-of-text token included. Where two
stimuli meet inside a word there is no such term on either side. Where a tokenizer puts the space at the end of a
token, a word's tokens say themselves that it is over, and their product is its probability.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from brainlake_builder.text.passes import NO_TARGET, Bool, Words

Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True)
class NextToken:
    """Next-token distributions in nats, one a slot; every array has shape (n,).

    Attributes
    ----------
    log_p
        Log-probability of the target; NaN where there is none.
    log_new, log_opening
        Log mass of the tokens that begin a word (B), and of those that may open a text without a space.
    entropy
        Entropy of the distribution.
    """

    log_p: torch.Tensor
    log_new: torch.Tensor
    log_opening: torch.Tensor
    entropy: torch.Tensor


CHUNK = 256
"""States whose logits are computed at once: enough to keep the matrix product busy."""

STRIP = {"cpu": 8}
"""Rows of logits that are worked on at once, all of them elsewhere: few enough to stay in a core's cache (measured
with a vocabulary of 50257: the product alone 0.21 s a chunk, with all else 0.23 s in strips of 8 and 0.26 s in one)."""


def next_token(
    states: torch.Tensor,
    targets: torch.Tensor,
    logits: Callable[[torch.Tensor], torch.Tensor],
    classes: torch.Tensor,
) -> NextToken:
    """Distributions after the given states, a chunk at a time, so that no (n, vocabulary) array is ever held.

    Parameters
    ----------
    states
        Last hidden states, shape (n, d).
    targets
        Token ids, shape (n,); ``NO_TARGET`` for none.
    logits
        From states to logits, shape (m, d) to (m, v).
    classes
        Which tokens begin a word, which may open a text without a space, and all: float32 rows, shape (3, v).
    """
    n = len(states)
    strip = STRIP.get(states.device.type, CHUNK)
    log_p, log_new, log_opening, entropy = (torch.empty(n, dtype=torch.float32, device=states.device) for _ in range(4))
    buffer = torch.empty(strip, classes.shape[1], device=states.device)
    for start in range(0, n, CHUNK):
        for k, scores in enumerate(torch.split(logits(states[start : start + CHUNK]).float(), strip)):
            a = start + k * strip
            b = a + len(scores)
            scores -= scores.amax(1, keepdim=True)
            weights = torch.exp(scores, out=buffer[: b - a])
            masses = torch.nn.functional.linear(weights, classes)
            total = masses[:, 2]
            log_total = total.log()
            log_new[a:b], log_opening[a:b] = (masses[:, :2].log() - log_total[:, None]).T
            target = targets[a:b]
            chosen = scores.gather(1, target.clamp(min=0)[:, None])[:, 0] - log_total
            log_p[a:b] = torch.where(target == NO_TARGET, math.nan, chosen)
            entropy[a:b] = log_total - torch.linalg.vecdot(scores, weights) / total
    return NextToken(log_p, log_new, log_opening, entropy)


def stimulus_surprisal(
    words: Words, log_p: Float64, log_new: Float64, log_opening: Float64, entropy: Float64, begins: Bool | None
) -> dict[str, Any]:
    """Surprisal of every stimulus from the table of tokens.

    Parameters
    ----------
    words
        Which slots each stimulus has.
    log_p, log_new, log_opening, entropy
        As in :class:`NextToken` (nats), one a slot; NaN where there is no distribution.
    begins
        Tokens that begin a word, shape (v,); null for no boundary terms.

    Returns
    -------
    dict
        ``surprisal`` (with the boundary terms), ``surprisal_tokens`` (without) and ``entropy``, in bits, and
        ``n_tokens``. NaN where the first token has no distribution, for want of a token before it.
    """
    sums = np.array([-log_p[a:b].sum() for a, b in zip(words.start, words.stop, strict=True)])
    n_tokens = words.stop - words.start
    sums[(n_tokens == 0) & words.first] = np.nan
    opening = closing = np.zeros(len(sums))
    if begins is not None:
        new = np.append(begins, False)[words.targets]
        without_space = np.where(words.first, log_opening[words.start], 0.0)
        opening = np.where(new[words.start], log_new[words.start], without_space)
        closing = np.where(words.ends_text | new[words.stop], log_new[words.stop], 0.0)
    bits = 1 / math.log(2)
    return {
        "surprisal": (sums + opening - closing) * bits,
        "surprisal_tokens": sums * bits,
        "entropy": np.where(n_tokens > 0, entropy[words.start] * bits, np.nan),
        "n_tokens": n_tokens.astype(np.int32),
    }
