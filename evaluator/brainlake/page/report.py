"""Stored results as one HTML file."""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import polars as pl

from brainlake.contract.printable import printable
from brainlake.errors import counted
from brainlake.figures.catalogue import figures_of
from brainlake.figures.figure import Figure
from brainlake.figures.grammar import jinja2
from brainlake.figures.labels import counted_models, with_labels
from brainlake.figures.results import Results
from brainlake.page.embedding import address, image
from brainlake.page.findings import findings
from brainlake.page.origin import origin_tables
from brainlake.page.tables import Table, benchmark_table, model_table, numbers_of, score_table
from brainlake.report.progress import SILENT, Progress
from brainlake.storage.files import write_text


@dataclass(frozen=True)
class Drawn:
    """A figure in both widths, as addresses of images, with its numbers."""

    figure: Figure
    column: str
    page: str
    width: int
    height: int
    numbers: Table


def write_report(
    results: Results,
    path: Path,
    *,
    title: str = "Brain and behavioral alignment",
    notes: Sequence[str] = (),
    more: Sequence[Table] = (),
    commands: Mapping[str, str] | None = None,
    progress: Progress = SILENT,
) -> int:
    """Write a report, and return its size in bytes.

    Parameters
    ----------
    results
        What it is about; nothing is computed again.
    path
        The file.
    title
        Its title.
    notes
        Sentences that stand right below the findings.
    more
        Tables that stand below the notes.
    commands
        What each command makes.
    progress
        Says how far it is.
    """
    text = page(results, title=title, notes=notes, more=more, commands=commands, progress=progress)
    write_text(path, text)
    return len(text.encode())


def page(
    results: Results,
    *,
    title: str,
    notes: Sequence[str] = (),
    more: Sequence[Table] = (),
    commands: Mapping[str, str] | None = None,
    progress: Progress = SILENT,
) -> str:
    """The report as text; see :func:`write_report`."""
    figures, omitted = figures_of(results)
    drawn = [_drawn(figure) for figure in progress.steps(figures, "drawing", "figures")]
    script, style = _part("sort.js"), _part("style.css")
    tables = (
        [score_table(results.scores), model_table(results), benchmark_table(results)] if len(results.scores) else []
    )
    environment = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.filters["download"] = lambda text: address(text, "text/csv")
    return environment.from_string(_part("report.html.jinja")).render(
        title=printable(title),
        about=_about(results),
        findings=[printable(sentence) for sentence in findings(results.scores)],
        notes=[printable(note) for note in notes],
        more=more,
        figures=drawn,
        omitted=[(printable(one.title), printable(one.why)) for one in omitted],
        tables=[table for table in tables if table.total],
        origin=origin_tables(results, commands or {}),
        script=script,
        style=style,
        script_hash=_hash(script),
        style_hash=_hash(style),
    )


def _drawn(figure: Figure) -> Drawn:
    small, _, _ = image(figure, "column")
    large, width, height = image(figure, "page")
    return Drawn(figure, small, large, width, height, numbers_of(figure))


def _about(results: Results) -> str:
    """How many models and benchmarks."""
    models = with_labels(results.scores.select("model", recipe=pl.lit(None, dtype=pl.String)).unique())
    return f"{counted_models(models)} on {counted(results.scores['benchmark'].n_unique(), 'benchmark')}."


def _part(name: str) -> str:
    return files("brainlake.page").joinpath(name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    """What a content security policy names a text by."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
