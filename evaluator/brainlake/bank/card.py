"""The card of a bank, ``README.md``: the configurations that ``load_dataset`` knows, here as on the Hub."""

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from brainlake.contract.schema import FEATURE_TABLES, TABLES
from brainlake.contract.sidecar import Sidecar

CARD = "README.md"
CITATION, CROISSANT = RECORDS = ("CITATION.cff", "croissant.json")
"""Records for programs that a published bank has beside its card."""

_SEAL = "<!-- Written by brainlake, and again whenever the bank changes, unless it is edited: sha256 {} -->\n"

_BODY = """# A bank of brainlake

Features of language models and recordings of people, as Parquet tables. With `datasets`, a table or the activations of
one (model, stimulus set, recipe) at a time; FOLDER is the folder of this file, and every name stands in its header:

```python
from datasets import load_dataset

table = load_dataset(FOLDER, "{example}", split="train")
```

`brainlake info FOLDER` says what is in it, `brainlake verify FOLDER` checks every byte.
"""


@dataclass(frozen=True)
class Config:
    """One configuration of a card: a name that ``load_dataset`` takes, and the files behind it."""

    name: str
    path: str


def pattern(table: str) -> str:
    """Pattern of the files of a table."""
    depth = 3 if table in FEATURE_TABLES else 2 if table == "stimulus_features" else 1
    return table + "/*" * depth + ".parquet"


def config_name(sidecar: Sidecar) -> str:
    """Name under which ``load_dataset`` knows a file of activations."""
    return f"{sidecar.model}.{sidecar.stimulus_set}.{sidecar.recipe}"


def configs(sidecars: Sequence[Sidecar]) -> list[Config]:
    """One configuration a table, one for the manifest, and one a file of activations."""
    kinds = {s.kind for s in sidecars} - {"activations"}
    found = [Config(table, pattern(table)) for table in TABLES if table in kinds]
    found.append(Config("manifest", "manifest.parquet"))
    return found + [Config(config_name(s), s.path) for s in sidecars if s.kind == "activations"]


def shared_names(found: Sequence[Config]) -> list[str]:
    """Names that more than one configuration would have."""
    return [name for name, times in Counter(config.name for config in found).items() if times > 1]


def card_to_write(root: Path, sidecars: Sequence[Sidecar]) -> str | None:
    """Text of the card of a local bank; None where it is there, or a person wrote or edited the one that is."""
    path, text = root / CARD, local_card(sidecars)
    if path.exists() and (not _is_ours(path) or path.read_text(encoding="utf-8") == text):
        return None
    return text


def local_card(sidecars: Sequence[Sidecar]) -> str:
    """Text of the card: a header of configurations, how to load them, and a seal by which it is known again.

    Files that would share a name have no configuration: they are loaded by their path.
    """
    found = configs(sidecars)
    ambiguous = shared_names(found)
    lines = ["---", "configs:"]
    for config in (one for one in found if one.name not in ambiguous):
        # JSON strings are YAML strings.
        name, path = json.dumps(config.name), json.dumps(config.path)
        lines += [f"- config_name: {name}", "  data_files:", "  - split: train", f"    path: {path}"]
    text = "\n".join([*lines, "---", _BODY.format(example=found[0].name)])
    return text + _SEAL.format(hashlib.sha256(text.encode()).hexdigest())


def _is_ours(path: Path) -> bool:
    try:
        text = path.read_text(encoding="utf-8")
    except ValueError:
        return False
    before, seal = text[: text.rfind("<!--")], text[text.rfind("<!--") :]
    return "<!--" in text and seal == _SEAL.format(hashlib.sha256(before.encode()).hexdigest())
