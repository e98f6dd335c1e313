"""One tidy table, a row an observation, taken apart into stimuli, targets and responses or reading times."""

from dataclasses import replace

import polars as pl

from brainlake.errors import BrainlakeError
from brainlake_builder.humans.folder_stimuli import refuse_spaces
from brainlake_builder.humans.folder_table import FolderTable


def untidy(found: dict[str, FolderTable]) -> dict[str, FolderTable]:
    """Replace the table ``data`` by those that it stands for; rows of recordings are its rows, in order.

    Items are sentences (``sentence``) or words (``text``, ``word`` and, where rows of a word are not in reading order,
    ``position``). With ``target_id`` the values are responses, otherwise reading times.

    Raises
    ------
    BrainlakeError
        If items or subjects are not told apart, if readers have other words at the same place, or if there are other
        tables that say the same.
    """
    data = found["data"]
    others = [name for name in ("stimuli", "targets", "responses", "reading_times") if name in found]
    if others:
        raise BrainlakeError(f"{data.label} stands in place of {others[0]}, which is there too: remove one")
    items = _items(data)
    brain = "target_id" in data.frame.columns
    strange = next((name for name in _ONLY[brain] if name in data.frame.columns), None)
    if strange is not None:
        kind = "brain data, since it has target_id" if brain else "reading times, since it has no target_id"
        raise BrainlakeError(f"{data.label} holds {kind}: a column {strange} is not for those; remove it")
    parts = {"stimuli": _stimuli(items)}
    if brain:
        items.need("subject")
        parts |= {"targets": _targets(items), "responses": _part(items, "responses", _RESPONSE)}
    else:
        items = items.fill(measure="reading_time")
        parts["reading_times"] = _part(items, "reading_times", _READING)
    return {name: table for name, table in found.items() if name != "data"} | parts


_RESPONSE = {"subject": "subject", "stimulus_id": "row_id", "target_id": "target_id", "value": "value"} | {
    "presentation": "presentation"
}
_READING = {
    name: name for name in ("subject", "stimulus_id", "measure", "value", "unit", "sd", "n_subjects", "skipped")
}
_ONLY = {True: ("unit", "sd", "n_subjects", "skipped", "measure"), False: ("roi", "presentation")}
"""Columns that brain data, or reading times, do not have."""


def _part(items: FolderTable, table: str, names: dict[str, str]) -> FolderTable:
    there = {old: new for old, new in names.items() if old in items.frame.columns}
    return FolderTable(
        table, items.label, items.frame.select(pl.col(a).alias(b) for a, b in there.items()), items.accept
    )


def _items(data: FolderTable) -> FolderTable:
    """The rows with ``stimulus_id``, ``document_id`` and ``item``, the words shown."""
    columns = data.frame.columns
    if ("sentence" in columns) == ("word" in columns):
        raise BrainlakeError(f"{data.label} needs the items in one column, sentence or word")
    refuse_spaces(data, "sentence" if "sentence" in columns else "word")
    if "sentence" in columns:
        document = pl.col("text") if "text" in columns else pl.col("stimulus_id")
        order = {name: f"{k + 1:04d}" for k, name in enumerate(data.frame["sentence"].unique(maintain_order=True))}
        numbered = pl.col("sentence").replace_strict(order, return_dtype=pl.String)
        frame = data.frame.with_columns(stimulus_id=numbered, item=pl.col("sentence"))
        items = replace(data, frame=frame.with_columns(document_id=document))
        if "text" in columns and "position" not in columns:
            _refuse_other_orders(items)
        return items
    data.need("text")
    placed = _with_positions(data)
    placed.one(["text", "position"], "word")
    _refuse_gaps(placed)
    if "position" not in columns:
        _refuse_again(placed)
    name = pl.format("{}.{}", "text", (pl.col("position") + 1).cast(pl.String).str.zfill(4))
    return replace(placed, frame=placed.frame.with_columns(stimulus_id=name, document_id=pl.col("text"), item="word"))


def _refuse_other_orders(items: FolderTable) -> None:
    """Refuse sentences of a text that do not come in one order: a model reads them in the order of the first rows."""
    who = [c for c in ("subject", "target_id", "measure", "presentation", "text") if c in items.frame.columns]
    number = pl.col("stimulus_id").cast(pl.Int64)
    back = items.frame.select((number < number.shift(1).over(who)).fill_null(False)).to_series()
    what = "{cell} came later in earlier rows: add the column position, the place of each sentence in its text"
    items.refuse(back, "sentence", what)


def _with_positions(data: FolderTable) -> FolderTable:
    """Number the words of each text, for each reader on their own, where no position is given."""
    if "position" in data.frame.columns:
        return data
    who = [c for c in ("subject", "target_id", "measure", "presentation", "text") if c in data.frame.columns]
    frame = data.frame.with_columns(position=pl.int_range(pl.len()).over(who), n=pl.len().over(who))
    placed = replace(data, frame=frame)
    try:
        placed.one(["text"], "n")
        placed.one(["text", "position"], "word")
    except BrainlakeError as error:
        raise BrainlakeError(
            f"{data.label}: not everybody has the same words in the same order; add the column position, the place of "
            f"each word in its text ({error})"
        ) from None
    return placed


def _refuse_again(placed: FolderTable) -> None:
    """Refuse a text that is the same words twice or more: rows of two measures would be read as one text."""
    words = placed.frame.select("text", "position", "word").unique(maintain_order=True).sort("position")
    for (text,), part in words.group_by("text", maintain_order=True):
        sequence = part["word"].to_list()
        for times in range(2, len(sequence) // 2 + 1):
            if len(sequence) % times == 0 and sequence == sequence[: len(sequence) // times] * times:
                what = (
                    f"the words of {text!r} are the same {times} times over: add the column position, the place of "
                    f"each word, and measure, if they are rows of {times} measures"
                )
                placed.refuse(placed.frame["text"] == text, "word", what)


def _refuse_gaps(placed: FolderTable) -> None:
    """Refuse a text that lacks a word: a model would read the words around it as neighbours."""
    first = placed.frame.select(pl.col("position").min().over("text")).to_series()
    placed.refuse(first > 1, "position", "belongs to a text that lacks its first words")
    places = placed.frame.select("text", "position").unique().sort("text", "position")
    gaps = places.filter((pl.col("position") - pl.col("position").shift(1).over("text")) > 1)
    after = placed.frame.join(gaps.with_columns(gap=True), on=["text", "position"], how="left", maintain_order="left")
    placed.refuse(
        after["gap"].fill_null(False), "position", "has no word before it; give every word, with an empty value"
    )


def _stimuli(items: FolderTable) -> FolderTable:
    items.one(["stimulus_id"], "document_id", "group_id", "position")
    columns = ["stimulus_id", "document_id", *(c for c in ("group_id",) if c in items.frame.columns)]
    first = items.frame.unique("stimulus_id", keep="first", maintain_order=True)
    place = {name: k for k, name in enumerate(first["document_id"].unique(maintain_order=True))}
    order = [pl.col("document_id").replace_strict(place, return_dtype=pl.Int64)]
    order += [pl.col("position")] if "position" in first.columns else []
    ordered = first.sort(order, maintain_order=True).select(*columns, text="item")
    return FolderTable("stimuli", f"{items.label} (its items)", ordered, items.accept)


def _targets(items: FolderTable) -> FolderTable:
    items = items.fill(roi=items.frame["target_id"])
    items.one(["target_id"], "roi")
    targets = items.frame.select("target_id", "roi").unique(maintain_order=True)
    return FolderTable("targets", f"{items.label} (its targets)", targets, items.accept)
