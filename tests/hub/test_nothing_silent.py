"""A sidecar, a manifest row or a bit that changed gives no other number: it is refused, or the numbers are the same.

With ``BRAINLAKE_FUZZ`` every field changes on every way in, and 500 bits are flipped; else each has its turn somewhere.
"""

import contextlib
import json
import os
import shutil
from dataclasses import fields, replace
from functools import partial

import numpy as np
import pytest

from brainlake import BrainlakeError, behavioral_alignment, brain_alignment, open_bank
from brainlake.alignment.design.features import read_gram
from brainlake.bank.catalogue import as_bank
from brainlake.bank.manifest import Manifest, rebuild_manifest
from brainlake.bank.pull import plan_pull, pull
from brainlake.bank.sidecars import read_sidecars
from brainlake.contract.layout import sidecar_path
from brainlake.contract.schema import FEATURE_TABLES, TABLES
from brainlake.contract.sidecar import Sidecar
from brainlake_builder.tables.kernels import build_kernels
from hub.banks import add_model, values
from hub.local_hub import Repo

REFUSED_AT_ONCE = ("path", "kind", "recipe_digest", "model", "stimulus_set", "recipe")
"""Fields of a feature file that name it: no other value is one."""

FIELDS = [f.name for f in fields(Sidecar) if f.name != "sidecar_sha256"]

FUZZ = "BRAINLAKE_FUZZ" in os.environ

OTHERS = ("stimuli", "models", "benchmarks", "responses", "targets", "reading_times", "ceilings")

EVERY = [(kind, name) for kind in FEATURE_TABLES for name in FIELDS]
"""Every field of files of features, and of each other table some in turn; all of them with BRAINLAKE_FUZZ."""

EVERY += [
    pytest.param(kind, name, marks=pytest.mark.slow)
    for k, kind in enumerate(OTHERS)
    for i, name in enumerate(FIELDS)
    if FUZZ or i % len(OTHERS) == k
]


@pytest.fixture(scope="module")
def whole(tmp_path_factory, toy_bank):
    """A bank with kernels: more features than stimuli."""
    root = shutil.copytree(toy_bank, tmp_path_factory.mktemp("whole") / "bank")
    add_model(root, "wide", values(layers=3, d=64), surprisal=False)
    list(build_kernels(root))
    return root


@pytest.fixture
def copy(whole, tmp_path):
    return shutil.copytree(whole, tmp_path / "copy")


def readings(bank, kinds=tuple(TABLES)):
    """Every reader that opens a file of some kinds, by what it reads; sidecars and manifest are read by then."""
    found = {}
    for name, opened in (("activations", {"activations", "stimuli"}), ("kernels", {"kernels"})):
        for file in bank.feature_files(name, "toy") if opened & set(kinds) else ():
            for layer in (entry["layer"] for entry in file.layers):
                found[name, file.model, layer] = partial(layer_bytes, bank, file, layer)
    return found | {table: partial(rows, bank, table) for table in kinds} | {"sql": partial(hashed, bank, kinds)}


def rows(bank, table):
    """Rows of a table, of results without the names that a sidecar alone knows: they are no numbers."""
    found = bank.table(table)
    return found.drop([c for c in ("file", "author") if c in found.columns]).to_dicts()


def hashed(bank, kinds):
    """How many rows SQL sees in each table, and what they are."""
    each = (f"select '{table}' as name, count(*), bit_xor(hash(t)) from {table} t" for table in kinds)
    return {name: facts for name, *facts in sorted(bank.sql(" union all ".join(each)).rows())}


def layer_bytes(bank, file, layer):
    """One layer, or its Gram matrix."""
    if file.kind == "kernels":
        return {name: np.asarray(part).tobytes() for name, part in vars(read_gram(bank, file, layer)).items()}
    return bank.activations(file.model, "toy", layer, file.recipe).values.tobytes()


def numbers(place, kinds=tuple(TABLES)):
    """What every reader of some kinds gives."""
    return {key: read() for key, read in readings(open_bank(place), kinds).items()}


