"""What a reading knows of itself: people, texts, means."""

import numpy as np
import polars as pl
import pytest

from brainlake.alignment.reading.reading import Reading


def reading(groups=("g", "g", "h", "h"), measure="rt"):
    """Two people, of whom the slow one reads all of four words and the fast one the last two."""
    stimuli = pl.DataFrame(
        {
            "stimulus_set": "s",
            "stimulus_id": [f"s.{k}" for k in range(4)],
            "document_id": ["d", "e", "e", "f"],
            "group_id": list(groups),
        },
        schema_overrides={"group_id": pl.String},
    )
    word, value = np.array([0, 1, 2, 3, 2, 3]), np.array([400.0, 410, 420, 430, 220, 210])
    return Reading("b", measure, "ms", "s", stimuli, word, value, np.array(["slow"] * 4 + ["fast"] * 2))


def test_texts_are_groups_or_documents_where_one_is_missing():
    assert reading().texts.tolist() == [0, 0, 1, 1]
    assert reading().units[1] == "groups"
    assert reading(("g", "g", "h", None)).texts.tolist() == [0, 1, 1, 2]
    assert reading(("g", "g", "h", None)).units[1] == "words"
    assert (reading().text_of(2), reading(("g", None, "h", "h")).text_of(2)) == (("s", "h"), ("s", "e"))


def test_centred_means_do_not_compare_readers():
    plain, centred = reading().means(centred=False), reading().means()
    assert plain.value.tolist() == [400, 410, 320, 320]
    assert plain.people == []
    own = np.array([-15, -5, 5, 15, 5, -5]) + reading().value.mean()
    np.testing.assert_allclose(centred.value, [own[0], own[1], own[[2, 4]].mean(), own[[3, 5]].mean()])
    assert centred.means() is centred


def test_one_person_is_what_that_person_did():
    fast = reading().of("fast")
    assert (fast.word.tolist(), fast.value.tolist(), fast.people) == ([2, 3], [220, 210], ["fast"])


@pytest.mark.parametrize(("measure", "made"), [("rt", False), ("skip_rate(rt)", True)])
def test_a_skip_rate_is_made_from_another_measure(measure, made):
    assert reading(measure=measure).is_skip_rate is made
