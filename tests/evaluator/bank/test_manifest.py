"""The manifest: the sum of the sidecars, which knows when it was changed."""

import hashlib
import io
import json

import pyarrow.parquet as pq
import pytest

from brainlake import BrainlakeError
from brainlake.bank.manifest import Manifest, manifest_table, rebuild_manifest
from brainlake.bank.sidecars import read_sidecars, remove_sidecar
from brainlake.contract.sidecar import MANIFEST

PINNED = f"lab/bank@{'a' * 40}"


@pytest.fixture(scope="module")
def whole(toy_bank):
    return Manifest.of_folder(toy_bank)


def test_parquet_gives_it_back(whole):
    for one in (whole, Manifest([]), Manifest(whole.sidecars[:1], [PINNED], "b" * 64)):
        found = Manifest.from_parquet(one.to_parquet(), "it")
        assert found == one
        assert found.digest == one.digest


def test_both_files_say_the_same(toy_bank, whole):
    parquet = (toy_bank / "manifest.parquet").read_bytes()
    facts = json.loads((toy_bank / "manifest.json").read_text())
    assert facts["manifest_parquet_sha256"] == hashlib.sha256(parquet).hexdigest()
    assert facts["files"] == pq.read_table(io.BytesIO(parquet)).to_pylist() == whole.rows
    assert facts["format"] == "brainlake bank 2"
    assert facts["card_sha256"] == hashlib.sha256((toy_bank / "README.md").read_bytes()).hexdigest()


def test_rows_are_in_path_order_with_the_columns_of_the_contract(whole):
    table = manifest_table(whole.sidecars)
    assert table.schema.equals(MANIFEST)
    paths = table.column("path").to_pylist()
    assert paths == sorted(paths)


@pytest.mark.parametrize(
    "change",
    [lambda m: Manifest(m.sidecars[1:]), lambda m: Manifest(m.sidecars, [PINNED]), lambda m: Manifest(m.sidecars)],
    ids=["a file", "a root", "the card"],
)
def test_whatever_changes_changes_the_digest(whole, change):
    assert change(whole).digest != whole.digest


def rewritten(content, table=None, **facts):
    """Content of a manifest of which the table or the facts beside it were changed."""
    found = pq.read_table(io.BytesIO(content))
    stored = json.loads(found.schema.metadata[b"brainlake"]) | facts
    target = io.BytesIO()
    chosen = found if table is None else table(found)
    pq.write_table(chosen.replace_schema_metadata({"brainlake": json.dumps(stored)}), target)
    return target.getvalue()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (lambda m: rewritten(m.to_parquet(), lambda t: t.slice(1)), "it was changed after it was written"),
        (lambda m: rewritten(m.to_parquet(), roots=[PINNED]), "it was changed after it was written"),
        (lambda m: rewritten(m.to_parquet(), card_sha256="0" * 64), "it was changed after it was written"),
        (lambda m: rewritten(m.to_parquet(), format="brainlake bank 9"), "of format '9', which this version"),
        (lambda m: rewritten(m.to_parquet(), lambda t: t.drop_columns("path")), "is not the manifest of a bank"),
        (lambda m: Manifest(m.sidecars, ["../.."]).to_parquet(), "its roots are not a list of OWNER/NAME@REVISION"),
        (lambda m: m.to_parquet()[:-9], "is not the manifest of a bank, or is damaged"),
        (lambda _: b"", "is not the manifest of a bank, or is damaged"),
    ],
)
def test_what_is_changed_or_no_manifest_is_refused(whole, content, message):
    with pytest.raises(BrainlakeError, match=message):
        Manifest.from_parquet(content(whole), "it")


def test_what_another_adds_meanwhile_is_in_it(own_bank, monkeypatch):
    """Whoever writes looks again: a sidecar that disappears during the first writing is not in the last."""
    path, to_parquet = "models/m.parquet", Manifest.to_parquet

    def write_and_remove(manifest):
        content = to_parquet(manifest)
        if (own_bank / path).exists():
            (own_bank / path).unlink()
            remove_sidecar(own_bank, path)
        return content

    monkeypatch.setattr(Manifest, "to_parquet", write_and_remove)
    rebuild_manifest(own_bank)
    stored = Manifest.from_parquet((own_bank / "manifest.parquet").read_bytes(), "it")
    assert stored.sidecars == read_sidecars(own_bank)
    assert path not in {s.path for s in stored.sidecars}
