"""Messages of libraries neither command a terminal nor give a secret away."""

import logging
import os
import subprocess
import sys
import warnings

import pytest

from brainlake.cli.library_messages import safe, shown_safely

TOKEN = "hf_" + "a1B2" * 8


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("GET http://me:secret@hub/x", "GET http://***@hub/x"),
        ("at https://secret@hub and http://a:b@c", "at https://***@hub and http://***@c"),
        (f"Bearer {TOKEN}", "Bearer ***"),
        ("Illegal header b'Bearer hf_\\nx' in it", "Illegal header b'Bearer ***' in it"),
        ("hf://datasets/lab/bank@v1", "hf://datasets/lab/bank@v1"),
        ("all well\n\x1b[2J\u202e", "all well\\n\\x1b[2J\\u202e"),
    ],
)
def test_what_is_shown_of_a_message(text, shown):
    assert safe(text) == shown


def test_logging_and_warnings_pass_it_while_a_command_runs(caplog, capsys):
    with shown_safely(), warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.getLogger("a.library").warning("retrying %s", "http://a:secret@b\n\x1b[2J")
        warnings.showwarning(UserWarning("\x1b[2J http://a:secret@b"), UserWarning, "x.py", 1)
    assert caplog.messages == ["retrying http://***@b\\n\\x1b[2J"]
    assert capsys.readouterr().err == "UserWarning: \\x1b[2J http://***@b\n"
    logging.getLogger("a.library").warning("two\nlines")
    assert caplog.messages[-1] == "two\nlines"


IMPATIENT = """
import sys, time
time.sleep = lambda seconds: None
from brainlake.cli import main
sys.exit(sum(main(command.split()) for command in sys.argv[1:]))
"""
"""Runs commands in a process that does not wait before it tries again."""


def test_the_password_of_an_endpoint_is_shown_nowhere(tmp_path):
    """It is read when a library is imported: in a process of its own."""
    environment = os.environ | {"HF_ENDPOINT": "http://me:topsecret@127.0.0.1:9", "HF_HUB_OFFLINE": "0"}
    commands = ["info lab/bank", "pull lab/bank --bank x"]
    process = [sys.executable, "-c", IMPATIENT, *commands]
    done = subprocess.run(process, env=environment, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == len(commands)
    assert done.stderr.count("cannot be reached") == len(commands)
    assert "http://***@127.0.0.1:9/" in done.stderr  # the library speaks of it each time that it tries again
    assert "topsecret" not in done.stdout + done.stderr


def test_a_token_that_no_header_can_hold_is_named_and_not_shown():
    environment = os.environ | {"HF_ENDPOINT": "http://127.0.0.1:9", "HF_TOKEN": "hf_secretÉ", "HF_HUB_OFFLINE": "0"}
    command = [sys.executable, "-m", "brainlake", "info", "lab/bank"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "the token of the Hub holds a character that no token has" in done.stderr
    assert "secret" not in done.stderr
