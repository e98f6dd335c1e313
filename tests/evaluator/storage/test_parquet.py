"""Facts of a footer, and claims that are not believed."""

import hashlib
import io
from dataclasses import replace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from brainlake import BrainlakeError
from brainlake.bank.sidecars import read_sidecars
from brainlake.storage import parquet
from brainlake.storage.footer import Footer, read_footer
from brainlake.storage.parquet import VALUES_PER_BYTE, file_facts, read_claims, read_counts


@pytest.fixture(scope="module")
def surprisal(toy_bank):
    sidecar = next(s for s in read_sidecars(toy_bank) if s.kind == "surprisal")
    return toy_bank / sidecar.path, sidecar


def test_facts_are_those_of_the_bytes(surprisal):
    path, sidecar = surprisal
    facts, content = file_facts(path), path.read_bytes()
    assert facts == {name: getattr(sidecar, name) for name in facts}
    assert facts["sha256"] == hashlib.sha256(content).hexdigest()
    assert facts["footer_sha256"] == hashlib.sha256(content[-facts["footer_bytes"] :]).hexdigest()
    assert (facts["bytes"], facts["rows"]) == (len(content), 60)


def test_a_footer_is_believed_by_itself(surprisal):
    path, sidecar = surprisal
    end = path.read_bytes()[-sidecar.footer_bytes :]
    assert read_claims(io.BytesIO(end), sidecar, sidecar.bytes).chunks == read_footer(path.open("rb")).chunks


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"rows": 61}, "has 60 rows, not 61"),
        ({"kind": "activations"}, "is not a table of activations: columns"),
        ({"kind": "scores", "format": "1"}, "is not a table of scores: columns"),
    ],
)
def test_what_the_sidecar_does_not_say_is_refused(surprisal, change, message):
    path, sidecar = surprisal
    with path.open("rb") as file, pytest.raises(BrainlakeError, match=message):
        read_claims(file, replace(sidecar, **change), sidecar.bytes)


def test_a_column_beyond_the_end_of_the_file_is_refused(surprisal):
    path, _ = surprisal
    with path.open("rb") as file, pytest.raises(BrainlakeError, match="is not where its footer says"):
        read_counts(file, 100)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda chunks: chunks[:-1], "has a row group that lacks a column"),
        (lambda chunks: [replace(chunks[0], start=0), *chunks[1:]], "is not where its footer says"),
        (lambda chunks: [replace(chunks[0], end=chunks[0].start - 1), *chunks[1:]], "is not where its footer says"),
        (lambda chunks: [chunks[0], replace(chunks[1], start=chunks[0].start), *chunks[2:]], "is not where its foot"),
        (lambda chunks: [replace(chunks[0], n_values=10**12), *chunks[1:]], "claims 1,000,000,000,000 values of model"),
    ],
)
def test_chunks_that_overlap_lack_or_claim_too_much_are_refused(surprisal, monkeypatch, change, message):
    path, sidecar = surprisal
    footer = read_footer(path.open("rb"))
    monkeypatch.setattr(parquet, "read_footer", lambda _: Footer(footer.metadata, change(footer.chunks)))
    with pytest.raises(BrainlakeError, match=message):
        read_counts(io.BytesIO(), sidecar.bytes)


def test_a_constant_column_of_many_rows_is_believed():
    target = io.BytesIO()
    pq.write_table(pa.table({"x": pa.array([1.0] * 200_000)}), target, compression="zstd")
    size = target.tell()
    assert read_counts(target, size).metadata.num_rows == 200_000
    assert VALUES_PER_BYTE * size > 200_000
