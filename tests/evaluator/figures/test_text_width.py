"""Widths of texts, and texts that are cut to one."""

import pytest

from brainlake.figures.text_width import cut, text_width


def test_widths_are_those_of_helvetica():
    assert text_width("Wi l.M", 1000) == 944 + 222 + 278 + 222 + 278 + 833
    assert text_width("".join(map(chr, range(32, 127))), 1000) < 95 * 1000
    assert cut("word", 0, 10) == "w..."


@pytest.mark.parametrize("width", [20, 60, 100, 300])
@pytest.mark.parametrize("text", ["m", "demo-llama", "a-model-whose-name-is-long-7b-chat", "\u6a21" * 40, "W" * 99])
def test_what_is_cut_fits_and_keeps_both_ends(text, width):
    short = cut(text, width, 10)
    if text_width(text, 10) <= width:
        assert short == text
    else:
        start, _, end = short.partition("...")
        assert text_width(short, 10) <= width
        assert start
        assert text.startswith(start)
        assert text.endswith(end)
