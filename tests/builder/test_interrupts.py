"""Ctrl-C and SIGTERM at any moment of the long commands: one line, their exit status, and a bank that is whole.

``BRAINLAKE_FUZZ=20`` interrupts each command twenty times instead of once.
"""

import json
import os
import shutil
import subprocess
import sys

import pytest

from brainlake import open_bank

TIMES = int(os.environ.get("BRAINLAKE_FUZZ", "1"))

DRIVER = """
import json, os, random, shutil, signal, sys, time, traceback
from pathlib import Path
import torch
torch.set_num_threads(1)
import brainlake.alignment.brain, brainlake.alignment.behavior, brainlake.alignment.comparison
import brainlake_builder.extraction.extract, brainlake_builder.humans.ingest, brainlake_builder.tables.kernels
from brainlake.cli import main as brainlake
from brainlake_builder.cli import main as build
from brainlake_builder.models.loading import load_model

pristine, place, model, times, command = sys.argv[1], Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]), sys.argv[5:]
load_model(model)

def fork(bank, out):
    child = os.fork()
    if child:
        return child
    status = 99
    try:
        with open(out, "w") as file:
            os.dup2(file.fileno(), 1)
            os.dup2(file.fileno(), 2)
            given = [word.replace("BANK", str(bank)).replace("MODEL", model) for word in command[1:]]
            status = (build if command[0] == "brainlake-build" else brainlake)(given)
            sys.stdout.flush()
            sys.stderr.flush()
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
    finally:
        os._exit(status)

whole = shutil.copytree(pristine, place / "whole")
begun = time.monotonic()
status = os.waitstatus_to_exitcode(os.waitpid(fork(whole, place / "whole.txt"), 0)[1])
seconds = time.monotonic() - begun
assert status == 0, (place / "whole.txt").read_text()
rng, found, tried = random.Random(0), [], 0
while len(found) < times and tried < 20 * times:
    tried += 1
    name = f"{len(found)}"
    shutil.rmtree(place / name, ignore_errors=True)
    bank = shutil.copytree(pristine, place / name)
    number = (signal.SIGINT, signal.SIGTERM)[(len(found) + len(command)) % 2]
    child = fork(bank, place / f"{name}.txt")
    time.sleep(0.05 + rng.uniform(0, 0.9) * seconds)
    os.kill(child, number)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if status in (0, -number):  # it was done before, or had not begun
        continue
    said = (place / f"{name}.txt").read_text()
    found.append({"signal": int(number), "status": status, "bank": str(bank), "said": said})
print(json.dumps(found))
"""

COMMANDS = {
    "extract": "brainlake-build extract --model MODEL --stimuli toy --recipe document document+pool=mean --bank BANK",
    "kernels": "brainlake-build kernels --bank BANK",
    "humans": "brainlake-build humans --from HUMANS --bank BANK",
    "brain": "brainlake brain BANK --benchmark toy.brain --permutations 300",
    "behavior": "brainlake behavior BANK --benchmark toy.reading",
    "compare": "brainlake compare BANK --benchmark toy.brain --baselines length position",
    "verify": "brainlake verify BANK",
    "sql": "brainlake sql BANK SQL",
}
SQL = "select count(*) from range(3000000) a, range(100) b where (a.range * b.range) % 7 = 3"


@pytest.mark.slow
@pytest.mark.parametrize("name", COMMANDS)
def test_whenever_it_comes(name, toy_bank, model_folder, tmp_path):
    subprocess.run(
        [sys.executable, "-m", "brainlake_builder", "humans", "--template", "fmri", str(tmp_path / "mine")],
        check=True,
        capture_output=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    words = {"SQL": SQL, "HUMANS": str(tmp_path / "mine")}
    command = [words.get(word, word) for word in COMMANDS[name].split()]
    (tmp_path / "driver.py").write_text(DRIVER)
    settings = {"OMP_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false", "PYTHONPATH": os.pathsep.join(sys.path)}
    (tmp_path / "banks").mkdir()
    arguments = (tmp_path / "driver.py", toy_bank, tmp_path / "banks", model_folder("gpt2"), TIMES, *command)
    done = subprocess.run(
        [sys.executable, *map(str, arguments)],
        capture_output=True,
        text=True,
        env=os.environ | settings,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout)
    assert len(found) == TIMES
    for one in found:
        assert one["status"] == 128 + one["signal"], one["said"]
        assert "Traceback" not in one["said"]
        last = one["said"].splitlines()[-1]
        assert last.startswith(f"{command[0]}: "), one["said"]
        assert "what was already written is intact" in last
        assert open_bank(one["bank"]).verify() == []
    shutil.rmtree(tmp_path / "banks")
