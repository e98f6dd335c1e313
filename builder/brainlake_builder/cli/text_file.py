"""A text that a command is given, as it stands in its file."""

import sys
from pathlib import Path

from brainlake.errors import BrainlakeError


def read_text(file: str) -> str:
    """The text of a file, or of standard input for ``-``.

    Raises
    ------
    BrainlakeError
        If it cannot be read, or is no text in UTF-8.
    """
    name = "standard input" if file == "-" else file
    try:
        content = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        text = content.decode("utf-8-sig")
    except OSError as error:
        raise BrainlakeError(f"{name} cannot be read: {error.strerror}; name a text, or - for standard input") from None
    except UnicodeDecodeError as error:
        raise BrainlakeError(f"{name} is no text in UTF-8: byte {error.start + 1} does not fit") from None
    if "\0" in text:
        raise BrainlakeError(f"{name} is no text: it holds a null character")
    return text
