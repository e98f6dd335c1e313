"""``brainlake-build slurm``: scripts that ask for what models need, and what it refuses."""

import pytest

from brainlake_builder.cli import main

SENTENCES = [["The boy cried wolf, and nobody came.", "The sheep ran away."], ["He walked and walked until dark."]]


@pytest.fixture
def bank(make_bank, make_stimuli):
    return make_bank(words=make_stimuli("words", SENTENCES), more=make_stimuli("more", SENTENCES * 2))


def write(bank, out, models, *more):
    assert main(["slurm", *map(str, models), "--bank", str(bank), "--out", str(out), *more]) == 0


def jobs_of(script):
    """Arguments of ``extract`` of every job."""
    lines = script.read_text().partition("case ")[2].splitlines()
    jobs = []
    for line in lines:
        if line.rstrip(")").isdigit():
            jobs.append([])
        elif line.startswith("    extract "):
            jobs[-1].append(line.split()[1:])
    return jobs


def test_models_that_need_alike_share_an_array(bank, model_folder, tmp_path):
    models = ["--model", model_folder("gpt2"), model_folder("bert"), "--stimuli", "words", "--untrained", "0", "1"]
    write(bank, tmp_path / "jobs", models, "--device", "cuda", "--gpu-memory", "80", "--sbatch=--partition=gpu")
    (script,) = (tmp_path / "jobs").glob("gpus*.sbatch")
    text = script.read_text()
    assert script.name == "gpus1-8gb.sbatch"
    for line in ("--gpus=1", "--mem=8G", "--array=1-4", "--partition=gpu", "--time=0-00:15:00"):
        assert f"#SBATCH {line}\n" in text
    assert sorted(jobs_of(script)) == sorted(
        [["--model", str(model_folder(name)), "--untrained", seed]] for name in ("gpt2", "bert") for seed in "01"
    )
    assert "--device cuda" in text


def test_a_model_is_split_where_there_are_more_jobs_than_models(bank, model_folder, tmp_path):
    models = ["--model", model_folder("gpt2"), "--stimuli", "words", "more"]
    write(bank, tmp_path / "jobs", models, "--jobs", "9")
    jobs = jobs_of(tmp_path / "jobs" / "cpu-2gb.sbatch")
    assert jobs == [[["--model", str(model_folder("gpt2")), "--shard", f"{k}/2"]] for k in (1, 2)]


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--shard", "1/2"], "leave out --shard"),
        (["--device", "cuda"], "say it with --gpu-memory"),
        (["--sbatch=--comment=a\nrm -rf x"], r"such as --partition=gpu, not '--comment=a\nrm -rf x'"),
        (["--sbatch", "partition=gpu"], "is one line that begins with -"),
    ],
)
def test_what_makes_no_sense_is_wrong_usage(more, message, bank, model_folder, tmp_path, capsys):
    models = ["--model", str(model_folder("gpt2")), "--stimuli", "words"]
    with pytest.raises(SystemExit) as ended:
        main(["slurm", *models, "--bank", str(bank), "--out", str(tmp_path / "jobs"), *more])
    assert ended.value.code == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "jobs").exists()
