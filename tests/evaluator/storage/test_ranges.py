"""A remote file by range: what is asked for, what travels, and what is used unchecked (nothing)."""

from dataclasses import replace

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brainlake import BrainlakeError
from brainlake.bank.sidecars import read_sidecars
from brainlake.storage.ranges import ChunkCache, RangedParquet


class Server:
    """Serves a file, and remembers what was asked for; one byte may be another."""

    def __init__(self, content):
        self.content, self.asked = bytearray(content), []

    def __call__(self, start, stop):
        self.asked.append((start, stop))
        return bytes(self.content[start:stop])

    @property
    def sent(self):
        return sum(stop - start for start, stop in self.asked)


@pytest.fixture
def remote(toy_bank):
    sidecar = next(s for s in read_sidecars(toy_bank) if s.kind == "activations")
    server = Server((toy_bank / sidecar.path).read_bytes())
    return RangedParquet(sidecar, server, ChunkCache()), server, toy_bank / sidecar.path


def test_one_request_brings_the_footer_once(remote):
    file, server, path = remote
    assert file.metadata.equals(pq.read_metadata(path))
    assert file.metadata.num_row_groups == 3
    assert len(server.asked) == 1
    assert server.asked[0][1] == len(server.content)


@pytest.mark.parametrize("groups", [[0], [1], [0, 2], [0, 1, 2]])
@pytest.mark.parametrize("columns", [["layer"], ["stimulus_id", "activation"]])
def test_row_groups_are_those_of_the_file(remote, groups, columns):
    file, _, path = remote
    assert file.read_row_groups(groups, columns).equals(pq.ParquetFile(path).read_row_groups(groups, columns))


def test_a_layer_moves_its_row_group_and_no_other(remote):
    file, server, _ = remote
    _ = file.metadata
    server.asked.clear()
    file.read_row_groups([1], ["activation"])
    chunks = [c for c in file.footer.chunks if c.group == 1 and c.path.startswith("activation")]
    assert server.asked == [(chunks[0].start, chunks[-1].end)]


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_any_bytes_that_a_reader_asks_for_are_those_of_the_file(toy_bank, data):
    sidecar = next(s for s in read_sidecars(toy_bank) if s.kind == "activations")
    server = Server((toy_bank / sidecar.path).read_bytes())
    file = RangedParquet(sidecar, server, ChunkCache())
    for _ in range(3):
        start = data.draw(st.integers(0, sidecar.bytes))
        stop = data.draw(st.integers(start, sidecar.bytes + 100))
        assert file.read(start, stop) == bytes(server.content[start:stop])


def test_a_chunk_that_was_checked_travels_once(remote):
    file, server, _ = remote
    chunk = next(c for c in file.footer.chunks if c.path.startswith("activation"))
    file.read(chunk.start, chunk.end)
    before = server.sent
    assert file.read(chunk.start + 3, chunk.start + 9) == bytes(server.content[chunk.start + 3 : chunk.start + 9])
    assert server.sent == before


def test_a_byte_that_changed_is_an_error_wherever_it_lies(remote):
    _, server, path = remote
    sidecar = next(s for s in read_sidecars(path.parents[3]) if s.kind == "activations")
    whole = bytes(server.content)
    footer = len(whole) - sidecar.footer_bytes
    for at in [*np.random.default_rng(0).integers(4, footer, size=25).tolist(), footer, footer + 40, len(whole) - 1]:
        server.content[:] = whole
        server.content[at] ^= 16
        file = RangedParquet(sidecar, server, ChunkCache())
        with pytest.raises(BrainlakeError, match="came damaged from the network, or is damaged there"):
            [file.read(chunk.start, chunk.end) for chunk in file.footer.chunks]


def test_the_cache_forgets_what_was_not_used_for_longest_and_keeps_the_last():
    cache = ChunkCache(limit=10)
    cache.put(("f", 0), b"aaaa")
    cache.put(("f", 1), b"bbbb")
    assert cache.get(("f", 0)) == b"aaaa"
    cache.put(("f", 2), b"cccc")
    assert [cache.get(("f", k)) for k in range(3)] == [b"aaaa", None, b"cccc"]
    cache.put(("g", 0), b"x" * 99)
    assert [cache.get(("f", k)) for k in range(3)] == [None] * 3
    assert cache.get(("g", 0)) == b"x" * 99


def test_what_claims_too_much_behind_its_columns_is_not_fetched(remote):
    file, server, _ = remote
    sidecar = replace(file._sidecar, bytes=1 << 30, footer_bytes=1 << 29)
    with pytest.raises(BrainlakeError, match="claims more than 64 MiB behind its columns"):
        _ = RangedParquet(sidecar, server, ChunkCache()).footer
    assert server.asked == []
