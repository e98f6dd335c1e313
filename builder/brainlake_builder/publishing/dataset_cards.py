"""Cards of human data sets: a text each, and of citation, licence and files what the reader itself says."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from importlib.resources import files
from importlib.resources.abc import Traversable
from string import Template

from brainlake_builder.humans.catalogue import DATASETS
from brainlake_builder.humans.dataset import HumanDataset
from brainlake_builder.humans.source import RawFile

MANY = 12
"""More files of one folder than this are one line of a card: their hashes are in the reader, which checks each."""


def templates() -> Traversable:
    """The folder of templates: inside the package in a wheel, at the root of the repository in a checkout."""
    package = files("brainlake_builder")
    inside = package / "dataset_cards"
    return inside if inside.is_dir() else package / ".." / ".." / "dataset_cards"


def dataset_cards(benchmarks: set[str]) -> tuple[set[str], list[str]]:
    """Cards of human datasets that some of these benchmarks belong to, and the benchmarks that they describe."""
    described: set[str] = set()
    cards = []
    for path in sorted(templates().iterdir(), key=lambda path: path.name):
        if path.name.endswith(".md") and path.name not in ("README.md", "bank.md"):
            heading, _, text = path.read_text(encoding="utf-8").partition("\n")
            names = [name.strip() for name in heading.removeprefix("#").split(",")]
            if benchmarks & set(names):
                described.update(names)
                cards.append(f"##{heading}\n{_filled(text, [DATASETS[name] for name in names]).rstrip()}")
    return described, cards


def _filled(text: str, datasets: Sequence[HumanDataset]) -> str:
    citations = dict.fromkeys(dataset.citation for dataset in datasets)
    raw = dict.fromkeys(file for dataset in datasets for file in dataset.files)
    return Template(text).substitute(
        citation="\n".join(["```bibtex", *citations, "```"]), licence=_licence(datasets), files=_table(raw)
    )


def _licence(datasets: Sequence[HumanDataset]) -> str:
    """The licence; where benchmarks differ in it, each with the benchmarks that it is of."""
    of: dict[str, list[str]] = defaultdict(list)
    for dataset in datasets:
        of[dataset.licence].append(f"`{dataset.benchmark}`")
    if len(of) == 1:
        return next(iter(of))
    return "; ".join(f"{', '.join(names)}: {licence}" for licence, names in of.items())


def _table(raw: Iterable[RawFile]) -> str:
    """A line a raw file: its name under ``--source``, its hash, its address."""
    folders: dict[str, list[RawFile]] = defaultdict(list)
    for file in raw:
        folders[file.name.rpartition("/")[0]].append(file)
    lines = ["| file, under `--source` | hash | from |", "|---|---|---|"]
    for folder, found in folders.items():
        lines += [_line(file) for file in found] if len(found) <= MANY else [_line_of_many(folder, found)]
    return "\n".join(lines)


def _line(file: RawFile) -> str:
    algorithm, _, value = (file.hash or "").partition(":")
    known = f"{algorithm} `{value}`" if value else "none published"
    return f"| `{file.name}` | {known} | {f'<{file.url}>' if file.url else 'no public address'} |"


def _line_of_many(folder: str, found: Sequence[RawFile]) -> str:
    known = "of each, in the reader" if all(file.hash for file in found) else "none published"
    folders = {(file.url or "").rpartition("/")[0] for file in found}
    address = ", ".join(f"<{address}/>" if address else "no public address" for address in sorted(folders))
    return f"| `{folder}/`, {len(found)} files | {known} | {address} |"
