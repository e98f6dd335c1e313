"""What every subcommand shares: parsing, errors in one line, exit status."""

import argparse
import io
import os
import signal
import sys
import threading
from collections.abc import Callable, Mapping
from functools import partial
from types import FrameType
from typing import Protocol

from brainlake.cli.library_messages import safe, shown_safely
from brainlake.cli.parser import Parser, UsageError
from brainlake.contract.printable import printable
from brainlake.errors import BrainlakeError, FailedError
from brainlake.report.progress import Progress
from brainlake.version import __version__

Handler = Callable[[int, FrameType | None], object] | int | None


class Command(Protocol):
    """A module with a subcommand."""

    __doc__: str | None

    def configure(self, parser: argparse.ArgumentParser) -> None:
        """Add the arguments, and examples as the epilog."""

    def execute(self, options: argparse.Namespace) -> int | None:
        """Do it; a returned number is the exit status. ``options.progress`` says how far it is."""


def run(
    program: str, description: str, commands: Mapping[str, Callable[[], Command]], arguments: list[str] | None
) -> int:
    """Parse the arguments and execute one command.

    Parameters
    ----------
    commands
        What imports each subcommand: that may take a second, so that only the one that is asked for is imported, and
        Ctrl-C ends that as well.
    arguments
        Those of the command line if None.

    Returns
    -------
    int
        Exit status: 0 done, 1 could not (one line on stderr says why, of many things a line each), 2 wrong usage (what
        no bank could make right), 130 ended by Ctrl-C, 143 by SIGTERM.
    """
    terminated = threading.Event()
    before = signal.getsignal(signal.SIGTERM)
    try:
        _on_sigterm(partial(_terminate, terminated))
        parser = Parser(program, description=description)
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):  # What the console cannot show stands as its escape.
                stream.reconfigure(errors="backslashreplace")
        given = sys.argv[1:] if arguments is None else arguments
        name = next((word for word in given if not word.startswith("-")), "")
        _add_commands(parser, {name: commands[name]} if name in commands else commands)
        options = parser.parse_args(arguments)
        with shown_safely(), Progress(options.quiet) as options.progress:
            return options.execute(options) or 0
    except FailedError as error:
        return _failed(program, *str(error).splitlines())
    except BrainlakeError as error:
        return _failed(program, str(error))
    except UsageError as error:
        child: Parser = options.parser
        child.error(str(error))
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except UnicodeEncodeError as error:
        return _failed(program, f"{str(error.object)!r} holds bytes that are not UTF-8: rename it")
    except OSError as error:
        return _failed(program, f"{error}; what was already written is intact")
    except KeyboardInterrupt:
        # Which signal it was is not told by what is raised: Ray raises another one in the place of ours.
        word, number = ("terminated", signal.SIGTERM) if terminated.is_set() else ("interrupted", signal.SIGINT)
        return _failed(program, f"{word}; what was already written is intact", status=128 + number)
    finally:
        _on_sigterm(before)


def _add_commands(parser: argparse.ArgumentParser, commands: Mapping[str, Callable[[], Command]]) -> None:
    parser.add_argument("--version", action="version", version=f"{parser.prog} {__version__}")
    subparsers = parser.add_subparsers(metavar="COMMAND", required=True)
    for name, load in commands.items():
        command = load()
        summary = (command.__doc__ or "").strip().splitlines()[0]
        child = subparsers.add_parser(
            name, help=summary, description=summary, formatter_class=argparse.RawDescriptionHelpFormatter
        )
        command.configure(child)
        child.add_argument("-q", "--quiet", action="store_true", help="results and errors only: no progress, no notes")
        child.set_defaults(execute=command.execute, parser=child)


def say(line: str = "") -> None:
    """Write one line of results to stdout."""
    sys.stdout.write(f"{printable(line)}\n")


def _terminate(terminated: threading.Event, _number: int, _frame: FrameType | None) -> None:
    terminated.set()
    raise KeyboardInterrupt


def _on_sigterm(handler: Handler) -> None:
    """Let SIGTERM do this. Outside the main thread, where Python has no signals, nothing is changed."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, handler)


def _failed(program: str, message: str, *more: str, status: int = 1) -> int:
    for line in (f"{program}: {' '.join(message.split())}", *more):
        sys.stderr.write(f"{safe(line)}\n")
    return status
