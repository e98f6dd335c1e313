"""The list of repositories that an index bank stands for, each at one commit."""

import json
from pathlib import Path

from brainlake.contract.layout import inside
from brainlake.contract.small_text import read_small
from brainlake.errors import BrainlakeError
from brainlake.storage.hub import parse_address

ROOTS = "roots.json"


def read_roots(root: Path) -> list[str]:
    """The repositories that an index bank stands for; none for an ordinary bank."""
    path = root / ROOTS
    if not path.exists():
        return []
    if not inside(root, path):
        raise BrainlakeError(f"{path} is a link that leaves the bank: nothing outside {root} is read")
    try:
        roots = json.loads(read_small(path).decode())
    except (ValueError, RecursionError) as error:
        raise BrainlakeError(f"{path} is not a list of repositories: {error}") from None
    check_roots(roots, str(path))
    return list(roots)


def check_roots(roots: object, where: str) -> None:
    """Raise unless these are addresses of repositories, in a list."""
    if not isinstance(roots, list) or not all(isinstance(entry, str) and parse_address(entry) for entry in roots):
        raise BrainlakeError(f"{where} is refused: its roots are not a list of OWNER/NAME@REVISION")


def roots_json(roots: list[str]) -> str:
    """Content of ``roots.json``."""
    return json.dumps(roots, indent=1) + "\n"
