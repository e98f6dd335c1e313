"""Banks made to harm are refused with a clear error, in a folder and on the Hub, and have no effect."""

import json
import shutil
from dataclasses import replace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from brainlake import BrainlakeError, open_bank
from brainlake.bank.manifest import Manifest, rebuild_manifest
from brainlake.bank.pull import plan_pull, pull
from brainlake.bank.sidecars import read_sidecars
from brainlake.cli import main
from brainlake.contract.layout import sidecar_path
from brainlake.storage.parquet import file_facts
from brainlake_builder.publishing.publish import publish

TRILLION = 10**12

HOSTILE = {
    "leaves the root": {"path": "../../outside.parquet"},
    "leaves the root by its name": {"name": "../../outside", "path": "models/../../outside.parquet"},
    "absolute": {"path": "/etc/passwd"},
    "another table": {"path": "stimuli/m.parquet"},
    "no table": {"kind": "secrets", "path": "secrets/m.parquet"},
    "shell": {"name": "$(touch outside)", "path": "models/$(touch outside).parquet"},
    "sql": {"name": "m'; drop table models; --", "path": "models/m'; drop table models; --.parquet"},
    "html": {"name": "<script>", "path": "models/<script>.parquet"},
    "html in another name": {"model": "<img src=x onerror=y>"},
    "sql in another name": {"stimulus_set": "s' or 1=1 --"},
    "no json": {"recipe_json": "{"},
    "json of another kind": {"details": "[]"},
    "sizes": {"bytes": -1},
}


@pytest.fixture
def published(hub, bank, repo):
    publish(bank, repo, may_pass_on=True)
    return repo


def write_claim(bank, path, rows):
    """Change the footer of a file of 60 rows so that it claims others, and its sidecar with it."""
    content = path.read_bytes()
    length = int.from_bytes(content[-8:-4], "little")
    footer = content[-8 - length : -8].replace(b"\x16" + varint(2 * 60), b"\x16" + varint(2 * rows))
    path.write_bytes(content[: -8 - length] + footer + len(footer).to_bytes(4, "little") + b"PAR1")
    assert pq.read_metadata(path).num_rows == rows
    reseal(bank, path)


def varint(value):
    found = bytearray()
    while value > 127:
        found.append(128 | value & 127)
        value >>= 7
    return bytes([*found, value])


def reseal(bank, path):
    """Make the sidecar agree with a changed file."""
    sidecar = bank / sidecar_path(path.relative_to(bank).as_posix())
    sidecar.write_text(json.dumps(json.loads(sidecar.read_text()) | file_facts(path)))


def seize(hub, repo, bank):
    """Put a folder on the Hub as somebody does who does not use our publisher."""
    rebuild_manifest(bank)
    files = {p.relative_to(bank).as_posix(): p.read_bytes() for p in bank.rglob("*") if p.is_file()}
    hub.put(repo, files)


