"""What every subcommand shares: parsing, errors in one line, exit status."""

import argparse
import os
import sys
from collections.abc import Mapping
from typing import Protocol

from brainlake.cli.parser import Parser
from brainlake.errors import BrainlakeError
from brainlake.version import __version__


class UsageError(Exception):
    """Arguments that parse one by one but make no sense together."""


class Command(Protocol):
    """A module with a subcommand."""

    __doc__: str | None

    def configure(self, parser: argparse.ArgumentParser) -> None:
        """Add the arguments, and examples as the epilog."""

    def execute(self, options: argparse.Namespace) -> int | None:
        """Do it; a returned number is the exit status."""


def run(program: str, description: str, commands: Mapping[str, Command], arguments: list[str] | None) -> int:
    """Parse the arguments and execute one command.

    Exit status: 0 done, 1 could not (one line on stderr says why), 2 wrong usage.
    """
    parser = Parser(program, description=description)
    parser.add_argument("--version", action="version", version=f"{program} {__version__}")
    subparsers = parser.add_subparsers(metavar="COMMAND", required=True)
    for name, command in commands.items():
        summary = (command.__doc__ or "").strip().splitlines()[0]
        child = subparsers.add_parser(
            name, help=summary, description=summary, formatter_class=argparse.RawDescriptionHelpFormatter
        )
        command.configure(child)
        child.set_defaults(execute=command.execute)
    options = parser.parse_args(arguments)
    try:
        return options.execute(options) or 0
    except BrainlakeError as error:
        return _failed(program, str(error))
    except UsageError as error:
        parser.error(str(error))
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        return _failed(program, f"{error}; what was already written is intact")
    except KeyboardInterrupt:
        return _failed(program, "interrupted; what was already written is intact")


def add_banks(parser: argparse.ArgumentParser) -> None:
    """Add the banks that a command reads."""
    parser.add_argument(
        "banks", nargs="+", metavar="BANK", help="folder, or owner/name[@revision] on the Hub; several open as one"
    )
    parser.add_argument("--download", action="store_true", help="fetch whole repositories first")


def add_format(parser: argparse.ArgumentParser) -> None:
    """Add the choice of output format."""
    parser.add_argument("--format", choices=("table", "csv", "json"), default="table", help="default: %(default)s")


def _failed(program: str, message: str) -> int:
    sys.stderr.write(f"{program}: {' '.join(message.split())}\n")
    return 1
