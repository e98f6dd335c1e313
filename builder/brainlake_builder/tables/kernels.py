"""Gram kernels of activations: what scores need of a layer, in a fraction of the bytes where stimuli are few."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from brainlake.bank.catalogue import Bank, open_bank
from brainlake.bank.manifest import rebuild_manifest
from brainlake.contract.sidecar import Sidecar
from brainlake.encoding.packing import PackedGram, pack
from brainlake.errors import AT_ONCE, Failures
from brainlake_builder.tables.writer import write_kernels


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


def build_kernels(bank: Path, failures: Failures = AT_ONCE) -> Iterator[KernelFile]:
    """Write the kernels of every file of activations of a bank that has fewer stimuli than features.

    Kernels of the same activations that are there already are left alone. With d < n a kernel is larger than the
    activations, and without full rank: none is written.

    Parameters
    ----------
    bank
        Folder of the bank.
    failures
        Where activations that cannot be read are put; by default the first one ends it.

    Raises
    ------
    BrainlakeError
        If there is no bank, or activations cannot be read.
    """
    catalogue = open_bank(bank)
    for sidecar in [s for _, s in catalogue.files if s.kind == "activations"]:
        found: list[KernelFile] = []
        with failures.of(sidecar.path):
            found.append(KernelFile(sidecar, _kernels_of(catalogue, bank, sidecar)))
        yield from found
    rebuild_manifest(bank)


def _kernels_of(catalogue: Bank, bank: Path, sidecar: Sidecar) -> Sidecar | None:
    """Kernels of activations, there already or written now; None where they would be larger."""
    if sidecar.n is None or sidecar.d is None or sidecar.n >= sidecar.d:
        return None
    there = catalogue.feature_files("kernels", str(sidecar.stimulus_set), sidecar.model, sidecar.recipe)
    # Sidecars of the first format name the activations among their sources.
    same = [s for s in there if sidecar.sha256 in {part["sha256"] for part in (s.made_from or s.sources)}]
    return same[0] if same else _write(catalogue, bank, sidecar)


def _write(catalogue: Bank, bank: Path, sidecar: Sidecar) -> Sidecar:
    def layers() -> Iterator[tuple[int, str, PackedGram]]:
        for entry in sidecar.layers:
            found = catalogue.activations(
                str(sidecar.model), str(sidecar.stimulus_set), entry["layer"], str(sidecar.recipe)
            )
            yield entry["layer"], entry["module"], pack(found.values)

    return write_kernels(bank, sidecar, layers())
