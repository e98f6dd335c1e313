"""Formats of the contract: which there are, and how tables of the first one are read as today's.

A bank says its format in its manifest, a file in its sidecar. A later minor version, such as 2.1, has further fields of
sidecars, which this version passes over; another table, or another column of one, is another format.
"""

import re
from typing import Final

import pyarrow as pa

from brainlake.contract.schema import TABLES
from brainlake.errors import BrainlakeError

FORMAT: Final = "2"
FIRST: Final = "1"

_FIRST_COLUMNS: Final = {
    "models": (
        "model hub_id revision commit weights_sha256 family architecture n_params n_layers width tuning "
        "base_model training_step"
    ),
    "model_properties": "model property value source",
    "benchmarks": (
        "benchmark stimulus_sets unit tr_s response_shift_s modality composite_of default_folds citation "
        "licence redistributable origin"
    ),
    "stimuli": (
        "stimulus_set stimulus_id position document_id separator context_id group_id sentence_id text onset_s offset_s"
    ),
    "stimulus_features": "stimulus_set stimulus_id name value source",
    "activations": "model stimulus_set recipe layer stimulus_id activation",
    "surprisal": "model stimulus_set recipe stimulus_id surprisal surprisal_tokens entropy n_tokens",
    "kernels": "model stimulus_set recipe layer kernel columns side",
    "responses": "benchmark stimulus_set subject row_id presentation run time_s response",
    "targets": "benchmark subject index target_id roi space x y z",
    "nuisance": "benchmark subject run row_id name value",
    "reading_times": (
        "benchmark stimulus_set stimulus_id measure subject mean_ms sd_ms n_subjects scored why_not_scored"
    ),
    "ceilings": "benchmark subject target_id roi protocol folds method scale value ci_low ci_high source",
    "scores": (
        "benchmark model model_revision stimuli_sha256 recipe recipe_digest protocol folds layer selection "
        "selected_layers subject roi target_id metric aggregation alpha score ceiling ceiling_method "
        "normalized ci_low ci_high ci_method p_value p_method n_stimuli n_targets engine_version"
    ),
}
"""Columns of the tables that the first format had, in their order."""

RENAMED: Final = {"reading_times": {"mean_ms": "value", "sd_ms": "sd"}}
"""Columns that it called something else."""

MEANT: Final = {"reading_times": {"unit": "'ms'", "skipped": "false"}}
"""What it meant without saying so, as SQL; every other column that it did not have is null."""


def check_format(form: object) -> bool:
    """Whether a format is a later minor version of this one.

    Raises
    ------
    BrainlakeError
        If this version cannot read it.

    Examples
    --------
    >>> [check_format(form) for form in ("1", "2", "2.1")]
    [False, False, True]
    """
    if form in (FIRST, FORMAT):
        return False
    if isinstance(form, str) and re.fullmatch(rf"{FORMAT}\.[1-9][0-9]{{0,3}}", form):
        return True
    raise BrainlakeError(f"it is of format {form!r}, which this version of brainlake does not know: use a later one")


def schema_of(table: str, form: str) -> pa.Schema:
    """Columns of a table in a format."""
    today = TABLES[table]
    if form != FIRST or table not in _FIRST_COLUMNS:
        return today
    renamed = RENAMED.get(table, {})
    return pa.schema([today.field(renamed.get(name, name)).with_name(name) for name in _FIRST_COLUMNS[table].split()])