def of(expected, kinds, readers):
    """The part of what all readers give that readers of some kinds do."""
    sql = {kind: expected["sql"][kind] for kind in sorted(kinds)}
    return {key: sql if key == "sql" else expected[key] for key in readers}


def scores(place):
    """What both evaluations give."""
    brain = brain_alignment(place, "toy.brain", n_boot=0, baselines=["length"])
    behavior = behavioral_alignment(place, "toy.reading", protocol="pearson", n_boot=0)
    columns = ("kind", "model", "layer", "score", "n_stimuli", "ceiling", "normalized")
    return [table.select(columns).to_dicts() for table in (brain, behavior)]


def same(found, expected):
    """Whether all numbers are there and as they were, NaN too."""
    return repr(found) == repr(expected)


def changes(value):
    """Values that a field may turn into: another of its type, one of a null, one of a list changed, gone, twice."""
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield value + 1
        yield value ^ 4
    elif isinstance(value, float):
        yield value * 2
    elif isinstance(value, str):
        yield value[:-1] + chr(ord(value[-1]) ^ 1) if value else "x"
    elif value is None:
        yield from ("x", 1, True)
    elif value:
        yield value[:-1]
        yield [*value, value[-1]]
        yield value[::-1]
        for key in value[0]:
            yield from ([value[0] | {key: other}, *value[1:]] for other in changes(value[0][key]))
    else:
        yield [{}]


@pytest.fixture(scope="module")
def expected(whole):
    return numbers(whole)


@pytest.fixture(scope="module")
def expected_scores(whole):
    return scores(whole)


@pytest.mark.parametrize(("kind", "name"), EVERY)
def test_a_changed_field_of_a_sidecar(copy, expected, expected_scores, kind, name):
    """Once with the manifest that was there, which refuses it; once with a manifest that believes it.

    Then the readers of its kind are asked, and both evaluations.
    """
    sidecar = next(s for s in read_sidecars(copy) if s.kind == kind)
    place = copy / sidecar_path(sidecar.path)
    facts = json.loads(place.read_text())
    for changed in changes(facts[name]):
        if changed == facts[name]:
            continue
        place.write_text(json.dumps(facts | {name: changed}))
        if name != "sha256":
            with pytest.raises(BrainlakeError):
                numbers(copy)
        shutil.copytree(copy, copy.with_name("believed"), dirs_exist_ok=True)
        try:
            rebuild_manifest(copy.with_name("believed"))
            found = numbers(copy.with_name("believed"), [kind])
        except BrainlakeError:
            continue
        assert name not in REFUSED_AT_ONCE or kind not in FEATURE_TABLES
        assert same(found, of(expected, [kind], found)), (kind, name, changed)
        assert same_scores(copy.with_name("believed"), expected_scores), (kind, name, changed)


def same_scores(place, expected):
    """Whether the scores are as they were, or refused."""
    try:
        return same(scores(place), expected)
    except BrainlakeError:
        return True


@pytest.mark.slow
@pytest.mark.parametrize("name", FIELDS if FUZZ else FIELDS[::2])
@pytest.mark.parametrize("kind", FEATURE_TABLES)
def test_scores_where_a_reader_of_everything_refuses(copy, expected_scores, kind, name):
    """Who scores reads less than everything, and so might be told less: no other score all the same."""
    sidecar = next(s for s in read_sidecars(copy) if s.kind == kind)
    place = copy / sidecar_path(sidecar.path)
    facts = json.loads(place.read_text())
    changed = next(other for other in changes(facts[name]) if other != facts[name])
    place.write_text(json.dumps(facts | {name: changed}))
    with contextlib.suppress(BrainlakeError):
        rebuild_manifest(copy)
    assert same_scores(copy, expected_scores), (kind, name, changed)


