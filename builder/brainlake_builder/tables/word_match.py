"""Words of a table against those of the stimuli: what differs, and what does not count as a difference."""

import unicodedata
from pathlib import Path

from brainlake.errors import BrainlakeError

MAX_MISSPELT = 1e-3
"""Share of characters that may differ from the stimuli (a typo here and there), as long as none is missing."""


def bare(text: str) -> str:
    """A word without white space, its characters decomposed: what is compared."""
    return "".join(unicodedata.normalize("NFD", text).split())


def compare_words(found: list[str], wanted: list[str], rows: list[int], path: Path) -> list[str]:
    """Refuse the first word that differs; return those that are only misspelt, or lack or have a quotation mark.

    Parameters
    ----------
    found, wanted
        Words of the table and of the stimuli.
    rows
        Row in the file of each word of the table.
    path
        The table.

    Raises
    ------
    BrainlakeError
        At the first word that differs, with both.
    """
    pairs = [(bare(a), bare(b)) for a, b in zip(found, wanted, strict=False)]
    differing = [i for i, (a, b) in enumerate(pairs) if a != b]
    # The mark that writers of tables add or lose: each word still stands beside its own stimulus.
    other = [i for i in differing if pairs[i][0].strip('"') != pairs[i][1].strip('"')]
    n_wrong = sum(sum(x != y for x, y in zip(*pairs[i], strict=False)) for i in other)
    n_characters = sum(len(b) for _, b in pairs)
    longer = [i for i in other if len(pairs[i][0]) != len(pairs[i][1])]
    if len(found) != len(wanted) or longer or n_wrong > MAX_MISSPELT * n_characters:
        count = "" if len(found) == len(wanted) else f"has {len(found)} words, the stimuli have {len(wanted)}; "
        at = other[0] if other else min(len(found), len(wanted))
        here, there = ([*words, "(nothing)"][min(at, len(words))] for words in (found, wanted))
        place = f"row {rows[at]}" if at < len(found) else f"after row {rows[-1]}"
        raise BrainlakeError(
            f"{path}: {count}{place} has {here!r} where the stimuli have {there!r} (word {at + 1}): "
            f"cut the text as the stimuli are"
        )
    return [f"{found[i]!r} for {wanted[i]!r}" for i in differing]


def compare_characters(found: str, wanted: str, path: Path) -> list[str]:
    """Refuse another text; return the few places that are spelt otherwise.

    Raises
    ------
    BrainlakeError
        Where the texts part.
    """
    differing = [i for i, (a, b) in enumerate(zip(found, wanted, strict=False)) if a != b]
    if len(found) != len(wanted) or len(differing) > MAX_MISSPELT * len(wanted):
        at = differing[0] if differing else min(len(found), len(wanted))
        raise BrainlakeError(
            f"{path} is not the text of the stimuli: {found[at : at + 20]!r} where they have {wanted[at : at + 20]!r}"
        )
    return [f"{found[max(i - 10, 0) : i + 10]!r} for {wanted[max(i - 10, 0) : i + 10]!r}" for i in differing]
