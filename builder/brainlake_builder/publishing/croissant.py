"""Croissant metadata of a published bank (``croissant.json``, http://mlcommons.org/croissant/1.1).

The Hub makes Croissant metadata of its own, in which list columns have no shape. This one has the sha256 of every
table, and a record set for each configuration of the card but ``manifest``, whose hash would have to be in itself.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

import pyarrow as pa

from brainlake.bank import card as bank_card
from brainlake.bank.card import Config, config_name
from brainlake.contract.bibtex import one_line
from brainlake.contract.schema import TABLES
from brainlake.contract.sidecar import Sidecar
from brainlake_builder.publishing.published_bank import PublishedBank

VERSION: Final = "http://mlcommons.org/croissant/1.1"

_TERMS: Final = (
    *("arrayShape", "citeAs", "column", "extract", "field", "fileObject", "fileSet", "includes"),
    *("isArray", "key", "recordSet", "source", "subField"),
)

CONTEXT: Final[Mapping[str, Any]] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "dct": "http://purl.org/dc/terms/",
    "conformsTo": "dct:conformsTo",
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    **{term: f"cr:{term}" for term in _TERMS},
}
"""The terms of Croissant that are used here, as its specification defines them."""


def croissant(bank: PublishedBank, licences: Sequence[str], cite_as: str, citations: Sequence[str]) -> str:
    """Text of ``croissant.json``.

    Parameters
    ----------
    bank
        What it is of.
    licences
        Licences of the tables: addresses, or words where there is none.
    cite_as
        How to cite the bank, in BibTeX.
    citations
        What else is to be cited: the human data.
    """
    sidecars = bank.sidecars
    by_config = [(config, _files_of(config, sidecars)) for config in bank_card.configs(sidecars)]
    several = [config for config, files in by_config if len(files) > 1]
    content = {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": VERSION,
        "name": bank.name,
        "description": "Features of language models and recordings of people, as a bank of brainlake. Digest of its "
        f"tables: {bank.digest}.",
        "url": bank.url,
        "license": list(licences),
        "creator": [{"@type": "sc:Organization", "name": name} for name in bank.creators],
        "datePublished": bank.date,
        "keywords": ["brain alignment", "language models", "brainlake"],
        "citeAs": cite_as,
        "citation": [one_line(text) for text in citations],
        "distribution": [_file_object(s) for s in sidecars] + [_file_set(config) for config in several],
        "recordSet": [_record_set(config, files) for config, files in by_config if files],
    }
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def _files_of(config: Config, sidecars: Sequence[Sidecar]) -> list[Sidecar]:
    """Files of a configuration: one of activations, or all of another table."""
    if config.name in TABLES:
        return [s for s in sidecars if s.kind == config.name]
    return [s for s in sidecars if s.kind == "activations" and config_name(s) == config.name]


def _file_object(sidecar: Sidecar) -> dict[str, Any]:
    """A table; its address is relative to that of this file, so that both are of one commit."""
    return {
        "@type": "cr:FileObject",
        "@id": sidecar.path,
        "name": sidecar.path,
        "contentUrl": sidecar.path,
        "contentSize": f"{sidecar.bytes} B",
        "encodingFormat": "application/x-parquet",
        "sha256": sidecar.sha256,
    }


def _file_set(config: Config) -> dict[str, Any]:
    """The files of a table that has several, by the pattern of the card, from the folder that this file lies in."""
    return {
        "@type": "cr:FileSet",
        "@id": config.path,
        "name": config.path,
        "encodingFormat": "application/x-parquet",
        "includes": config.path,
    }


def _record_set(config: Config, files: Sequence[Sidecar]) -> dict[str, Any]:
    kind = files[0].kind
    source = {"fileSet": {"@id": config.path}} if len(files) > 1 else {"fileObject": {"@id": files[0].path}}
    width = files[0].d if kind == "activations" else None
    return {
        "@type": "cr:RecordSet",
        "@id": config.name,
        "name": config.name,
        "field": [_field(config.name, source, column, width) for column in TABLES[kind]],
    }


def _field(record_set: str, source: Mapping[str, Any], column: pa.Field, width: int | None) -> dict[str, Any]:
    """A column; a list is an array of one dimension, whose length is known where it is the width of a layer."""
    identity = f"{record_set}/{column.name}"
    found: dict[str, Any] = {"@type": "cr:Field", "@id": identity, "name": column.name}
    if b"description" in (column.metadata or {}):
        found["description"] = column.metadata[b"description"].decode()
    kind = column.type
    if pa.types.is_list(kind):
        known = width if column.name == "activation" else None
        found |= {"isArray": True, "arrayShape": str(known or -1)}
        kind = kind.value_type
    return found | {"dataType": data_type(kind), "source": {**source, "extract": {"column": column.name}}}


def data_type(kind: pa.DataType) -> str:
    """What Croissant calls a type of Arrow.

    Examples
    --------
    >>> data_type(pa.int16()), data_type(pa.float32()), data_type(pa.string())
    ('sc:Integer', 'sc:Float', 'sc:Text')
    """
    if pa.types.is_boolean(kind):
        return "sc:Boolean"
    if pa.types.is_integer(kind):
        return "sc:Integer"
    return "sc:Float" if pa.types.is_floating(kind) else "sc:Text"
