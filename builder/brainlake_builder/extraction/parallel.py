"""Batches side by side."""

import os
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice
from typing import TypeVar

import torch

A = TypeVar("A")
R = TypeVar("R")


def processors() -> int:
    """Processors that this process may use, not those of the machine: a job of a cluster has a part of them."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def one_thread_a_batch(device: str) -> Iterator[int]:
    """Give every batch one thread of torch, and say how many batches to run side by side.

    Whole batches share the cores without the barriers that threads inside an operation spin at, which cost more
    than they give in a small model or on a shared machine; and the bytes no longer depend on how many cores there
    are. ``OMP_NUM_THREADS`` bounds the number of batches. On a GPU there are two: one is copied to the host, or waits
    for Python, while the other runs. A model that is spread over devices may be moved about by a pass, and has one.
    """
    threads = torch.get_num_threads()
    if device != "cpu":
        yield 1 if device == "auto" else 2
        return
    torch.set_num_threads(1)
    try:
        yield threads
    finally:
        torch.set_num_threads(threads)


def in_order(function: Callable[[A], R], arguments: Iterable[A], workers: int) -> Generator[R, None, None]:
    """Results in the order of the arguments, computed in threads while the caller uses the earlier ones.

    No more than twice as many results as workers are ahead of the caller.
    """
    remaining = iter(arguments)
    with ThreadPoolExecutor(workers) as pool:
        pending: deque[Future[R]] = deque(pool.submit(function, a) for a in islice(remaining, 2 * workers))
        try:
            while pending:
                result = pending.popleft().result()
                pending.extend(pool.submit(function, a) for a in islice(remaining, 1))
                yield result
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
