"""From last hidden states to logits, made sure of against the model's own."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import torch

Logits = Callable[[torch.Tensor], torch.Tensor]

ROUNDINGS = 4
"""Roundings that stand between two ways to the same log-probability: two of logits, two of sums."""


@dataclass(frozen=True)
class Head:
    """How logits are computed.

    Attributes
    ----------
    name
        What is applied to the last hidden states; ``model`` if only the model itself can.
    logits
        From states of shape (n, d) to logits of shape (n, v); null if only the model itself can.
    error
        Largest difference from the model's own log-probabilities on the sample (nats).
    """

    name: str
    logits: Logits | None
    error: float


def find_head(network: Any, states: torch.Tensor, own: torch.Tensor) -> Head:
    """The cheapest way to a model's logits that agrees with the model's own on a sample.

    The output embedding alone is not enough for every model: Gemma 2 caps its logits, Cohere, Granite and T5 scale
    them. Where no known way agrees, the model is left to compute them itself.

    Parameters
    ----------
    network
        A ``transformers`` language model.
    states, own
        Its last hidden states on a sample, shape (n, d), and its logits there, shape (n, v).
    """
    expected, tolerance = own.float().log_softmax(-1), rounding_of_logits(network, states, own)
    for name, logits in _candidates(network):
        found = logits(states).float()
        if found.shape == own.shape:
            error = float((found.log_softmax(-1) - expected).abs().max())
            if error <= tolerance:
                return Head(name, logits, error)
    return Head("model", None, 0.0)


def rounding_of_logits(network: Any, states: torch.Tensor, own: torch.Tensor) -> float:
    """Largest difference of log-probabilities (nats) that rounding explains.

    A logit is a sum in float32 whose terms are as large as the norms of its two factors, kept at the precision of the
    pass.

    Parameters
    ----------
    states, own
        As for :func:`find_head`.
    """
    embedding = network.get_output_embeddings()
    norms = 1.0 if embedding is None else float(embedding.weight.float().norm(dim=-1).max())
    sums = torch.finfo(torch.float32).eps * float(states.float().norm(dim=-1).max()) * norms
    return ROUNDINGS * (sums + torch.finfo(own.dtype).eps * float(own.float().abs().max()))


def _candidates(network: Any) -> Iterator[tuple[str, Logits]]:
    embedding, config = network.get_output_embeddings(), network.config.get_text_config()
    if embedding is None:
        return
    yield "linear", embedding
    if cap := getattr(config, "final_logit_softcapping", None):
        yield "linear, soft cap", lambda states: torch.tanh(embedding(states) / cap) * cap
    if factor := getattr(config, "logit_scale", None):
        yield "linear, scaled", lambda states: embedding(states) * factor
    if divisor := getattr(config, "logits_scaling", None):
        yield "linear, divided", lambda states: embedding(states) / divisor
    if width := getattr(config, "d_model", None):
        yield "scaled, linear", lambda states: embedding(states * width**-0.5)
