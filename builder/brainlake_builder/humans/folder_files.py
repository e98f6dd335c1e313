"""What lies in a user's folder: a file ``<table>.csv``, ``.tsv`` or ``.parquet`` a table, and surprisal to import."""

from pathlib import Path

from brainlake.errors import BrainlakeError
from brainlake_builder.humans.columns import COLUMNS
from brainlake_builder.tables.user_table import SUFFIXES, read_user_table
from brainlake_builder.tables.word_table import holds_surprisal


def files_of(folder: Path) -> tuple[dict[str, Path], tuple[str, ...]]:
    """Find the file of every table.

    Returns
    -------
    files
        By table.
    notes
        A sentence for each table of surprisal, which is left alone.

    Raises
    ------
    BrainlakeError
        If there is no such folder, if a table has two files, or if some other file lies there that is not hidden.
    """
    if not folder.is_dir():
        hint = ": put the file into a folder, as data beside benchmarks" if folder.is_file() else ""
        raise BrainlakeError(f"{folder} is not a folder{hint}")
    files: dict[str, Path] = {}
    aside = []
    for path in sorted(path for path in folder.iterdir() if not path.name.startswith(".")):
        table, suffix = path.stem.lower(), path.suffix.lower()
        if table not in COLUMNS and _holds_surprisal(path):
            aside.append(
                f"{path.name} is left for brainlake-build import-surprisal: it holds words and their surprisal"
            )
            continue
        if suffix not in SUFFIXES or table not in COLUMNS:
            raise BrainlakeError(
                f"{path} is no table of a dataset: a folder holds {', '.join(COLUMNS)} as .csv, .tsv or .parquet, "
                f"and nothing else"
            )
        if not path.is_file():
            raise BrainlakeError(f"{path} is {'a folder' if path.is_dir() else 'a link that leads nowhere'}, no file")
        if table in files:
            raise BrainlakeError(f"{folder} has both {files[table].name} and {path.name}: remove one")
        files[table] = path
    return files, tuple(aside)


def _holds_surprisal(path: Path) -> bool:
    if path.suffix.lower() not in SUFFIXES or not path.is_file():
        return False
    try:
        return holds_surprisal(read_user_table(path).columns)
    except BrainlakeError:
        return False
