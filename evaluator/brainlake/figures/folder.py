"""All figures as files: each in two widths, with its numbers beside it."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import get_args

from brainlake.errors import BrainlakeError
from brainlake.figures.figure import Figure
from brainlake.figures.saving import Form, save
from brainlake.figures.theme import Width
from brainlake.report.interchange import to_csv
from brainlake.storage.files import write_text


def check_folder(folder: Path) -> None:
    """Refuse a folder that is a file.

    Raises
    ------
    BrainlakeError
        If it is.
    """
    if folder.exists() and not folder.is_dir():
        raise BrainlakeError(f"{folder} is a file: name a folder")


def write_figures(
    figures: Sequence[Figure], folder: Path, forms: Sequence[Form], said: Callable[[str], object] = lambda _: None
) -> list[Path]:
    """Write figures as ``NAME.column.FORM`` and ``NAME.page.FORM``, with ``NAME.csv`` and ``NAME.txt``, the caption.

    Parameters
    ----------
    figures, folder
    forms
        svg, pdf, png or html.
    said
        Is told the name of each figure that was written.

    Raises
    ------
    BrainlakeError
        If the folder is a file.
    """
    check_folder(folder)
    written: list[Path] = []
    for figure in figures:
        for width in get_args(Width):
            chart = figure.draw(width)
            for form in forms:
                written.append(folder / f"{figure.name}.{width}.{form}")
                save(chart, written[-1])
        for suffix, text in (("csv", to_csv(figure.data)), ("txt", f"{figure.title}\n\n{figure.caption}\n")):
            written.append(folder / f"{figure.name}.{suffix}")
            write_text(written[-1], text)
        said(figure.name)
    return written
