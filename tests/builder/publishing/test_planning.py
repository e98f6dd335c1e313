"""What has to travel: everything to a new repository, nothing to one that has it, and what goes or stays there."""

import hashlib
from contextlib import nullcontext
from dataclasses import replace
from types import SimpleNamespace

import pytest

from brainlake import BrainlakeError
from brainlake.bank.manifest import Manifest
from brainlake.contract.layout import first_sidecar_path, sidecar_path
from brainlake.contract.schema import TABLES
from brainlake.contract.sidecar import Sidecar
from brainlake_builder.publishing.planning import plan_publication
from brainlake_builder.publishing.publishable import choose
from brainlake_builder.publishing.repository import Remote

PINNED = "lab/other@" + "a" * 40
OTHER = Sidecar("models/other.parquet", "0" * 64, 1, 1, "models", "now", name="other", model="other").sealed()
NEW = Remote()


@pytest.fixture
def choice(bank):
    return choose(bank, may_pass_on=True)


def plan(bank, choice, remote=NEW, roots=(), **options):
    return plan_publication(bank, "lab/bank", choice, roots, remote, **options)


def entry(content):
    """A file of a repository, as the Hub lists large ones."""
    data = content if isinstance(content, bytes) else content.read_bytes()
    return SimpleNamespace(lfs=SimpleNamespace(sha256=hashlib.sha256(data).hexdigest()), size=len(data))


def holding(publication, *more):
    """A repository that holds what was published, and more."""
    files = {path: entry(content) for path, content in publication.uploads.items()}
    for sidecar in more:
        files |= {path: entry(b"x") for path in (sidecar.path, sidecar_path(sidecar.path))}
    manifest = Manifest([*publication.manifest.sidecars, *more], publication.manifest.roots)
    empty = SimpleNamespace(
        metadata=SimpleNamespace(num_row_groups=0), read_row_groups=lambda *_, **__: TABLES["models"].empty_table()
    )
    there = SimpleNamespace(
        sidecars=manifest.sidecars, roots=manifest.roots, manifest=manifest, parquet=lambda _: nullcontext(empty)
    )
    return Remote("c0ffee", True, files, there)


def test_to_a_new_repository_everything_travels(bank, choice):
    found = plan(bank, choice)
    tables = {s.path for s in choice.travels}
    own = {"README.md", "CITATION.cff", "croissant.json", "manifest.parquet", "manifest.json"}
    assert set(found.uploads) == tables | set(map(sidecar_path, tables)) | own
    assert all(found.uploads[path] == bank / path for path in tables)
    assert (found.parent, found.commit, found.deletions, found.only_there) == (None, None, [], [])
    assert found.manifest.sidecars == sorted(choice.travels, key=lambda s: s.path)
    assert found.manifest.card_sha256 == hashlib.sha256(found.uploads["README.md"]).hexdigest()
    assert found.manifest.records == {
        name: hashlib.sha256(found.uploads[name]).hexdigest() for name in ("CITATION.cff", "croissant.json")
    }
    assert Manifest.from_parquet(found.uploads["manifest.parquet"], "it").digest == found.manifest.digest


def test_what_is_there_does_not_travel_again(bank, choice):
    there = holding(plan(bank, choice))
    assert not plan(bank, choice, there).changes
    files = dict(there.files)
    del files["stimuli/toy.parquet"]
    assert set(plan(bank, choice, replace(there, files=files)).uploads) == {"stimuli/toy.parquet"}


def test_what_only_the_repository_has_stays_and_goes_where_that_is_asked(bank, choice):
    there = holding(plan(bank, choice), OTHER)
    found = plan(bank, choice, there)
    assert (found.only_there, found.deletions, found.parent, found.private) == ([OTHER.path], [], "c0ffee", True)
    assert OTHER in found.manifest.sidecars
    pruned = plan(bank, choice, there, prune=True)
    assert pruned.only_there == [OTHER.path]
    assert pruned.deletions == [OTHER.path, sidecar_path(OTHER.path)]
    assert pruned.manifest == plan(bank, choice).manifest


def test_what_stays_at_home_is_not_pruned(bank, choice):
    there = holding(plan(bank, choice))
    fewer = choose(bank, metadata_only=True, may_pass_on=True)
    found = plan(bank, fewer, there, prune=True)
    assert (found.only_there, found.deletions) == ([], [])
    assert found.stays == fewer.stays
    assert found.manifest.sidecars == plan(bank, choice).manifest.sidecars


def test_an_index_keeps_its_roots_until_others_are_named(bank, choice):
    found = plan(bank, choice, roots=[PINNED])
    assert found.manifest.roots == [PINNED]
    assert PINNED.encode() in found.uploads["roots.json"]
    assert plan(bank, choice, holding(found)).manifest.roots == [PINNED]
    other = PINNED.replace("a", "b")
    assert plan(bank, choice, holding(found), roots=[other]).manifest.roots == [other]


def test_sidecars_where_the_first_format_had_them_go(bank, choice):
    there = holding(plan(bank, choice))
    old = first_sidecar_path("stimuli/toy.parquet")
    found = plan(bank, choice, replace(there, files={**there.files, old: entry(b"x")}))
    assert found.deletions == [old]


def test_what_is_fuller_is_replaced_only_where_that_is_asked(bank, choice):
    there = holding(plan(bank, choice))
    fuller = [replace(s, sha256="0" * 64, rows=s.rows + 1) if s.kind == "models" else s for s in there.bank.sidecars]
    fuller = replace(there, bank=SimpleNamespace(sidecars=fuller, roots=[], manifest=there.bank.manifest))
    with pytest.raises(BrainlakeError, match=r"lab/bank has another models/.*with 1 rows more: .*--replace"):
        plan(bank, choice, fuller)
    assert plan(bank, choice, fuller, replace=True).manifest == plan(bank, choice).manifest


def test_a_repository_that_would_contradict_itself_is_refused(bank, choice):
    surprisal = next(s for s in choice.travels if s.kind == "surprisal")
    other = replace(surprisal, path="surprisal/m/s2/x-0.parquet", stimulus_set="s2", model_revision="r2").sealed()
    with pytest.raises(BrainlakeError, match="lab/bank would hold two models named"):
        plan(bank, choice, holding(plan(bank, choice), other))
