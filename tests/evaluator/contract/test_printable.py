"""No text of somebody else's commands a terminal."""

import ast

from hypothesis import given
from hypothesis import strategies as st

from brainlake.contract.printable import printable, without_secrets


@given(st.text())
def test_whatever_is_shown_can_be_shown(text):
    shown = printable(text)
    assert shown.isprintable()
    if "\\" not in text:
        assert "".join(ast.literal_eval(f"'''{part}'''") for part in shown.split("'")) == text.replace("'", "")


@given(st.text(st.characters(exclude_categories=["C", "Z"])))
def test_what_has_no_command_in_it_stays(text):
    assert printable(text) == text


def test_secrets_are_struck_out_and_addresses_stay():
    token = "hf_" + "x" * 34
    assert without_secrets(f"https://a:b@c/d {token} bank://lab/x@v1") == "https://***@c/d *** bank://lab/x@v1"
