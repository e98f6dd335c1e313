"""Killed for good, at any moment, thirty times; then the bytes are those of a run that was left alone."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

KILLS = 30
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


def content(bank: Path) -> dict[str, str]:
    """Every file of a bank by its bytes, the manifest by its rows, but for the times that they hold."""
    found = {}
    for path in sorted(p for p in bank.rglob("*") if p.is_file() and p.suffix != ".lock"):
        text = path.read_bytes()
        if path.suffix == ".json":
            text = json.dumps(without_times(json.loads(text))).encode()
        if path.name == "manifest.parquet":
            rows = pq.read_table(path).drop_columns(["created_at", "sidecar_sha256"]).to_pylist()
            text = json.dumps(rows, default=str).encode()
        found[path.relative_to(bank).as_posix()] = hashlib.sha256(text).hexdigest()
    return found


def without_times(value):
    if isinstance(value, dict):
        # The hashes are those of the sidecars, which hold times, and of manifest.parquet, which holds those of them.
        times = ("created_at", "sidecar_sha256", "manifest_parquet_sha256")
        return {k: without_times(v) for k, v in value.items() if k not in times}
    return [without_times(v) for v in value] if isinstance(value, list) else value


@pytest.mark.slow
def test_thirty_kills(make_bank, make_stimuli, model_folder, tmp_path):
    sentences = [["A clear and joyous day it was.", "The ship sailed on."], ["He walked and walked."]] * 4
    pristine = make_bank(
        words=make_stimuli("words", [TEXT.split() * 3]), sentences=make_stimuli("sentences", sentences)
    )
    whole, bank = (shutil.copytree(pristine, tmp_path / name) for name in ("whole", "killed"))
    driver = tmp_path / "driver.py"
    driver.write_text(DRIVER)
    settings = {"OMP_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false", "PYTHONPATH": os.pathsep.join(sys.path)}
    arguments = (whole, bank, model_folder("gpt2"), KILLS, pristine)
    done = subprocess.run(
        [sys.executable, driver, *map(str, arguments)],
        capture_output=True,
        text=True,
        env=os.environ | settings,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert content(bank) == content(whole)
