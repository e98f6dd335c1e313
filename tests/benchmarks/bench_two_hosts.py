"""Two hosts of a Ray cluster, of which one is cut off in the middle of a task and comes back.

    python tests/benchmarks/bench_two_hosts.py [FOLDER]

Hosts are network namespaces inside a user namespace of this script's own: it needs Linux, `ip` and `unshare`, and no
root. Prints which host computed which parts, whether any was computed twice, and whether the bank is that of one
process.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

HERE = Path(__file__)
CUT_SECONDS = 40
SETTINGS = {
    "RAY_AUTH_MODE": "disabled",
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_worker_niceness": "0",
    "RAY_health_check_period_ms": "1000",
    "RAY_health_check_failure_threshold": "3",
    "RAY_health_check_timeout_ms": "1000",
    "RAY_gcs_rpc_server_reconnect_timeout_s": "15",
}
"""Ray finds out sooner than by default that a host is gone."""


def asked(bank: Path) -> dict:
    models = [str(bank.parent / f"model{k}") for k in range(3)]
    return {"models": models, "stimuli": ["set"], "recipes": ["document", "document+pool=mean"]}


def small_parts() -> None:
    from brainlake_builder.text.batching import BUDGETS, Budget

    BUDGETS["cpu"] = Budget(60, 60)


def watched(work, seen: Path, prepare):
    """What a worker does: it says which parts it computed, and where."""
    import ray

    from brainlake_builder.extraction.staging import Staging

    prepare()
    write, place = Staging.write, ray.util.get_node_ip_address()

    def say(self, k, result):
        write(self, k, result)
        time.sleep(0.3)
        with seen.open("a") as file:
            file.write(f"{place} {self.folder.parent.name}/{k}\n")

    Staging.write = say
    try:
        return work()
    finally:
        Staging.write = write


def drive(bank: Path) -> None:
    from brainlake.report.progress import Progress
    from brainlake_builder.extraction import extract as extraction
    from brainlake_builder.extraction.request import ExtractionRequest

    small_parts()
    planned, seen = extraction.units_elsewhere, bank.parent / "seen"

    def units(*arguments):
        for unit in planned(*arguments):
            yield replace(unit, work=partial(watched, unit.work, seen, small_parts))

    extraction.units_elsewhere = units
    with Progress() as progress:
        extraction.extract(ExtractionRequest(bank, engine="ray", **asked(bank)), progress)


def prepare(folder: Path) -> None:
    import shutil

    from bench_extraction import save_gpt2, stimuli

    from brainlake.bank.manifest import rebuild_manifest
    from brainlake_builder.extraction.extract import extract
    from brainlake_builder.extraction.request import ExtractionRequest
    from brainlake_builder.tables.writer import write_table

    small_parts()
    for k in range(3):
        save_gpt2(folder / f"model{k}", n_embd=32 * (k + 1), n_layer=2, n_head=2)
    words = np.random.default_rng(0).choice(["the", "old", "man", "sea", "went", "out", "fish"], (40, 12))
    write_table(folder / "whole", "stimuli", "set", stimuli("set", [list(row) for row in words]))
    rebuild_manifest(folder / "whole")
    shutil.copytree(folder / "whole", folder / "bank")
    extract(ExtractionRequest(folder / "whole", **asked(folder / "whole")))


def hosts(folder: Path) -> None:
    """Inside the namespace: both hosts, the work, the cut."""

    def run(*command: str, **more) -> subprocess.Popen:
        return subprocess.Popen(command, env=os.environ | SETTINGS, **more)

    def do(line: str) -> None:
        subprocess.run(line.split(), check=True)

    do("mount -t tmpfs tmpfs /run")
    for host in "12":
        do(f"ip netns add h{host}")
    do("ip link add v1 netns h1 type veth peer name v2 netns h2")
    for host in "12":
        for line in (f"addr add 10.99.0.{host}/24 dev v{host}", f"link set v{host} up", "link set lo up"):
            do(f"ip -n h{host} {line}")
    on = {host: ("ip", "netns", "exec", f"h{host}") for host in "12"}
    ray = (sys.executable, "-m", "ray.scripts.scripts", "start", "--num-cpus=1", "--object-store-memory=100000000")
    head = ("--head", "--port=6379", "--node-ip-address=10.99.0.1", "--include-dashboard=false")
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="r") as short:
        run(*on["1"], *ray, *head, f"--temp-dir={short}", stdout=subprocess.DEVNULL).wait()
        join = (*on["2"], *ray, "--address=10.99.0.1:6379", "--node-ip-address=10.99.0.2")
        run(*join, stdout=subprocess.DEVNULL).wait()
        os.environ["RAY_ADDRESS"] = "10.99.0.1:6379"
        work = run(*on["1"], sys.executable, str(HERE), "--drive", str(folder / "bank"))
        seen = folder / "seen"
        while work.poll() is None and not (seen.exists() and "10.99.0.2" in seen.read_text()):
            time.sleep(0.3)
        do("ip -n h2 link set v2 down")
        print(f"cut; {len(seen.read_text().splitlines())} parts computed", flush=True)
        time.sleep(CUT_SECONDS)
        do("ip -n h2 link set v2 up")
        print(f"back; {len(seen.read_text().splitlines())} parts computed", flush=True)
        run(*join, stdout=subprocess.DEVNULL).wait()
        print("status of the driver:", work.wait(), flush=True)
        for host in "12":
            for process in subprocess.check_output(["ip", "netns", "pids", f"h{host}"], text=True).split():
                subprocess.run(["kill", "-9", process], check=False)
        time.sleep(1)


def main(folder: Path) -> None:
    sys.path.insert(0, str(HERE.parents[1]))
    from bank_content import content

    prepare(folder)
    command = ["unshare", "--user", "--map-root-user", "--net", "--mount", sys.executable, str(HERE), "--hosts"]
    subprocess.run([*command, str(folder)], check=True)
    parts = [line.split() for line in (folder / "seen").read_text().splitlines()]
    print(len(parts), "parts by", dict(Counter(place for place, _ in parts)))
    print("computed twice:", [part for part, times in Counter(part for _, part in parts).items() if times > 1])
    print("the bank of one process:", content(folder / "bank") == content(folder / "whole"))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--drive"]:
        drive(Path(sys.argv[2]))
    elif sys.argv[1:2] == ["--hosts"]:
        hosts(Path(sys.argv[2]))
    elif len(sys.argv) > 1:
        main(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as temporary:
            main(Path(temporary))
