"""Benchmarks that are the mean of others."""

from collections.abc import Sequence
from typing import Any

from brainlake.alignment.design.ceilings import Ceiling
from brainlake.alignment.design.setting import Row
from brainlake.bank.catalogue import Bank

_KEY = ("model", "recipe", "protocol", "beside", "metric", "aggregation", "selection")


def parts_of(bank: Bank, benchmark: str) -> list[str]:
    """The benchmarks that a composite one is the mean of; none if it has responses of its own."""
    rows = bank.table("benchmarks", benchmark=benchmark)
    return list(rows["composite_of"].to_list()[0] or []) if len(rows) else []


def composite_rows(benchmark: str, parts: Sequence[Sequence[Row]]) -> list[Row]:
    """Average the scores over all targets of the parts.

    The best layer is that of each part (the paper does not say; this is our reading), so single layers have no mean.
    The ceiling is the mean of the parts' ceilings, if each has one. A model that some part lacks has no row.

    Parameters
    ----------
    parts
        Rows of every part.
    """
    by_key: dict[tuple[object, ...], list[list[Row]]] = {}
    for rows in parts:
        here: dict[tuple[object, ...], list[Row]] = {}
        for row in rows:
            whole = all(row.get(name) is None for name in ("layer", "subject", "roi", "target_id"))
            if whole and row["benchmark"] == rows[-1]["benchmark"]:
                here[tuple(row.get(name) for name in _KEY)] = [row]
        for key, found in here.items():
            by_key.setdefault(key, []).append(found)
    return [
        _mean(benchmark, [row for found in rows for row in found])
        for rows in by_key.values()
        if len(rows) == len(parts)
    ]


def _mean(benchmark: str, rows: list[Row]) -> Row:
    ceilings: list[Any] = [row.get("ceiling") for row in rows]
    ceiling = None
    if None not in ceilings:
        ceiling = Ceiling(sum(c.value for c in ceilings) / len(ceilings), "mean of the parts")
    return {name: rows[0].get(name) for name in (*_KEY, "model_revision", "recipe_digest")} | {
        "benchmark": benchmark,
        "folds": ", ".join(dict.fromkeys(str(row["folds"]) for row in rows)),
        "score": sum(row["score"] for row in rows) / len(rows),
        "ceiling": ceiling,
        "ci_method": f"none: the mean of {', '.join(row['benchmark'] for row in rows)}, which have their own",
        "n_stimuli": sum(row["n_stimuli"] for row in rows),
        "n_targets": sum(row["n_targets"] for row in rows),
    }
