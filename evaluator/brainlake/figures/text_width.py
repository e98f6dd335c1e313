"""How wide a text is in Helvetica, which Arial and Liberation Sans share: what stands in a line has to fit it."""

from typing import Final

_WIDTHS: Final = {
    191: "'",
    222: "ijl",
    260: "|",
    278: " !,./:;I[\\]ft",
    333: "()-`r",
    334: "{}",
    355: '"',
    389: "*",
    469: "^",
    500: "Jckvxyzs",
    556: "#$0123456789?L_abdeghnopqu",
    584: "+<=>~",
    611: "FTZ",
    667: "ABEKPSVXY&",
    722: "CDHNRUw",
    778: "GOQ",
    833: "Mm",
    889: "%",
    944: "W",
    1015: "@",
}
_OF: Final = {letter: width for width, letters in _WIDTHS.items() for letter in letters}
_OTHER: Final = 1000
"""Of letters that are not ASCII: as wide as the widest scripts need."""
DOTS: Final = "..."


def text_width(text: str, size: float) -> float:
    """Pixels that a text takes at a size of type."""
    return sum(_OF.get(letter, _OTHER) for letter in text) * size / 1000


def cut(text: str, width: float, size: float) -> str:
    """A text that is not wider: of one that is, the middle is left out, since names differ at their ends.

    Examples
    --------
    >>> cut("demo-llama", 100, 10), cut("a-model-whose-name-is-long-7b-chat", 100, 10)
    ('demo-llama', 'a-model-w...g-7b-chat')
    """
    if text_width(text, size) <= width:
        return text
    kept = len(text)
    while kept > 2:
        kept -= 1
        short = text[: (kept + 1) // 2] + DOTS + text[len(text) - kept // 2 :]
        if text_width(short, size) <= width:
            return short
    return text[:1] + DOTS
