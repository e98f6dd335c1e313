"""A bank under the name that it has on the Hub: what its records say of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from brainlake.bank.identity import bank_digest
from brainlake.contract.sidecar import Sidecar


@dataclass(frozen=True)
class PublishedBank:
    """The tables that a repository will hold.

    Attributes
    ----------
    repo
        Repository that they are for, ``owner/name``.
    sidecars
        Of every table.
    """

    repo: str
    sidecars: Sequence[Sidecar]

    @property
    def owner(self) -> str:
        """Whose repository it is."""
        return self.repo.split("/")[0]

    @property
    def name(self) -> str:
        """Name of the repository, without its owner."""
        return self.repo.split("/")[1]

    @property
    def url(self) -> str:
        """Address of its page."""
        return f"https://huggingface.co/datasets/{self.repo}"

    @property
    def digest(self) -> str:
        """Digest of the tables, which ``brainlake verify`` recomputes."""
        return bank_digest(self.sidecars)

    @property
    def creators(self) -> list[str]:
        """Who made it, as its tables say; the owner of the repository where they say nothing."""
        return sorted({s.author for s in self.sidecars if s.author}) or [self.owner]

    @property
    def date(self) -> str:
        """Day of the newest table (ISO 8601): the same however often the same tables are published."""
        return max(s.created_at for s in self.sidecars)[:10]
