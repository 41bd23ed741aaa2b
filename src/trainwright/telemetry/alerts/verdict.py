"""What a rule says after it has looked."""

from __future__ import annotations

from dataclasses import dataclass

from trainwright.store.repositories import Trouble


@dataclass(frozen=True)
class Over:
    """A rule's trouble, if there was any, is over.

    Attributes:
        rule: Which rule.
        why: In words.
    """

    rule: str
    why: str


Verdict = Trouble | Over
