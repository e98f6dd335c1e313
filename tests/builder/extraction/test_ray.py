"""Models on a Ray cluster of two processes, one killed in the middle of a task: the bank is that of one process."""

import shutil

import pytest

from bank_content import content
from commands import run_driver

# Workers get these functions as they stand here: those of the script that is run are sent along.
DRIVER = """
import json, os, signal, sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from brainlake.report.progress import Progress
from brainlake_builder.extraction import extract as extraction
from brainlake_builder.extraction.request import ExtractionRequest
from brainlake_builder.text.batching import BUDGETS, Budget

def watched(work, folder, fatal):
    "Small parts; it says which ones it computed, and dies once behind the second one if it is told to."
    # Imported here, so that they are the worker's own: globals of this script travel as copies.
    from brainlake_builder.extraction.staging import Staging
    from brainlake_builder.text.batching import BUDGETS, Budget
    BUDGETS["cpu"] = Budget(30, 30)
    write = Staging.write

    def say(self, k, result):
        write(self, k, result)
        with open(folder / "parts", "a") as file:
            file.write(f"{self.folder.parent.name} {k} {os.getpid()}\\\\n")
        if fatal and k == 1 and not (folder / "died").exists():
            (folder / "died").write_text(str(os.getpid()))
            os.kill(os.getpid(), signal.SIGKILL)

    Staging.write = say
    try:
        return work()
    finally:
        Staging.write = write

def units(*arguments):
    for k, unit in enumerate(planned(*arguments)):
        yield replace(unit, work=partial(watched, unit.work, folder, k == 0))

planned, extraction.units_elsewhere = extraction.units_elsewhere, units
folder, whole, bank, models = Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), sys.argv[4:]
given = {"models": models, "stimuli": ["words", "more"], "recipes": ["document+boundary=none"]}
BUDGETS["cpu"] = Budget(30, 30)
extraction.extract(ExtractionRequest(whole, **given))
with Progress() as progress:
    made = extraction.extract(ExtractionRequest(bank, engine="ray", **given), progress)
print(json.dumps([one.path for one in made]))
"""
SENTENCES = [["The boy cried wolf, and nobody came.", "The sheep ran away."], ["He walked and walked until dark."]] * 3


@pytest.mark.slow
@pytest.mark.distributed
def test_a_worker_that_is_killed_is_replaced_and_its_task_goes_on(make_bank, make_stimuli, model_folder, tmp_path):
    pristine = make_bank(words=make_stimuli("words", SENTENCES), more=make_stimuli("more", SENTENCES[:3]))
    whole, bank = (shutil.copytree(pristine, tmp_path / name) for name in ("whole", "cluster"))
    (tmp_path / "driver.py").write_text(DRIVER.replace("\\\\", "\\"))
    models = [model_folder(name) for name in ("gpt2", "llama", "bert")]
    done = run_driver(tmp_path / "driver.py", tmp_path, whole, bank, *models)
    assert content(bank) == content(whole)
    parts = [line.rpartition(" ") for line in (tmp_path / "parts").read_text().splitlines()]
    died = (tmp_path / "died").read_text()
    computed = [part for part, _, _ in parts]
    assert len(computed) == len(set(computed))  # nothing twice: what was staged is not computed again
    last = max(k for k, (_, _, process) in enumerate(parts) if process == died)
    begun = parts[last][0].split()[0]
    assert begun in {part.split()[0] for part, _, process in parts[last + 1 :] if process != died}  # another went on
    assert "all models: 6 tasks" in done.stderr
    assert not any(path.suffix == ".tmp" for path in bank.rglob("*"))
