"""Conversations."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import AwareDatetime, Field

from trainwright.spec.api.envelope import Request, Shape
from trainwright.spec.result import ParseResult


class ParseRequest(Request):
    sentence: str = Field(min_length=1, max_length=10_000)


class ChatRequest(Request):
    message: str = Field(min_length=1, max_length=10_000)
    session_id: str | None = Field(default=None, max_length=64)


class ChatAction(Shape):
    type: Literal["start_training", "edit"]
    label: str
    spec: dict[str, Any] | None = None


class ChatReply(ParseResult):
    session_id: str
    actions: list[ChatAction] = Field(default_factory=list)


class ChatMessageView(Shape):
    role: Literal["user", "assistant"]
    text: str
    created_at: AwareDatetime
    result: ParseResult | None = None


class ChatSession(Shape):
    id: str
    created_at: AwareDatetime
    messages: list[ChatMessageView] = Field(default_factory=list)
