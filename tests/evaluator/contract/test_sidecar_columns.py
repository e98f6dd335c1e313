"""Types of a sidecar's fields: each stands beside its meaning, and its default is that of the field."""

from dataclasses import dataclass, fields

import pyarrow as pa

from brainlake.contract.sidecar_columns import column, optional


@dataclass
class Row:
    n: int = column(pa.int64(), "how many")
    unit: str | None = optional(pa.string(), "of what")
    licence: str | None = optional(pa.string(), "terms", "CC0")


def test_a_field_holds_its_type_and_meaning_and_its_default():
    assert Row(3) == Row(n=3, unit=None, licence="CC0")
    assert {one.name: (one.metadata["type"], one.metadata["description"]) for one in fields(Row)} == {
        "n": (pa.int64(), "how many"),
        "unit": (pa.string(), "of what"),
        "licence": (pa.string(), "terms"),
    }
