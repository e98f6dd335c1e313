"""Digests of content, as opposed to digests of files: they survive another compression or another writer."""

import hashlib
import json
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pyarrow as pa

_IDENTITY = ("stimulus_id", "position", "document_id", "separator", "context_id", "text")


def layer_sha256(parts: Iterable[npt.NDArray[np.float32]]) -> str:
    """sha256 of a layer's values as little-endian float32, row by row; ``parts`` are consecutive rows."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(np.ascontiguousarray(part, "<f4").data)
    return digest.hexdigest()


def stimuli_sha256(stimuli: pa.Table) -> str:
    """sha256 of what a model is fed and in which order: ids, positions, documents, separators, contexts and texts.

    Groups, sentences and onsets are left out: to correct one of them makes no feature stale.
    """
    rows = list(zip(*(stimuli.column(name).to_pylist() for name in _IDENTITY), strict=True))
    text = json.dumps(rows, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
