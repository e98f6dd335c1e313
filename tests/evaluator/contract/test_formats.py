"""Which formats are read, and as what."""

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from brainlake import BrainlakeError
from brainlake.contract.formats import FIRST, FORMAT, MEANT, RENAMED, check_format, schema_of
from brainlake.contract.schema import TABLES

BANK = Path(__file__).parents[2] / "data/bank1"


@pytest.mark.parametrize("form", ["2.1", "2.9999"])
def test_a_later_minor_version_is_read(form):
    assert check_format(form)


@pytest.mark.parametrize("form", ["0", "3", "2.0", "2.01", "2.10000", "2.1.1", "2.", "", None, 2, 2.1, ["2"], "²"])
def test_any_other_is_refused(form):
    with pytest.raises(BrainlakeError, match="which this version of brainlake does not know: use a later one"):
        check_format(form)


@pytest.mark.parametrize("form", [FIRST, FORMAT])
def test_files_have_the_columns_of_their_format(form, toy_bank):
    root = BANK if form == FIRST else toy_bank
    files = list(root.glob("*/**/*.parquet"))
    assert {"stimuli", "responses", "reading_times", "ceilings"} <= {f.relative_to(root).parts[0] for f in files}
    for path in files:
        assert pq.read_schema(path).names == schema_of(path.relative_to(root).parts[0], form).names


def test_today_s_columns_are_those_of_the_contract():
    assert all(schema_of(table, FORMAT) is schema for table, schema in TABLES.items())


def test_what_it_had_is_there_and_what_may_not_be_null_has_a_meaning():
    for table, today in TABLES.items():
        renamed = RENAMED.get(table, {})
        old = {renamed.get(field.name, field.name): field.type for field in schema_of(table, FIRST)}
        assert all(today.field(name).type == kind for name, kind in old.items())
        needed = [field.name for field in today if field.name not in old and not field.nullable]
        assert needed == list(MEANT.get(table, {}))
