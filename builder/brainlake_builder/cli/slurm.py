"""Write SLURM scripts that extract: arrays of jobs with the GPUs, memory and time that the models need."""

import argparse
from pathlib import Path

from brainlake.cli.arguments import at_least, parsed
from brainlake.cli.parser import UsageError
from brainlake.cli.run import say
from brainlake.errors import BrainlakeError, Failures
from brainlake_builder.cli.tasks import add_tasks, request_of


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_tasks(parser)
    parser.add_argument("--out", required=True, type=Path, metavar="DIR", help="folder for the scripts, and for logs")
    parser.add_argument("--jobs", type=at_least(1), metavar="N", help="jobs of an array at most; default: one a model")
    parser.add_argument("--cpus", type=at_least(1), default=4, metavar="N", help="processors of a job; default: 4")
    add_hardware(parser)
    parser.add_argument(
        "--margin", type=at_least(1), default=3, metavar="X", help="times the estimated time to ask for; default: 3"
    )
    parser.add_argument(
        "--sbatch",
        action="append",
        type=parsed(_one_option),
        default=[],
        metavar="OPTION",
        help="a further option: --sbatch=--partition=gpu",
    )
    parser.epilog = (
        "Models are looked at, and their texts tokenised, on this machine; no weights are read. An array holds models\n"
        "that need as many GPUs and about as much memory. DIR/submit.sh submits the arrays, and behind them a job\n"
        "that rebuilds the manifest; run it again to restart jobs that failed.\n\n"
        "example:\n  brainlake-build slurm --model zoo:smollm2 --stimuli futrell2018 --bank bank --out jobs\n"
        "  brainlake-build slurm --model zoo:aw2024 --stimuli SETS... --recipe aw2024 --bank bank --out jobs \\\n"
        "      --device cuda --gpu-memory 80 --gflops 20000 --sbatch=--partition=gpu"
    )


def _one_option(text: str) -> str:
    """An option of ``sbatch``: a script holds it in a line of its own, whose text behind a break would be a command."""
    if not text.startswith("-") or not text.isprintable():
        raise BrainlakeError(
            f"an option of sbatch is one line that begins with -, such as --partition=gpu, not {text!r}"
        )
    return text


def add_hardware(parser: argparse.ArgumentParser) -> None:
    """Add what needs are reckoned from."""
    parser.add_argument("--gpu-memory", type=at_least(1), metavar="GB", help="memory of one GPU")
    parser.add_argument(
        "--gflops", type=at_least(1), metavar="N", help="billions of operations a second of a processor, or of a GPU"
    )


def execute(options: argparse.Namespace) -> None:
    """Write the scripts, and say what each array asks for."""
    if options.shard is not None:
        raise UsageError("the scripts share the work out themselves: leave out --shard")
    if options.device != "cpu" and options.gpu_memory is None:
        raise UsageError("how many GPUs a model needs depends on their memory: say it with --gpu-memory")
    request = request_of(options)
    # Imported here so that the other commands, --help, and what is refused, do not wait for torch.
    from brainlake_builder.extraction.preflight import check_request

    check_request(request)
    from brainlake_builder.extraction.jobs import GB, plan_arrays
    from brainlake_builder.extraction.needs import Hardware
    from brainlake_builder.extraction.slurm import write_scripts

    memory = options.gpu_memory and options.gpu_memory * GB
    hardware = Hardware(options.device, options.cpus, memory, options.gflops)
    bank = options.bank.absolute()
    with Failures() as failures:
        arrays = plan_arrays(request, hardware, options.jobs, failures)
        if arrays:
            scripts = write_scripts(
                *(options.out, arrays, bank, common_arguments(options, bank)),
                device=options.device,
                cpus=options.cpus,
                margin=options.margin,
                more=options.sbatch,
            )
            for path, array in zip(scripts, arrays, strict=False):
                hours = sum(array.seconds) / 3600
                asked = f"{array.gpus} GPUs, {array.memory_gb} GB" if array.gpus else f"{array.memory_gb} GB"
                say(f"{path}: {len(array.jobs)} jobs of {asked}, {hours:.1f} hours in all, estimated")
            say(f"{scripts[-1]}: submits them")


def common_arguments(options: argparse.Namespace, bank: Path) -> list[str]:
    """What all jobs are told."""
    given = {
        "--stimuli": options.stimuli,
        "--recipe": options.recipe,
        "--bank": [str(bank)],
        "--name": [options.name],
        "--tuning": [options.tuning],
        "--base-model": [options.base_model],
        "--training-step": [options.training_step],
        "--dtype": [options.dtype],
        "--quantization": [options.quantization],
        "--gguf": [options.gguf],
        "--adapter": [options.adapter and str(Path(options.adapter).absolute())],
    }
    flags = ["--trust-remote-code"] if options.trust_remote_code else []
    return [
        *(str(word) for name, values in given.items() if values[0] is not None for word in (name, *values)),
        *flags,
        "--quiet",
    ]
