"""Responses of a user's dataset: values that stand for missing ones, that never vary, or that float32 loses."""

from typing import Final

import numpy as np
import polars as pl

from brainlake.errors import BrainlakeError
from brainlake_builder.humans.folder_table import FolderTable

CODES: Final = (999.0, 9999.0, 99999.0)
"""What stands for a missing value in files of old, with either sign."""
# How many times as far from the median as the quartiles are from each other: float32 then loses what the others differ
# in, and scores of the target are those of one response.
_FAR = 1e6
# Share of a target's standard deviation that may be lost where responses are stored in float32.
_ROUNDED = 1e-2
# Responses that vary this much less than their size are constant up to the rounding of float64.
_CONSTANT = 1e-12
_MIN_VALUES = 3
_INSTEAD: Final = {"nuisance": "its scan out", "responses": "it empty, or NaN in a list"}
"""What to do about a value that is none, where it may not just be left empty."""


def refuse_codes(table: FolderTable) -> None:
    """Refuse values that stand for missing ones; 999 ms is a reading time like others."""
    for name in {"value", "response"} & set(table.frame.columns):
        one = pl.col(name) if name == "value" else pl.element()
        code = pl.when(one.abs().is_in(CODES)).then(one)
        if "unit" in table.frame.columns:
            code = pl.when((pl.col("unit") != "ms") | (one.abs() > CODES[0])).then(code)
        found = table.frame.select(
            code if name == "value" else pl.col(name).list.eval(code.drop_nulls()).list.first()
        ).to_series()
        if found.is_not_null().any():
            instead = _INSTEAD.get(table.table, "it empty")
            what = f"{found.drop_nulls()[0]:g} often stands for a missing value: leave {instead}"
            table.refuse(found.is_not_null(), name, what, "codes")


def refuse_strange(table: FolderTable) -> None:
    """Refuse responses of a subject and target that never vary, and single ones far out of all others."""
    for (subject,), part in table.frame.with_row_index("row").group_by("subject", maintain_order=True):
        values, column = _long(part)
        spread = values.group_by("target", maintain_order=True).agg(
            pl.len().alias("n"),
            *(getattr(pl.col("value"), name)().alias(name) for name in ("min", "max", "median")),
            quartiles=pl.col("value").quantile(0.75) - pl.col("value").quantile(0.25),
        )
        extent, size = pl.col("max") - pl.col("min"), pl.max_horizontal(pl.col("max").abs(), pl.col("min").abs())
        constant = spread.filter((pl.col("n") >= _MIN_VALUES) & (extent <= _CONSTANT * size))
        reach = pl.max_horizontal(pl.col("max") - pl.col("median"), pl.col("median") - pl.col("min"))
        wide = spread.filter((pl.col("quartiles") > 0) & (reach > _FAR * pl.col("quartiles")))
        _refuse_rounded(table, str(subject), values, column)
        for found, accept in ((wide, "codes"), (constant, "constant")):
            if len(found):
                target = found.row(0, named=True)
                own = values.filter(pl.col("target") == target["target"])
                first = own.row(int((own["value"] - target["median"]).abs().arg_max() or 0), named=True)
                who = f"{subject}, {'target ' if column == 'response' else ''}{target['target']}"
                what = {
                    "codes": f"{first['value']:g} is a million times as far out as other responses of {who}: leave it "
                    f"empty",
                    "constant": f"responses of {who} are all {first['value']:g}, which has no score: leave them out",
                }
                at = pl.Series(np.arange(table.frame.height) == first["row"])
                table.refuse(at, column, what[accept], accept)


def _long(part: pl.DataFrame) -> tuple[pl.DataFrame, str]:
    """The values that are there, one a row, with their target and the row of the table; and the column of them."""
    if "value" in part.columns:
        return part.select("row", pl.col("target_id").alias("target"), "value").drop_nulls("value"), "value"
    place = pl.int_ranges(1, pl.col("response").list.len() + 1).alias("target")
    long = part.select("row", place, pl.col("response").alias("value")).explode("target", "value")
    return long.filter(pl.col("value").is_finite()).with_columns(pl.col("value").cast(pl.Float64)), "response"


def _refuse_rounded(table: FolderTable, subject: str, values: pl.DataFrame, column: str) -> None:
    """Refuse responses that float32 cannot tell apart, such as small changes of a large number."""
    value = pl.col("value")
    lost = values.group_by("target", maintain_order=True).agg(
        error=(value.cast(pl.Float32).cast(pl.Float64) - value).abs().max(),
        spread=value.std(),
        extent=value.max() - value.min(),
        size=value.abs().max(),
    )
    varies = pl.col("extent") > _CONSTANT * pl.col("size")
    lost = lost.filter(varies & (pl.col("error") > _ROUNDED * pl.col("spread")))
    if len(lost):
        raise BrainlakeError(
            f"{table.label}, column {column}: responses of {subject}, {lost['target'][0]} vary by "
            f"{lost['spread'][0]:.2g} and are stored to {lost['error'][0]:.2g}: subtract what they have in common"
        )
