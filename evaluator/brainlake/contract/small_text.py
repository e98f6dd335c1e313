"""Small texts beside the tables (sidecars, lists of repositories), held to a size before they are parsed.

A parser of JSON may need a hundred bytes for one of text.
"""

from pathlib import Path

from brainlake.errors import BrainlakeError

SMALL_BYTES = 2 << 20
"""Largest of them; sidecars of real banks have up to 40 kB."""


def read_small(path: Path) -> bytes:
    """Content of a file of text.

    Raises
    ------
    BrainlakeError
        If it is larger than such files are.
    FileNotFoundError
        If there is none.
    """
    with path.open("rb") as file:
        content = file.read(SMALL_BYTES + 1)
    check_small(content, str(path))
    return content


def check_small(text: bytes | str, where: str) -> None:
    """Raise if a text is larger than such texts are."""
    if len(text) > SMALL_BYTES:
        raise BrainlakeError(
            f"{where} has over {SMALL_BYTES >> 20} MiB, and nothing there needs that: "
            f"that was made to harm, or is damaged"
        )
