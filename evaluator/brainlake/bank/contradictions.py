"""Files of banks that contradict each other: none of them is read, and everything else is."""

from collections.abc import Sequence

from brainlake.bank.provenance import outdated
from brainlake.contract.sidecar import Sidecar


def contradictions(sidecars: Sequence[Sidecar]) -> dict[str, str]:
    """Why files cannot be relied on, by their paths.

    Two files that hold the same thing, features of two networks under one name, and what was made from a file that was
    replaced since.
    """
    found: dict[str, str] = {}
    same: dict[tuple[str, ...], str] = {}
    networks: dict[str, Sidecar] = {}
    for sidecar in sidecars:
        other = same.setdefault(sidecar.key, sidecar.path)
        if other != sidecar.path:
            for path in (other, sidecar.path):
                found[path] = (
                    f"{other} and {sidecar.path} both hold {'/'.join(filter(None, sidecar.key))}: remove one, "
                    f"`brainlake-build remove file {path} --bank ...`"
                )
        if sidecar.model and sidecar.model_revision:
            first = networks.setdefault(sidecar.model, sidecar)
            if first.model_revision != sidecar.model_revision:
                for path in (first.path, sidecar.path):
                    found[path] = (
                        f"two networks are named {sidecar.model}: {first.path} is from {first.model_revision}, "
                        f"{sidecar.path} from {sidecar.model_revision}; rename one, or remove its files"
                    )
    return found | {path: f"{path} {what}" for path, what in outdated(sidecars)}
