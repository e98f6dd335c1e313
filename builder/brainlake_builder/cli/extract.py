"""Run models on stimulus sets: layerwise activations and word surprisal."""

import argparse

from brainlake.cli.arguments import add_engine, add_fail_fast, at_least
from brainlake.cli.parser import UsageError
from brainlake.cli.run import say
from brainlake.errors import Failures
from brainlake_builder.cli.tasks import add_tasks, request_of


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_tasks(parser)
    parser.add_argument("--overwrite", action="store_true", help="replace files that were made from something else")
    add_fail_fast(parser)
    add_engine(parser, "models")
    parser.add_argument("--cpus", type=at_least(1), default=1, metavar="N", help="with ray: processors of a model")
    parser.add_argument("--gpu-memory", type=at_least(1), metavar="GB", help="with ray: memory of one GPU")
    parser.epilog = (
        "What is there already for the same weights, configuration, tokenizer, recipe and stimuli is not computed\n"
        "again, and a run that was killed goes on where it was.\n\n"
        "examples:\n  brainlake-build extract --model openai-community/gpt2 --stimuli futrell2018 --bank bank\n"
        "  brainlake-build extract --model MODELS... --stimuli SETS... --recipe document aw2024 --shard 2/8 --bank B\n"
        "  brainlake-build extract --model openai-community/gpt2 --stimuli tuckute2024 --bank B --untrained\n"
        "  brainlake-build extract --model zoo:aw2024 --stimuli SETS... --recipe aw2024 --bank B\n"
        "  brainlake-build extract --model mine --tuning instruction --base-model owner/base --stimuli ... --bank B"
    )


def execute(options: argparse.Namespace) -> None:
    """Extract, and list the files."""
    own = ("overwrite", "fail_fast", "engine", "cpus", "gpu_memory")
    request = request_of(options, **{name: getattr(options, name) for name in own})
    if options.engine != "local" and options.device != "cpu" and options.gpu_memory is None:
        raise UsageError("how many GPUs a model needs depends on their memory: say it with --gpu-memory")
    # Imported here so that the other commands, --help, and what is refused, do not wait for torch.
    from brainlake_builder.extraction.preflight import check_request

    check_request(request)
    from brainlake_builder.extraction.extract import extract_each

    with Failures(request.fail_fast) as failures:
        for sidecar in extract_each(request, failures, options.progress):
            say(f"{sidecar.path}: {sidecar.rows} rows")
