"""Addresses of repositories, and what the Hub says in our words."""

from types import SimpleNamespace

import pytest
from huggingface_hub import errors
from hypothesis import given
from hypothesis import strategies as st

from brainlake import BrainlakeError
from brainlake.storage.hub import Address, UnreachableError, hub_errors, parse_address, pin
from hub.local_hub import Repo

NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{0,20}"


@given(st.from_regex(NAME, fullmatch=True), st.from_regex(NAME, fullmatch=True), st.from_regex(NAME, fullmatch=True))
def test_an_address_is_read_as_it_is_written(owner, name, revision):
    repo = f"{owner}/{name}"
    assert parse_address(repo) == Address(repo, "main")
    for text in (f"{repo}@{revision}", f"hf://datasets/{repo}@{revision}"):
        assert parse_address(text) == Address(repo, revision)
        assert parse_address(str(parse_address(text))) == Address(repo, revision)


@pytest.mark.parametrize(
    "text", ["", "bank", "a/b/c", "a/b@", "/a/b", "../a", "a/../b", "a/b@/x", "a/b@x//y", "hf://a/b", "a b/c", "a/b\n"]
)
def test_what_is_no_address(text):
    assert parse_address(text) is None


def test_a_branch_may_have_slashes():
    assert parse_address("a/b@refs/pr/1") == Address("a/b", "refs/pr/1")


# Before huggingface-hub 1 the two kinds of missing entries, there and here, were not told apart by name.
MISSING = getattr(errors, "RemoteEntryNotFoundError", errors.EntryNotFoundError)


def http_error(kind, status):
    return kind("said so", response=SimpleNamespace(status_code=status, headers={}, request=None))


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (
            http_error(errors.RepositoryNotFoundError, 404),
            "there is no dataset repository a/b on the Hub",
        ),
        (http_error(errors.RevisionNotFoundError, 404), "a/b: there is no such branch, tag or commit"),
        (http_error(MISSING, 404), "a/b: a file is missing there: said so"),
        (http_error(errors.HfHubHTTPError, 403), r"the Hub refused \(403\): said so; log in with a token"),
        (http_error(errors.HfHubHTTPError, 500), r"the Hub refused \(500\): said so$"),
        (errors.HFValidationError("bad name"), "a/b is not the name of a repository: bad name"),
        (OSError("disk full"), "a/b: disk full"),
    ],
)
def test_what_went_wrong_is_said_with_the_repository(error, message):
    with pytest.raises(BrainlakeError, match=message) as found, hub_errors("a/b"):
        raise error
    assert not isinstance(found.value, UnreachableError)


@pytest.mark.parametrize(
    "error", [errors.LocalEntryNotFoundError("x"), ConnectionError("refused"), TimeoutError("slow")]
)
def test_a_hub_that_does_not_answer_is_another_matter(error):
    with pytest.raises(UnreachableError, match="a/b: the Hub cannot be reached"), hub_errors("a/b"):
        raise error


@pytest.fixture
def repository(hub, repo):
    """One with a commit of no file."""
    hub.repos[repo] = Repo(private=False)
    hub.repos[repo].commit("main", {})
    return repo


def test_a_snapshot_stays_at_its_commit(hub, repository):
    hub.put(repository, {"manifest.parquet": b"first", "x": b"0123456789"})
    snapshot, manifest = pin(Address(repository, "main"))
    hub.put(repository, {"manifest.parquet": b"second", "x": b"later"})
    assert manifest.read_bytes() == b"first"
    assert snapshot.cached("x") is None
    assert snapshot.fetch("x", 2, 5) == b"234"
    assert snapshot.cached("x") is None
    assert snapshot.download("x", 10).read_bytes() == b"0123456789"
    assert snapshot.cached("x").read_bytes() == b"0123456789"
    assert (snapshot.download_all({"x": 10}) / "x").read_bytes() == b"0123456789"
    assert pin(Address(repository, "main"))[0].commit != snapshot.commit


def test_names_of_files_are_no_patterns(hub, repository):
    hub.put(repository, {"manifest.parquet": b"", "a*": b"1", "ab": b"2"})
    snapshot, _ = pin(Address(repository, "main"))
    snapshot.download_all({"a*": 1})
    assert snapshot.cached("a*") is not None
    assert snapshot.cached("ab") is None


def test_a_repository_without_a_manifest_and_one_that_is_not_there(hub, repository):
    hub.put(repository, {"x": b""})
    with pytest.raises(BrainlakeError, match=r"is not a bank: it has no manifest\.parquet"):
        pin(Address(repository, "main"))
    with pytest.raises(BrainlakeError, match="no such branch, tag or commit"):
        pin(Address(repository, "v9"))
    with pytest.raises(BrainlakeError, match="there is no dataset repository tester/nowhere"):
        pin(Address("tester/nowhere", "main"))


def test_nothing_larger_than_promised_travels(hub, repository, monkeypatch, tmp_path):
    hub.put(repository, {"manifest.parquet": b"", "x.parquet": b"0" * 40_000_000, "y": b"12"})
    snapshot, _ = pin(Address(repository, "main"))
    hub.forget()
    for fetch in (
        lambda: snapshot.download("x.parquet", 5000),
        lambda: snapshot.download("x.parquet", 5000, into=tmp_path),
        lambda: snapshot.download_all({"y": 2, "x.parquet": 5000}),
    ):
        with pytest.raises(BrainlakeError, match=r"x\.parquet of .* has 40,000,000 bytes there, and may have 5,000"):
            fetch()
    assert hub.sent < 5000
    monkeypatch.setattr("brainlake.storage.hub.MANIFEST_BYTES", 1000)
    hub.put(repository, {"manifest.parquet": b"0" * 1001})
    with pytest.raises(BrainlakeError, match=r"manifest\.parquet of .* may have 1,000: it is not fetched"):
        pin(Address(repository, "main"))
