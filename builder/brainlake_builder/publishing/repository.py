"""A dataset repository as a place to publish to: what it holds, one commit on top of it, and what it holds then."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from brainlake.bank.hub_root import HubRoot
from brainlake.bank.manifest import Manifest
from brainlake.contract.layout import sidecar_path
from brainlake.errors import BrainlakeError
from brainlake.storage.hub import Address
from brainlake.version import __version__
from brainlake_builder.publishing.publishable import Held

if TYPE_CHECKING:
    from huggingface_hub import HfApi
    from huggingface_hub.hf_api import RepoFile

Content = Path | bytes


@dataclass(frozen=True)
class Publication:
    """What a publication moved, or would move.

    Attributes
    ----------
    repo, parent
        Repository, and the commit that it was compared with; None if there is none.
    commit
        The commit that holds it all; None before it is published.
    private
        Whether the repository is private.
    uploads
        Content that travels, by path.
    deletions
        Paths that go.
    manifest
        Everything that the repository holds then.
    card
        Its card.
    stays
        Files of the bank that stay at home, and why.
    only_there
        Tables that the repository has and the bank does not.
    seen
        Whether the Hub was asked what it has.
    """

    repo: str
    parent: str | None
    commit: str | None
    private: bool
    uploads: dict[str, Content]
    deletions: list[str]
    manifest: Manifest
    card: str
    stays: list[Held]
    only_there: list[str]
    seen: bool = False

    @property
    def changes(self) -> bool:
        """Whether there is anything to do."""
        return bool(self.uploads or self.deletions)

    @property
    def n_bytes(self) -> int:
        """Size of what travels."""
        return sum(sizes(self.uploads).values())


@dataclass(frozen=True)
class Remote:
    """A repository as it is now; without a commit, one that is not there yet."""

    commit: str | None = None
    private: bool = False
    files: Mapping[str, "RepoFile"] = field(default_factory=dict)
    bank: HubRoot | None = None


def sizes(uploads: Mapping[str, Content]) -> dict[str, int]:
    """Bytes of each content."""
    return {path: c.stat().st_size if isinstance(c, Path) else len(c) for path, c in uploads.items()}


def look(api: "HfApi", repo: str) -> Remote:
    """The repository as it is now."""
    from huggingface_hub.errors import RepositoryNotFoundError

    try:
        info = api.repo_info(repo, repo_type="dataset", revision="main")
    except RepositoryNotFoundError:
        return Remote()
    commit = str(info.sha)
    files = _tree(api, repo, commit)
    if "manifest.parquet" in files:
        return Remote(commit, bool(info.private), files, HubRoot(Address(repo, commit)))
    strangers = sorted(set(files) - {".gitattributes", "README.md"})
    if strangers:
        raise BrainlakeError(f"{repo} holds something else ({strangers[0]}, ...): publish to another repository")
    return Remote(commit, bool(info.private), files)


def _tree(api: "HfApi", repo: str, commit: str) -> dict[str, "RepoFile"]:
    from huggingface_hub.hf_api import RepoFile

    listed = api.list_repo_tree(repo, repo_type="dataset", revision=commit, recursive=True)
    return {entry.path: entry for entry in listed if isinstance(entry, RepoFile)}


def same_content(there: "RepoFile | None", content: Content, sha256: str | None) -> bool:
    """Whether the repository has this content already, by the hash that it knows it by."""
    if there is None:
        return False
    if there.lfs is not None:
        return there.lfs.sha256 == (sha256 or hashlib.sha256(_read(content)).hexdigest())
    data = _read(content)
    return there.blob_id == hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


def _read(content: Content) -> bytes:
    return content.read_bytes() if isinstance(content, Path) else content


def make_commit(api: "HfApi", repo: str, publication: Publication, parent: str) -> str:
    """Make the one commit; its parent is the state that was looked at."""
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete
    from huggingface_hub.errors import HfHubHTTPError

    if not publication.changes:
        return parent
    operations: list[Any] = [CommitOperationAdd(path, content) for path, content in publication.uploads.items()]
    operations += [CommitOperationDelete(path) for path in publication.deletions]
    title = f"Publish {len(publication.manifest.sidecars)} files with brainlake {__version__}"
    try:
        done = api.create_commit(
            repo, operations, commit_message=title, repo_type="dataset", revision="main", parent_commit=parent
        )
    except HfHubHTTPError as error:
        if error.response.status_code in (409, 412):
            raise BrainlakeError(
                f"someone else published to {repo} meanwhile: nothing of theirs was changed, and nothing of yours is "
                f"there yet; publish again to add it"
            ) from None
        raise
    return str(done.oid)


def read_back(api: "HfApi", repo: str, commit: str, publication: Publication) -> None:
    """Compare what the repository says it holds with the manifest, and its manifest with ours."""
    files = _tree(api, repo, commit)
    known = {s.path: s.sha256 for s in publication.manifest.sidecars}
    wrong = [path for path, c in publication.uploads.items() if not same_content(files.get(path), c, known.get(path))]
    for sidecar in publication.manifest.sidecars:
        there = files.get(sidecar.path)
        whole = there is not None and there.size == sidecar.bytes and sidecar_path(sidecar.path) in files
        if not whole or (there is not None and there.lfs is not None and there.lfs.sha256 != sidecar.sha256):
            wrong.append(sidecar.path)
    wrong += [path for path in publication.deletions if path in files]
    if HubRoot(Address(repo, commit)).manifest.digest != publication.manifest.digest:
        wrong.append("manifest.parquet")
    if wrong:
        raise BrainlakeError(f"{repo}@{commit} is not what was sent: {', '.join(wrong[:5])}; publish again")
