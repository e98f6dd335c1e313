"""What files were made from, held against what is there: a file made from what was replaced since is out of date."""

from collections.abc import Iterator, Sequence

from brainlake.contract.sidecar import Sidecar


def outdated(sidecars: Sequence[Sidecar]) -> Iterator[tuple[str, str]]:
    """Path of each file that was made from another file than the one there, and what is wrong with it.

    What a file was made from need not be there: kernels travel without their activations.
    """
    there = {s.path: s for s in sidecars}
    for sidecar in sidecars:
        for path in _replaced(sidecar, there):
            yield sidecar.path, f"was made from another {path} than the one there: {_remedy(sidecar)}"


def dependents(sidecars: Sequence[Sidecar], paths: Sequence[str]) -> list[Sidecar]:
    """Files that were made from some files, directly or by way of others, in path order."""
    found: dict[str, Sidecar] = {}
    todo = set(paths)
    while todo:
        new = {s.path: s for s in sidecars if s.path not in {*found, *paths} and todo & set(_sources(s))}
        found |= new
        todo = set(new)
    return [found[path] for path in sorted(found)]


def obsolete(sidecars: Sequence[Sidecar], new: Sidecar) -> list[Sidecar]:
    """Files that a new file in an old place leaves out of date, those made from them after them."""
    first = [s for s in sidecars if list(_replaced(s, {new.path: new}))]
    return [*first, *dependents(sidecars, [s.path for s in first])]


def _replaced(sidecar: Sidecar, there: dict[str, Sidecar]) -> Iterator[str]:
    for path, hashes in _sources(sidecar).items():
        # A part of a file, pulled layer by layer, names the whole among its sources.
        if path in there and not hashes & {there[path].sha256, *(part["sha256"] for part in there[path].sources)}:
            yield path


def _sources(sidecar: Sidecar) -> dict[str, set[str | None]]:
    """Files of banks that a file was made from, with their hashes; in the first format kernels had them elsewhere."""
    found: dict[str, set[str | None]] = {}
    for part in sidecar.made_from:
        found.setdefault(part["path"], set()).add(part["sha256"])
    if sidecar.kind == "kernels" and not sidecar.made_from:
        found[f"activations/{sidecar.path.removeprefix('kernels/')}"] = {part["sha256"] for part in sidecar.sources}
    return found


def _remedy(sidecar: Sidecar) -> str:
    return "run `brainlake-build kernels`" if sidecar.kind == "kernels" else "make it again, or remove it"
