"""Tables for people and for programs."""

import json
import sys

import polars as pl

from brainlake.errors import BrainlakeError

FORMATS = ("table", "csv", "json")


def render(table: pl.DataFrame, form: str) -> str:
    """A table as aligned text, CSV or JSON (a list of objects)."""
    if form == "json":
        return json.dumps(table.to_dicts(), default=str, indent=1) + "\n"
    if form == "csv":
        return table.with_columns(_flat(table)).write_csv(float_precision=8)
    return _text(table)


def show(table: pl.DataFrame, form: str) -> None:
    """Write a table to stdout."""
    if form not in FORMATS:
        raise BrainlakeError(f"format {form!r} is not one of {', '.join(FORMATS)}")
    sys.stdout.write(render(table, form))


def _flat(table: pl.DataFrame) -> list[pl.Expr]:
    """CSV has no lists: their values are joined by spaces."""
    lists = [name for name, kind in table.schema.items() if isinstance(kind, pl.List)]
    return [pl.col(n).list.eval(pl.element().cast(pl.String, strict=False)).list.join(" ") for n in lists]


def _text(table: pl.DataFrame) -> str:
    columns = [[name, *map(_cell, table[name].to_list())] for name in table.columns]
    numeric = [table[name].dtype.is_numeric() for name in table.columns]
    widths = [max(map(len, column)) for column in columns]
    lines = []
    for row in zip(*columns, strict=True):
        cells = (c.rjust(w) if right else c.ljust(w) for c, w, right in zip(row, widths, numeric, strict=True))
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines) + "\n"


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:.4g}" if abs(value) >= 100 or 0 < abs(value) < 1e-3 else f"{value:.4f}"
    if isinstance(value, list):
        return " ".join(map(_cell, value))
    # What a terminal would obey is shown as its escape.
    return "".join(c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode() for c in str(value))
