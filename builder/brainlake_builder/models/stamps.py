"""Files as they were when they were first looked at: whether what was hashed is what was loaded, and still runs."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from brainlake.errors import BrainlakeError


class Stamp(NamedTuple):
    """What tells a file from another one that takes its place, and from itself after a change.

    Attributes
    ----------
    place, size
        Where it is, whatever its name, and its bytes.
    written, changed
        When it was last written to; and when it was last written to, moved, or given other rights.
    """

    place: tuple[int, int]
    size: int
    written: int
    changed: int


def stamps(files: Sequence[Path]) -> dict[Path, Stamp]:
    """Files as they are now.

    Raises
    ------
    BrainlakeError
        If one is not there any more.
    """
    found: dict[Path, Stamp] = {}
    for path in files:
        try:
            facts = path.stat()
        except OSError as error:
            raise BrainlakeError(f"{path} cannot be read any more: {error.strerror}; nothing is written") from None
        found[path] = Stamp((facts.st_dev, facts.st_ino), facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns)
    return found


def check_unchanged(before: Mapping[Path, Stamp]) -> None:
    """Raise if what was hashed of files may not be what was loaded from them.

    Parameters
    ----------
    before
        As from :func:`stamps`.

    Raises
    ------
    BrainlakeError
        If one was written to, exchanged (for a while, too: a file that is moved away and back has another time of
        change) or removed.
    """
    now = stamps(tuple(before))
    for path, stamp in before.items():
        if now[path] != stamp:
            raise _another(path)


def check_unwritten(before: Mapping[Path, Stamp]) -> None:
    """Raise if files were written to: those that were loaded may be the memory of a network that runs on a CPU.

    A file that took the place of one of them since is no matter, and neither is one that was removed: the network has
    the old one.

    Raises
    ------
    BrainlakeError
        If one has other bytes, or another time.
    """
    for path, stamp in before.items():
        with suppress(OSError):
            now = path.stat()
            if (now.st_dev, now.st_ino) == stamp.place and (now.st_size, now.st_mtime_ns) != (
                stamp.size,
                stamp.written,
            ):
                raise _another(path)


def _another(path: Path) -> BrainlakeError:
    return BrainlakeError(
        f"{path} was changed while its weights were in use, so that what ran is not what is on record; nothing is "
        f"written. Leave the file alone, and start again"
    )
