"""A repository as it is, one commit on top of it, and what is said when it does not hold what was sent."""

import hashlib
from dataclasses import replace
from types import SimpleNamespace

import pytest
from huggingface_hub import HfApi

from brainlake import BrainlakeError
from brainlake.bank.manifest import Manifest
from brainlake_builder.publishing.publish import publish
from brainlake_builder.publishing.repository import (
    Publication,
    Remote,
    look,
    make_commit,
    read_back,
    same_content,
    sizes,
)

EMPTY = Publication("lab/x", None, None, True, {}, [], Manifest([]), "", [], [])


def test_sizes_of_files_and_bytes_add_up(tmp_path):
    (tmp_path / "a").write_bytes(b"four")
    uploads = {"a": tmp_path / "a", "b": b"of seven"}
    assert sizes(uploads) == {"a": 4, "b": 8}
    publication = replace(EMPTY, uploads=uploads)
    assert (publication.n_bytes, publication.changes) == (12, True)


def test_a_publication_that_moves_nothing_changes_nothing():
    assert not EMPTY.changes
    assert replace(EMPTY, deletions=["a"]).changes
    assert make_commit(None, "lab/x", EMPTY, "c0ffee") == "c0ffee"


@pytest.mark.parametrize(
    ("content", "oid"),
    [
        # As `git hash-object` says.
        (b"", "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"),
        (b"hello\n", "ce013625030ba8dba906f756967f9e9ca394464a"),
    ],
)
def test_small_files_are_known_by_git_s_hash(content, oid, tmp_path):
    there = SimpleNamespace(lfs=None, blob_id=oid)
    (tmp_path / "a").write_bytes(content)
    assert same_content(there, content, None)
    assert same_content(there, tmp_path / "a", "the hash of the file is not asked")
    assert not same_content(there, content + b"!", None)
    assert not same_content(None, content, None)


def test_large_files_are_known_by_sha256_and_not_read_where_it_is_known(tmp_path):
    there = SimpleNamespace(lfs=SimpleNamespace(sha256=hashlib.sha256(b"large").hexdigest()), blob_id="pointer")
    assert same_content(there, b"large", None)
    assert not same_content(there, b"larger", None)
    assert same_content(there, tmp_path / "not there", there.lfs.sha256)
    assert not same_content(there, tmp_path / "not there", "0" * 64)


def test_a_repository_before_and_after(hub, bank, repo):
    assert look(HfApi(), repo) == Remote()
    HfApi().create_repo(repo, repo_type="dataset", private=True)
    empty = look(HfApi(), repo)
    assert empty.commit is not None
    assert (empty.private, empty.bank) == (True, None)
    done = publish(bank, repo, may_pass_on=True)
    there = look(HfApi(), repo)
    assert there.commit == done.commit == hub.repos[repo].heads["main"]
    assert there.bank.manifest.digest == done.manifest.digest
    assert set(there.files) == {*done.uploads, ".gitattributes"}


def test_what_is_no_bank_is_named(hub, repo):
    HfApi().create_repo(repo, repo_type="dataset")
    hub.put(repo, {"README.md": b"# x", "train.csv": b"1"})
    with pytest.raises(BrainlakeError, match=r"holds something else \(train\.csv"):
        look(HfApi(), repo)


def test_a_commit_on_what_is_no_longer_the_head_is_refused(hub, bank, repo):
    done = publish(bank, repo, may_pass_on=True)
    head = hub.repos[repo].heads["main"]
    with pytest.raises(BrainlakeError, match=r"someone else published to .* meanwhile"):
        make_commit(HfApi(), repo, replace(done, uploads={"README.md": b"x"}), done.parent or "0" * 40)
    assert hub.repos[repo].heads["main"] == head


def test_what_was_sent_is_read_back_and_what_is_not_there_named(hub, bank, repo):
    done = publish(bank, repo, may_pass_on=True)
    read_back(HfApi(), repo, done.commit, done)
    with pytest.raises(BrainlakeError, match=r"is not what was sent: README\.md; publish again"):
        read_back(HfApi(), repo, done.commit, replace(done, deletions=["README.md"]))
    with pytest.raises(BrainlakeError, match=r"is not what was sent: README\.md, manifest\.parquet; publish again"):
        read_back(
            HfApi(),
            repo,
            done.commit,
            replace(done, uploads={"README.md": b"x"}, manifest=replace_first(done.manifest)),
        )
    hub.put(repo, {"stimuli/toy.parquet": b"x"})
    with pytest.raises(BrainlakeError, match=r"is not what was sent: stimuli/toy\.parquet"):
        read_back(HfApi(), repo, hub.repos[repo].heads["main"], replace(done, uploads={}))


def replace_first(manifest):
    """A manifest that says something else of its first file, though not of the bytes of it."""
    first, *rest = manifest.sidecars
    return Manifest([replace(first, licence="another"), *rest])
