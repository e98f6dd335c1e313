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

KILLS = 10


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


@pytest.mark.slow
def test_a_publication_killed_at_random_moments_leaves_a_whole_bank_and_goes_on(hub, bank, repo):
    publish(bank, repo, may_pass_on=True)
    hub.forget()
    add_model(bank, "first", values())
    publish(bank, repo, may_pass_on=True)
    moments = np.random.default_rng(0).integers(len(hub.requests), size=KILLS)
    code = f"""
import sys
from pathlib import Path
from brainlake_builder.publishing.publish import publish
print("ready", flush=True)
publish(Path({str(bank)!r}), {repo!r}, may_pass_on=True)
"""
    for number, moment in enumerate(moments):
        add_model(bank, f"late{number}", values(seed=number))
        before = hub.repos[repo].heads["main"]
        child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
        assert child.stdout is not None
        child.stdout.readline()
        left = iter(range(int(moment), -1, -1))
        hub.in_request = lambda left=left, child=child: None if next(left, 0) else os.kill(child.pid, signal.SIGKILL)
        child.wait()
        child.stdout.close()
        hub.in_request = None
        assert child.returncode == -signal.SIGKILL
        seen = open_bank(repo)
        head = hub.repos[repo].heads["main"]
        assert head == before or f"late{number}" in seen.names("models")
        assert seen.verify() == []
        there = {oid for oid in hub.blobs if len(oid) == 64}
        hub.forget()
        publish(bank, repo, may_pass_on=True)
        assert not {r.path.removeprefix("/_lfs/") for r in hub.requests if r.method == "PUT"} & there
    final = open_bank(repo)
    assert {f"late{number}" for number in range(KILLS)} <= set(final.names("models"))
    assert final.verify() == []
