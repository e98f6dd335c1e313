"""Gram kernels of activations: what scores need of a layer, in a fraction of the bytes where stimuli are few."""

from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from brainlake.bank.catalogue import Bank, open_bank
from brainlake.bank.manifest import rebuild_manifest, summed_up
from brainlake.contract.sidecar import Sidecar
from brainlake.encoding.packing import PackedGram, pack
from brainlake.engines.ray_cluster import engine_named
from brainlake.engines.unit import EngineName, Unit
from brainlake.errors import AT_ONCE, Failures
from brainlake_builder.tables.arrival import check_arrived
from brainlake_builder.tables.writer import write_kernels

BASE_BYTES: Final = 1 << 29
"""Memory of a process that has opened a bank."""


@dataclass(frozen=True)
class KernelFile:
    """What became of one file of activations.

    Attributes
    ----------
    activations
        Its sidecar.
    written
        Sidecar of the kernels; None where the activations are the smaller download.
    """

    activations: Sidecar
    written: Sidecar | None


def build_kernels(bank: Path, failures: Failures = AT_ONCE, engine: EngineName = "local") -> Iterator[KernelFile]:
    """Write the kernels of every file of activations of a bank that has fewer stimuli than features.

    Kernels of the same activations that are there already are left alone. With d < n a kernel is larger than the
    activations, and without full rank: none is written.

    Parameters
    ----------
    bank
        Folder of the bank.
    failures
        Where activations that cannot be read are put; by default the first one ends it.
    engine
        Who does it: this process, file by file, or a Ray cluster, in the order in which files are done.

    Raises
    ------
    BrainlakeError
        If there is no bank, or activations cannot be read.
    """
    catalogue = open_bank(bank)
    files = [s for _, s in catalogue.files if s.kind == "activations"]
    local = engine == "local"
    work = partial(_kernels_of, catalogue, bank) if local else partial(_kernels_elsewhere, bank.absolute())
    with nullcontext() if local else summed_up(bank), engine_named(engine) as run:
        for outcome in filter(None, run(Unit(s.path, partial(work, s), memory_bytes=_memory(s)) for s in files)):
            found: list[KernelFile] = []
            with failures.of(outcome.unit.title):
                file = outcome.taken()
                if not local and file.written is not None:
                    check_arrived(bank, [file.written])
                found.append(file)
            yield from found
    if local:
        rebuild_manifest(bank)


def _kernels_elsewhere(bank: Path, sidecar: Sidecar) -> KernelFile:
    return _kernels_of(open_bank(bank), bank, sidecar)


def _memory(sidecar: Sidecar) -> int:
    """What a process needs for a layer, its Gram matrix and their factors."""
    n, d = sidecar.n or 0, sidecar.d or 0
    return BASE_BYTES + (8 * (2 * n * d + 4 * n * n) if n < d else 0)


def _kernels_of(catalogue: Bank, bank: Path, sidecar: Sidecar) -> KernelFile:
    """Kernels of activations, there already or written now; none where they would be larger."""
    if sidecar.n is None or sidecar.d is None or sidecar.n >= sidecar.d:
        return KernelFile(sidecar, None)
    there = catalogue.feature_files("kernels", str(sidecar.stimulus_set), sidecar.model, sidecar.recipe)
    # Sidecars of the first format name the activations among their sources.
    same = [s for s in there if sidecar.sha256 in {part.get("sha256") for part in (s.made_from or s.sources)}]
    return KernelFile(sidecar, same[0] if same else _write(catalogue, bank, sidecar))


def _write(catalogue: Bank, bank: Path, sidecar: Sidecar) -> Sidecar:
    def layers() -> Iterator[tuple[int, str, PackedGram]]:
        for entry in sidecar.layers:
            found = catalogue.activations(
                str(sidecar.model), str(sidecar.stimulus_set), entry["layer"], str(sidecar.recipe)
            )
            yield entry["layer"], entry["module"], pack(found.values)

    return write_kernels(bank, sidecar, layers())
