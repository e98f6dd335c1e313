"""Killed for good, at any moment, many times; then the bytes are those of a run that was left alone.

``BRAINLAKE_FUZZ=30`` kills thirty times instead of twelve.
"""

import os
import shutil

import pytest

from bank_content import content
from commands import run_driver

KILLS = max(12, int(os.environ.get("BRAINLAKE_FUZZ", "0")))
TEXT = "The boy cried wolf, and nobody came; the sheep ran away over the hill. Don't you think so?"

# Everything is imported and loaded once; each run is a fork of this process, killed somewhere in it.
DRIVER = """
import os, random, shutil, signal, sys, time
from pathlib import Path
import torch
torch.set_num_threads(1)
from brainlake_builder.text.batching import BUDGETS, Budget
from brainlake_builder.extraction.extract import extract
from brainlake_builder.extraction.request import ExtractionRequest
from brainlake_builder.models.loading import load_model
BUDGETS["cpu"] = Budget(40, 40)
load_model(sys.argv[3])

def run(bank):
    extract(ExtractionRequest(Path(bank), [sys.argv[3]], ["words", "sentences"], ["document+max_tokens=24"]))

def fork(bank, seconds=None):
    child = os.fork()
    if child == 0:
        code = 1
        try:
            run(bank)
            code = 0
        finally:
            os._exit(code)
    if seconds is not None:
        time.sleep(seconds)
        os.kill(child, signal.SIGKILL)
    return os.waitpid(child, 0)[1]

whole, bank, pristine = sys.argv[1], sys.argv[2], sys.argv[5]
start = time.monotonic()
assert fork(whole) == 0
seconds = time.monotonic() - start
rng = random.Random(0)
kills = 0
while kills < int(sys.argv[4]):
    if fork(bank, rng.uniform(0.02, 0.7) * seconds) == signal.SIGKILL:
        kills += 1
    else:  # it was done before: another one
        shutil.rmtree(bank)
        shutil.copytree(pristine, bank)
assert fork(bank) == 0
"""


@pytest.mark.slow
def test_many_kills(make_bank, make_stimuli, model_folder, tmp_path):
    sentences = [["A clear and joyous day it was.", "The ship sailed on."], ["He walked and walked."]] * 4
    pristine = make_bank(
        words=make_stimuli("words", [TEXT.split() * 3]), sentences=make_stimuli("sentences", sentences)
    )
    whole, bank = (shutil.copytree(pristine, tmp_path / name) for name in ("whole", "killed"))
    driver = tmp_path / "driver.py"
    driver.write_text(DRIVER)
    run_driver(driver, whole, bank, model_folder("gpt2"), KILLS, pristine)
    assert content(bank) == content(whole)
