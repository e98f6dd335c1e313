import numpy as np
import polars as pl
import pytest

from brainlake.bank.catalogue import open_bank
from brainlake.errors import BrainlakeError
from brainlake_builder.humans.ingest import ingest_folder, ingest_frames
from brainlake_builder.humans.templates import template

BENCHMARKS = "benchmark,modality,unit,citation,licence,redistributable\nmine,fmri,stimulus,@misc{me},CC0,true\n"
STIMULI = 'stimulus_id,document_id,group_id,text\na,d1,g1,One\nb,d1,g1,"two, null"\nc,d2,g2,NA\n'
TARGETS = "target_id,roi\nIFG,IFG\nMFG,MFG\n"
RESPONSES = (
    "subject,row_id,target_id,value\n"
    "s1,a,IFG,1\ns1,a,MFG,2\ns1,b,MFG,4\ns1,b,IFG,3\ns1,c,IFG,5\ns1,c,MFG,\n"
    "s2,a,IFG,7\ns2,a,MFG,8\n"
)
READING = "stimulus_id,measure,unit,subject,value\n" + "".join(
    f"{row},self_paced_rt,ms,r1,{time}\n" for row, time in (("a", 300), ("b", ""), ("c", 320))
)
BRAIN = {"benchmarks": BENCHMARKS, "stimuli": STIMULI, "targets": TARGETS, "responses": RESPONSES}


@pytest.fixture
def folder(tmp_path):
    def write(**files):
        (tmp_path / "mine").mkdir(exist_ok=True)
        for name, text in files.items():
            (tmp_path / "mine" / f"{name}.csv").write_text(text)
        return tmp_path / "mine"

    return write


def test_a_brain_dataset_in_csv(folder, tmp_path):
    ingest_folder(folder(**BRAIN), tmp_path / "bank")
    bank = open_bank(tmp_path / "bank")
    assert bank.verify() == []
    stimuli = bank.stimuli("mine")
    assert stimuli["text"].to_list() == ["One", "two, null", "NA"]
    assert stimuli["separator"].to_list() == ["", " ", ""]
    assert stimuli["context_id"].to_list() == ["d1", "d1", "d2"]
    rows = bank.sql("select subject, row_id, presentation, response from responses order by subject, row_id").rows()
    values = {(subject, row): response for subject, row, presentation, response in rows if presentation == 0}
    assert values["s1", "b"] == [3, 4]
    assert np.isnan(values["s1", "c"][1])
    assert values["s2", "a"] == [7, 8]
    assert bank.sql("select count(*) from targets").item() == 4  # two targets for each of two subjects
    assert bank.sql("select redistributable from benchmarks").item() is True


def test_what_the_contract_can_say_a_folder_can(folder, tmp_path):
    more = {
        "responses": "subject,row_id,presentation,run,time_s,target_id,value\n"
        "s1,tr0,0,1,0,IFG,1\ns1,tr1,0,1,2,IFG,2\ns1,tr0,1,1,0,IFG,1.5\n",
        "benchmarks": BENCHMARKS.replace("unit,", "unit,tr_s,default_folds,").replace(
            "stimulus,", "tr,2.0,contiguous,"
        ),
        "stimuli": "stimulus_id,document_id,text,separator,onset_s,offset_s,sentence_id,context_id\n"
        "a,d1,One,,0.5,0.9,1,whole\nb,d1,two,-,1.0,1.5,1,whole\n",
        "targets": "subject,target_id,space,x,y,z\ns1,IFG,MNI,-50,20,10\n",
        "nuisance": "subject,row_id,name,value\ns1,tr0,motion_x,0.1\ns1,tr1,motion_x,0.2\n",
        "ceilings": "roi,protocol,folds,method,scale,value,source\n,,,repeats,max_r,0.5,me\n",
        "stimulus_features": "stimulus_id,name,value,source\na,log_frequency,-3,corpus\nb,log_frequency,-4,corpus\n",
    }
    written = ingest_folder(folder(**more), tmp_path / "bank")
    assert {s.kind for s in written} == {*more, "stimuli"}
    bank = open_bank(tmp_path / "bank")
    assert bank.verify() == []
    row = bank.sql("select unit, tr_s, default_folds from benchmarks").row(0)
    assert row == ("tr", 2.0, "contiguous")
    assert bank.stimuli("mine")["separator"].to_list() == ["", "-"]
    repeated = bank.sql("select run, time_s, response from responses where row_id = 'tr0' order by presentation").rows()
    assert repeated == [("1", 0.0, [1.0]), ("1", 0.0, [1.5])]
    assert bank.sql("select x, y, z, space from targets").row(0) == (-50, 20, 10, "MNI")


