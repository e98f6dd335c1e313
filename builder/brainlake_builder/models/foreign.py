"""Networks are other people's code: what one raises when it is run is told in a sentence."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from brainlake.errors import BrainlakeError


@contextmanager
def running(model: str) -> Iterator[None]:
    """Turn what a network raises inside the context into an error that names the model.

    Raises
    ------
    BrainlakeError
        For any exception but those that are ours, and for want of memory, which a smaller batch may mend.
    """
    try:
        yield
    except (BrainlakeError, MemoryError, torch.OutOfMemoryError):
        raise
    except Exception as error:  # a network may raise anything
        said = " ".join(str(error).split())[:200]
        raise BrainlakeError(
            f"{model}: its network cannot be run on a text alone ({type(error).__name__}: {said})"
        ) from error
