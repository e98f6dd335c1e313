"""The records of a published bank that programs read: Croissant metadata, and a citation file."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from brainlake.bank.card import CITATION, CROISSANT
from brainlake.contract.sidecar import Sidecar
from brainlake_builder.publishing.citation import as_bibtex, citation_file
from brainlake_builder.publishing.croissant import croissant
from brainlake_builder.publishing.published_bank import PublishedBank

SPDX: Final = (
    {"mit": "MIT", "apache-2.0": "Apache-2.0"}
    | {
        f"{name} {number}": f"{name.replace(' ', '-')}-{number}".upper()
        for number in ("3.0", "4.0")
        for name in ("cc by", "cc by-sa", "cc by-nc", "cc by-nc-sa", "cc by-nd", "cc by-nc-nd")
    }
    | {"cc0": "CC0-1.0", "cc0 1.0": "CC0-1.0"}
)
"""Identifiers of licences, by how tables state them, in small letters."""

NONE_STATED: Final = "none stated: each table's sidecar says whether it may be passed on"


def records(
    repo: str, sidecars: Sequence[Sidecar], benchmarks: Sequence[Mapping[str, Any]], models: Sequence[Mapping[str, Any]]
) -> dict[str, bytes]:
    """Content of the records, by path.

    Parameters
    ----------
    repo
        Repository that they are for.
    sidecars
        Of every table that the repository will hold.
    benchmarks, models
        Rows of these tables.
    """
    stated = sorted({s.licence for s in sidecars if s.licence})
    identifiers = [SPDX.get(text.lower()) for text in stated]
    addresses = [
        f"https://spdx.org/licenses/{known}" if known else text for text, known in zip(stated, identifiers, strict=True)
    ]
    bank = PublishedBank(repo, sidecars)
    one_licence = identifiers[0] if len(identifiers) == 1 and all(s.licence for s in sidecars) else None
    citation = citation_file(bank, benchmarks, models, one_licence)
    cited = list(dict.fromkeys(str(row["citation"]) for row in benchmarks if row["citation"]))
    described = croissant(bank, addresses or [NONE_STATED], as_bibtex(bank), cited)
    return {CITATION: citation.encode(), CROISSANT: described.encode()}