@pytest.mark.parametrize("name", FIELDS if FUZZ else FIELDS[1::2])
@pytest.mark.parametrize(
    "kind", ["activations", *(pytest.param(k, marks=pytest.mark.slow) for k in ("surprisal", "kernels"))]
)
def test_a_changed_field_of_a_manifest_row_on_the_hub(hub, published, kind, name, expected_there):
    """A publisher that signs what is not so: what the file itself says decides."""
    repo, sidecars = published[0].split("@")[0], published[1]
    at = next(i for i, s in enumerate(sidecars) if s.kind == kind)
    for changed in changes(vars(sidecars[at])[name]):
        try:
            lying = [*sidecars[:at], replace(sidecars[at], **{name: changed}), *sidecars[at + 1 :]]
            commit = hub.put(repo, {"manifest.parquet": Manifest(lying).to_parquet()})
            found = numbers(f"{repo}@{commit}", [kind])
        except (BrainlakeError, TypeError, ValueError):  # what Arrow does not even write
            continue
        assert same(found, of(expected_there, [kind], found)), changed


@pytest.fixture(scope="module")
def published(local_hub, whole):
    name = "tester/silent"
    local_hub.repos[name] = Repo(False)
    local_hub.repos[name].commit("main", {})
    files = (path for path in whole.rglob("*") if path.is_file())
    commit = local_hub.put(name, {path.relative_to(whole).as_posix(): path.read_bytes() for path in files})
    pinned = f"{name}@{commit}"
    return pinned, open_bank(pinned).roots[0].sidecars


@pytest.fixture(scope="module")
def expected_there(published):
    return numbers(published[0])


def test_a_bank_without_manifest_says_what_was_not_checked(copy, expected):
    assert open_bank(copy).unchecked == []
    add_model(copy, "later", values())
    (copy / "manifest.parquet").unlink()
    assert "its sidecars were compared with nothing" in open_bank(copy).unchecked[0]
    assert "compared with nothing" in repr(open_bank(copy))


def test_files_that_came_after_the_manifest_are_counted(copy, whole):
    manifest = (copy / "manifest.parquet").read_bytes()
    add_model(copy, "later", values(), surprisal=False)
    (copy / "manifest.parquet").write_bytes(manifest)
    (said,) = open_bank(copy).unchecked
    assert said.startswith("2 of the ")
    assert open_bank(copy).activations("later", "toy", 1).values.shape == (60, 5)


def test_a_pulled_bank_has_the_same_numbers(published, tmp_path, expected_there):
    list(pull(plan_pull(published[0], tmp_path / "pulled"), tmp_path / "pulled"))
    assert same(numbers(tmp_path / "pulled"), expected_there)


@pytest.mark.parametrize("n", [40, pytest.param(500 if FUZZ else 160, marks=pytest.mark.slow)])
def test_flipped_bits_give_no_other_number(copy, expected, n):
    """A flip in a table is followed by all that read tables of its kind, one in any other file by all readers.

    What is read of tables when a bank is opened is nothing, so that for flips in them one bank stays open.
    """
    rng = np.random.default_rng(n)
    files = sorted(path for path in copy.rglob("*") if path.is_file())
    sizes = np.array([path.stat().st_size for path in files])
    bank, refused = open_bank(copy), 0
    for _ in range(n):
        path = files[rng.choice(len(files), p=(0.5 / len(files) + 0.5 * sizes / sizes.sum()))]
        sound = path.read_bytes()
        flipped = bytearray(sound)
        flipped[rng.integers(len(sound))] ^= 1 << int(rng.integers(8))
        path.write_bytes(flipped)
        kind = path.relative_to(copy).parts[0]
        refused += refused_by(bank, [kind], expected) if kind in TABLES else refused_by(copy, TABLES, expected)
        path.write_bytes(sound)
    assert refused > n // 2


def refused_by(place, kinds, expected):
    """Whether any reader of some kinds refuses; the others give what they should."""
    try:
        readers = readings(as_bank(place), kinds)
    except BrainlakeError:
        return True
    refused = False
    for key, read in readers.items():
        try:
            found = read()
        except BrainlakeError:
            refused = True
        else:
            assert same(found, of(expected, kinds, [key])[key]), key
    return refused
