"""Networks are other people's code: what one raises when it is run, and that memory ran out, is told in a sentence."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from brainlake.errors import BrainlakeError

HOST_IS_FULL = "DefaultCPUAllocator"
"""What torch names where the host has no memory left: a plain RuntimeError there, and no OutOfMemoryError."""

OF_PRECISION = ("same dtype", "scalar type", "for 'Half'", "for 'BFloat16'")
"""What torch says where numbers of two precisions meet, or an operation has none for one of them."""


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
    except RuntimeError as error:
        if HOST_IS_FULL in str(error):
            raise torch.OutOfMemoryError(str(error)) from error
        raise _told(model, error) from error
    except Exception as error:  # a network may raise anything
        raise _told(model, error) from error


def _told(model: str, error: Exception) -> BrainlakeError:
    said = " ".join(str(error).split())[:200]
    if isinstance(error, RuntimeError) and any(part in said for part in OF_PRECISION):
        return BrainlakeError(
            f"{model}: its code does not run in this precision on this device ({said}); take dtype float32, or a "
            f"device that it has kernels for"
        )
    return BrainlakeError(f"{model}: its network cannot be run on a text alone ({type(error).__name__}: {said})")


@contextmanager
def within_memory(what: str, or_else: str = "") -> Iterator[None]:
    """Say in a sentence what memory was too small for, where no smaller batch is left to try.

    Parameters
    ----------
    what
        What a message calls it.
    or_else
        What helps beside a larger device and a smaller precision.

    Raises
    ------
    BrainlakeError
        If memory runs out inside the context.
    """
    try:
        yield
    except (MemoryError, torch.OutOfMemoryError) as error:
        said = (str(error).strip() or type(error).__name__).splitlines()[0][:200]
        raise BrainlakeError(
            f"{what}: memory runs out ({said}); take a larger device, or dtype bfloat16{or_else}"
        ) from None
