"""Remote files as DuckDB's Python file system sees them: byte for byte, and nothing else."""

import io

import numpy as np
import pytest

from brainlake import open_bank
from brainlake.bank.filesystem import BankFileSystem
from brainlake_builder.publishing.publish import publish


@pytest.fixture
def remote(hub, bank, repo):
    """File system over a published bank, its folder, and the sidecar of a file that is read by range."""
    publish(bank, repo, may_pass_on=True)
    root = open_bank(repo).roots[0]
    sidecar = next(s for s in root.sidecars if s.kind == "activations")
    hub.forget()
    return BankFileSystem([(root, s) for s in root.sidecars]), bank, root, sidecar


def test_any_part_of_a_file_is_what_lies_in_the_folder(remote, hub):
    system, bank, root, sidecar = remote
    content = (bank / sidecar.path).read_bytes()
    rng = np.random.default_rng(0)
    with system.open(root.location(sidecar)) as file:
        for start, size in zip(rng.integers(len(content), size=30), rng.integers(len(content), size=30), strict=True):
            assert file.seek(int(start)) == start
            assert file.read(int(size)) == content[start : start + size]
            assert file.tell() == min(start + size, len(content))
        assert file.seek(-8, io.SEEK_END) == len(content) - 8
        assert file.seek(4, io.SEEK_CUR) == len(content) - 4
        assert file.read() == b"PAR1"
    assert not any(sidecar.path in r.path and not r.range for r in hub.requests if r.method == "GET")


def test_facts_come_from_the_manifest_and_nothing_travels(remote, hub):
    system, _, root, sidecar = remote
    location = root.location(sidecar)
    for path in (location, location.removeprefix("bank://")):
        assert system.exists(path)
        assert system.info(path)["size"] == sidecar.bytes
        assert system.glob(path) == [path]
    assert system.modified(location) == system.modified("anything")
    assert hub.requests == []


@pytest.mark.parametrize("path", ["bank://other/bank@main/models/m.parquet", "/etc/passwd", "*", ""])
def test_nothing_else_is_there(remote, path):
    system, *_ = remote
    assert not system.exists(path)
    assert system.glob(path) == []
    with pytest.raises(FileNotFoundError):
        system.open(path)


def test_nothing_can_be_written(remote):
    system, _, root, sidecar = remote
    with pytest.raises(PermissionError, match="is read-only"):
        system.open(root.location(sidecar), "wb")
