"""The direction of the arrows: which room may import which, read from the imports. ``python tests/test_rooms.py``."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import brainlake

ROOT = Path(__file__).parent.parent
PACKAGES = {"brainlake": ROOT / "evaluator/brainlake", "brainlake_builder": ROOT / "builder/brainlake_builder"}
DOOR = ("errors", "version", "__init__", "__main__")
"""Modules that stand in no room."""

EVALUATOR = (
    "engines",
    "contract",
    "storage",
    "encoding",
    "bank",
    "recordings",
    "alignment.design",
    "alignment.uncertainty",
    "alignment.scorers",
    "alignment.reading",
    "alignment",
    "study",
    "report",
    "figures",
    "page",
    "cli",
)
BUILDER = ("tables", "text", "models", "extraction", "humans", "publishing", "demo", "cli")
"""Rooms from the ground floor up: an arrow leads to a room that stands before its own."""

ALONE = ("engines", "contract", "encoding")
"""Rooms that import nothing of ours but errors and the version."""


def modules() -> Iterator[tuple[str, str, Path]]:
    """Package, dotted name inside it, file."""
    for package, folder in PACKAGES.items():
        for path in sorted(folder.rglob("*.py")):
            parts = path.relative_to(folder).with_suffix("").parts
            yield package, ".".join(parts[:-1] if len(parts) > 1 and parts[-1] == "__init__" else parts), path


def room(package: str, name: str) -> str | None:
    """The room of a module; none for what stands at the door."""
    rooms = EVALUATOR if package == "brainlake" else BUILDER
    found = [r for r in rooms if name == r or name.startswith(r + ".")]
    return max(found, key=len) if found else None


def imported(path: Path) -> Iterator[str]:
    """Dotted names of everything that a file imports, those inside functions too."""
    yield from imports_of(path.read_text(encoding="utf-8"), path)


def imports_of(source: str, path: Path) -> Iterator[str]:
    """Dotted names of everything that the source of a module imports: relative ones, and those by name, as well."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = path.relative_to(_root_of(path)).parts[: -node.level] if node.level else ()
            module = ".".join([*above, *([node.module] if node.module else [])])
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
            yield from (str(name.value) for name in node.args[:1] if isinstance(name, ast.Constant))


def _root_of(path: Path) -> Path:
    """The folder that Python finds the package of a file in."""
    return next(folder.parent for folder in PACKAGES.values() if path.is_relative_to(folder))


def arrows() -> tuple[dict[tuple[str, str], set[tuple[str, str]]], dict[str, set[str]]]:
    """Arrows between (package, room), and between modules of both packages."""
    names = {f"{package}.{name}" for package, name, _ in modules()}
    of_rooms: dict[tuple[str, str], set[tuple[str, str]]] = defaultdict(set)
    of_modules: dict[str, set[str]] = {}
    for package, name, path in modules():
        targets = {t for t in imported(path) if t in names} - {f"{package}.{name}"}
        of_modules[f"{package}.{name}"] = targets
        here = room(package, name)
        for target in targets:
            other, _, rest = target.partition(".")
            there = room(other, rest)
            if here and there and (package, here) != (other, there):
                of_rooms[package, here].add((other, there))
    return of_rooms, of_modules


def floors(graph: dict[str, set[str]]) -> int:
    """Modules or rooms on the longest way down."""
    depth: dict[str, int] = {}
    for node in TopologicalSorter(graph).static_order():
        depth[node] = 1 + max((depth[below] for below in graph.get(node, ())), default=0)
    return max(depth.values(), default=0)


def inside(package: str) -> dict[str, set[str]]:
    """Arrows between the rooms of one package."""
    return {here: {r for p, r in there if p == package} for (p, here), there in arrows()[0].items() if p == package}


def test_every_module_stands_in_a_room():
    lost = [f"{package}.{name}" for package, name, _ in modules() if room(package, name) is None and name not in DOOR]
    assert not lost


def test_arrows_lead_down():
    order = {("brainlake", name): i for i, name in enumerate(EVALUATOR)}
    order |= {("brainlake_builder", name): len(order) + i for i, name in enumerate(BUILDER)}
    of_rooms, _ = arrows()
    up = [(here, there) for here, below in of_rooms.items() for there in below if order[there] >= order[here]]
    assert not up


def test_no_room_of_the_evaluator_goes_round_by_the_front_door():
    door = {f"brainlake.{name}" for name in brainlake.__all__}
    found = {
        (name, target)
        for package, name, path in modules()
        if package == "brainlake" and name not in DOOR
        for target in imported(path)
        if target in door
    }
    assert not found


@pytest.mark.parametrize(
    "line",
    [
        "import brainlake.bank.arguments",
        "from brainlake.bank import arguments",
        "from brainlake.bank.arguments import flag",
        "from ..bank import arguments",
        "from ..bank.arguments import flag",
        "def late():\n    importlib.import_module('brainlake.bank.arguments')",
    ],
)
def test_every_way_to_import_is_read(line):
    assert "brainlake.bank.arguments" in set(imports_of(line, PACKAGES["brainlake"] / "encoding/ols.py"))


def test_the_evaluator_never_imports_the_builder_or_what_only_it_needs():
    heavy = ("torch", "transformers", "datasets", "tokenizers", "safetensors", "brainlake_builder")
    found = {
        (name, target)
        for package, name, path in modules()
        if package == "brainlake"
        for target in imported(path)
        if target.split(".")[0] in heavy
    }
    assert not found


def test_rooms_that_stand_alone_import_nothing_of_ours_but_what_is_at_the_door():
    found = {
        (name, target)
        for package, name, path in modules()
        if package == "brainlake" and room(package, name) in ALONE
        for target in imported(path)
        if target.startswith("brainlake.") and not target.startswith(("brainlake.errors", "brainlake.version"))
        if room("brainlake", target.removeprefix("brainlake.")) != room(package, name)
    }
    assert not found


def test_no_circle_among_modules():
    floors(arrows()[1])


def test_every_room_says_what_lives_there():
    silent = [
        str(path)
        for package, name, path in modules()
        if path.name == "__init__.py" and name != "__init__" and not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert not silent


def picture() -> str:
    """Rooms, arrows and floors of both packages, as text."""
    lines = []
    for package, order in (("brainlake", EVALUATOR), ("brainlake_builder", BUILDER)):
        graph = inside(package)
        n = sum(map(len, graph.values()))
        lines.append(f"{package}: {len(order)} rooms, {n} arrows, {floors(graph)} floors")
        lines += [f"  {name} -> {', '.join(r for r in order if r in graph.get(name, ()))}" for name in reversed(order)]
    return "\n".join(lines)


if __name__ == "__main__":
    import sys

    sys.stdout.write(picture() + "\n")