def test_reading_times_without_a_time_are_not_scored(folder, tmp_path):
    facts = BENCHMARKS.replace("fmri,stimulus", "self-paced reading,")
    ingest_folder(folder(benchmarks=facts, stimuli=STIMULI, reading_times=READING), tmp_path / "bank")
    rows = open_bank(tmp_path / "bank").sql("select stimulus_id, scored, why_not_scored from reading_times").rows()
    assert rows == [("a", True, None), ("b", False, "no value"), ("c", True, None)]


def test_parquet_with_lists_equals_csv_in_long_form(folder, tmp_path):
    ingest_folder(folder(**BRAIN), tmp_path / "long")
    mine = folder()
    (mine / "responses.csv").unlink()
    lists = {"s1": [[1.0, 2.0], [3.0, 4.0], [5.0, float("nan")]], "s2": [[7.0, 8.0]]}
    rows = [
        {"subject": subject, "row_id": row, "response": values}
        for subject, lines in lists.items()
        for row, values in zip("abc", lines, strict=False)
    ]
    pl.DataFrame(rows, schema_overrides={"response": pl.List(pl.Float32)}).write_parquet(mine / "responses.parquet")
    ingest_folder(mine, tmp_path / "lists")
    query = "select subject, row_id, presentation, response::varchar r from responses order by subject, row_id"
    assert open_bank(tmp_path / "lists").sql(query).equals(open_bank(tmp_path / "long").sql(query))


def test_recordings_on_stimuli_of_the_bank(folder, tmp_path):
    ingest_folder(folder(**BRAIN), tmp_path / "bank")
    mine = folder(
        benchmarks=BENCHMARKS.replace("benchmark,", "stimulus_sets,benchmark,").replace("\nmine,", "\nmine,other,")
    )
    (mine / "stimuli.csv").unlink()
    ingest_folder(mine, tmp_path / "bank")
    assert open_bank(tmp_path / "bank").names("benchmarks") == ["mine", "other"]
    with pytest.raises(BrainlakeError, match=r"has no stimuli, and .*empty has no mine either: add a stimuli.csv"):
        ingest_folder(mine, tmp_path / "empty")


def test_a_composite_of_what_is_there(folder, tmp_path):
    ingest_folder(folder(**BRAIN), tmp_path / "bank")
    mine = folder()
    for path in mine.iterdir():
        path.unlink()
    header = "benchmark,modality,citation,licence,redistributable,composite_of\n"
    folder(benchmarks=header + "both,fmri,@misc{me},CC0,true,mine\n")
    ingest_folder(mine, tmp_path / "bank")
    bank = open_bank(tmp_path / "bank")
    row = bank.sql("select composite_of, stimulus_sets from benchmarks where benchmark = 'both'").row(0)
    assert row == (["mine"], ["mine"])


