"""Two processes on one bank: each takes what it was given, and nothing is lost or damaged."""

import json
import shutil

import pytest

from brainlake import open_bank
from brainlake.bank.manifest import Manifest
from brainlake.bank.sidecars import read_sidecars
from commands import run_driver

# Everything is imported once; those of a round are forks of this process, let go together.
DRIVER = """
import json, os, sys
from pathlib import Path
import torch
torch.set_num_threads(1)
from brainlake.errors import BrainlakeError
from brainlake_builder.extraction.extract import extract
from brainlake_builder.extraction.request import ExtractionRequest, Shard
from brainlake_builder.models.loading import load_model

model = sys.argv[1]
load_model(model)
recipes = ["document", "document+pool=mean", "document+start=none", "document+max_tokens=24"]

def fork(bank, shard, gate, said):
    child = os.fork()
    if child:
        return child
    status = 99
    try:
        os.close(gate[1])
        os.read(gate[0], 1)
        part = None if shard == "all" else Shard.parse(shard)
        try:
            extract(ExtractionRequest(Path(bank), [model], ["words"], recipes, shard=part))
        except BrainlakeError as error:
            os.write(said, (" ".join(str(error).split()) + "\\n").encode())
        status = 0
    finally:
        os._exit(status)

found = []
for bank, *shards in json.loads(sys.argv[2]):
    gate, (reading, said) = os.pipe(), os.pipe()
    children = [fork(bank, shard, gate, said) for shard in shards]
    for end in (*gate, said):  # with its last writer the gate opens
        os.close(end)
    with open(reading) as file:
        text = file.read()
    assert [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children] == [0] * len(shards)
    found.append(text.splitlines())
print(json.dumps(found))
"""
TEXT = "The boy cried wolf, and nobody came; the sheep ran away over the hill."


def digests(bank):
    return {sidecar.path: sidecar.sha256 for sidecar in read_sidecars(bank)}


@pytest.mark.slow
def test_shards_and_rivals(make_bank, make_stimuli, model_folder, tmp_path):
    pristine, model = make_bank(words=make_stimuli("words", [TEXT.split() * 2])), model_folder("gpt2")
    alone, shared, disputed = (shutil.copytree(pristine, tmp_path / name) for name in ("alone", "shared", "disputed"))
    rounds = [(str(alone), "all"), (str(shared), "1/2", "2/2"), (str(disputed), "all", "all")]
    (tmp_path / "driver.py").write_text(DRIVER)
    *quiet, said = json.loads(run_driver(tmp_path / "driver.py", model, json.dumps(rounds)).stdout)
    assert quiet == [[], []]
    # What one is refused the other is at work on: both go on, and between them all is made.
    assert all("another process is extracting this" in line for line in said)
    for bank in (shared, disputed):
        assert digests(bank) == digests(alone)
        assert open_bank(bank).verify() == []
        content = (bank / "manifest.parquet").read_bytes()
        assert Manifest.from_parquet(content, "manifest.parquet").rows == Manifest.of_folder(bank).rows
