"""The errors that brainlake raises on purpose: each says what is wrong, where, and what to do."""


class BrainlakeError(Exception):
    """Something could not be done as asked; the message is meant for the person who asked."""


class UnknownNameError(BrainlakeError):
    """A benchmark, model, recipe, protocol or layer that is not there."""

    def __init__(self, kind: str, name: object, known: list[str] | tuple[str, ...] = ()) -> None:
        have = f"; there is: {', '.join(sorted(known))}" if known else "; there is none"
        super().__init__(f"unknown {kind} {str(name)!r}{have}")
