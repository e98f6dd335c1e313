"""Files that are either whole or not there, and what they hash to."""

import errno
import glob
import hashlib
import os
import platform
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from brainlake.errors import BrainlakeError

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""What a write fails with where a disk, or what a user may have of it, is full."""


def sha256_file(path: Path) -> str:
    """Hexadecimal sha256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


Stamp = tuple[int, int, int]


def stamp(path: Path) -> Stamp:
    """What another file under the name, and one that was written to, has otherwise: its number, time and size.

    Raises
    ------
    FileNotFoundError
        If there is none.
    """
    facts = path.stat()
    return facts.st_ino, facts.st_mtime_ns, facts.st_size


def check_utf8(path: Path) -> None:
    """Refuse a path that is not UTF-8: Arrow and DuckDB can read and write no other."""
    try:
        str(path.resolve()).encode()
    except UnicodeEncodeError:
        raise BrainlakeError(f"the path {str(path)!r} is not UTF-8: rename its folder, or choose another") from None


@contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """Give a temporary path beside ``path``; when the block ends well, it takes the place of ``path``.

    The data reach the disk before the name does, so that no reader, and no crash, ever meets half a file.
    If the block fails the temporary file is removed and whatever stood at ``path`` is left as it was. What processes
    that were killed on this machine left of the same file is removed.

    Raises
    ------
    BrainlakeError
        If the path is not UTF-8.
    """
    with _temporary(path) as temporary:
        yield temporary
        _flush(temporary)
        temporary.replace(path)
        _flush(path.parent)


def write_together(contents: Mapping[Path, bytes]) -> None:
    """Write files of one folder that speak of each other, atomically each, in this order.

    All of them are on the disk before the first takes its place, and the others follow it at once: who is interrupted
    leaves files that agree.
    """
    with ExitStack() as stack:
        places = [(path, stack.enter_context(_temporary(path))) for path in contents]
        for path, temporary in places:
            temporary.write_bytes(contents[path])
            _flush(temporary)
        for path, temporary in places:
            temporary.replace(path)
        for folder in {path.parent for path in contents}:
            _flush(folder)


@contextmanager
def _temporary(path: Path) -> Iterator[Path]:
    check_utf8(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    host = hashlib.sha256(platform.node().encode()).hexdigest()[:8]
    temporary = path.with_name(f".{path.name}.{host}.{os.getpid()}.tmp")
    for debris in path.parent.glob(f".{glob.escape(path.name)}.{host}.*.tmp"):
        process = debris.suffixes[-2][1:]
        if process.isdigit() and not is_running(int(process)):
            debris.unlink(missing_ok=True)
    try:
        yield temporary
    except OSError as error:
        if error.errno not in FULL or error.filename is not None:
            raise
        raise OSError(error.errno, os.strerror(error.errno), str(path)) from error  # it does not say where
    finally:
        temporary.unlink(missing_ok=True)


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file atomically."""
    with atomic_path(path) as temporary:
        temporary.write_bytes(content)


def write_text(path: Path, text: str) -> None:
    """Write a text file atomically."""
    write_bytes(path, text.encode())


def is_running(process: int) -> bool:
    """Whether a process of that number is there, whoever owns it; on Windows, where asking would end it, always."""
    if sys.platform == "win32":
        return True
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
