"""What a model needs, from what its tasks cost."""

from dataclasses import replace

import pytest

from brainlake.errors import BrainlakeError
from brainlake_builder.extraction.cost import Cost
from brainlake_builder.extraction.needs import Hardware, need_of

GB = 1 << 30
COST = Cost(
    documents=1,
    passes=1,
    tokens=10**6,
    flops=14e15,
    checking_flops=14e14,
    disk_bytes=1,
    staging_bytes=10 * GB,
    memory_bytes=16 * GB,
    weights_bytes=14 * GB,
    writing_bytes=6 * GB,
    batch_tokens=16384,
)


@pytest.mark.parametrize(("gpu_gb", "gpus"), [(80, 0.25), (24, 0.875), (16, 2), (8, 3), (141, 0.25), (1000, 0.125)])
def test_gpus_by_their_memory(gpu_gb, gpus):
    assert need_of([COST], Hardware("cuda", gpu_bytes=gpu_gb * GB)).gpus == gpus


def test_how_large_a_gpu_is_has_to_be_known():
    with pytest.raises(BrainlakeError, match="say it with --gpu-memory"):
        need_of([COST], Hardware("cuda"))


def test_memory_is_that_of_the_largest_task_and_time_that_of_all():
    small = replace(COST, memory_bytes=15 * GB, flops=1e15, writing_bytes=GB)
    one, both = need_of([COST], Hardware()), need_of([COST, small], Hardware())
    assert (one.gpus, one.memory_bytes) == (0, both.memory_bytes)
    assert 20 * GB < one.memory_bytes < 25 * GB  # weights, and layers as they are encoded
    assert both.seconds > one.seconds
    # The host of a GPU holds the weights while they load, and the layers later.
    assert 14 * GB < need_of([COST], Hardware("cuda", gpu_bytes=80 * GB)).memory_bytes < 21 * GB


def test_more_processors_and_faster_ones_take_less_time():
    seconds = [need_of([COST], hardware).seconds for hardware in (Hardware(), Hardware(cpus=4), Hardware(gflops=400))]
    assert sorted(seconds, reverse=True) == seconds
    measured = need_of([COST], Hardware(), passes=100)
    rest = need_of([COST], Hardware(), passes=0).seconds
    assert measured.seconds == pytest.approx(110 + rest)  # self-checks are a tenth of the passes here
