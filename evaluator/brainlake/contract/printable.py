"""What may be shown on a terminal: a text that comes from a file of somebody else's must not command it."""


def printable(text: str) -> str:
    """A text of one line, in which whatever a terminal would obey stands as its escape.

    Examples
    --------
    >>> printable("dé\\x1b[2Jmo\\n")
    'dé\\\\x1b[2Jmo\\\\n'
    """
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
