"""The command: tables, exit status, and one line for whatever goes wrong."""

import os
import re
import signal
import subprocess
import sys

import pytest

from brainlake import BrainlakeError
from brainlake.cli import main
from brainlake.cli.parser import UsageError
from brainlake.cli.run import run as run_command
from brainlake.cli.run import say


@pytest.mark.parametrize(
    "arguments",
    [
        ("brain", "BANK", "--benchmark", "nope"),
        ("brain", "BANK", "--benchmark", "toy.brain", "--model", "nope"),
        ("brain", "BANK", "--benchmark", "toy.brain", "--layers", "77"),
        ("brain", "BANK", "--benchmark", "toy.brain", "--out", "/nowhere/at/all.parquet"),
        ("brain", "nowhere", "--benchmark", "toy.brain"),
        ("behavior", "BANK", "--benchmark", "nope"),
        ("behavior", "BANK", "--benchmark", "toy.reading", "--recipe", "nope"),
        ("sql", "BANK", "select * from nope"),
        ("sql", "BANK", "drop table models"),
        ("info", "/"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_status_1(toy_bank, run, arguments):
    status, out, err = run(*(toy_bank if a == "BANK" else a for a in arguments))
    assert status == 1
    assert out == ""
    assert len(err.splitlines()) == 1
    assert err.startswith("brainlake: ")


BRAIN = ("brain", "x", "--benchmark", "b")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "required: COMMAND"),
        (("nope",), "invalid choice: 'nope'"),
        (("brain", "x"), "required: --benchmark"),
        (("info", "x", "--format", "xml"), "invalid choice: 'xml'"),
        ((*BRAIN, "--permutations", "-1"), "--permutations: a whole number of at least 0, not '-1'"),
        ((*BRAIN, "--threads", "0"), "--threads: a whole number of at least 1, not '0'"),
        ((*BRAIN, "--layers", "-1"), "--layers: a whole number of at least 0, not '-1'"),
        ((*BRAIN, "--bootstrap", "many"), "--bootstrap: a whole number of at least 0, not 'many'"),
        (("behavior", *BRAIN[1:], "--bootstrap", "-5"), "--bootstrap: a whole number of at least 0, not '-5'"),
        (("behavior", *BRAIN[1:], "--bootstrap", "1"), "a 95 % interval needs at least 40"),
        ((*BRAIN, "--protocol", "gruoped"), "--protocol: unknown protocol 'gruoped' (did you mean 'grouped'?)"),
        ((*BRAIN, "--protocol", "grouped+folds=2"), "--protocol: protocol grouped: 2 folds"),
        ((*BRAIN, "--by", "subjects"), "did you mean 'subject'?"),
        ((*BRAIN, "--baselines", "lenght"), "did you mean 'length'?"),
        ((*BRAIN, "--out", "x.csv"), "brainlake brain: error: --out x.csv: name a .parquet file"),
        (("behavior", *BRAIN[1:], "--protocol", "pearsn"), "did you mean 'pearson'?"),
        (("behavior", *BRAIN[1:], "--by", "voxel"), "--by: invalid choice: 'voxel'"),
        (("behavior", *BRAIN[1:], "--out", "x.csv"), "--out x.csv: name a .parquet file"),
        (("behavior", *BRAIN[1:], "--shapes", "x.csv"), "--shapes x.csv: name a .parquet file"),
        (("compare", *BRAIN[1:], "--protocol", "gruoped"), "did you mean 'grouped'?"),
        (("sql", "x", "select 1", "--timeout", "0"), "--timeout: a whole number of at least 1, not '0'"),
        (("pull", "no-owner", "--bank", "x"), "owner/name or owner/name@revision on the Hub, not 'no-owner'"),
        (("pull", "a/b", "--bank", "x", "--layers", "-1"), "--layers: a whole number of at least 0, not '-1'"),
        (("pull", "a/b", "--bank", "x", "--layers", "1", "--kernels-only"), "--layers are those of activations"),
        (("pull", "a/b", "--bank", "x", "--layers", "1", "--metadata-only"), "--layers are those of activations"),
        ((*BRAIN, "--protocol", "grouped", "rsa", "--permutations", "5"), "protocol rsa has no p values"),
        (("compare", *BRAIN[1:], "--protocol", "cka"), "protocol cka has no comparisons"),
        (("compare", *BRAIN[1:], "--protocol", "aw2024"), "protocol aw2024 has no comparisons"),
        (("compare", *BRAIN[1:], "--protocol", "delta_llh", "--baselines", "length"), "delta_llh has no baselines"),
    ],
)
def test_wrong_usage_is_status_2(capsys, arguments, message):
    with pytest.raises(SystemExit) as stop:
        main(list(arguments))
    assert stop.value.code == 2
    assert message in capsys.readouterr().err


