"""The passes that self-checks look at, and what each gives by itself, from the network as loaded."""

from collections.abc import Sequence

from brainlake_builder.models.runner import BatchResult, Runner
from brainlake_builder.text.batching import pad
from brainlake_builder.text.passes import Pass


def sample_of(passes: list[Pass]) -> tuple[Pass, Pass]:
    """The longest and the shortest pass that read a stimulus."""
    reading = [one for one in passes if len(one.items)]
    return max(reading, key=len), min(reading, key=len)


def run_alone(runner: Runner, sample: Sequence[Pass]) -> list[BatchResult]:
    """Each pass by itself, from the network as loaded; a network that this changes gets passes of one width."""
    results = []
    for one in sample:
        runner.as_loaded.restore()
        results.append(runner.run(pad([one])))
        if runner.batching == "padded" and runner.as_loaded.changed():
            runner.batching = "one_width"
    runner.as_loaded.restore()
    return results
