"""A command in this process, and a script in one of its own."""

import os
import subprocess
import sys


def in_process(main, capsys):
    """What runs a command with arguments: exit status, stdout, stderr; a traceback is a failure."""

    def command(*arguments):
        try:
            status = main([str(one) for one in arguments])
        except SystemExit as stop:
            status = stop.code
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        return status, out, err

    return command


def run_driver(script, *arguments, **settings):
    """Run a script of ours by itself, with the modules that this process finds, on one thread; a failure fails here."""
    found = {"OMP_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false", "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, *map(str, (script, *arguments))]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | found | settings, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return done