@pytest.mark.parametrize("change", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_sidecar_is_refused_in_a_folder_and_on_the_hub(hub, published, bank, change, tmp_path, capsys):
    path = bank / "sidecars/models/m.json"
    facts = json.loads(path.read_text()) | change
    path.write_text(json.dumps(facts))
    with pytest.raises(BrainlakeError, match=r"models.m\.json is not a sidecar|speaks of"):
        open_bank(bank)
    with pytest.raises(BrainlakeError):
        publish(bank, published, may_pass_on=True)
    sidecars = open_bank(published).roots[0].sidecars
    hostile = [replace(s, **change) if s.path == "models/m.parquet" else s for s in sidecars]
    hub.put(published, {"manifest.parquet": Manifest(hostile).to_parquet()})
    before = set(tmp_path.rglob("*"))
    for arguments in (["info", published], ["pull", published, "--bank", str(tmp_path / "new")]):
        assert main(arguments) == 1
        assert "is refused: " in capsys.readouterr().err
    assert set(tmp_path.rglob("*")) == before


@pytest.mark.parametrize(
    "roots", [["../../other"], ["/etc/passwd"], [f"lab/bank@{'a' * 39}"], ["lab/bank@main"], [7], "x"]
)
def test_roots_that_are_no_pinned_repositories_are_refused(hub, published, bank, roots):
    (bank / "roots.json").write_text(json.dumps(roots))
    with pytest.raises(BrainlakeError, match=r"is refused|not pinned"):
        open_bank(bank)
    sidecars = open_bank(published).roots[0].sidecars
    hub.put(published, {"manifest.parquet": Manifest(sidecars, roots).to_parquet()})
    with pytest.raises(BrainlakeError, match=r"is refused|not pinned"):
        open_bank(published)


@pytest.mark.parametrize("what", ["models/m.parquet", "sidecars/models/m.json", "models", "sidecars", "roots.json"])
def test_links_that_leave_the_bank_are_refused(bank, what, tmp_path):
    outside = tmp_path / "outside"
    if (bank / what).exists():
        (bank / what).rename(outside)
    else:
        outside.write_text("[]")
    (bank / what).symlink_to(outside)
    with pytest.raises(BrainlakeError, match="is a link that leaves the bank"):
        open_bank(bank)


def test_nothing_is_pulled_through_a_link(published, tmp_path):
    target, outside = tmp_path / "target", tmp_path / "outside"
    target.mkdir()
    outside.mkdir()
    for link in ("models", ".staging", "sidecars"):
        (target / link).symlink_to(outside)
        with pytest.raises(BrainlakeError, match="a link"):
            list(pull(plan_pull(published, target), target))
        (target / link).unlink()
    assert list(outside.iterdir()) == []


@pytest.mark.parametrize("table", ["surprisal", "stimuli", "reading_times"])
def test_a_file_that_claims_a_trillion_rows_is_refused(hub, published, bank, table):
    path = next((bank / table).rglob("*.parquet"))
    write_claim(bank, path, TRILLION)
    seize(hub, published, bank)
    for where in (bank, published):
        found = open_bank(where)
        for use in (lambda b: b.sql(f"select count(*) from {table}"), lambda b: b.table(table)):
            with pytest.raises(BrainlakeError, match=r"claims 1,000,000,000,000 values"):
                use(found)
        assert any("claims 1,000,000,000,000 values" in p.what for p in found.verify())
    with pytest.raises(BrainlakeError, match="is not sound"):
        publish(bank, published, may_pass_on=True)


def test_a_manifest_that_claims_a_trillion_rows_is_refused(hub, published, bank, tmp_path):
    manifest = Manifest((read_sidecars(bank) * 60)[:60])
    path = tmp_path / "manifest.parquet"
    path.write_bytes(manifest.to_parquet())
    (tmp_path / "sidecars").mkdir()
    (tmp_path / "sidecars/manifest.json").write_text("{}")
    write_claim(tmp_path, path, TRILLION)
    hub.put(published, {"manifest.parquet": path.read_bytes()})
    with pytest.raises(BrainlakeError, match=r"is not the manifest of a bank.*claims 1,000,000,000,000 values"):
        open_bank(published)


@pytest.mark.parametrize("table", ["surprisal", "models", "activations"])
def test_a_file_of_another_schema_is_refused(hub, published, bank, table):
    path = next((bank / table).rglob("*.parquet"))
    pq.write_table(pa.table({"x": [1] * pq.read_metadata(path).num_rows}), path)
    reseal(bank, path)
    seize(hub, published, bank)
    for where in (bank, published):
        with pytest.raises(BrainlakeError, match=rf"is not a table of {table}: columns \['x'\]"):
            open_bank(where).sql(f"select * from {table}")
        assert any(f"is not a table of {table}" in p.what for p in open_bank(where).verify())


def test_what_is_no_bank_at_all_is_refused(hub, published, bank):
    for content in (b"", b"PAR1", b"PAR1" * 5, b"\0" * 1000, (bank / "models/m.parquet").read_bytes()):
        hub.put(published, {"manifest.parquet": content})
        with pytest.raises(BrainlakeError, match="is not the manifest of a bank"):
            open_bank(published)
    (bank / "sidecars/models/m.json").write_text("[" * 100_000)
    with pytest.raises(BrainlakeError, match="is not a sidecar"):
        open_bank(bank)
    shutil.rmtree(bank / "sidecars/models")
    (bank / "roots.json").write_text("[" * 100_000)
    with pytest.raises(BrainlakeError, match="is not a list of repositories"):
        open_bank(bank)
