"""Labels tell questions apart, and no more."""

from dataclasses import replace

from brainlake.report.study_cells import label
from brainlake.study.answers import papers_answers


def test_a_label_has_what_tells_rows_on_one_benchmark_apart():
    row = papers_answers()[0].rows[0]
    assert label(row, [row]) == "aw2024.brain"
    assert label(row, [row, replace(row, benchmark="other", metric="cka")]) == "aw2024.brain"
    ours = replace(row, protocol="grouped", recipe="document")
    assert label(ours, [row, ours]) == "aw2024.brain, grouped, document"
