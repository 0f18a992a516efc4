"""How long work is cancelled: it is given a check, and calls it between layers or batches; what that raises ends it."""

from collections.abc import Callable

Check = Callable[[], None]


def never() -> None:
    """The check of work that nobody cancels."""
