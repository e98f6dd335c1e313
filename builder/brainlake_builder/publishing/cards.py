"""The card of a published bank: a template filled in from its manifest."""

from collections.abc import Iterable, Sequence
from string import Template
from typing import Any

from brainlake.bank import card as bank_card
from brainlake.bank.card import Config, shared_names
from brainlake.bank.identity import bank_digest
from brainlake.bank.manifest import Manifest
from brainlake.contract.sidecar import Sidecar
from brainlake.errors import BrainlakeError
from brainlake.version import __version__
from brainlake_builder.publishing import card_sections as sections
from brainlake_builder.publishing.dataset_cards import templates

MAX_CONFIGS = 2500
"""Configurations of a card, at most: the viewer of the Hub stops at 3,000."""

HUB_LICENCES = {"mit": "mit", "apache-2.0": "apache-2.0"} | {
    f"{name} {number}": f"{name.replace(' ', '-')}-{number}"
    for number in ("3.0", "4.0")
    for name in ("cc by", "cc by-sa", "cc by-nc", "cc by-nc-sa")
}
"""Licences that the Hub knows by an identifier; others are ``other`` there."""


def configs(manifest: Manifest) -> list[Config]:
    """The configurations of a published card.

    Raises
    ------
    BrainlakeError
        If there are more than the viewer of the Hub shows, or two of the same name.
    """
    found = bank_card.configs(manifest.sidecars)
    if len(found) > MAX_CONFIGS:
        raise BrainlakeError(
            f"a card of {len(found):,} configurations is too long (the Hub's viewer stops at 3,000): publish one "
            f"repository a model family, `--model M...`, and an index of them, `--metadata-only --index REPO...`"
        )
    for name in shared_names(found):
        raise BrainlakeError(f"two files would be the configuration {name}: rename a model or a stimulus set")
    return found


def card(repo: str, manifest: Manifest, benchmarks: Sequence[dict[str, Any]]) -> str:
    """Text of ``README.md``.

    Parameters
    ----------
    repo
        Repository that it is for.
    manifest
        Everything that the repository will hold.
    benchmarks
        Rows of the table ``benchmarks``.

    Raises
    ------
    BrainlakeError
        If the card would have too many configurations.
    """
    from huggingface_hub import DatasetCardData

    sidecars = manifest.sidecars
    entries = [{"config_name": c.name, "data_files": [{"split": "train", "path": c.path}]} for c in configs(manifest)]
    header = DatasetCardData(
        license=_licence(sidecars),
        pretty_name=repo.split("/")[1],
        tags=["brainlake", "brain alignment", "language models"],
        size_categories=[_size_category(sum(s.rows for s in sidecars))],
        configs=entries,
    )
    template = Template((templates() / "bank.md").read_text(encoding="utf-8"))
    body = template.substitute(
        title=repo.split("/")[1],
        repo=repo,
        version=__version__,
        summary=sections.summary(manifest),
        tables=sections.tables(sidecars),
        models=sections.models(sidecars),
        with_datasets=sections.with_datasets(repo, sidecars),
        with_duckdb=sections.with_duckdb(repo, sidecars),
        with_brainlake=sections.with_brainlake(sidecars),
        recipes=sections.recipes(sidecars),
        checks=sections.checks(sidecars),
        digest=bank_digest(sidecars),
        licences=sections.licences(benchmarks, sidecars),
        limits=sections.limits(benchmarks, sidecars),
    )
    return f"---\n{header.to_yaml()}\n---\n{body}"


def _size_category(rows: int) -> str:
    """How the Hub counts rows."""
    names = ("n<1K", "1K<n<10K", "10K<n<100K", "100K<n<1M", "1M<n<10M", "10M<n<100M", "100M<n<1B", "1B<n<10B")
    return next((name for power, name in enumerate(names, 3) if rows < 10**power), "10B<n<100B")


def _licence(sidecars: Iterable[Sidecar]) -> str:
    stated = {str(s.licence).lower() for s in sidecars if s.licence}
    known = HUB_LICENCES.get(next(iter(stated))) if len(stated) == 1 else None
    return known or "other"
