"""Conversations."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import AwareDatetime, Field

from trainwright.spec.api.envelope import Request, Shape
from trainwright.spec.result import ParseResult

ActionType = Literal["start_training", "edit", "stop", "pause", "resume", "delete", "clone"]


class ParseRequest(Request):
    sentence: str = Field(min_length=1, max_length=10_000)


class ChatRequest(Request):
    message: str = Field(min_length=1, max_length=10_000)
    session_id: str | None = Field(default=None, max_length=64)
    folder: str | None = Field(
        default=None,
        max_length=4096,
        pattern=r"^(/|[A-Za-z]:[\\/])",
        description="The asker's working folder, where it is on the platform's own machine: "
        "relative paths are seen from there. Without it they are asked about.",
    )
    stream: bool = Field(
        default=False, description="Answer as `text/event-stream`, as the Accept header would ask."
    )


class ChatEdit(Request):
    """A change to the spec under discussion, by fields instead of words."""

    session_id: str = Field(max_length=64)
    changes: dict[str, Any] = Field(description="RunSpec fields; null takes one back.")


class ChatAction(Shape):
    """Something that can be done; all but `edit` is done when the next message says yes."""

    type: ActionType
    label: str
    spec: dict[str, Any] | None = Field(default=None, description="Of a run to be started.")
    run_id: str | None = Field(default=None, description="The run it is done to.")
    changes: dict[str, Any] | None = Field(
        default=None,
        description="Of a clone: what differs; of a resume: the `checkpoint` it goes on from.",
    )


class ChatTable(Shape):
    title: str | None = None
    columns: list[str]
    rows: list[list[str]]


class ChatReply(ParseResult):
    """What was understood, the answer, and what can be done next."""

    session_id: str
    topic: str | None = Field(
        default=None, description="What was asked about, where it was not a training: `status`, …"
    )
    wording: str | None = Field(
        default=None, description="Streamed only: `reply` in a language model's words, checked."
    )
    tables: list[ChatTable] = Field(default_factory=list)
    runs: list[str] = Field(
        default_factory=list, description="Ids of the runs in the answer: what `the second` means."
    )
    suggestions: list[str] = Field(
        default_factory=list, description="Answers that may be given next, such as `yes`, `no`."
    )
    actions: list[ChatAction] = Field(default_factory=list)
    done: list[ChatAction] = Field(
        default_factory=list, description="What this message's yes has brought about."
    )
    run_id: str | None = Field(default=None, description="The run that was started.")


class ChatMessageView(Shape):
    role: Literal["user", "assistant"]
    text: str
    created_at: AwareDatetime
    result: ChatReply | None = None


class ChatSession(Shape):
    id: str
    title: str | None = Field(default=None, description="The first words that were said.")
    created_at: AwareDatetime
    updated_at: AwareDatetime | None = None
    messages: list[ChatMessageView] = Field(
        default_factory=list, description="Oldest first; of a long conversation the last ones."
    )
