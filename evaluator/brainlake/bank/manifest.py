"""The manifest of a bank, put together from the sidecars of its files.

``manifest.parquet`` and ``manifest.json`` are only their sum, rebuilt and never merged, so that two processes that add
files never touch the same one.
"""

import hashlib
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import pyarrow as pa
import pyarrow.parquet as pq

from brainlake.bank.card import CARD, RECORDS, card_to_write
from brainlake.bank.root_list import check_roots, read_roots
from brainlake.bank.sidecars import move_first_sidecars, read_sidecars, stamps
from brainlake.contract.formats import FORMAT, check_format
from brainlake.contract.sidecar import MANIFEST, Sidecar, manifest_table
from brainlake.errors import BrainlakeError
from brainlake.storage.budget import check_budget, may_need
from brainlake.storage.files import sha256_file, write_together
from brainlake.storage.parquet import read_counts

NAME = "brainlake bank "
"""What a manifest calls itself, before its format."""


_ROW_BYTES, _ROW_MEMORY = 32, 3 << 10
"""Least that a row takes in its file, the sha256 that no compression makes smaller, and what it takes in memory."""

_BATCH = 256
"""Rows that are decoded at a time."""


@dataclass(frozen=True)
class Manifest:
    """The sum of the sidecars of a bank.

    Attributes
    ----------
    sidecars
        Rows, in path order.
    roots
        Repositories that the bank stands for, if it is an index.
    card_sha256
        sha256 of its card, if it has one.
    records
        sha256 of the records that a published bank has, by path.
    format
        Format that it was written in.
    stored
        The rows of the file that it was read from, with the columns of that file: its digest is theirs, whatever
        columns a manifest has today.
    """

    sidecars: list[Sidecar]
    roots: list[str] = field(default_factory=list)
    card_sha256: str | None = None
    records: dict[str, str] = field(default_factory=dict)
    format: str = FORMAT
    stored: list[dict[str, Any]] | None = field(default=None, compare=False, repr=False)

    @classmethod
    def of_folder(cls, root: Path) -> Self:
        """The sum of what lies in a local bank."""
        return cls.of_sidecars(root, read_sidecars(root))

    @classmethod
    def of_sidecars(cls, root: Path, sidecars: list[Sidecar], new_card: bytes | None = None) -> Self:
        """The sum of the sidecars of a local bank, and of what lies beside them, or the card that is to lie there."""
        card = root / CARD
        digest = sha256_file(card) if card.exists() else None
        if new_card is not None:
            digest = hashlib.sha256(new_card).hexdigest()
        records = {name: sha256_file(root / name) for name in RECORDS if (root / name).exists()}
        return cls(sidecars, read_roots(root), digest, records)

    @classmethod
    def from_parquet(cls, content: bytes, where: str) -> Self:
        """Read ``manifest.parquet``.

        Raises
        ------
        BrainlakeError
            If it is no manifest, was changed after it was written, or lists what cannot be in a bank.
        """
        try:
            source = io.BytesIO(content)
            footer = read_counts(source, len(content))
            n_files = footer.metadata.num_rows
            if n_files * _ROW_BYTES > len(content) or n_files * _ROW_MEMORY > may_need(len(content)):
                raise BrainlakeError(f"lists {n_files:,} files in {len(content):,} bytes: made to harm")
            check_budget(source, footer, len(content))
            # In this thread alone: a process that ends soon after Arrow started its threads may be aborted at the end.
            with pq.ParquetFile(pa.BufferReader(content), page_checksum_verification=True) as file:
                facts = json.loads((file.schema_arrow.metadata or {})[b"brainlake"])
                form = str(facts["format"]).removeprefix(NAME)
                later = check_format(form)
                sidecars: list[Sidecar] = []
                rows: list[dict[str, Any]] = []
                for batch in file.iter_batches(_BATCH, use_threads=False):
                    here = batch.to_pylist()
                    known = [{k: v for k, v in row.items() if k in MANIFEST.names} if later else row for row in here]
                    new = [Sidecar.from_facts(row) for row in known]
                    manifest_table(new)  # every field is of its type
                    sidecars += new
                    rows += here
            records = dict(facts.get("records", {}))
            manifest = cls(sidecars, facts["roots"], facts.get("card_sha256"), records, form, rows)
            said, found = facts["sha256"], manifest.digest
        except (
            pa.ArrowException,
            BrainlakeError,
            OSError,
            ValueError,
            TypeError,
            LookupError,
            RecursionError,
        ) as error:
            raise BrainlakeError(f"{where} is not the manifest of a bank, or is damaged: {error}") from None
        if said != found:
            raise BrainlakeError(f"{where} was changed after it was written")
        for sidecar in manifest.sidecars:
            try:
                sidecar.check_names()
            except (BrainlakeError, ValueError, RecursionError) as error:
                raise BrainlakeError(f"{where} is refused: {error}") from None
        strangers = sorted(set(manifest.records) - set(RECORDS))
        if strangers:
            raise BrainlakeError(f"{where} is refused: there is no record {strangers[0]!r}")
        check_roots(manifest.roots, where)
        return manifest

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Rows of the ``manifest`` table, as they are stored."""
        found: list[dict[str, Any]] = manifest_table(self.sidecars).to_pylist() if self.stored is None else self.stored
        return found

    @property
    def digest(self) -> str:
        """sha256 of the content, whatever file it is written to."""
        # Row by row: the text of all of them, [rows,roots,card,records], is never in memory.
        digest = hashlib.sha256(b"[[")
        for i, row in enumerate(self.rows):
            digest.update(("," if i else "").encode() + _compact(row))
        for part in (self.roots, *self._beside.values()):
            digest.update((b"]," if part is self.roots else b",") + _compact(part))
        digest.update(b"]")
        return digest.hexdigest()

    @property
    def _beside(self) -> dict[str, object]:
        """What there is beside the tables."""
        beside = {"card_sha256": self.card_sha256, "records": self.records}
        return {name: value for name, value in beside.items() if value}

    def to_parquet(self) -> bytes:
        """Content of ``manifest.parquet``; it carries its own digest."""
        facts = {"format": NAME + self.format, "roots": self.roots, "sha256": self.digest} | self._beside
        table = manifest_table(self.sidecars).replace_schema_metadata({"brainlake": json.dumps(facts)})
        target = io.BytesIO()
        with pq.ParquetWriter(target, table.schema, compression="zstd", write_page_checksum=True) as writer:
            if len(table):  # Of an empty row group pyarrow does not say where it lies.
                writer.write_table(table)
        return target.getvalue()

    def to_json(self, parquet: bytes) -> str:
        """Content of ``manifest.json``, with the hash of the ``manifest.parquet`` beside it."""
        digest = hashlib.sha256(parquet).hexdigest()
        content = {
            "format": NAME + self.format,
            "files": self.rows,
            "roots": self.roots,
            "manifest_parquet_sha256": digest,
        }
        return json.dumps(content | self._beside, indent=1, sort_keys=True) + "\n"


def _compact(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def rebuild_manifest(root: Path) -> None:
    """Write ``manifest.parquet`` and ``manifest.json`` from the sidecars, and the card.

    Another process may add files at the same time: who writes looks again, so that the last manifest has them all.
    A bank of the first format becomes one of this format: its sidecars move to their place.
    """
    move_first_sidecars(root)
    while True:
        before = stamps(root)
        sidecars = read_sidecars(root)
        text = card_to_write(root, sidecars)
        card = None if text is None else text.encode()
        manifest = Manifest.of_sidecars(root, sidecars, card)
        parquet = manifest.to_parquet()
        together = {root / "manifest.parquet": parquet, root / "manifest.json": manifest.to_json(parquet).encode()}
        write_together(together if card is None else {root / CARD: card, **together})
        if stamps(root) == before and Manifest.of_sidecars(root, sidecars) == manifest:
            return


@contextmanager
def summed_up(root: Path) -> Iterator[None]:
    """Rebuild the manifest behind work of other processes, however it ends: what they wrote by then is in it."""
    try:
        yield
    finally:
        if root.is_dir():
            rebuild_manifest(root)
