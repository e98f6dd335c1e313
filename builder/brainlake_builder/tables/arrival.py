"""Whether files that other machines wrote are in this machine's bank."""

import time
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from brainlake.contract.layout import sidecar_path
from brainlake.contract.sidecar import Sidecar
from brainlake.errors import BrainlakeError

PATIENCE: Final = 60.0
"""Seconds to wait for them: NFS shows new files to other machines late (acdirmax in nfs(5))."""


def check_arrived(root: Path, written: Iterable[Sidecar], patience: float = PATIENCE) -> None:
    """Wait until files are there, so that the manifest will have them.

    Parameters
    ----------
    root
        Folder of the bank.
    written
        Sidecars, as those who wrote the files returned them.
    patience
        Seconds to wait for all of them.

    Raises
    ------
    BrainlakeError
        If one does not come.
    """
    until = time.monotonic() + patience
    for sidecar in written:
        while not all((root / path).exists() for path in (sidecar.path, sidecar_path(sidecar.path))):
            if time.monotonic() >= until:
                raise BrainlakeError(
                    f"{sidecar.path} was written by another machine and is not in {root}: what that machine has under "
                    f"this name is another folder; put the bank on a disk that all machines see"
                )
            time.sleep(min(1.0, patience))
