"""``croissant.json``: every table with its hash, every configuration with its columns, arrays with their shape."""

import hashlib
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from brainlake.bank.card import configs
from brainlake.bank.sidecars import read_sidecars
from brainlake.contract.schema import TABLES
from brainlake_builder.publishing.croissant import CONTEXT, VERSION, croissant, data_type
from brainlake_builder.publishing.published_bank import PublishedBank
from hub.banks import add_model, values


@pytest.fixture
def described(own_bank):
    add_model(own_bank, "wide", values(d=7))
    sidecars = read_sidecars(own_bank)
    bank = PublishedBank("lab/bank", sidecars)
    return json.loads(croissant(bank, ["CC0"], "@misc{x}", ["y\nz"])), sidecars, own_bank


def test_what_the_specification_requires(described):
    content, _, _ = described
    assert content["conformsTo"] == VERSION
    required = {
        "@context",
        "@type",
        "name",
        "description",
        "url",
        "license",
        "creator",
        "datePublished",
        "distribution",
    }
    assert required <= set(content)
    terms = set(CONTEXT) | {"name", "description", "url", "license", "creator", "datePublished", "keywords", "citation"}
    terms |= {"distribution", "contentUrl", "contentSize", "encodingFormat", "sha256", "@type", "@id", "@context"}

    def keys(value):
        if isinstance(value, dict):
            yield from value
        for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            yield from keys(inner)

    assert set(keys({name: value for name, value in content.items() if name != "@context"})) <= terms


def test_every_table_is_there_with_its_hash(described):
    content, sidecars, bank = described
    files = {one["@id"]: one for one in content["distribution"] if one["@type"] == "cr:FileObject"}
    assert set(files) == {s.path for s in sidecars}
    for path, one in files.items():
        data = (bank / one["contentUrl"]).read_bytes()
        assert (one["sha256"], one["contentSize"]) == (hashlib.sha256(data).hexdigest(), f"{len(data)} B"), path


def test_a_record_set_a_configuration_with_the_columns_of_its_files(described):
    content, sidecars, bank = described
    found = {one["@id"]: one for one in content["recordSet"]}
    assert set(found) == {config.name for config in configs(sidecars)} - {"manifest"}
    sets = {one["@id"]: one for one in content["distribution"] if one["@type"] == "cr:FileSet"}
    identities = [one["@id"] for one in content["distribution"] + content["recordSet"]]
    for one in found.values():
        source = one["field"][0]["source"]
        pattern = source["fileObject"]["@id"] if "fileObject" in source else sets[source["fileSet"]["@id"]]["includes"]
        files = sorted(bank.glob(pattern))
        kind = files[0].relative_to(bank).parts[0]
        of_one = kind == "activations"
        assert len(files) == (1 if of_one else sum(s.kind == kind for s in sidecars))
        for file in files:
            schema = pq.read_schema(file)
            assert [field["source"]["extract"]["column"] for field in one["field"]] == schema.names
        identities += [field["@id"] for field in one["field"]]
    assert len(identities) == len(set(identities))


def test_arrays_have_their_shape(described):
    content, _, _ = described
    fields = {field["@id"]: field for one in content["recordSet"] for field in one["field"]}
    assert fields["wide.toy.document/activation"]["arrayShape"] == "7"
    assert fields["m.toy.document/activation"]["arrayShape"] == "5"
    assert (fields["responses/response"]["isArray"], fields["responses/response"]["arrayShape"]) == (True, "-1")
    assert "isArray" not in fields["models/width"]
    assert fields["models/width"]["description"]


def test_every_column_of_the_contract_has_a_type():
    lists = {column.type for table in TABLES.values() for column in table if pa.types.is_list(column.type)}
    assert all(not pa.types.is_nested(kind.value_type) for kind in lists)
    simple = {column.type for table in TABLES.values() for column in table} - lists
    assert {data_type(kind) for kind in simple} == {"sc:Boolean", "sc:Integer", "sc:Float", "sc:Text"}
    assert not any(pa.types.is_nested(kind) for kind in simple)