def test_a_table_that_is_gone_is_removed(folder, tmp_path):
    ceilings = "method,scale,value,source\nrepeats,max_r,0.5,me\n"
    ingest_folder(folder(**BRAIN, ceilings=ceilings), tmp_path / "bank")
    mine = folder()
    (mine / "ceilings.csv").unlink()
    ingest_folder(mine, tmp_path / "bank")
    assert open_bank(tmp_path / "bank").names("ceilings") == []


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("stimuli", STIMULI.replace("text", "words"), r"stimuli.csv has a column 'words' that stimuli does not know: "),
        ("stimuli", STIMULI.replace("document_id", "sentence_id"), r"stimuli.csv has no column document_id"),
        ("stimuli", STIMULI + "a,d2,g2,again\n", r"stimuli.csv, row 4, column stimulus_id: stands in an earlier"),
        ("stimuli", STIMULI + "d,d1,g1,again\n", r"stimuli.csv, row 4, column document_id: the items of a document"),
        ("stimuli", STIMULI.replace("One", ""), r"stimuli.csv, row 1, column text: is empty"),
        ("stimuli", "stimulus_id,document_id,text\n", r"stimuli.csv has no rows"),
        ("responses", RESPONSES.replace("IFG,3", "IFG,high"), r"row 4, column value: 'high' is not a number"),
        (
            "responses",
            RESPONSES.replace("b,IFG", "b,STG"),
            r"row 4, column target_id: .* is not a target of the subject",
        ),
        ("responses", RESPONSES.replace("s1,c,IFG", "s1,x,IFG"), r"row 5, column row_id: .* is not a stimulus"),
        ("responses", RESPONSES + "s1,a,IFG,9\n", r"responses.csv, row 9, column value: is given a second time"),
        (
            "responses",
            RESPONSES.replace("value", "response"),
            r"responses.csv, row 1, column response: '1' is text where a list of",
        ),
        ("targets", TARGETS + "IFG2,\n,x\n", r"targets.csv, row [0-9]+, column target_id: is empty"),
        ("benchmarks", BENCHMARKS.replace("true", "maybe"), r"row 1, column redistributable: 'maybe' is not true or f"),
        ("benchmarks", BENCHMARKS.replace("CC0", ""), r"benchmarks.csv, row 1, column licence: is empty"),
        (
            "benchmarks",
            BENCHMARKS + BENCHMARKS.splitlines()[1],
            r"benchmarks.csv has 2 rows: a folder is one benchmark",
        ),
        ("benchmarks", BENCHMARKS.replace("stimulus,", "voxel,"), r"column unit: 'voxel' is not one of stimulus, tr"),
        ("benchmarks", BENCHMARKS.replace("mine", "my data"), r"'my data' cannot name a benchmark"),
        ("ceilings", "method,scale,value,source\nm,max,0.5,me\n", r"ceilings.csv, row 1, column scale: 'max' is not"),
        (
            "ceilings",
            "method,scale,value,source\nm,max_r,35,me\n",
            r"ceilings.csv, row 1, column value: 35.0 is not 0 to 1",
        ),
        (
            "nuisance",
            "subject,row_id,name,value\ns1,z,m,1\n",
            r"nuisance.csv, row 1, column row_id: .* is no row of the resp",
        ),
        (
            "reading_times",
            READING.replace("b,", "z,"),
            r"reading_times.csv, row 2, column stimulus_id: 'z' is not a st",
        ),
        ("other", "a\n1\n", r"other.csv is no table of a dataset: a folder holds benchmarks, stimuli"),
    ],
)
def test_every_fault_is_named_by_file_row_and_column_and_nothing_is_written(folder, tmp_path, file, text, message):
    with pytest.raises(BrainlakeError, match=message):
        ingest_folder(folder(**(BRAIN | {file: text})), tmp_path / "bank")
    assert not (tmp_path / "bank").exists()


def test_two_files_of_one_table_are_refused(folder, tmp_path):
    mine = folder(**BRAIN)
    pl.read_csv(mine / "targets.csv").write_parquet(mine / "targets.parquet")
    with pytest.raises(BrainlakeError, match=r"has both targets.csv and targets.parquet: remove one"):
        ingest_folder(mine, tmp_path / "bank")


def test_a_folder_without_benchmarks_is_refused(folder, tmp_path):
    with pytest.raises(BrainlakeError, match=r"has no benchmarks.csv, .tsv or .parquet"):
        ingest_folder(folder(stimuli=STIMULI), tmp_path / "bank")
    with pytest.raises(BrainlakeError, match="is not a folder"):
        ingest_folder(tmp_path / "nowhere", tmp_path / "bank")


def test_a_table_without_the_one_that_it_needs(tmp_path):
    frames = template("fmri")
    for absent, message in (
        ("responses", "targets needs a file of responses beside it"),
        ("targets", "responses needs a file of targets beside it"),
        ("stimuli", "responses needs stimuli: a file beside it, or stimulus_sets of the bank"),
    ):
        rest = {name: frame for name, frame in frames.items() if name != absent}
        with pytest.raises(BrainlakeError, match=message):
            ingest_frames(rest, tmp_path)


def test_frames_that_would_lose_a_column(tmp_path):
    frames = template("fmri")
    indexed = frames["stimuli"].to_pandas().set_index("group_id")
    with pytest.raises(BrainlakeError, match=r"stimuli has 'group_id' in its index.*reset_index"):
        ingest_frames(frames | {"stimuli": indexed}, tmp_path)
    with pytest.raises(BrainlakeError, match="stimuli is a path, no data frame"):
        ingest_frames(frames | {"stimuli": "stimuli.csv"}, tmp_path)


def test_a_name_of_a_benchmark_is_refused_in_its_place(tmp_path):
    facts = {"benchmarks": template("fmri")["benchmarks"].with_columns(benchmark=pl.lit("my/fmri"))}
    with pytest.raises(BrainlakeError, match="benchmarks, row 1, column benchmark: 'my/fmri' cannot name a benchmark"):
        ingest_frames(template("fmri") | facts, tmp_path)
