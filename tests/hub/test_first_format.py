"""A repository of the first format is read, pulled, verified, and becomes one of this format when it is added to."""

from pathlib import Path

import pytest

from banks import put_stimuli
from brainlake import open_bank
from brainlake.bank.manifest import rebuild_manifest
from brainlake.cli import main
from brainlake.contract.layout import sidecar_path
from brainlake_builder.publishing.publish import publish

FIRST = Path(__file__).parents[1] / "data/bank1"


@pytest.fixture
def first(hub, bank, repo):
    """A repository as brainlake 0.1.0 left it."""
    publish(bank, repo, may_pass_on=True)
    hub.repos[repo].commit("main", {})
    hub.put(repo, {p.relative_to(FIRST).as_posix(): p.read_bytes() for p in FIRST.rglob("*") if p.is_file()})
    return repo


def test_it_is_read_and_verified(first):
    found, local = open_bank(first), open_bank(FIRST)
    assert found.verify() == []
    assert found.table("reading_times").equals(local.table("reading_times"))
    assert found.sql("select * from scores").equals(local.sql("select * from scores"))


def test_it_is_pulled_into_a_bank_of_this_format(first, tmp_path):
    target = tmp_path / "target"
    assert main(["pull", first, "--bank", str(target)]) == 0
    assert list(target.rglob("*.parquet.json")) == []
    assert open_bank(target).verify() == []
    assert open_bank(target).table("reading_times").equals(open_bank(FIRST).table("reading_times"))


def test_who_adds_to_it_moves_its_sidecars(first, hub, tmp_path):
    added = tmp_path / "added"
    put_stimuli(added, "new", [{}, {}])
    rebuild_manifest(added)
    publish(added, first, may_pass_on=True)
    paths = set(hub.files(first))
    assert not any(path.endswith(".parquet.json") for path in paths)
    found = open_bank(first)
    assert {sidecar_path(s.path) for _, s in found.files} <= paths
    assert found.names("stimuli") == ["new", "toy"]
    assert found.verify() == []
    assert found.table("reading_times").equals(open_bank(FIRST).table("reading_times"))
