"""Ctrl-C and SIGTERM at any moment of the long commands: one line, their exit status, and a bank that is whole.

``BRAINLAKE_FUZZ=20`` interrupts each command twenty times instead of once.
"""

import json
import os
import shutil

import pytest

from brainlake import open_bank
from brainlake_builder.cli import main
from commands import run_driver

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

pristine, place, model, times = sys.argv[1], Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])
load_model(model)  # once, before all that is interrupted

def fork(command, bank, out):
    child = os.fork()
    if child:
        return child
    status = 99
    try:
        with open(out, "w") as file:
            os.dup2(file.fileno(), 1)
            os.dup2(file.fileno(), 2)
            given = [word.replace("BANK", str(bank)) for word in command[1:]]
            status = (build if command[0] == "brainlake-build" else brainlake)(given)
            sys.stdout.flush()
            sys.stderr.flush()
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
    finally:
        os._exit(status)

def interrupted(command, place, rng, first):
    whole = shutil.copytree(pristine, place / "whole")
    begun = time.monotonic()
    status = os.waitstatus_to_exitcode(os.waitpid(fork(command, whole, place / "whole.txt"), 0)[1])
    seconds = time.monotonic() - begun
    assert status == 0, (place / "whole.txt").read_text()
    found, tried = [], 0
    while len(found) < times and tried < 20 * times:
        tried += 1
        name = str(len(found))
        shutil.rmtree(place / name, ignore_errors=True)
        bank = shutil.copytree(pristine, place / name)
        number = (signal.SIGINT, signal.SIGTERM)[(len(found) + first) % 2]
        child = fork(command, bank, place / f"{name}.txt")
        time.sleep(0.05 + rng.uniform(0, 0.9) * seconds)
        os.kill(child, number)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if status not in (0, -number):  # else it was done before, or had not begun
            said = (place / f"{name}.txt").read_text()
            found.append({"signal": int(number), "status": status, "bank": str(bank), "said": said})
    return found

rng = random.Random(0)
commands = json.loads(sys.argv[5])
found = {name: interrupted(command, place / name, rng, k) for k, (name, command) in enumerate(commands.items())}
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
def test_whenever_it_comes(toy_bank, model_folder, tmp_path):
    assert main(["humans", "--template", "fmri", str(tmp_path / "mine")]) == 0
    model = str(model_folder("gpt2"))
    words = {"SQL": SQL, "HUMANS": str(tmp_path / "mine"), "MODEL": model}
    commands = {name: [words.get(word, word) for word in command.split()] for name, command in COMMANDS.items()}
    (tmp_path / "driver.py").write_text(DRIVER)
    for name in commands:
        (tmp_path / "banks" / name).mkdir(parents=True)
    arguments = (toy_bank, tmp_path / "banks", model, TIMES, json.dumps(commands))
    done = run_driver(tmp_path / "driver.py", *arguments)
    found = json.loads(done.stdout)
    assert {name: len(times) for name, times in found.items()} == dict.fromkeys(COMMANDS, TIMES)
    for name, times in found.items():
        for one in times:
            said = f"{name}: {one['said']}"
            assert one["status"] == 128 + one["signal"], said
            assert "Traceback" not in one["said"], said
            last = one["said"].splitlines()[-1]
            assert last.startswith(f"{commands[name][0]}: "), said
            assert "what was already written is intact" in last, said
            assert open_bank(one["bank"]).verify() == [], said
    shutil.rmtree(tmp_path / "banks")
