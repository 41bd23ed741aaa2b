"""What a conversation keeps in mind: little, however long it gets."""

from __future__ import annotations

from typing import Any, Self

from pydantic import BaseModel, Field, ValidationError

from trainwright.spec.api import ChatAction
from trainwright.spec.result import ParseResult

MOST_SHOWN = 20
MOST_PROPOSED = 50
_LONGEST_SENTENCE = 2000


class Memory(BaseModel):
    """Kept in a conversation's `context`, between two messages."""

    last: ParseResult | None = Field(
        default=None, description="What was understood last; the next message may change it."
    )
    sentence: str = Field(default="", description="The words it was understood from.")
    run: str | None = Field(default=None, description="The run that was spoken of last.")
    shown: list[str] = Field(default_factory=list, description="Runs that were listed last.")
    proposed: list[ChatAction] = Field(
        default_factory=list, description="What a yes brings about; anything else drops it."
    )
    field: str | None = Field(default=None, description="The setting that was asked for last.")
    trashed: str | None = Field(default=None, description="The run that was deleted last.")
    wanted: str | None = Field(default=None, description="What is to be done, of which run unsaid.")

    @classmethod
    def of(cls, context: dict[str, Any]) -> Self:
        """What a conversation kept; nothing where an older version kept it otherwise."""
        try:
            return cls.model_validate(context)
        except ValidationError:
            return cls()

    def kept(self) -> dict[str, Any]:
        return self.model_dump(mode="json", exclude_none=True)

    def hear(self, message: str) -> None:
        """Add to the words that the spec under discussion comes from."""
        self.sentence = f"{self.sentence}, {message}".removeprefix(", ")[-_LONGEST_SENTENCE:]

    def show(self, run_ids: list[str]) -> None:
        """Remember what `it` and `the second one` will mean."""
        if len(run_ids) > 1:
            self.shown = run_ids[:MOST_SHOWN]
        if run_ids:
            self.run = run_ids[0]
