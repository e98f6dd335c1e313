"""A parser of arguments that suggests what was meant."""

import argparse
from collections.abc import Sequence
from typing import Any, Never

from brainlake.errors import nearest


class UsageError(Exception):
    """Arguments that parse one by one but make no sense together, or that no bank could make right."""


class Parser(argparse.ArgumentParser):
    """An ``ArgumentParser`` whose errors about choices, subcommands and options name the nearest one."""

    _misspelt: Sequence[str] = ()

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Parse, and refuse here what is left over: this parser knows which options it might have been."""
        if args is not None:
            self._misspelt = [one for one in args if self._is_unknown_option(one)]
        found, left = super().parse_known_args(args, namespace)
        if left:
            self.error(f"unrecognized arguments: {' '.join(left)}")
        return found, left

    def error(self, message: str) -> Never:
        """Say what is wrong; of an option that is not there, or is missing, also which one was meant."""
        if message.startswith(("unrecognized arguments", "the following arguments are required")):
            for option in self._misspelt:
                if near := nearest(option.partition("=")[0], self._long_options()):
                    message += f"; did you mean {near!r}?"
                    break
        super().error(message)

    def _is_unknown_option(self, one: object) -> bool:
        # An abbreviation is none: argparse takes it for the option that it begins.
        option = str(one).partition("=")[0]
        return option.startswith("--") and not any(known.startswith(option) for known in self._long_options())

    def _long_options(self) -> list[str]:
        return [option for action in self._actions for option in action.option_strings if option.startswith("--")]

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        try:
            super()._check_value(action, value)
        except argparse.ArgumentError as error:
            near = nearest(str(value), [str(choice) for choice in action.choices or ()])
            if near:
                error.message += f"; did you mean {near!r}?"
            raise
