"""A byte that changed is found by verify, when a file arrives, and when a part is read: never a wrong number."""

import hashlib
import os
import re
import shutil

import numpy as np
import pytest

from brainlake import BrainlakeError, open_bank
from brainlake.bank.verification import verify_bank
from brainlake_builder.publishing.publish import publish
from hub.banks import values

FLIPS = 10
"""Positions a file."""


@pytest.fixture
def published(hub, bank, repo):
    publish(bank, repo, may_pass_on=True)
    return repo


def damaged(hub, repo, path, at, bit):
    """Flip one bit of what the Hub hands out under a new commit, and say which commit."""
    file = hub.files(repo)[path]
    content = bytearray(hub.blobs[file.sha256 or file.oid])
    content[at] ^= bit
    address = hashlib.sha256(content).hexdigest()
    hub.blobs[address] = bytes(content)
    files = dict(hub.repos[repo].commits[hub.repos[repo].heads["main"]][1])
    files[path] = hub.lfs(address)
    return hub.repos[repo].commit(f"damaged-{address}", files)


def flips(hub, repo, path, n=FLIPS):
    rng = np.random.default_rng(len(path))
    for at in rng.integers(hub.files(repo)[path].size, size=n):
        yield int(at), 1 << int(rng.integers(8))


@pytest.mark.slow
def test_a_flipped_byte_of_any_file_is_found_by_verify(hub, bank, repo, tmp_path):
    """Tables, sidecars, both manifests, the list of roots and the card, file by file: three positions of each.

    With ``BRAINLAKE_FUZZ`` there are 100 positions and more.
    """
    publish(bank, f"{repo}-listed", may_pass_on=True)
    publish(bank, repo, may_pass_on=True, index=[f"{repo}-listed"])
    folder = tmp_path / "folder"
    shutil.copytree(open_bank(repo).roots[0].folder(), folder)
    assert verify_bank(folder) == []
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert {"README.md", "manifest.json", "manifest.parquet", "roots.json"} < {path.name for path in files}
    rng = np.random.default_rng(0)
    for number in range(max(100, 4 * len(files)) if "BRAINLAKE_FUZZ" in os.environ else 3 * len(files)):
        path = files[number % len(files)]
        sound = path.read_bytes()
        changed = bytearray(sound)
        changed[rng.integers(len(sound))] ^= 1 << int(rng.integers(8))
        path.write_bytes(changed)
        assert verify_bank(folder), path
        path.write_bytes(sound)


@pytest.mark.parametrize(
    "name", ["README.md", "CITATION.cff", "croissant.json", "roots.json", "manifest.json", "sidecars/models/m.json"]
)
def test_other_files_of_a_repository_are_verified_too(hub, bank, repo, name):
    publish(bank, f"{repo}-listed", may_pass_on=True)
    publish(bank, repo, may_pass_on=True, index=[f"{repo}-listed"])
    content = bytearray(hub.read(repo, name))
    content[len(content) // 2] ^= 4
    hub.put(repo, {name: bytes(content)})
    assert [problem.path for problem in open_bank(repo).verify()] == [
        name.replace("sidecars/models/m.json", "models/m.parquet")
    ]


@pytest.mark.parametrize("table", ["surprisal", "stimuli", "responses", "activations"])
def test_sql_never_sees_a_local_byte_that_changed(bank, table):
    query = f"select * from {table}"
    expected = open_bank(bank).sql(query)
    rng = np.random.default_rng(1)
    for path in sorted((bank / table).rglob("*.parquet")):
        sound = path.read_bytes()
        for at in rng.integers(len(sound), size=FLIPS):
            changed = bytearray(sound)
            changed[at] ^= 1 << int(rng.integers(8))
            path.write_bytes(changed)
            with pytest.raises(BrainlakeError, match=re.escape(path.name)):
                open_bank(bank).sql(query)
            with pytest.raises(BrainlakeError, match=re.escape(path.name)):
                open_bank(bank).table(table)
        path.write_bytes(sound)
    assert open_bank(bank).sql(query).equals(expected)


@pytest.mark.slow
def test_a_flipped_byte_is_found_on_arrival(hub, published):
    sound = open_bank(published)
    for _, sidecar in sound.files:
        for at, bit in flips(hub, published, sidecar.path):
            bank = open_bank(f"{published}@{damaged(hub, published, sidecar.path, at, bit)}")
            with pytest.raises(BrainlakeError, match=f"{re.escape(sidecar.path)}.*another sha256"):
                bank.roots[0].file(sidecar)
        with pytest.raises(BrainlakeError, match=f"{re.escape(sidecar.path)}.*another sha256"):
            open_bank(str(bank.roots[0].snapshot.repo) + "@" + bank.roots[0].snapshot.commit, download=True)
    assert sound.verify() == []


def test_a_flipped_byte_of_the_manifest_is_found(hub, published):
    for at, bit in flips(hub, published, "manifest.parquet", 60):
        commit = damaged(hub, published, "manifest.parquet", at, bit)
        try:
            found = open_bank(f"{published}@{commit}")
        except BrainlakeError:
            continue
        assert [s for _, s in found.files] == [s for _, s in open_bank(published).files]


@pytest.mark.slow
def test_a_flipped_byte_never_becomes_another_number(hub, published):
    """By range a flip is found wherever it could change a value; in parts that are not read it changes nothing."""
    sound = open_bank(published)
    path = sound.feature_file("activations", "gpt+untrained-s0", "toy", "document").path
    words = sound.feature_file("surprisal", "gpt+untrained-s0", "toy", "document").path
    query = "select * from surprisal where model = 'gpt+untrained-s0'"
    expected = sound.sql(query)
    layers = "select layer, stimulus_id, activation from activations where model = 'gpt+untrained-s0'"
    table = sound.sql(layers)
    found = 0
    for at, bit in flips(hub, published, path, 25):
        bank = open_bank(f"{published}@{damaged(hub, published, path, at, bit)}")
        try:
            for layer in range(3):
                np.testing.assert_array_equal(
                    bank.activations("gpt+untrained-s0", "toy", layer).values, values()[layer]
                )
        except BrainlakeError:
            found += 1
        try:
            assert bank.sql(layers).equals(table)
        except BrainlakeError:
            found += 1
    for at, bit in flips(hub, published, words, 25):
        bank = open_bank(f"{published}@{damaged(hub, published, words, at, bit)}")
        try:
            assert bank.sql(query).equals(expected)
        except BrainlakeError:
            found += 1
    assert found > 40
