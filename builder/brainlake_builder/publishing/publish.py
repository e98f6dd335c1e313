"""Publishes a bank as a dataset repository: one commit with a pinned parent, then read back.

What the repository has already does not travel, so a publication that was cut goes on where it was; whoever reads
meanwhile sees the commit before it, whole. Files that only the repository has stay there unless they are pruned.
"""

import re
from collections.abc import Sequence
from dataclasses import replace as changed
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from brainlake.bank.hub_root import HubRoot
from brainlake.bank.root_list import read_roots
from brainlake.errors import BrainlakeError
from brainlake.storage.hub import UnreachableError, hub_errors, parse_address
from brainlake_builder.publishing.agreement import check_index
from brainlake_builder.publishing.planning import plan_publication
from brainlake_builder.publishing.publishable import check_publishable, choose
from brainlake_builder.publishing.repository import Publication, Remote, look, make_commit, read_back

if TYPE_CHECKING:
    from huggingface_hub import HfApi


def publish(
    bank: Path,
    repo: str,
    *,
    private: bool | None = None,
    models: Sequence[str] | None = None,
    metadata_only: bool = False,
    features: bool = False,
    index: Sequence[str] = (),
    may_pass_on: bool = False,
    replace: bool = False,
    prune: bool = False,
    tag: str | None = None,
    dry_run: bool = False,
) -> Publication:
    """Publish a bank, or add it to what a repository has.

    Parameters
    ----------
    bank
        Folder of the bank.
    repo
        ``owner/name``, or the address of its page; made if it is not there.
    private
        Whether the repository is private; by default a new one is if there is any human data, and an old one must
        be.
    models
        Models whose features go along, and results that are of no others; by default all.
    metadata_only
        Leave the feature tables out, as for an index.
    features
        Leave all human data at home, and stimuli that may not be passed on; ``Publication.stays`` lists what stayed.
    index
        Repositories that this one is an index of; pinned to the commits that they have now.
    may_pass_on
        Everything that travels may be passed on, although its licence does not say so.
    replace
        Replace what the repository has fuller, or from someone else.
    prune
        Remove what the repository has and the bank does not; ``Publication.only_there`` lists it in any case.
    tag
        Name for this version.
    dry_run
        Only say what would travel: to the repository as it is now, or to a new one where the Hub cannot be reached.

    Raises
    ------
    BrainlakeError
        If the bank may not be published as it is, the repository is not one for it or would lose something, someone
        else published meanwhile (nothing is changed then), or what was read back is not what was sent.
    """
    repo = repository_name(repo)
    if tag is not None:
        check_tag(tag)
    choice = choose(bank, models, metadata_only=metadata_only, features=features, may_pass_on=may_pass_on)
    check_publishable(bank, choice.travels)
    plan = partial(plan_publication, bank, repo, choice, replace=replace, prune=prune)
    listed = list(index) or read_roots(bank)
    new = Remote(private=choice.human if private is None else private)
    unseen = plan(listed, new)  # what is wrong with the bank is said before the Hub is asked
    from huggingface_hub import HfApi

    api = HfApi()
    try:
        with hub_errors(repo):
            roots, remote = _pinned(listed), look(api, repo)
    except UnreachableError:
        if dry_run:
            return unseen
        raise
    if remote.commit is not None:
        _check_visibility(repo, remote.private, private, choice.human)
    publication = plan(roots, remote if remote.commit else new)
    _check_index(api, publication)
    if dry_run:
        return changed(publication, seen=True)
    with hub_errors(repo):
        if remote.commit is None:
            api.create_repo(repo, repo_type="dataset", private=new.private, exist_ok=True)
            remote = look(api, repo)
            if remote.commit is None:
                raise BrainlakeError(f"{repo} is there, and this token may not read it: use another name or token")
            _check_visibility(repo, remote.private, private, choice.human)
            publication = plan(roots, remote)
        tags = (
            {ref.name: ref.target_commit for ref in api.list_repo_refs(repo, repo_type="dataset").tags} if tag else {}
        )
        if tag in tags and (publication.changes or tags[tag] != remote.commit):
            raise BrainlakeError(f"{repo} has another version tagged {tag}: choose another name")
        commit = make_commit(api, repo, publication, str(remote.commit))
        read_back(api, repo, commit, publication)
        if tag is not None and tag not in tags:
            api.create_tag(repo, tag=tag, revision=commit, repo_type="dataset")
    return changed(publication, commit=commit, seen=True)


def repository_name(repo: str) -> str:
    """Name of a repository, also from the address of its page.

    Raises
    ------
    BrainlakeError
        If it is none, or a version of one.
    """
    address = parse_address(repo)
    if address is None or address.revision != "main" or "@" in repo:
        raise BrainlakeError(f"{repo!r} cannot be published to: name the repository OWNER/NAME")
    return address.repo


def check_tag(tag: str) -> None:
    """Refuse what git takes for no tag, or what stands for something else.

    Raises
    ------
    BrainlakeError
        If it is one of them.
    """
    taken = tag in ("main", "HEAD") or re.fullmatch("[0-9a-f]{40}", tag)
    if taken or not re.fullmatch(r"\w[\w.+-]*", tag, re.ASCII) or ".." in tag or tag.endswith((".", ".lock")):
        raise BrainlakeError(f"{tag!r} cannot tag a version: use letters, digits and . _ + -, such as v1")


def _pinned(listed: Sequence[str]) -> list[str]:
    """Repositories to list, at the commits that they have now."""
    roots = []
    for name in listed:
        address = parse_address(name)
        if address is None:
            raise BrainlakeError(f"{name!r} cannot be indexed: name a repository, OWNER/NAME or OWNER/NAME@REVISION")
        snapshot = HubRoot(address).snapshot
        roots.append(f"{snapshot.repo}@{snapshot.commit}")
    return list(dict.fromkeys(roots))


def _check_index(api: "HfApi", publication: Publication) -> None:
    """Refuse an index that those who may read it could not open."""
    roots = [HubRoot(address) for entry in publication.manifest.roots if (address := parse_address(entry))]
    check_index(publication.manifest.sidecars, roots, publication.repo)
    for root in roots:
        name = root.snapshot.repo
        with hub_errors(name):
            hidden = not publication.private and api.repo_info(name, repo_type="dataset").private
        if hidden:
            raise BrainlakeError(
                f"{publication.repo} is public and would list {name}, which is private: few could open it; make one "
                f"of them as the other is"
            )


def _check_visibility(repo: str, is_private: bool, asked: bool | None, human: bool) -> None:
    if asked is None and human and not is_private:
        raise BrainlakeError(f"{repo} is public, and there is human data to publish: confirm with --public")
    if asked is not None and asked != is_private:
        is_now = "private" if is_private else "public"
        raise BrainlakeError(f"{repo} is {is_now}, and stays so: change it in its settings on the Hub first")
