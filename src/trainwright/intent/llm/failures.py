"""What can come instead of a filled form."""

from __future__ import annotations


class ModelFailedError(Exception):
    """The model gave nothing to go by.

    Attributes:
        why: A key of `words.WHY`.
        passing: It may go better at once.
    """

    def __init__(self, why: str, *, passing: bool = False) -> None:
        super().__init__(why)
        self.why = why
        self.passing = passing


class RequestRefusedError(Exception):
    """The server does not take this kind of request."""


class UnusableError(Exception):
    """A reply that is no filled form; `faults` say what would be, without quoting it."""

    def __init__(self, *faults: str) -> None:
        self.faults = list(faults)
        super().__init__("; ".join(faults))
