"""Scripts for SLURM: an array of jobs for all models that need alike, and one that submits them."""

import math
import shlex
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from brainlake.storage.files import write_text
from brainlake_builder.extraction.jobs import Array, sources_of

ARRAY: Final = """\
#!/bin/bash
# Written by brainlake-build slurm. What is there is not computed again: submit it once more to restart what failed.
{options}
export OMP_NUM_THREADS="${{SLURM_CPUS_PER_TASK:-{cpus}}}"
status=0
extract() {{
    brainlake-build extract "$@" {common} || status=1
}}
case "$SLURM_ARRAY_TASK_ID" in
{jobs}
*) echo "$0 has no job '$SLURM_ARRAY_TASK_ID': submit it with sbatch" >&2; exit 2 ;;
esac
exit $status
"""

MANIFEST: Final = """\
#!/bin/bash
# Written by brainlake-build slurm. Sums up the bank when all arrays have ended, however they ended.
{options}
exec brainlake-build manifest --bank {bank}
"""

SUBMIT: Final = """\
#!/bin/bash
# Written by brainlake-build slurm. Run it on the login node; and again, as often as a job failed.
set -euo pipefail
cd "$(dirname "$0")"
after=afterany
for array in {names}; do
    after+=":$(sbatch --parsable "$array.sbatch" | cut -d ';' -f 1)"
done
sbatch --dependency="$after" manifest.sbatch
"""


def write_scripts(
    folder: Path,
    arrays: Sequence[Array],
    bank: Path,
    common: Sequence[str],
    *,
    device: str,
    cpus: int,
    margin: float,
    more: Sequence[str] = (),
) -> list[Path]:
    """Write the scripts of arrays.

    Parameters
    ----------
    folder
        Where they go.
    arrays
        As from :func:`~brainlake_builder.extraction.jobs.plan_arrays`.
    bank
        Folder of the bank.
    common
        Arguments of ``extract`` that all jobs share.
    device
        What they run on; a model that needs several GPUs is spread over those of its job.
    cpus
        Processors of a job.
    margin
        How much more time to ask for than was estimated.
    more
        Further options of ``sbatch``, such as ``--partition=gpu``.

    Returns
    -------
    list of Path
        What was written; the last one submits the others.
    """
    written = [folder / f"{array.name}.sbatch" for array in arrays]
    for path, array in zip(written, arrays, strict=True):
        options = {
            "job-name": f"brainlake-{array.name}",
            "array": f"1-{len(array.jobs)}",
            "cpus-per-task": cpus,
            **({"gpus": array.gpus} if array.gpus else {}),
            "mem": f"{array.memory_gb}G",
            "time": clock(margin * max(array.seconds)),
            "output": f"{array.name}-%a.log",
            "open-mode": "append",
        }
        jobs = "\n".join(_job(k, sources_of(job)) for k, job in enumerate(array.jobs, 1))
        alike = shlex.join([*common, "--device", "auto" if array.gpus > 1 else device])
        text = ARRAY.format(options=_lines(options, more), cpus=cpus, common=alike, jobs=jobs)
        write_text(path, text)
    last = {"job-name": "brainlake-manifest", "mem": "4G", "time": clock(0), "output": "manifest.log"}
    write_text(folder / "manifest.sbatch", MANIFEST.format(options=_lines(last, more), bank=shlex.quote(str(bank))))
    names = shlex.join(array.name for array in arrays)
    write_text(folder / "submit.sh", SUBMIT.format(names=names))
    return [*written, folder / "manifest.sbatch", folder / "submit.sh"]


def clock(seconds: float) -> str:
    """A time limit as SLURM writes it, in whole quarters of an hour.

    Examples
    --------
    >>> clock(100), clock(90_000)
    ('0-00:15:00', '1-01:00:00')
    """
    minutes = 15 * max(1, math.ceil(seconds / 900))
    return f"{minutes // 1440}-{minutes // 60 % 24:02}:{minutes % 60:02}:00"


def _lines(options: Mapping[str, object], more: Sequence[str]) -> str:
    return "\n".join(f"#SBATCH {line}" for line in [*(f"--{name}={value}" for name, value in options.items()), *more])


def _job(number: int, commands: Iterable[Sequence[str]]) -> str:
    return "\n".join([f"{number})", *(f"    extract {shlex.join(command)}" for command in commands), "    ;;"])
