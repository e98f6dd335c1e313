"""A parser of arguments that suggests what was meant."""

import argparse
from typing import Any

from brainlake.errors import nearest


class Parser(argparse.ArgumentParser):
    """An ``ArgumentParser`` whose errors about choices, subcommands among them, name the nearest one."""

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        try:
            super()._check_value(action, value)
        except argparse.ArgumentError as error:
            near = nearest(str(value), [str(choice) for choice in action.choices or ()])
            if near:
                error.message += f"; did you mean {near!r}?"
            raise