def test_quiet_is_results_alone(toy_bank, run):
    arguments = ("brain", toy_bank, "--benchmark", "toy.brain", "--bootstrap", 0)
    _, out, err = run(*arguments)
    assert re.search(r"toy\.brain, grouped: m: 3 layers, \d+\.\d s\n", err)
    assert run(*arguments, "-q")[1:] == (out, "")


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_a_console_that_cannot_show_a_character(toy_bank, encoding):
    command = [sys.executable, "-m", "brainlake", "sql", toy_bank, "select 'Ж' as x"]
    found = subprocess.run(command, capture_output=True, env=os.environ | {"PYTHONIOENCODING": encoding}, check=False)
    assert found.returncode == 0
    assert found.stdout.decode(encoding).splitlines()[1] == "\\u0416"


class Fails:
    """Fails in a way."""

    def __init__(self, error):
        self.error = error

    def configure(self, parser):
        parser.add_argument("--x")

    def execute(self, options):
        raise self.error


@pytest.mark.parametrize(
    ("error", "status", "message"),
    [
        (BrainlakeError("two\nlines\x1b[2J"), 1, "two lines\\x1b[2J"),
        (OSError("disk full"), 1, "disk full; what was already written is intact"),
        (KeyboardInterrupt(), 130, "interrupted; what was already written is intact"),
        (UnicodeEncodeError("utf-8", "\udcff", 0, 1, "no"), 1, "'\\udcff' holds bytes that are not UTF-8: rename it"),
    ],
)
def test_every_failure_is_one_line(capsys, error, status, message):
    assert run_command("prog", "x", {"fails": lambda: Fails(error)}, ["fails"]) == status
    assert capsys.readouterr() == ("", f"prog: {message}\n")


def test_a_signal_that_comes_before_anything_is_parsed_is_one_line(capsys, monkeypatch):
    monkeypatch.setattr(
        sys.modules[run_command.__module__], "Parser", lambda *_, **__: signal.raise_signal(signal.SIGTERM)
    )
    assert run_command("prog", "x", {}, []) == 143
    assert capsys.readouterr() == ("", "prog: terminated; what was already written is intact\n")


def test_arguments_that_make_no_sense_together_are_wrong_usage(capsys):
    with pytest.raises(SystemExit) as stop:
        run_command("prog", "x", {"fails": lambda: Fails(UsageError("not both"))}, ["fails"])
    assert stop.value.code == 2
    assert "prog fails: error: not both" in capsys.readouterr().err


def test_a_returned_number_is_the_status_and_lines_are_printable(capsys):
    command = Fails(None)
    command.execute = lambda options: say("a\x07b") or 3
    assert run_command("prog", "x", {"c": lambda: command}, ["c"]) == 3
    assert capsys.readouterr().out == "a\\x07b\n"


def test_a_reader_that_leaves_is_no_failure(toy_bank):
    command = f"{sys.executable} -m brainlake info {toy_bank} --files --format json | true"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr


def test_only_the_command_that_is_asked_for_is_imported(capsys):
    commands = {"fails": lambda: Fails(BrainlakeError("no")), "slow": lambda: pytest.fail("it was imported")}
    assert run_command("prog", "x", commands, ["fails"]) == 1
    assert capsys.readouterr().err == "prog: no\n"


def test_sigterm_is_told_from_ctrl_c_whatever_a_library_makes_of_it(capsys):
    class Waits:
        """Says it is done."""

        @staticmethod
        def configure(_):
            pass

        @staticmethod
        def execute(_):
            try:
                signal.raise_signal(signal.SIGTERM)
            except KeyboardInterrupt:
                raise KeyboardInterrupt from None  # as Ray does while it waits

    assert run_command("p", "d", {"waits": lambda: Waits}, ["waits"]) == 143
    assert "terminated; what was already written is intact" in capsys.readouterr().err
