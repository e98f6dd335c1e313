"""Check every file of a bank: hashes, schemas, rows, ids, NaN and infinity."""

import argparse
import re
from typing import Final

from brainlake.bank.catalogue import Bank, open_bank
from brainlake.bank.identity import bank_digest, differences
from brainlake.cli.arguments import add_banks
from brainlake.cli.run import say

HOW: Final = {"missing": "is missing; it is in", "other": "is another file than in", "extra": "is only here, not in"}
"""How a bank differs from another one in a file."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_banks(parser)
    parser.add_argument(
        "--against",
        metavar="BANK",
        help="also compare the tables with those of another bank, such as OWNER/NAME@v1; only its manifest travels",
    )
    parser.add_argument(
        "--digest",
        type=_digest,
        metavar="SHA256",
        help="also compare the digest with this one, such as a paper prints it",
    )
    parser.epilog = (
        "The digest of a bank is the sha256 of a line a Parquet file, `<sha256>  <path>`, in the order of the paths.\n"
        "The exit status is 1 if anything is wrong, missing or another file; what is only here is named, and is well:\n"
        "human data stay at home when features are published.\n\n"
        "examples:\n  brainlake verify demo\n  brainlake verify bank --against lab/bank@v1"
    )


def execute(options: argparse.Namespace) -> int:
    """Print what is wrong; the exit status is 1 if anything is."""
    bank = open_bank(*options.banks, download=options.download)
    problems = bank.verify()
    for problem in problems:
        say(f"{problem.path}: {problem.what}")
    wrong = f"{len(problems)} problems" if problems else "all well"
    say(f"{len(bank.files)} files checked: {wrong}")
    same = options.against is None or _compare(bank, options.against)
    digest = bank_digest(sidecar for _, sidecar in bank.files)
    if problems:
        say("no digest: it is that of a bank that is well")
    else:
        say(f"digest {digest}")
        if options.digest not in (None, digest):
            say(f"which is not {options.digest}")
            same = False
    return 1 if problems or not same else 0


def _compare(bank: Bank, place: str) -> bool:
    """Say in which files the bank is not another one; whether it has all of that, as it is there."""
    here, there = ([sidecar for _, sidecar in one.files] for one in (bank, open_bank(place)))
    found = differences(here, there)
    for one in found:
        say(f"{one.path}: {HOW[one.how]} {place}")
    lacking = sum(one.how != "extra" for one in found)
    say(f"{len(there) - lacking} of {len(there)} files of {place} are here, {len(found) - lacking} others besides")
    return not lacking


def _digest(text: str) -> str:
    digest = text.removeprefix("sha256:").lower()
    if not re.fullmatch("[0-9a-f]{64}", digest):
        raise argparse.ArgumentTypeError(f"sha256: and 64 hexadecimal digits, not {text!r}")
    return f"sha256:{digest}"
