"""Whether the disk of a bank keeps locks: they hold two processes off one task, also after one of them was killed."""

import errno
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO, Final

from brainlake.errors import BrainlakeError

ONE_MACHINE: Final = {
    "nfs": ("nolock", "local_lock=all", "local_lock=flock"),
    "nfs4": ("local_lock=all", "local_lock=flock"),
    "lustre": ("localflock",),
    "cifs": ("nobrl",),
    "smb3": ("nobrl",),
    "fuse.sshfs": ("",),
}
"""File systems, and the options of a mount by which their locks are seen by one machine alone (nfs(5), mount.lustre(8),
mount.cifs(8)); sshfs has no others."""

MOUNTS: Final = Path("/proc/self/mountinfo")

_TRY: Final = """
import fcntl, sys
with open(sys.argv[1], "r+") as file:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        sys.exit(3)
"""


def check_locks(bank: Path, shared: bool) -> None:
    """Refuse a bank whose locks would not hold.

    Parameters
    ----------
    bank
        Its folder.
    shared
        Whether several machines may work on it.

    Raises
    ------
    BrainlakeError
        If the file system takes no locks, or several machines would not see each other's.
    """
    if sys.platform == "win32":  # locks there are the system's own, on shares as well
        return
    kind, options = mount_of(bank)
    limits = [option for option in ONE_MACHINE.get(kind, ()) if option in (*options, "")]
    if shared and limits:
        how = f"{kind} mounted with {limits[0]}" if limits[0] else kind
        raise BrainlakeError(
            f"{bank} is on {how}, whose locks one machine alone sees: two could work at one task; mount it with locks, "
            f"or give each machine a bank of its own"
        )
    with tempfile.NamedTemporaryFile(dir=bank, prefix=".locks.", suffix=".tmp") as file:
        if not _hold(file, apart=kind in ONE_MACHINE):
            raise BrainlakeError(
                f"{bank} is on a file system ({kind or 'unknown'}) that keeps no locks, so that two processes could "
                f"damage each other's work; mount it with locks, or extract to another disk and copy the bank"
            )


def _hold(file: IO[bytes], apart: bool) -> bool:
    """Whether a lock can be taken, and holds another process off where that is not the kernel's own doing."""
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in (errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP, errno.EINVAL):
            return False
        raise
    return not apart or subprocess.run([sys.executable, "-c", _TRY, file.name], check=False).returncode == 3


def mount_of(path: Path) -> tuple[str, list[str]]:
    """File system that a path is on, and the options that it is mounted with; nothing where the system does not say."""
    if not MOUNTS.exists():
        return "", []
    found: dict[Path, tuple[str, list[str]]] = {}
    for line in MOUNTS.read_text(encoding="utf-8", errors="surrogateescape").splitlines():
        place, _, system = line.partition(" - ")
        point, options = place.split()[4:6]
        kind, *rest = system.split()
        folder = Path(re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), point))
        found[folder] = (kind, [*options.split(","), *rest[-1].split(",")])  # the last mount hides those before it
    whole = path.resolve()
    return next((found[folder] for folder in (whole, *whole.parents) if folder in found), ("", []))
