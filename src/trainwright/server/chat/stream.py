"""A reply as server-sent events: its words as they come, then the whole of it."""

from __future__ import annotations

import json
from collections.abc import Iterator

from trainwright.intent.llm.failures import ModelFailedError
from trainwright.server.chat.wording import UngroundedError, wording_by, words
from trainwright.settings import Settings
from trainwright.spec.api import ChatReply


def events(settings: Settings, question: str, reply: ChatReply) -> Iterator[str]:
    """`words` (one or more), or `instead` of words that do not hold, and at last `reply`."""
    provider = wording_by(settings, reply)
    if provider is None:
        yield _event("words", {"text": reply.reply or ""})
    else:
        said = ""
        try:
            for piece in words(provider, question, reply, settings.trainwright_llm_timeout):
                said += piece
                yield _event("words", {"text": piece})
            reply = reply.model_copy(update={"wording": said})
        except (ModelFailedError, UngroundedError):
            yield _event("instead" if said else "words", {"text": reply.reply or ""})
    yield f"event: reply\ndata: {reply.model_dump_json()}\n\n"


def _event(name: str, data: dict[str, str]) -> str:
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"
