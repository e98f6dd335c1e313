"""What may be shown on a terminal: a text that comes from a file of somebody else's must not command it."""

import re

_SECRET = re.compile(r"(?<=://)[^/\s?#@]+@|(?<=Bearer )[^\s'\"]+|\bhf_[A-Za-z0-9]{20,}")
"""What stands before the host of an address, and tokens of the Hub, also as a header holds them."""


def printable(text: str) -> str:
    """A text of one line, in which whatever a terminal would obey stands as its escape.

    Examples
    --------
    >>> printable("dé\\x1b[2Jmo\\n")
    'dé\\\\x1b[2Jmo\\\\n'
    """
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def without_secrets(text: str) -> str:
    """A message with passwords in addresses, and tokens, struck out.

    Examples
    --------
    >>> without_secrets("GET https://me:secret@hub.lab/api failed")
    'GET https://***@hub.lab/api failed'
    """
    return _SECRET.sub(lambda found: "***@" if found[0].endswith("@") else "***", text)
