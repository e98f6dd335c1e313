"""Rows of scores of models that are done, in a folder, so that a call that was interrupted goes on where it was."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from brainlake.alignment.design.ceilings import Ceiling
from brainlake.alignment.design.features import Features
from brainlake.alignment.design.score_row import Identity, Interval, PValue, ScoreRow
from brainlake.bank.catalogue import Bank
from brainlake.errors import BrainlakeError
from brainlake.storage.files import write_bytes
from brainlake.version import __version__

_OF_MODELS = ("models", "model_properties", "activations", "surprisal", "kernels", "scores", "comparisons", "shapes")
"""Tables whose files change no score of other models."""


class KeptRows:
    """Rows of each model that is done: a file each, named after all that they depend on.

    What was asked, this version, and the sha256 of the model's features and of every file that is no model's are in the
    name: rows of another question or of other data are never taken for these.

    Parameters
    ----------
    folder
        Where they are; made when the first model is done.
    bank
        Where the files are.
    question
        What was asked, beside the model.
    """

    def __init__(self, folder: Path, bank: Bank, question: Mapping[str, object]) -> None:
        self.folder, self._bank = folder, bank
        common = sorted(file.sha256 for _, file in bank.files if file.kind not in _OF_MODELS)
        self._question = {**question, "version": __version__, "files": common}

    def rows(self, benchmark: str, source: Features) -> list[ScoreRow] | None:
        """Rows of a model that was done before; None if it was not.

        Raises
        ------
        BrainlakeError
            If they cannot be read, or are not those that were kept.
        """
        path = self._path(benchmark, source)
        try:
            digest, _, text = path.read_bytes().partition(b"\n")
            if hashlib.sha256(text).hexdigest().encode() != digest:
                raise ValueError("it was changed or damaged")
            return [_row(facts) for facts in json.loads(text)]
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError, LookupError) as error:
            raise BrainlakeError(f"{path} holds no rows of scores ({error}): remove it, and ask again") from None

    def keep(self, benchmark: str, source: Features, rows: Sequence[ScoreRow]) -> None:
        """Keep the rows of a model that is done, behind the sha256 of their text."""
        text = json.dumps([asdict(row) for row in rows]).encode()
        write_bytes(self._path(benchmark, source), hashlib.sha256(text).hexdigest().encode() + b"\n" + text)

    def _path(self, benchmark: str, source: Features) -> Path:
        model, recipe = source.identity.model, source.identity.recipe
        own = sorted(
            file.sha256
            for _, file in self._bank.files
            if file.kind in ("activations", "kernels") and (file.model, file.recipe) == (model, recipe)
        )
        what = {**self._question, "benchmark": benchmark, "model": model, "recipe": recipe, "features": own}
        return self.folder / f"{hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()}.json"


def _row(facts: dict[str, Any]) -> ScoreRow:
    parts = {"identity": Identity, "ceiling": Ceiling, "interval": Interval, "p": PValue}
    built = {name: part(**facts[name]) for name, part in parts.items() if facts[name] is not None}
    layers = facts["selected_layers"]
    return ScoreRow(**facts | built | {"selected_layers": None if layers is None else tuple(layers)})
