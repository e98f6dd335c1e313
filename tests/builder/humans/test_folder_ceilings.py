"""Ceilings that a user brings: of what is there, and inside their intervals."""

import polars as pl
import pytest

from brainlake.errors import BrainlakeError
from brainlake_builder.humans.folder_ceilings import check_ceilings
from brainlake_builder.humans.folder_table import FolderTable

TARGETS = pl.DataFrame({"subject": ["s1"], "target_id": ["IFG"], "roi": ["frontal"]})
TIMES = pl.DataFrame({"measure": ["rt"], "subject": ["r1"]})
ROW = {"value": 0.5, "subject": "s1", "target_id": "IFG", "roi": "frontal", "protocol": "grouped+penalty=target"}
ROW |= {"measure": None, "ci_low": 0.4, "ci_high": 0.6}


def tables(**changes):
    ceilings = pl.DataFrame([ROW | changes], schema_overrides={"measure": pl.String, "subject": pl.String})
    parts = {"ceilings": ceilings, "targets": TARGETS, "reading_times": TIMES}
    return {name: FolderTable(name, name, frame) for name, frame in parts.items()}


@pytest.mark.parametrize(
    "changes", [{}, {"measure": "rt", "subject": "r1", "protocol": "pearson"}, {"roi": None}, {"ci_low": None}]
)
def test_what_a_score_may_be_held_against(changes):
    check_ceilings(tables(**changes))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"subject": "s2"}, "row 1, column subject: 's2' is none of the recordings"),
        ({"target_id": "ifg"}, "column target_id: 'ifg' is none of the recordings"),
        ({"roi": "parietal"}, "column roi: 'parietal' is none of the recordings"),
        ({"measure": "gaze"}, "column measure: 'gaze' is none of the recordings"),
        ({"protocol": "grupped"}, "column protocol: 'grupped' is no protocol; there are .*grouped"),
        ({"ci_low": 0.6, "ci_high": 0.4}, "column ci_low: leaves the value outside"),
        ({"value": 0.7}, "column ci_high: leaves the value outside"),
    ],
)
def test_what_no_score_is_ever_held_against(changes, message):
    with pytest.raises(BrainlakeError, match=message):
        check_ceilings(tables(**changes))
