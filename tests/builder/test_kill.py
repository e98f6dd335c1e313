"""Killed for good, at any moment, thirty times; then the bytes are those of a run that was left alone."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

KILLS = 30

# Everything is imported and loaded once; each run is a fork of this process, killed somewhere in it.
DRIVER = """
import os, random, signal, sys, time
from pathlib import Path
import torch
torch.set_num_threads(1)
from brainlake_builder import extract as engine
from brainlake_builder.models.loading import load_model
engine.TOKENS_A_BATCH["cpu"] = 40
load_model(sys.argv[3])

def run(bank):
    engine.extract(Path(bank), [sys.argv[3]], ["words", "sentences"], ["document+max_tokens=24"])

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

start = time.monotonic()
assert fork(sys.argv[1]) == 0
whole = time.monotonic() - start
rng = random.Random(0)
killed = sum(fork(sys.argv[2], rng.uniform(0.02, 0.9) * whole) == signal.SIGKILL for _ in range(int(sys.argv[4])))
assert fork(sys.argv[2]) == 0
print(killed)
"""


def content(bank: Path) -> dict[str, str]:
    """Every file of a bank by its bytes, but for the times that sidecars and manifests hold."""
    found = {}
    for path in sorted(p for p in bank.rglob("*") if p.is_file() and p.suffix != ".lock"):
        text = path.read_bytes()
        if path.suffix == ".json":
            text = json.dumps(without_times(json.loads(text))).encode()
        if path.name != "manifest.parquet":
            found[path.relative_to(bank).as_posix()] = hashlib.sha256(text).hexdigest()
    return found


def without_times(value):
    if isinstance(value, dict):
        # The hash is that of manifest.parquet, which holds the times of the sidecars.
        return {k: without_times(v) for k, v in value.items() if k not in ("created_at", "manifest_parquet_sha256")}
    return [without_times(v) for v in value] if isinstance(value, list) else value


def test_thirty_kills(make_bank, make_stimuli, model_folder, tmp_path):
    words = [
        "The",
        "boy",
        "cried",
        "wolf,",
        "and",
        "nobody",
        "came;",
        "the",
        "sheep",
        "ran",
        "away",
        "over",
        "the",
        "hill.",
        "Don't",
        "you",
        "think",
        "so?",
    ] * 3
    sentences = [["A clear and joyous day it was.", "The ship sailed on."], ["He walked and walked."]] * 4
    bank = make_bank(words=make_stimuli("words", [words]), sentences=make_stimuli("sentences", sentences))
    whole = shutil.copytree(bank, tmp_path / "whole")
    driver = tmp_path / "driver.py"
    driver.write_text(DRIVER)
    done = subprocess.run(
        [sys.executable, str(driver), str(whole), str(bank), str(model_folder("gpt2")), str(KILLS)],
        capture_output=True,
        text=True,
        env=os.environ
        | {"OMP_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false", "PYTHONPATH": os.pathsep.join(sys.path)},
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert int(done.stdout) >= KILLS // 2
    assert content(bank) == content(whole)
