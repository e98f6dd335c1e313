"""Drawings inside the page are slimmer, and the same to a hundredth of a pixel."""

from brainlake.page.embedding import address, slim


def test_only_what_is_drawn_is_rounded():
    svg = '<path d="M1.23456,2.5L3,4.999" transform="translate(0.123456,7)"/><text>0.123456</text>'
    assert slim(svg) == '<path d="M1.23,2.5L3,4.99" transform="translate(0.12,7)"/><text>0.123456</text>'


def test_addresses_hold_text():
    assert address("é", "text/csv") == "data:text/csv;base64,w6k="
