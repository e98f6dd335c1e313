"""An overview of a bank as text of few lines, and as HTML for a notebook."""

import html
from collections.abc import Sequence
from typing import Final

from brainlake.bank.overview import Overview
from brainlake.contract.printable import printable

WORDS: Final = {"responses": "brain", "reading_times": "reading times"}
LETTERS: Final = {"activations": "A", "kernels": "K", "surprisal": "S"}
LEGEND: Final = ", ".join(f"{letter} {table}" for table, letter in LETTERS.items())
LINES: Final = 12
"""Lines for models and benchmarks together: with the headings, a bank is seen in under 20 lines."""
NAME, NARROW, GAP = 32, 9, 2
"""Characters for the name of a model, at least for that of a stimulus set, and between columns."""
UNITS: Final = ("bytes", "kB", "MB", "GB", "TB")

Row = tuple[str, ...]


def headline(overview: Overview, width: int) -> str:
    """Where the bank lies, and how much it holds: one line where it fits, otherwise two."""
    where = " + ".join(printable(root) for root in overview.roots)
    counts = {
        "model": len(overview.models),
        "stimulus set": len(overview.stimulus_sets),
        "benchmark": len(overview.benchmarks),
        "recipe": len(overview.recipes),
        "file": overview.n_files,
    }
    words = ", ".join(f"{n} {what}" if n == 1 else f"{n} {what}s" for what, n in counts.items())
    much = f"{words}, {_size(overview.n_bytes)}"
    return f"{where}: {much}" if len(where) + 2 + len(much) <= width else f"{where}:\n{much}"


def as_text(overview: Overview, width: int = 100) -> str:
    """The headline, and a line a benchmark."""
    rows = _fitting(_scorable(overview), LINES // 2 + 1, "benchmarks")
    blocks = [headline(overview, width), *([_aligned(rows, width)] if overview.benchmarks else [])]
    return "\n\n".join([*blocks, *map(printable, overview.unchecked)])


def as_html(overview: Overview) -> str:
    """Headline and benchmarks for a notebook; what names hold is escaped."""
    head, *rows = [[html.escape(cell) for cell in row] for row in _scorable(overview)]
    lines = [f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows]
    table = f"<table><tr><th>{'</th><th>'.join(head)}</th></tr>{''.join(lines)}</table>" if rows else ""
    return f"<div><p>{html.escape(headline(overview, 1000))}</p>{table}</div>"


def with_matrix(overview: Overview, width: int = 100) -> str:
    """Headline, models by stimulus sets, and benchmarks, in under 20 lines.

    Parameters
    ----------
    overview
        What the bank holds.
    width
        Characters a line.
    """
    n_models, n_benchmarks = len(overview.models), len(overview.benchmarks)
    for_models = max(LINES // 2, LINES - n_benchmarks)
    for_benchmarks = max(LINES // 2, LINES - n_models)
    blocks = [headline(overview, width)]
    if overview.features:
        matrix = _fitting(_matrix(overview, width), for_models + 1, "models")
        blocks.append(f"{LEGEND}\n{_aligned(matrix, width)}")
    if overview.benchmarks:
        blocks.append(_aligned(_fitting(_scorable(overview), for_benchmarks + 1, "benchmarks"), width))
    return "\n\n".join([*blocks, *map(printable, overview.unchecked)])


def _matrix(overview: Overview, width: int) -> list[Row]:
    """The letters of the features that there are, for each model and as many stimulus sets as fit."""
    label = min(NAME, width // 2, max(map(len, overview.models)))
    sets = overview.stimulus_sets
    each = max(NARROW, min((width - label) // len(sets) - GAP, max(map(len, sets))))
    fitting = max(2, (width - label) // (each + GAP))
    shown = sets if len(sets) <= fitting else sets[: fitting - 1]
    more = () if shown == sets else (f"+{len(sets) - len(shown)} more",)
    rows = [("", *(_cut(name, each) for name in shown), *more)]
    for model in overview.models:
        there = [overview.features.get((model, name), set()) for name in shown]
        cells = ["".join(LETTERS[t] if t in tables else "-" for t in LETTERS) if tables else "" for tables in there]
        rows.append((_cut(model, label), *cells, *("" for _ in more)))
    return rows


def _scorable(overview: Overview) -> list[Row]:
    """A heading, and a row a benchmark: what was recorded, how many models can be scored, on which stimuli."""
    rows: list[Row] = [("benchmark", "recordings", "models", "stimulus sets")]
    for one in overview.benchmarks:
        recorded = ", ".join(WORDS[kind] for kind in one.recordings) or "not in this bank"
        models = f"{len(one.models)} of {len(overview.models)}"
        rows.append((_cut(one.benchmark, NAME), recorded, models, " ".join(one.stimulus_sets)))
    return rows


def _fitting(rows: list[Row], lines: int, what: str) -> list[Row]:
    """As many rows as fit; the last line counts the others."""
    hidden = len(rows) - lines + 1
    return rows if len(rows) <= lines else [*rows[: lines - 1], (f"and {hidden} more {what}",)]


def _aligned(rows: Sequence[Row], width: int) -> str:
    """Columns, a row a line; lines that are too long are cut."""
    whole = [row for row in rows if len(row) == len(rows[0])]
    widths = [max(map(len, column)) for column in zip(*whole, strict=True)]
    lines = [(" " * GAP).join(c.ljust(w) for c, w in zip(row, widths, strict=False)).rstrip() for row in rows]
    return "\n".join(line if len(line) <= width else f"{line[: width - 3]}..." for line in lines)


def _cut(name: str, width: int) -> str:
    """A name without its middle: what tells models apart stands at both ends."""
    kept = (width - 2) // 2
    return name if len(name) <= width else f"{name[: width - 2 - kept]}..{name[-kept:]}"


def _size(n_bytes: int) -> str:
    power = min((len(str(n_bytes)) - 1) // 3, len(UNITS) - 1)
    return f"{n_bytes / 1000**power:.{min(power, 1)}f} {UNITS[power]}"
