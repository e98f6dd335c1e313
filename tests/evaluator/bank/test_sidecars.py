"""Sidecars in their place: in this format, in the first one, and while a bank of the first becomes one of this."""

import json
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from brainlake import BrainlakeError, open_bank
from brainlake.bank import sidecars
from brainlake.bank.manifest import Manifest, rebuild_manifest
from brainlake.bank.sidecars import first_sidecars, read_sidecars, remove_sidecar
from brainlake.contract.formats import schema_of
from brainlake.contract.schema import TABLES
from brainlake.contract.sidecar import MANIFEST
from brainlake.storage.parquet import file_facts

FIRST = Path(__file__).parents[2] / "data/bank1"

LATER = {"kernels", "comparisons", "shapes"}
"""Tables that it has no file of."""


@pytest.fixture
def first(tmp_path):
    """A bank of the first format, to write into."""
    return Path(shutil.copytree(FIRST, tmp_path / "first"))


def rows(bank):
    """Every row of every table as text."""
    return {table: bank.table(table).to_dicts() for table in TABLES}


def test_a_bank_of_the_first_format_is_sound_and_its_manifest_not_altered():
    bank = open_bank(FIRST)
    assert bank.verify() == []
    manifest = Manifest.from_parquet((FIRST / "manifest.parquet").read_bytes(), "it")
    assert manifest.format == "1"
    assert {s.path: s.sha256 for s in manifest.sidecars} == {s.path: s.sha256 for _, s in bank.files}
    assert {s.kind for _, s in bank.files} == set(TABLES) - LATER


def test_its_columns_are_read_as_today_s():
    bank = open_bank(FIRST)
    stored = pq.read_table(FIRST / "reading_times/toy.reading.parquet")
    times = bank.table("reading_times")
    assert times["value"].to_list() == stored.column("mean_ms").to_pylist()
    assert set(times["unit"]) == {"ms"}
    assert not times["skipped"].any()
    for table, schema in TABLES.items():
        assert bank.table(table).columns == schema.names
        assert bank.sql(f"select * from {table}").columns == schema.names
        if table not in LATER:
            path = next((FIRST / table).rglob("*.parquet"))
            assert pq.read_schema(path).names == schema_of(table, "1").names
    assert set(bank.table("scores")["file"]) == {"scores/lab.toy.parquet"}


def test_files_of_both_formats_are_one_table(first, own_bank):
    old, new = first / "reading_times/toy.reading.parquet", first / "reading_times/b.parquet"
    old.rename(new)
    sidecar = json.loads(old.with_name(old.name + ".json").read_text())
    old.with_name(old.name + ".json").unlink()
    changed = pq.read_table(new).set_column(0, "benchmark", pa.array(["b"] * sidecar["rows"]))
    pq.write_table(changed, new)
    facts = sidecar | file_facts(new) | {"path": "reading_times/b.parquet", "name": "b"}
    new.with_name("b.parquet.json").write_text(json.dumps(facts))
    for path in first.iterdir():
        if path.is_dir() and path.name != "reading_times":
            shutil.rmtree(path)
    both = open_bank(own_bank, first).table("reading_times")
    assert set(both["benchmark"]) == {"toy.reading", "b"}
    assert both["value"].null_count() == 0


def test_who_writes_brings_it_to_this_format(first):
    before, files = rows(open_bank(first)), {p: p.read_bytes() for p in first.rglob("*.parquet") if p.parent != first}
    rebuild_manifest(first)
    assert first_sidecars(first) == []
    assert open_bank(first).verify() == []
    assert rows(open_bank(first)) == before
    assert {p: p.read_bytes() for p in files} == files
    assert Manifest.from_parquet((first / "manifest.parquet").read_bytes(), "it").format == "2"


@pytest.mark.parametrize("moved", range(14))
def test_killed_in_the_middle_it_is_whole_and_goes_on(first, moved, monkeypatch):
    before = rows(open_bank(first))
    left, rename = iter(range(moved)), Path.rename

    def rename_or_die(path, target):
        if next(left, None) is None:
            raise KeyboardInterrupt
        return rename(path, target)

    monkeypatch.setattr(sidecars.Path, "rename", rename_or_die)
    with pytest.raises(KeyboardInterrupt):
        rebuild_manifest(first)
    monkeypatch.undo()
    assert len(first_sidecars(first)) == 14 - moved
    assert open_bank(first).verify() == []
    assert rows(open_bank(first)) == before
    rebuild_manifest(first)
    assert first_sidecars(first) == []
    assert open_bank(first).verify() == []


def test_without_its_sidecar_a_file_is_not_there(first):
    for path in ("models/m.parquet", "stimuli/toy.parquet"):
        remove_sidecar(first, path)
        assert path not in {s.path for s in read_sidecars(first)}
        rebuild_manifest(first)


def test_a_sidecar_of_a_later_minor_version_is_read_and_kept(own_bank):
    path = own_bank / "sidecars/models/m.json"
    facts = json.loads(path.read_text())
    path.write_text(json.dumps(facts | {"quirk": [1]}))
    with pytest.raises(BrainlakeError, match="a sidecar has no field 'quirk'"):
        open_bank(own_bank)
    path.write_text(json.dumps(facts | {"quirk": [1], "format": "2.3"}))
    rebuild_manifest(own_bank)
    assert open_bank(own_bank).verify() == []
    assert json.loads(path.read_text())["quirk"] == [1]
    path.write_text(json.dumps(facts | {"format": "3"}))
    with pytest.raises(BrainlakeError, match="of format '3', which this version of brainlake does not know"):
        open_bank(own_bank)


def test_a_manifest_with_columns_of_a_later_minor_version_is_not_altered(own_bank):
    found = Manifest.of_folder(own_bank)
    wider = pa.schema([*MANIFEST, ("quirk", pa.int64())])
    stored = pa.Table.from_pylist([row | {"quirk": 7} for row in found.rows], schema=wider)
    later = Manifest(found.sidecars, format="2.1", stored=stored.to_pylist())
    facts = json.dumps({"format": "brainlake bank 2.1", "roots": [], "sha256": later.digest})
    target = pa.BufferOutputStream()
    pq.write_table(stored.replace_schema_metadata({"brainlake": facts}), target)
    assert Manifest.from_parquet(target.getvalue().to_pybytes(), "it").sidecars == found.sidecars


def test_the_manifest_knows_every_sidecar_by_its_hash(own_bank):
    path = own_bank / "sidecars/models/m.json"
    path.write_text(path.read_text().replace('\n "', '\n  "'))
    (problem,) = open_bank(own_bank).verify()
    assert problem.path == "sidecars/models/m.json"
    assert "is not what the manifest says of it" in problem.what


@pytest.mark.parametrize("text", ["sidecars/models/other.json", "sidecars/stimuli/m.json"])
def test_a_sidecar_in_another_place_is_refused(own_bank, text):
    target = own_bank / text
    target.parent.mkdir(exist_ok=True)
    shutil.copy(own_bank / "sidecars/models/m.json", target)
    with pytest.raises(BrainlakeError, match=r"speaks of 'models/m\.parquet' \(models\), which is not its file"):
        open_bank(own_bank)
