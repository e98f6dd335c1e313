"""Publishes a bank as a dataset repository: one commit with a pinned parent, then read back.

What the repository has already does not travel, so a publication that was cut goes on where it was; whoever reads
meanwhile sees the commit before it, whole. Files that only the repository has stay there.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from brainlake.bank.card import CARD
from brainlake.bank.manifest import Manifest
from brainlake.bank.root_list import ROOTS, read_roots, roots_json
from brainlake.contract.formats import FIRST
from brainlake.contract.layout import find_sidecar, first_sidecar_path, sidecar_path
from brainlake.contract.schema import BENCHMARKS
from brainlake.contract.sidecar import Sidecar
from brainlake.errors import BrainlakeError
from brainlake.storage.hub import UnreachableError, hub_errors, parse_address, pin
from brainlake_builder.publishing.cards import card
from brainlake_builder.publishing.publishable import (
    benchmark_rows,
    check_one_source,
    check_publishable,
    choose,
    has_human_data,
)
from brainlake_builder.publishing.repository import (
    Content,
    Publication,
    Remote,
    look,
    make_commit,
    read_back,
    same_content,
)


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
        Only say what would travel: to the repository as it is now, or to a new one where the Hub cannot be reached.

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
    human = has_human_data(sidecars)
    new = Remote(private=human if private is None else private)
    unseen = _plan(bank, repo, sidecars, roots, new)  # what is wrong with the bank is said before the Hub is asked
    from huggingface_hub import HfApi

    api = HfApi()
    try:
        with hub_errors(repo):
            roots, remote = [_pinned(root) for root in roots], look(api, repo)
    except UnreachableError:
        if dry_run:
            return unseen
        raise
    if remote.commit is not None:
        _check_visibility(repo, remote.private, private, human)
    if dry_run:
        return replace(_plan(bank, repo, sidecars, roots, remote if remote.commit else new), seen=True)
    with hub_errors(repo):
        if remote.commit is None:
            api.create_repo(repo, repo_type="dataset", private=new.private, exist_ok=True)
            remote = look(api, repo)
            if remote.commit is None:
                raise BrainlakeError(f"{repo} is there, and this token may not read it: use another name or token")
            _check_visibility(repo, remote.private, private, human)
        publication = _plan(bank, repo, sidecars, roots, remote)
        tags = (
            {ref.name: ref.target_commit for ref in api.list_repo_refs(repo, repo_type="dataset").tags} if tag else {}
        )
        if tag in tags and (publication.changes or tags[tag] != remote.commit):
            raise BrainlakeError(f"{repo} has another version tagged {tag}: choose another name")
        commit = make_commit(api, repo, publication, str(remote.commit))
        read_back(api, repo, commit, publication)
        if tag is not None and tag not in tags:
            api.create_tag(repo, tag=tag, revision=commit, repo_type="dataset")
    return replace(publication, commit=commit, seen=True)


def _plan(bank: Path, repo: str, sidecars: Sequence[Sidecar], roots: list[str], remote: Remote) -> Publication:
    """What has to travel so that the repository holds these files and those that it has."""
    paths, keys = {s.path for s in sidecars}, {s.key for s in sidecars}
    theirs = remote.bank.sidecars if remote.bank else []
    kept = [s if s.sidecar_sha256 else s.sealed() for s in theirs if s.path not in paths and s.key not in keys]
    roots = roots or (remote.bank.roots if remote.bank else [])
    manifest = Manifest(sorted([*sidecars, *kept], key=lambda s: s.path), roots)
    check_one_source(manifest.sidecars, repo)
    benchmarks = benchmark_rows(bank, sidecars)
    for sidecar in kept:
        if sidecar.kind == "benchmarks" and remote.bank:
            with remote.bank.parquet(sidecar) as file:
                benchmarks += file.read_row_groups(
                    range(file.metadata.num_row_groups), columns=BENCHMARKS.names
                ).to_pylist()
    readme = card(repo, manifest, sorted(benchmarks, key=lambda b: str(b["benchmark"]))).encode()
    manifest = replace(manifest, card_sha256=hashlib.sha256(readme).hexdigest())
    parquet = manifest.to_parquet()
    content: dict[str, Content] = {
        CARD: readme,
        "manifest.parquet": parquet,
        "manifest.json": manifest.to_json(parquet).encode(),
    }
    if roots:
        content[ROOTS] = roots_json(roots).encode()
    for sidecar in sidecars:
        content[sidecar.path] = bank / sidecar.path
        place = sidecar_path(sidecar.path)
        content[place] = find_sidecar(bank, sidecar.path) or bank / place
    if remote.bank and remote.bank.manifest.format == FIRST:
        content |= {sidecar_path(s.path): remote.bank.sidecar_text(s) for s in kept}
    known = {s.path: s.sha256 for s in sidecars}
    uploads = {path: c for path, c in content.items() if not same_content(remote.files.get(path), c, known.get(path))}
    replaced = [s.path for s in theirs if s.path not in paths and s.key in keys]
    left = [path for name in replaced for path in (name, sidecar_path(name))]
    left += [first_sidecar_path(s.path) for s in theirs]
    gone = [path for path in left if path in remote.files]
    return Publication(repo, remote.commit, None, remote.private, uploads, gone, manifest)


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
