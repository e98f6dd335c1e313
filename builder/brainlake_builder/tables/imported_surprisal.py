"""Word surprisal that others computed, brought into a bank as a model of its own."""

import math
from pathlib import Path
from typing import get_args

import numpy as np
import numpy.typing as npt

from brainlake.bank.arguments import one_of, place
from brainlake.bank.catalogue import open_bank
from brainlake.bank.manifest import rebuild_manifest
from brainlake.contract.layout import check_name, feature_path
from brainlake.contract.recipe import Imported
from brainlake.contract.sidecar import Sidecar
from brainlake.errors import BrainlakeError
from brainlake.storage.files import sha256_file
from brainlake_builder.tables.registry import register_imported
from brainlake_builder.tables.word_table import Unit, WordTable, read_word_table
from brainlake_builder.tables.writer import write_surprisal


def import_surprisal(
    table: str | Path, bank: str | Path, model: str, stimulus_set: str, unit: Unit = "nats"
) -> tuple[Sidecar, WordTable]:
    """Import a table of words and surprisals, or of tokens and log probabilities.

    One model name may stand for tables of several stimulus sets, each with its own source.

    Parameters
    ----------
    table
        CSV, TSV or Parquet; see :func:`~brainlake_builder.tables.word_table.read_word_table`. Rows are put in order
        by ``item, zone`` or ``text_id, word_id`` or ``story``, where the table has them.
    bank
        Folder of a bank that has the stimuli.
    model
        Name to give to the model.
    stimulus_set
        Stimulus set whose words these are.
    unit
        Unit of a column that does not say it in its name. The bank stores bits.

    Returns
    -------
    The sidecar written, and what was read.

    Raises
    ------
    BrainlakeError
        If there is no such unit; if the table does not hold those columns, or its words are not those of the
        stimuli, in order; or if the bank has a model of that name from elsewhere, or another table for the same
        stimulus set.
    """
    table, bank = place("table", table), place("bank", bank)
    check_name("model", model)
    one_of("unit", unit, get_args(Unit))
    catalogue = open_bank(bank)
    stimuli = catalogue.stimuli(stimulus_set)
    words = read_word_table(table, stimuli, unit)
    digest = sha256_file(table)
    recipe = Imported("imported", digest, unit)
    register_imported(bank, model)
    _refuse_another_table(bank, model, stimulus_set, recipe)
    columns = {
        "stimulus_id": stimuli["stimulus_id"].to_list(),
        "surprisal": _nullable(words.surprisal),
        "surprisal_tokens": _nullable(words.plain),
        "entropy": [None] * len(stimuli),
        "n_tokens": words.n_tokens,
    }
    sidecar = write_surprisal(
        bank,
        model,
        stimulus_set,
        recipe,
        columns,
        stimuli_sha256=catalogue.sidecar("stimuli", stimulus_set).stimuli_sha256,
        sources=[{"file": table.name, "url": None, "sha256": digest}],
    )
    rebuild_manifest(bank)
    return sidecar, words


def _refuse_another_table(bank: Path, model: str, stimulus_set: str, recipe: Imported) -> None:
    path = bank / feature_path("surprisal", model, stimulus_set, recipe)
    others = [other for other in path.parent.glob("*.parquet") if other != path]
    if others:
        raise BrainlakeError(
            f"the bank has surprisal of {model} on {stimulus_set} from elsewhere ({others[0].name}): "
            f"give this model another name, or remove that file"
        )


def _nullable(values: npt.NDArray[np.float64]) -> list[float | None]:
    return [None if math.isnan(value) else float(value) for value in values]
