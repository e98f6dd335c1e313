"""Arguments that several subcommands take, and what makes no sense for them, as an error of usage."""

import argparse
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeVar

from brainlake.cli.parser import UsageError
from brainlake.contract.layout import check_name
from brainlake.engines.unit import ENGINES
from brainlake.errors import BrainlakeError
from brainlake.report.tables import FORMATS
from brainlake.storage.hub import parse_address

T = TypeVar("T")


class Names(argparse.Action):
    """Several names, of which one that is given twice counts once."""

    def __call__(self, _: Any, namespace: argparse.Namespace, values: Any, option: str | None = None) -> None:
        """Keep them in their order."""
        setattr(namespace, self.dest, list(dict.fromkeys(values)))


def parsed(parse: Callable[[str], T]) -> Callable[[str], T]:
    """A type of argument from a function that refuses what it cannot read."""

    def read(text: str) -> T:
        try:
            return parse(text)
        except BrainlakeError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return read


def read_by(parse: Callable[[str], object]) -> Callable[[str], str]:
    """A type of argument: a text that a function reads, and refuses where it cannot."""
    read = parsed(parse)

    def text(given: str) -> str:
        read(given)
        return given

    return text


def name_of(kind: str) -> Callable[[str], str]:
    """A type of argument: what may name a model, scores or such in a bank."""
    return parsed(partial(check_name, kind))


@contextmanager
def as_usage() -> Iterator[None]:
    """Let what is refused here, that no bank could make right, be wrong usage.

    Raises
    ------
    UsageError
        If anything is refused.
    """
    try:
        yield
    except BrainlakeError as error:
        raise UsageError(str(error)) from None


def repository(text: str) -> str:
    """A type of argument: the address of a repository on the Hub."""
    if parse_address(text) is None:
        raise argparse.ArgumentTypeError(f"owner/name or owner/name@revision on the Hub, not {text!r}")
    return text


def at_least(least: int, most: int | None = None) -> Callable[[str], int]:
    """A type of argument: a whole number that is not smaller, and not larger than the most there is use for."""

    def read(text: str) -> int:
        if not (re.fullmatch("-?[0-9]{1,18}", text) and least <= int(text) <= (most or int(text))):
            above = most and re.fullmatch("[0-9]+", text) and int(text[:19]) > most
            wanted = f"at most {most}" if above else f"at least {least}"
            raise argparse.ArgumentTypeError(f"a whole number of {wanted}, not {text!r}")
        return int(text)

    return read


def add_banks(parser: argparse.ArgumentParser, nargs: str = "+") -> None:
    """Add the banks that a command reads; at least one unless ``nargs`` says otherwise."""
    parser.add_argument(
        "banks",
        nargs=nargs,
        action=Names,
        metavar="BANK",
        help="folder, or owner/name[@revision] on the Hub; several open as one",
    )
    parser.add_argument("--download", action="store_true", help="fetch whole repositories first")


def add_names(parser: argparse.ArgumentParser, option: str, metavar: str, text: str, **more: Any) -> None:
    """Add an option that takes several names."""
    parser.add_argument(option, nargs="+", action=Names, metavar=metavar, help=text, **more)


def add_fail_fast(parser: argparse.ArgumentParser) -> None:
    """Add what a command over many things does when one of them fails."""
    parser.add_argument(
        "--fail-fast", action="store_true", help="end at the first failure; default: do the rest, and say it last"
    )


def add_engine(parser: argparse.ArgumentParser, what: str) -> None:
    """Add the choice of who does independent things."""
    parser.add_argument(
        "--engine",
        choices=ENGINES,
        default="local",
        help=f"ray: {what} on the Ray cluster that RAY_ADDRESS names, or on one started here; default: %(default)s",
    )


def add_format(parser: argparse.ArgumentParser) -> None:
    """Add the choice of output format."""
    text = "default: %(default)s; csv keeps texts whole, those too that a spreadsheet takes for formulas (=, +, -, @)"
    parser.add_argument("--format", choices=tuple(FORMATS), default=next(iter(FORMATS)), help=text)
