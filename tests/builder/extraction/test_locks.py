"""Disks that keep no locks, or none that other machines see."""

import errno
import fcntl
import os
import subprocess
import sys

import pytest

from brainlake.errors import BrainlakeError
from brainlake_builder.extraction import locks
from brainlake_builder.extraction.extract import extract
from brainlake_builder.extraction.locks import check_locks, mount_of
from brainlake_builder.extraction.request import ExtractionRequest, Shard


@pytest.fixture
def mounted(tmp_path, monkeypatch):
    def mount(kind, options, bank=None):
        table = tmp_path / "mountinfo"
        bank = bank or tmp_path / "a bank"
        bank.mkdir(exist_ok=True)
        point = str(bank).replace(" ", "\\040")
        table.write_text(
            f"21 1 0:1 / / rw - ext4 /dev/a rw\n22 21 0:2 / {point} rw,noatime shared:1 - {kind} host:/x {options}\n"
        )
        monkeypatch.setattr(locks, "MOUNTS", table)
        return bank

    return mount


def test_the_disk_at_hand_keeps_locks(tmp_path):
    check_locks(tmp_path, shared=True)
    assert list(tmp_path.iterdir()) == []
    assert mount_of(tmp_path)[0]


def test_mounts_are_found_by_the_nearest_one(mounted, tmp_path):
    bank = mounted("nfs4", "rw,vers=4.2")
    assert mount_of(bank / "activations") == ("nfs4", ["rw", "noatime", "rw", "vers=4.2"])
    assert mount_of(tmp_path)[0] == "ext4"


@pytest.mark.parametrize(
    ("kind", "options", "named"),
    [
        ("nfs", "rw,nolock,local_lock=all", "nfs mounted with nolock"),
        ("nfs4", "rw,local_lock=flock", "nfs4 mounted with local_lock=flock"),
        ("lustre", "rw,localflock", "lustre mounted with localflock"),
        ("fuse.sshfs", "rw,user_id=0", "fuse.sshfs, whose"),
    ],
)
def test_locks_that_one_machine_alone_sees(kind, options, named, mounted):
    bank = mounted(kind, options)
    check_locks(bank, shared=False)
    with pytest.raises(BrainlakeError, match=f"is on {named}.* one machine alone sees"):
        check_locks(bank, shared=True)
    check_locks(mounted(kind.replace("fuse.sshfs", "nfs4"), "rw,flock,local_lock=none"), shared=True)


@pytest.mark.parametrize("number", [errno.ENOSYS, errno.ENOLCK])
def test_a_disk_without_locks_is_refused_before_a_model_is_looked_for(number, make_bank, make_stimuli, monkeypatch):
    def refuse(*_):
        raise OSError(number, os.strerror(number))

    bank = make_bank(words=make_stimuli("words", [["The", "boy"]]))
    monkeypatch.setattr(fcntl, "flock", refuse)
    with pytest.raises(BrainlakeError, match="keeps no locks, so that two processes could damage"):
        extract(ExtractionRequest(bank, ["nowhere"], ["words"], shard=Shard(1, 1)))
    assert not (bank / ".staging").exists()


def test_a_lock_that_holds_nobody_off_is_none(mounted, monkeypatch):
    bank = mounted("nfs4", "rw")
    check_locks(bank, shared=True)
    taken = subprocess.CompletedProcess([sys.executable], 0)
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: taken)
    with pytest.raises(BrainlakeError, match=r"file system \(nfs4\) that keeps no locks"):
        check_locks(bank, shared=False)
