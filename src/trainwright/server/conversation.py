"""One turn of a conversation: words in, a ParseResult and what can be done with it out."""

from __future__ import annotations

from trainwright.spec.api import ChatAction, ChatReply, ChatRequest
from trainwright.spec.result import ParseResult
from trainwright.store import Database
from trainwright.store.repositories import Chats

LAST = "last"
"""Key in a conversation's context of what was understood last; the next message may change it."""

_LABELS = {
    "ko": {"start_training": "학습 시작", "edit": "수정"},
    "en": {"start_training": "Start training", "edit": "Edit"},
}


def read(sentence: str, context: ParseResult | None = None) -> ParseResult:
    """The sentence, read as an answer to `context` where there is one; nothing is kept."""
    from trainwright import intent  # noqa: PLC0415 (slow to load, and only sentences need it)

    return intent.read(sentence, context)


def answer(database: Database, user_id: str, body: ChatRequest) -> ChatReply:
    """Read a message in its conversation, which is begun where none is named."""
    parsed = read(body.message, _understood(database, body.session_id))
    kept = parsed.model_dump(mode="json", exclude_none=True)
    with database.session() as session:
        chats = Chats(session)
        chat = chats.get(body.session_id) if body.session_id else chats.start(user_id)
        chat.language = parsed.language
        if parsed.status != "not_a_training_request":
            chat.context = {LAST: kept}
        chats.say(chat.id, "user", body.message)
        chats.say(chat.id, "assistant", words_of(parsed), result=kept)
        session_id = chat.id
    return ChatReply(**parsed.model_dump(), session_id=session_id, actions=actions_for(parsed))


def _understood(database: Database, session_id: str | None) -> ParseResult | None:
    if session_id is None:
        return None
    with database.session(write=False) as session:
        last = Chats(session).get(session_id).context.get(LAST)
    return ParseResult.model_validate(last) if last else None


def words_of(parsed: ParseResult) -> str:
    """The reply in words: the reader's own, or the questions it asks."""
    return parsed.reply or "\n".join(question.question for question in parsed.questions)


def actions_for(parsed: ParseResult) -> list[ChatAction]:
    """What a person can do next."""
    if parsed.spec is None:
        return []
    spec = parsed.spec.model_dump(mode="json", exclude_none=True)
    labels = _LABELS[parsed.language]
    return [
        ChatAction(type="start_training", label=labels["start_training"], spec=spec),
        ChatAction(type="edit", label=labels["edit"], spec=spec),
    ]
