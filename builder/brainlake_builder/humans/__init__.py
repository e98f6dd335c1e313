"""From each source's raw files, or a user's own, to the human tables of a bank; nothing is scored here.

The room is also its own front door: ``brainlake_builder.humans(data, bank)`` brings data in. The function keeps the
name of the command, and the room that of the readers' imports (``brainlake_builder.humans.dataset``), on which modules
of others rest; a module that can be called serves both.
"""

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from brainlake.contract.sidecar import Sidecar


class _Room(ModuleType):
    """A package that can be called, since the public function bears the name of the room."""

    def __call__(
        self,
        data: Mapping[str, Any] | str | Path | Iterable[str],
        bank: str | Path,
        *,
        source: str | Path | None = None,
        accept: str | Iterable[str] = (),
    ) -> "list[Sidecar]":
        """Bring human data into a bank.

        Parameters
        ----------
        data
            Your own, as data frames by table (``{"benchmarks": {...}, "stimuli": frame, ...}``; polars, pandas or
            pyarrow) or as a path (:class:`pathlib.Path`) of a folder with a file a table;
            :mod:`brainlake_builder.humans.columns` says what they hold. Or names of known data sets, as text.
        bank
            Folder of the bank; made if it is not there.
        source
            Folder of raw files of known data sets.
        accept
            What would be refused in your own data and is meant: names of
            ``brainlake_builder.humans.folder_table.ACCEPT``, such as ``spaces`` or ``times``.

        Returns
        -------
        list of Sidecar
            Those of the files that were written.

        Raises
        ------
        BrainlakeError
            With table, row and column of the first thing that is wrong; nothing is written then.
        """
        from brainlake.bank.arguments import impossible, names, place
        from brainlake.errors import BrainlakeError
        from brainlake_builder.humans.catalogue import DATASETS
        from brainlake_builder.humans.ingest import ingest, ingest_folder, ingest_frames

        root, meant = place("bank", bank), names("accept", accept) or ()
        raw = None if source is None else place("source", source)
        if isinstance(data, Mapping):
            return ingest_frames(data, root, meant)
        if isinstance(data, Path):
            return ingest_folder(data.expanduser(), root, meant)
        found = names("data", data)
        if not found:
            raise impossible("data", data, "tables by name, the Path of a folder, or names of known data sets")
        if isinstance(data, str) and data not in DATASETS and place("data", data).is_dir():
            raise BrainlakeError(f"{data!r} is a folder, and text names a known data set: give pathlib.Path({data!r})")
        return ingest(found, root, raw)


sys.modules[__name__].__class__ = _Room
