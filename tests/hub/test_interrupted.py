"""Rivals, and publications that are killed: whoever reads finds a whole bank, and nothing is lost."""

import os
import shutil
import signal
import subprocess
import sys

import numpy as np
import pytest

from brainlake import BrainlakeError, open_bank
from brainlake_builder.publishing.publish import publish
from hub.banks import add_model, values

KILLS = 10 if "BRAINLAKE_FUZZ" in os.environ else 5


def test_of_two_publishers_one_gets_a_clear_error_and_nothing_is_lost(hub, bank, repo, tmp_path, toy_arrays):
    publish(bank, repo, may_pass_on=True)
    theirs = tmp_path / "theirs"
    shutil.copytree(bank, theirs)
    add_model(bank, "mine", values(seed=1))
    add_model(theirs, "theirs", values(seed=2))

    def rival(name):
        hub.before_commit = None
        publish(theirs, name, may_pass_on=True)

    hub.before_commit = rival
    with pytest.raises(BrainlakeError, match=r"someone else published to .* meanwhile.*publish again"):
        publish(bank, repo, may_pass_on=True)
    between = open_bank(repo)
    assert "theirs" in between.names("models")
    assert "mine" not in between.names("models")
    hub.forget()
    publish(bank, repo, may_pass_on=True)
    assert [r.path for r in hub.requests if r.method == "PUT"] != []
    after = open_bank(repo)
    assert {"mine", "theirs"} <= set(after.names("models"))
    assert after.verify() == []


PUBLISHER = """
import os, sys
from pathlib import Path
import huggingface_hub.hf_api
from brainlake_builder.publishing.publish import publish
while os.read(0, 1):
    child = os.fork()
    if not child:
        os.read(0, 1)
        try:
            publish(Path(sys.argv[1]), sys.argv[2], may_pass_on=True)
        finally:
            os._exit(1)
    print(child, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""
"""For a first byte begins a process that publishes at a second one; says its number, and how it ended."""


def tell(process):
    """Send the next byte to a publisher."""
    process.stdin.write("x")
    process.stdin.flush()


@pytest.mark.slow
def test_a_publication_killed_at_random_moments_leaves_a_whole_bank_and_goes_on(hub, bank, repo):
    publish(bank, repo, may_pass_on=True)
    hub.forget()
    add_model(bank, "first", values(), surprisal=False)
    publish(bank, repo, may_pass_on=True)
    moments = np.random.default_rng(0).integers(len(hub.requests), size=KILLS)
    streams = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen([sys.executable, "-c", PUBLISHER, bank, repo], text=True, **streams) as publisher:
        for number, moment in enumerate(moments):
            add_model(bank, f"late{number}", values(seed=number), surprisal=False)
            before = hub.repos[repo].heads["main"]
            tell(publisher)
            child = int(publisher.stdout.readline())
            left = iter(range(int(moment), -1, -1))
            hub.in_request = lambda left=left, child=child: None if next(left, 0) else os.kill(child, signal.SIGKILL)
            tell(publisher)
            assert int(publisher.stdout.readline()) == -signal.SIGKILL
            hub.in_request = None
            seen = open_bank(repo)
            head = hub.repos[repo].heads["main"]
            assert head == before or f"late{number}" in seen.names("models")
            assert seen.verify() == []
            there = {oid for oid in hub.blobs if len(oid) == 64}
            hub.forget()
            publish(bank, repo, may_pass_on=True)
            assert not {r.path.removeprefix("/_lfs/") for r in hub.requests if r.method == "PUT"} & there
        publisher.stdin.close()
    final = open_bank(repo)
    assert {f"late{number}" for number in range(KILLS)} <= set(final.names("models"))
    assert final.verify() == []
