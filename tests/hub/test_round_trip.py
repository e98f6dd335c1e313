"""Publish, load with datasets, DuckDB and brainlake, score remotely, publish again: on a local Hub."""

import json

import numpy as np
import pytest

from brainlake import BrainlakeError, behavioral_alignment, brain_alignment, open_bank
from brainlake_builder.publishing.publish import publish
from hub.banks import add_model, take_away, values
from hub.local_hub import TOKEN


@pytest.fixture
def published(hub, bank, repo):
    publish(bank, repo, may_pass_on=True)
    hub.forget()
    return repo


def test_datasets_loads_tables_and_layers_with_their_features(published):
    import datasets

    one = datasets.load_dataset(published, "gpt+untrained-s0.toy.document", split="train")
    assert one.features["activation"] == datasets.List(datasets.Value("float32"), length=5)
    found = np.asarray(one.with_format("numpy")["activation"][:])
    np.testing.assert_array_equal(found, values().reshape(-1, 5))
    surprisal = datasets.load_dataset(published, "surprisal", split="train")
    assert surprisal.features["surprisal"] == datasets.Value("float64")
    assert len(surprisal) == 120
    assert {"manifest", "stimuli", "responses"} <= set(datasets.get_dataset_config_names(published))
    assert len(datasets.load_dataset(published, "manifest", split="train")) == len(open_bank(published).files)


def test_datasets_streams(published):
    import datasets

    rows = datasets.load_dataset(
        published, "gpt+untrained-s0.toy.document", split="train", streaming=True, filters=[("layer", "==", 2)]
    )
    found = np.array([row["activation"] for row in rows], np.float32)
    np.testing.assert_array_equal(found, values()[2])


def test_duckdb_reads_over_the_network_what_the_card_says(published, bank, hub):
    import duckdb
    from huggingface_hub import HfFileSystem

    card = hub.read(published, "README.md").decode()
    query = card.partition("```sql\n")[2].partition("```")[0]
    assert f"hf://datasets/{published}/surprisal/" in query
    connection = duckdb.connect()
    connection.register_filesystem(HfFileSystem(block_size=2**18, skip_instance_cache=True))
    expected = open_bank(bank).sql(
        "select model, stimulus_set, avg(surprisal) as bits from surprisal group by all order by all"
    )
    assert connection.sql(query).fetchall() == expected.rows()


def test_remote_and_local_give_the_same_scores(published, bank):
    remote, local = open_bank(published), open_bank(bank)
    for score, benchmark in ((brain_alignment, "toy.brain"), (behavioral_alignment, "toy.reading")):
        assert score(remote, benchmark, n_boot=40).equals(score(local, benchmark, n_boot=40))


def test_a_second_time_nothing_travels(published, bank, hub):
    before = hub.repos[published].heads["main"]
    again = publish(bank, published, may_pass_on=True)
    assert (again.uploads, again.deletions, again.commit) == ({}, [], before)
    assert [r for r in hub.requests if r.method == "PUT" or "/commit/" in r.path] == []


def test_of_a_new_model_only_its_own_files_travel(published, bank, hub):
    add_model(bank, "late", values(seed=1))
    there = set(hub.blobs)
    publication = publish(bank, published, may_pass_on=True)
    own = {path for path in publication.uploads if "late" in path}
    assert set(publication.uploads) - own == {
        "README.md",
        "CITATION.cff",
        "croissant.json",
        "manifest.parquet",
        "manifest.json",
    }
    assert len(own) == 6
    uploaded = sum(len(hub.blobs[oid]) for oid in set(hub.blobs) - there if len(oid) == 64)
    assert hub.uploaded == uploaded
    assert open_bank(published).verify() == []


def test_what_only_the_repository_has_stays(published, bank, hub, tmp_path, toy_arrays):
    for path in bank.rglob("*/gpt*.parquet"):
        take_away(bank, path)
    for table in ("activations", "surprisal"):
        for path in (bank / table / "gpt+untrained-s0").rglob("*.parquet"):
            take_away(bank, path)
    add_model(bank, "other", values(seed=2))
    publish(bank, published, may_pass_on=True)
    found = open_bank(published)
    assert found.names("models") == ["gpt+untrained-s0", "m", "other"]
    np.testing.assert_array_equal(found.activations("gpt+untrained-s0", "toy", 1).values, values()[1])


def test_a_file_made_again_replaces_the_old_one(published, bank):
    add_model(bank, "gpt+untrained-s0", values(seed=5))
    publish(bank, published, may_pass_on=True)
    found = open_bank(published).activations("gpt+untrained-s0", "toy", 1)
    np.testing.assert_array_equal(found.values, values(seed=5)[1])


def test_tags_name_versions(published, bank, hub):
    first = publish(bank, published, may_pass_on=True, tag="v1").commit
    assert publish(bank, published, may_pass_on=True, tag="v1").commit == first
    add_model(bank, "late", values(seed=1))
    with pytest.raises(BrainlakeError, match="another version tagged v1"):
        publish(bank, published, may_pass_on=True, tag="v1")
    publish(bank, published, may_pass_on=True, tag="v2")
    assert open_bank(f"{published}@v1").names("models") == ["gpt+untrained-s0", "m"]
    assert open_bank(f"{published}@v2").names("models") == ["gpt+untrained-s0", "late", "m"]


def test_the_token_is_never_written(published, bank, hub, capfd):
    open_bank(published).verify()
    with pytest.raises(BrainlakeError) as error:
        open_bank("tester/nowhere")
    everything = json.dumps([repr(request) for request in hub.requests]) + str(error.value) + str(capfd.readouterr())
    assert TOKEN not in everything
    assert all(TOKEN.encode() not in content for content in hub.blobs.values())
    assert all(TOKEN.encode() not in p.read_bytes() for p in bank.rglob("*") if p.is_file())
