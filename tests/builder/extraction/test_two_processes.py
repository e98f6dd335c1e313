"""Two processes on one bank: each takes what it was given, and nothing is lost or damaged."""

import os
import shutil
import subprocess
import sys

import pytest

from brainlake import open_bank
from brainlake.bank.manifest import Manifest
from brainlake.bank.sidecars import read_sidecars

DRIVER = """
import sys
from pathlib import Path
from brainlake.errors import BrainlakeError
from brainlake_builder.extraction.extract import extract
from brainlake_builder.extraction.request import ExtractionRequest, Shard

bank, model, shard = sys.argv[1:]
recipes = ["document", "document+pool=mean", "document+start=none", "document+max_tokens=24"]
print("ready", flush=True)
sys.stdin.readline()
try:
    part = None if shard == "all" else Shard.parse(shard)
    extract(ExtractionRequest(Path(bank), [model], ["words"], recipes, shard=part))
except BrainlakeError as error:
    print(error, flush=True)
"""
TEXT = "The boy cried wolf, and nobody came; the sheep ran away over the hill."


def run_side_by_side(bank, model, *shards):
    """Standard output of one process a shard, all let go at once."""
    settings = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join(sys.path)}
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", DRIVER, str(bank), str(model), shard],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=settings,
        )
        for shard in shards
    ]
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.stdin.write("\n")
        process.stdin.flush()
    said = [process.communicate()[0] for process in processes]
    assert [process.returncode for process in processes] == [0] * len(shards)
    return said


def digests(bank):
    return {sidecar.path: sidecar.sha256 for sidecar in read_sidecars(bank)}


@pytest.mark.slow
def test_shards_and_rivals(make_bank, make_stimuli, model_folder, tmp_path):
    pristine, model = make_bank(words=make_stimuli("words", [TEXT.split() * 2])), model_folder("gpt2")
    alone, shared, disputed = (shutil.copytree(pristine, tmp_path / name) for name in ("alone", "shared", "disputed"))
    assert run_side_by_side(alone, model, "all") == [""]
    assert run_side_by_side(shared, model, "1/2", "2/2") == ["", ""]
    said = run_side_by_side(disputed, model, "all", "all")
    # What one is refused the other is at work on: both go on, and between them all is made.
    assert all("another process is extracting this" in text for text in said if text)
    for bank in (shared, disputed):
        assert digests(bank) == digests(alone)
        assert open_bank(bank).verify() == []
        content = (bank / "manifest.parquet").read_bytes()
        assert Manifest.from_parquet(content, "manifest.parquet").rows == Manifest.of_folder(bank).rows
