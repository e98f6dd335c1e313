"""Markdown that the generated pages are made of."""

from collections.abc import Iterable, Sequence


def cell(value: object) -> str:
    """A value as a cell of a table: none is empty, a list is separated by commas."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    text = ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    return text.replace("|", r"\|").replace("\n", " ")


def code(text: object) -> str:
    """A name as it is typed; nothing where there is none."""
    return f"`{text}`" if text not in (None, "") else ""


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table; its cells are taken as Markdown."""
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    lines += [f"| {' | '.join(cell(value) for value in row)} |" for row in rows]
    return "\n".join(lines)


def page(title: str, *parts: str) -> str:
    """A page: its title and its parts, a blank line between."""
    return "\n\n".join([f"# {title}", *(part.strip() for part in parts if part.strip())]) + "\n"
