"""What ``brainlake-build slurm`` writes, run by a scheduler of ours; one job is killed, and all are submitted again."""

import os
import shutil
import sys

import pytest

from bank_content import content
from brainlake_builder.extraction.slurm import clock
from commands import run_driver

# Everything is imported once; a job's brainlake-build is a fork of this process, which the job asks for by a socket.
DRIVER = """
import json, os, signal, socket, subprocess, sys
from pathlib import Path
import torch
torch.set_num_threads(1)
import brainlake_builder.extraction.extract
from brainlake_builder.cli import main
from brainlake_builder.extraction.staging import Staging
from brainlake_builder.text.batching import BUDGETS, Budget
BUDGETS["cpu"] = Budget(30, 30)

def fatal(self, k, result):  # the first to get there dies, in the middle of its task
    write(self, k, result)
    if k == 1:
        try:
            fuse.unlink()
        except FileNotFoundError:  # another one did
            return
        os.kill(os.getpid(), signal.SIGKILL)

write, fuse = Staging.write, Path(sys.argv[2])
listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[1])
listener.listen(16)
submitted = subprocess.Popen(["bash", "-ec", 'for script; do bash "$script"; done', "-", *sys.argv[3:]])
listener.settimeout(0.1)
while submitted.poll() is None:
    try:
        asked, _ = listener.accept()
    except TimeoutError:
        continue
    asked.settimeout(None)
    told = json.loads(asked.makefile().readline())
    if os.fork():
        asked.close()
        continue
    status = 99
    try:
        if fuse.exists():
            Staging.write = fatal
        os.chdir(told["folder"])
        log = os.open(told["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.dup2(log, 1)
        os.dup2(log, 2)
        status = main(told["arguments"])
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        asked.sendall(b"%d" % status)
        os._exit(status)
sys.exit(submitted.returncode)
"""
BUILD = """#!{python} -S
import json, os, socket, sys
driver = socket.socket(socket.AF_UNIX)
driver.connect({socket!r})
told = {{"folder": os.getcwd(), "arguments": sys.argv[1:], "log": {log!r}}}
driver.sendall(json.dumps(told).encode() + b"\\n")
sys.exit(int(driver.recv(8) or b"137"))
"""
SBATCH = """#!{python} -S
import os, re, subprocess, sys
script = sys.argv[-1]
given = dict(re.findall("^#SBATCH --([a-z-]+)=(.*)$", open(script).read(), re.M))
first, last = map(int, given.get("array", "0-0").split("-"))
jobs = [
    subprocess.Popen(["bash", script], env=os.environ | {{"SLURM_ARRAY_TASK_ID": str(k), "SLURM_CPUS_PER_TASK": "1"}})
    for k in range(first, last + 1)
]
with open({record!r}, "a") as record:
    print(script, sys.argv[1:-1], *(job.wait() for job in jobs), sep="|", file=record)
print("17;cluster")
"""
SENTENCES = [["The boy cried wolf, and nobody came.", "The sheep ran away."], ["He walked and walked until dark."]] * 3


@pytest.fixture
def bank(make_bank, make_stimuli):
    return make_bank(words=make_stimuli("words", SENTENCES), more=make_stimuli("more", SENTENCES[:3]))


@pytest.mark.slow
def test_an_array_with_a_job_killed_is_submitted_again(bank, model_folder, tmp_path):
    places = {name: str(tmp_path / name) for name in ("socket", "log", "record", "fuse", "driver.py")}
    tools = tmp_path / "tools"
    tools.mkdir()
    for name, text in (("brainlake-build", BUILD), ("sbatch", SBATCH)):
        (tools / name).write_text(text.format(python=sys.executable, **places))
        (tools / name).chmod(0o755)
    (tmp_path / "driver.py").write_text(DRIVER)

    whole = shutil.copytree(bank, tmp_path / "whole")
    models = ["--model", model_folder("gpt2"), model_folder("llama"), "--stimuli", "words", "more"]
    (tmp_path / "fuse").touch()
    script = write(bank, tmp_path / "three", models, "--jobs", "3")
    other = write(whole, tmp_path / "one", models, "--jobs", "1")
    path = f"{tools}{os.pathsep}{os.environ['PATH']}"
    run_driver(places["driver.py"], places["socket"], places["fuse"], script, script, other, PATH=path)
    first, after, second, *_, third, _ = [line.split("|") for line in (tmp_path / "record").read_text().splitlines()]
    assert (first[0], sorted(first[2:])) == ("cpu-2gb.sbatch", ["0", "0", "1"])
    assert after == ["manifest.sbatch", "['--dependency=afterany:17']", "0"]
    assert (second[2:], third[2:]) == (["0"] * 3, ["0"])
    assert not (tmp_path / "fuse").exists()
    assert content(bank) == content(whole)
    assert "Traceback" not in (tmp_path / "log").read_text()


def write(bank, out, models, *more):
    from brainlake_builder.cli import main

    assert main(["slurm", *map(str, models), "--bank", str(bank), "--out", str(out), *more]) == 0
    return out / "submit.sh"


def test_time_limits():
    assert [clock(s) for s in (0, 900, 901, 86_399, 86_401)] == [
        *("0-00:15:00", "0-00:15:00", "0-00:30:00", "1-00:00:00", "1-00:15:00"),
    ]
