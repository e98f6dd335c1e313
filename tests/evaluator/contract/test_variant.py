"""The grammar that recipes and protocols share."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brainlake import BrainlakeError, UnknownNameError
from brainlake.contract.variant import Values, read_variant, variant_name

FIELDS = {
    "colour": Values({"red": "red as a rose", "blue": "blue"}),
    "size": Values({"none": ""}, "{value} wide", "number", optional=True),
    "shiny": Values({"true": "it shines", "false": ""}, kind="flag"),
    "place": Values({"here": "this place"}, "at {value}"),
}
NAMED = {"thing": FIELDS, "plain": {}}


def test_reads_names_and_values():
    assert read_variant("thing", "plain", NAMED) == ("plain", {})
    found = read_variant("thing", "thing+size=007+colour=red+shiny=true+place=a=b", NAMED)
    assert found == ("thing", {"size": 7, "colour": "red", "shiny": True, "place": "a=b"})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("thing+colour=red+colour=blue", "colour is given twice"),
        ("thing+colour=red+colour=red", "colour is given twice"),
        ("thing+colour=green", "colour is one of red, blue, not 'green'"),
        ("thing+colour", "write 'colour' as field=value"),
        ("thing+", "write '' as field=value"),
        ("thing+size=0", "size is a positive number or none, not '0'"),
        ("thing+size=-1", "size is a positive number or none"),
        ("thing+size=1.5", "size is a positive number or none"),
        ("thing+size=²", "size is a positive number or none"),
        ("thing+size=" + "9" * 5000, "size is a positive number or none"),
        ("thing+shiny=yes", "shiny is one of true, false"),
        ("thing+place=", "place is not empty"),
        (7, "a thing is a text such as 'thing', not 7"),
    ],
)
def test_refused(text, message):
    with pytest.raises(BrainlakeError, match=message):
        read_variant("thing", text, NAMED)


@pytest.mark.parametrize(("text", "kind"), [("nothing", "thing"), ("", "thing"), ("plain+colour=red", "thing field")])
def test_unknown(text, kind):
    with pytest.raises(UnknownNameError, match=f"unknown {kind}"):
        read_variant("thing", text, NAMED)


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "colour": st.sampled_from(["red", "blue"]),
            "size": st.none() | st.integers(1, 10**9 - 1),
            "shiny": st.booleans(),
            "place": st.text(st.characters(exclude_characters="+"), min_size=1),
        },
    )
)
def test_a_canonical_text_reads_as_what_it_was_written_from(changes):
    assert read_variant("thing", variant_name("thing", changes), NAMED) == ("thing", changes)


def test_values_in_words():
    assert [FIELDS["size"].in_words(value) for value in (None, 3)] == ["", "3 wide"]
    assert [FIELDS["place"].in_words(value) for value in ("here", "{value}")] == ["this place", "at {value}"]
    assert [FIELDS["shiny"].in_words(value) for value in (True, False)] == ["it shines", ""]
