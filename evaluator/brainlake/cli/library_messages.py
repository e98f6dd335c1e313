"""What libraries say while a command runs: shown as our own words are, on one line and without secrets."""

import logging
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from brainlake.contract.printable import printable, without_secrets


def safe(text: str) -> str:
    """A message as it may be shown: what a terminal would obey as its escape, secrets struck out."""
    return printable(without_secrets(text))


@contextmanager
def shown_safely() -> Iterator[None]:
    """Let every record of ``logging``, and every warning, be shown safely."""
    make, show = logging.getLogRecordFactory(), warnings.showwarning

    def record(*args: Any, **more: Any) -> logging.LogRecord:
        made = make(*args, **more)
        made.msg, made.args = safe(made.getMessage()), ()
        return made

    def warning(message: Warning | str, category: type[Warning], *_: Any, **__: Any) -> None:
        sys.stderr.write(f"{category.__name__}: {safe(str(message))}\n")

    logging.setLogRecordFactory(record)
    warnings.showwarning = warning
    try:
        yield
    finally:
        logging.setLogRecordFactory(make)
        warnings.showwarning = show
