"""Publishes a bank as a dataset repository: one commit with a pinned parent, then read back.

What the repository has already does not travel, so a publication that was cut goes on where it was; whoever reads
meanwhile sees the commit before it, whole. Files that only the repository has stay there.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq

from brainlake.errors import BrainlakeError
from brainlake.hub import Address, hub_errors, parse_address, pin
from brainlake.manifest import ROOTS, Manifest, Sidecar, read_roots, roots_json
from brainlake.roots import HubRoot
from brainlake.version import __version__
from brainlake_builder.cards import card
from brainlake_builder.publishable import check_one_source, check_publishable, choose, has_human_data

if TYPE_CHECKING:
    from huggingface_hub import HfApi
    from huggingface_hub.hf_api import RepoFile

Content = Path | bytes


@dataclass(frozen=True)
class Publication:
    """What a publication moved, or would move.

    Attributes
    ----------
    repo, commit
        Repository, and the commit that holds it all; None before it is published.
    private
        Whether the repository is private.
    uploads
        Content that travels, by path.
    deletions
        Paths that go.
    manifest
        Everything that the repository holds then.
    """

    repo: str
    commit: str | None
    private: bool
    uploads: dict[str, Content]
    deletions: list[str]
    manifest: Manifest

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


def publish(
    bank: Path,
    repo: str,
    *,
    private: bool | None = None,
    models: Sequence[str] | None = None,
    metadata_only: bool = False,
    index: Sequence[str] = (),
    may_pass_on: bool = False,
    tag: str | None = None,
    dry_run: bool = False,
) -> Publication:
    """Publish a bank, or add it to what a repository has.

    Parameters
    ----------
    bank
        Folder of the bank.
    repo
        ``owner/name``; made if it is not there.
    private
        Whether the repository is private; by default a new one is if there is any human data, and an old one must
        be.
    models
        Models whose features go along; by default all.
    metadata_only
        Leave the feature tables out, as for an index.
    index
        Repositories that this one is an index of; pinned to the commits that they have now.
    may_pass_on
        Human data may be passed on although their licence does not say so.
    tag
        Name for this version.
    dry_run
        Only say what would travel to a new repository; nothing is asked of the network.

    Raises
    ------
    BrainlakeError
        If the bank may not be published as it is, the repository is not one for it, someone else published
        meanwhile (nothing is changed then), or what was read back is not what was sent.
    """
    if parse_address(repo) is None or "@" in repo or ":" in repo:
        raise BrainlakeError(f"{repo!r} cannot be published to: name the repository OWNER/NAME")
    sidecars = choose(bank, models, metadata_only)
    check_publishable(bank, sidecars, may_pass_on=may_pass_on)
    roots = list(index) or read_roots(bank)
    hidden = has_human_data(sidecars) if private is None else private
    offline = _plan(bank, repo, sidecars, roots, Remote(private=hidden))
    if dry_run:
        return offline
    from huggingface_hub import HfApi

    api = HfApi()
    with hub_errors(repo):
        roots = [_pinned(root) for root in roots]
        remote = _look(api, repo)
        if remote.commit is None:
            api.create_repo(repo, repo_type="dataset", private=hidden, exist_ok=True)
            remote = _look(api, repo)
        _check_visibility(repo, remote.private, private, has_human_data(sidecars))
        publication = _plan(bank, repo, sidecars, roots, remote)
        tags = {ref.name: ref.target_commit for ref in api.list_repo_refs(repo, repo_type="dataset").tags}
        if tag in tags and (publication.changes or tags[tag] != remote.commit):
            raise BrainlakeError(f"{repo} has another version tagged {tag}: choose another name")
        commit = _commit(api, repo, publication, str(remote.commit))
        _read_back(api, repo, commit, publication)
        if tag is not None and tag not in tags:
            api.create_tag(repo, tag=tag, revision=commit, repo_type="dataset")
    return replace(publication, commit=commit)


def sizes(uploads: Mapping[str, Content]) -> dict[str, int]:
    """Bytes of each content."""
    return {path: c.stat().st_size if isinstance(c, Path) else len(c) for path, c in uploads.items()}


def _plan(bank: Path, repo: str, sidecars: Sequence[Sidecar], roots: list[str], remote: Remote) -> Publication:
    """What has to travel so that the repository holds these files and those that it has."""
    paths, keys = {s.path for s in sidecars}, {s.key for s in sidecars}
    theirs = remote.bank.sidecars if remote.bank else []
    kept = [s for s in theirs if s.path not in paths and s.key not in keys]
    roots = roots or (remote.bank.roots if remote.bank else [])
    manifest = Manifest(sorted([*sidecars, *kept], key=lambda s: s.path), roots)
    check_one_source(manifest.sidecars, repo)
    benchmarks = [row for s in sidecars if s.kind == "benchmarks" for row in pq.read_table(bank / s.path).to_pylist()]
    for sidecar in kept:
        if sidecar.kind == "benchmarks" and remote.bank:
            benchmarks += pq.read_table(remote.bank.file(sidecar)).to_pylist()
    parquet = manifest.to_parquet()
    content: dict[str, Content] = {
        "README.md": card(repo, manifest, sorted(benchmarks, key=lambda b: str(b["benchmark"]))).encode(),
        "manifest.parquet": parquet,
        "manifest.json": manifest.to_json(parquet).encode(),
    }
    if roots:
        content[ROOTS] = roots_json(roots).encode()
    for sidecar in sidecars:
        content[sidecar.path] = bank / sidecar.path
        content[f"{sidecar.path}.json"] = bank / f"{sidecar.path}.json"
    known = {s.path: s.sha256 for s in sidecars}
    uploads = {path: c for path, c in content.items() if not _same(remote.files.get(path), c, known.get(path))}
    replaced = [s.path for s in theirs if s.path not in paths and s.key in keys]
    gone = [path for name in replaced for path in (name, f"{name}.json") if path in remote.files]
    return Publication(repo, None, remote.private, uploads, gone, manifest)


def _look(api: "HfApi", repo: str) -> Remote:
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


def _same(there: "RepoFile | None", content: Content, sha256: str | None) -> bool:
    """Whether the repository has this content already, by the hash that it knows it by."""
    if there is None:
        return False
    if there.lfs is not None:
        return there.lfs.sha256 == (sha256 or hashlib.sha256(_read(content)).hexdigest())
    data = _read(content)
    return there.blob_id == hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


def _read(content: Content) -> bytes:
    return content.read_bytes() if isinstance(content, Path) else content


def _pinned(root: str) -> str:
    address = parse_address(root)
    if address is None:
        raise BrainlakeError(f"{root!r} cannot be indexed: name a repository, OWNER/NAME or OWNER/NAME@REVISION")
    snapshot, _ = pin(address)
    return f"{snapshot.repo}@{snapshot.commit}"


def _check_visibility(repo: str, is_private: bool, asked: bool | None, human: bool) -> None:
    if asked is None and human and not is_private:
        raise BrainlakeError(f"{repo} is public, and there is human data to publish: confirm with --public")
    if asked is not None and asked != is_private:
        is_now = "private" if is_private else "public"
        raise BrainlakeError(f"{repo} is {is_now}, and stays so: change it in its settings on the Hub first")


def _commit(api: "HfApi", repo: str, publication: Publication, parent: str) -> str:
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


def _read_back(api: "HfApi", repo: str, commit: str, publication: Publication) -> None:
    """Compare what the repository says it holds with the manifest, and its manifest with ours."""
    files = _tree(api, repo, commit)
    wrong = [path for path, content in publication.uploads.items() if not _same(files.get(path), content, None)]
    for sidecar in publication.manifest.sidecars:
        there = files.get(sidecar.path)
        hashed = there is not None and (there.lfs is None or there.lfs.sha256 == sidecar.sha256)
        if there is None or not hashed or there.size != sidecar.bytes or f"{sidecar.path}.json" not in files:
            wrong.append(sidecar.path)
    wrong += [path for path in publication.deletions if path in files]
    published = HubRoot(Address(repo, commit))
    if Manifest(published.sidecars, published.roots).digest != publication.manifest.digest:
        wrong.append("manifest.parquet")
    if wrong:
        raise BrainlakeError(f"{repo}@{commit} is not what was sent: {', '.join(wrong[:5])}; publish again")
