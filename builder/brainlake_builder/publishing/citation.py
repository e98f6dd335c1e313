"""Who is to be cited for a published bank: ``CITATION.cff`` (Citation File Format 1.2.0), and BibTeX."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from brainlake.contract.bibtex import Entry, entries, one_line
from brainlake_builder.publishing.published_bank import PublishedBank

TYPES: Final = {"article": "article", "inproceedings": "conference-paper", "book": "book", "phdthesis": "thesis"}
"""What Citation File Format calls types of BibTeX; others are ``generic``."""

_COPIED: Final = ("journal", "doi", "url", "publisher", "volume")

Row = Mapping[str, Any]


def citation_file(bank: PublishedBank, benchmarks: Sequence[Row], models: Sequence[Row], licence: str | None) -> str:
    """Text of ``CITATION.cff``.

    Parameters
    ----------
    bank
        What it is of.
    benchmarks, models
        Rows of these tables: what the bank was made from is to be cited with it.
    licence
        Identifier of the one licence of everything; None if there is none.
    """
    from huggingface_hub.utils import yaml_dump  # type: ignore[attr-defined]

    content: dict[str, Any] = {
        "cff-version": "1.2.0",
        "message": "Cite this bank with its commit or digest, and what it was made from.",
        "type": "dataset",
        "title": bank.name,
        "authors": [{"name": name} for name in bank.creators],
        "url": bank.url,
        "date-released": bank.date,
        "identifiers": [
            {
                "type": "other",
                "value": bank.digest,
                "description": "digest of the tables, which `brainlake verify` recomputes",
            }
        ],
        **({"license": licence} if licence else {}),
    }
    references = [*_of_benchmarks(benchmarks), *map(_of_model, models)]
    return str(yaml_dump(content | ({"references": references} if references else {})))


def as_bibtex(bank: PublishedBank) -> str:
    """The bank itself, in BibTeX."""
    fields = {
        "title": bank.name,
        "author": " and ".join(f"{{{creator}}}" for creator in bank.creators),
        "year": bank.date[:4],
        "howpublished": bank.url,
        "note": bank.digest,
    }
    lines = (f"  {field} = {{{value}}}" for field, value in fields.items())
    return f"@misc{{{bank.owner}-{bank.name},\n" + ",\n".join(lines) + "\n}"


def _of_benchmarks(benchmarks: Sequence[Row]) -> Iterator[dict[str, Any]]:
    """What benchmarks cite, each once, with the benchmarks that cite it."""
    citing: dict[str, list[str]] = {}
    for row in benchmarks:
        if row["citation"]:
            citing.setdefault(str(row["citation"]), []).append(str(row["benchmark"]))
    for text, names in citing.items():
        for entry in entries(text) or [Entry("misc", {"title": one_line(text)})]:
            yield _reference(entry, names)


def _reference(entry: Entry, benchmarks: Sequence[str]) -> dict[str, Any]:
    authors = [{"family-names": f, "given-names": g} if g else {"name": f} for f, g in entry.authors]
    year = entry.fields.get("year", "")
    return {
        "type": TYPES.get(entry.kind, "generic"),
        "title": entry.fields.get("title", ", ".join(benchmarks)),
        "authors": authors or [{"name": f"the authors of {', '.join(benchmarks)}"}],
        **({"year": int(year)} if year.isdecimal() else {}),
        **{name: entry.fields[name] for name in _COPIED if name in entry.fields},
        "notes": f"human data: {', '.join(benchmarks)}",
    }


def _of_model(row: Row) -> dict[str, Any]:
    """A model: its repository on the Hub and its commit, or its hash where it has none."""
    hub_id, version = row["hub_id"], row["commit"] or row["weights_sha256"]
    return {
        "type": "software",
        "title": str(hub_id or row["model"]),
        "authors": [{"name": hub_id.split("/")[0] if hub_id and "/" in hub_id else str(hub_id or row["model"])}],
        **({"url": f"https://huggingface.co/{hub_id}"} if hub_id and "/" in hub_id else {}),
        **({"version": str(version)} if version else {}),
        "notes": f"language model: {row['model']}",
    }
