"""Trained language models: what can be asked of a run's model, and what it answers."""

from __future__ import annotations

from typing import Literal, Self, TypedDict

from pydantic import Field, model_validator

from trainwright.spec.api.envelope import Request, Shape

MAX_MESSAGES = 200
MAX_CHARACTERS = 1_000_000
"""Of one message."""

MAX_TOKENS = 8192
DEFAULT_TOKENS = 512


class Abilities(Shape):
    """What can be asked of a run's model."""

    run_id: str
    answers: Literal["labels", "text"] | None = Field(
        description="Images with labels, or words with words; null where nothing can be asked."
    )
    reason: str | None = Field(default=None, description="Why nothing can be asked, in words.")
    chat_template: bool | None = Field(
        default=None,
        description="Whether a language model knows who speaks; without, it goes on with the text.",
    )
    context_length: int | None = Field(
        default=None, description="Tokens a language model can read and write, where it says so."
    )


class ModelMessage(Request):
    """One message of a conversation with a model."""

    role: Literal["system", "user", "assistant"]
    content: str = Field(max_length=MAX_CHARACTERS)


class GenerateRequest(Request):
    """A conversation that a model is to go on with; the last message is the user's."""

    messages: list[ModelMessage] = Field(min_length=1, max_length=MAX_MESSAGES)
    max_tokens: int = Field(default=DEFAULT_TOKENS, ge=1, le=MAX_TOKENS)
    temperature: float = Field(default=0.7, ge=0, le=2, description="0: always the likeliest word.")
    top_p: float = Field(
        default=0.95, gt=0, le=1, description="Chosen among the likeliest words that make this up."
    )
    seed: int | None = Field(
        default=None, ge=0, le=2**32 - 1, description="The same one, the same answer."
    )

    @model_validator(mode="after")
    def _asks(self) -> Self:
        if self.messages[-1].role != "user":
            raise ValueError("the last message must be the user's")
        return self


class GenerateOptions(TypedDict, total=False):
    """What of a `GenerateRequest` may be left out."""

    max_tokens: int
    temperature: float
    top_p: float
    seed: int | None


class Generated(Shape):
    """What a model said, and how fast."""

    run_id: str
    text: str
    finish_reason: Literal["stop", "length"] = Field(
        description="`length`: cut off by `max_tokens`, or at the end of the context."
    )
    prompt_tokens: int
    completion_tokens: int
    inference_time_ms: float
    first_token_ms: float
    tokens_per_second: float
    model_version: str
