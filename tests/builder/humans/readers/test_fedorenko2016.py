import numpy as np
import polars as pl
import pytest

from brainlake.errors import BrainlakeError
from brainlake_builder.humans.readers import fedorenko2016
from brainlake_builder.humans.validation import check_tables


def parts(n=416):
    rng = np.random.default_rng(0)
    values = rng.normal(size=(n, 1)) + rng.normal(size=(n, 97))
    presentation = {
        "stimulus_id": list(range(n)),
        "stimulus": [f"WORD{i % 50}" for i in range(n)],
        "sentence_id": [i // 8 for i in range(n)],
        "word_num": [i % 8 for i in range(n)],
    }
    neuroid = {"neuroid_id": list(range(97)), "subject_UID": np.repeat([1, 2, 3, 4, 5], [47, 8, 9, 15, 18])}
    return values, presentation, neuroid


def build(path):
    return fedorenko2016._build({fedorenko2016.ASSEMBLY.name: path})


@pytest.fixture
def no_ceiling(monkeypatch):
    """The extrapolation is tested elsewhere, and takes seconds."""
    from brainlake_builder.humans.dataset import table_of

    def instead(benchmark, subjects):
        return table_of("ceilings", 1, benchmark=benchmark, method="m", scale="max_r", value=0.5, source="s")

    monkeypatch.setattr(fedorenko2016, "extrapolated_response", instead)


def test_tables_keep_the_contract(no_ceiling, write_assembly):
    values, presentation, neuroid = parts()
    tables = build(write_assembly(values, presentation, neuroid))
    check_tables(fedorenko2016.DATASETS[0], tables)
    stimuli = pl.DataFrame(tables.stimuli["fedorenko2016"])
    assert stimuli["document_id"].n_unique() == stimuli["group_id"].n_unique() == 52
    assert stimuli["separator"].to_list()[:9] == ["", *[" "] * 7, ""]
    targets = pl.DataFrame(tables.recordings["targets"])
    assert dict(targets.group_by("subject").len().iter_rows()) == {"1": 47, "2": 8, "3": 9, "4": 15, "5": 18}
    rows = pl.DataFrame(tables.recordings["responses"]).filter(subject="4")
    assert np.allclose(np.array(rows["response"].to_list()), values[:, 64:79], atol=1e-6)


def test_permuted_rows_are_refused(no_ceiling, write_assembly):
    values, presentation, neuroid = parts()
    order = [8, *range(1, 8), 0, *range(9, 416)]
    permuted = {name: [labels[i] for i in order] for name, labels in presentation.items()}
    with pytest.raises(BrainlakeError, match=r"presentation 1 is word 0 of sentence 1, not word 0 of sentence 0; rows"):
        build(write_assembly(values[order], permuted, neuroid))


def test_another_number_of_electrodes_is_refused(no_ceiling, write_assembly):
    values, presentation, neuroid = parts()
    with pytest.raises(BrainlakeError, match=r"holds 96 electrodes, not 97"):
        build(write_assembly(values[:, 1:], presentation, {k: v[1:] for k, v in neuroid.items()}))
