"""One turn of a conversation: words in, a reply out, and both kept."""

from __future__ import annotations

import unicodedata
from typing import Any

from trainwright import catalog
from trainwright.catalog.complete import flatten
from trainwright.datasets.place import check_place
from trainwright.frameworks.inventory import bring_frameworks
from trainwright.intent.rules.text import clean
from trainwright.server import creation
from trainwright.server.auth import Principal
from trainwright.server.chat.context import Answer, Message
from trainwright.server.chat.memory import Memory
from trainwright.server.chat.paths import on_host
from trainwright.server.chat.phrases import Language
from trainwright.server.chat.reading import language_of, of_spec, respond
from trainwright.server.known import known_names
from trainwright.server.services import Services
from trainwright.spec.api import ChatAction, ChatEdit, ChatReply, ChatRequest
from trainwright.spec.errors import InvalidRequestError, NotFoundError
from trainwright.spec.labels import shown
from trainwright.spec.result import Chosen, ParseResult
from trainwright.store import models
from trainwright.store.repositories import Chats

_TITLE = 60


def read(services: Services, sentence: str) -> ParseResult:
    """The sentence, read; nothing is kept."""
    from trainwright import intent  # noqa: PLC0415 (slow to load, and only sentences need it)

    return intent.read(sentence, known=known_names(services.database))


def take(services: Services, user: Principal, body: ChatRequest) -> ChatReply:
    """Answer a message in its conversation, which is begun where none is named.

    Raises:
        NotFoundError: The conversation is not there, or is another person's.
        ConflictError: It is still busy with the message before.
    """
    session_id = body.session_id or _begin(services, user, body.message)
    with services.conversations.turn(session_id):
        message = _message(services, user, session_id, body.message)
        message.folder = body.folder
        reply = _reply(session_id, message, respond(message))
        _keep(message, reply, body.message)
    return reply


def edit(services: Services, user: Principal, body: ChatEdit) -> ChatReply:
    """Change fields of the spec under discussion; what depended on them is chosen anew.

    Raises:
        NotFoundError: The conversation is not there, or is another person's.
        InvalidRequestError: It is about no spec yet.
        SpecError: The changed fields are wrong.
    """
    with services.conversations.turn(body.session_id):
        message = _message(services, user, body.session_id, "")
        message.memory.last = on_host(message, _edited(message, body.changes))
        answer = of_spec(message, message.memory.last, message.say("edited"))
        reply = _reply(body.session_id, message, answer)
        _keep(message, reply, None)
    return reply


def own(services: Services, user: Principal, session_id: str) -> models.ChatSession:
    """A conversation is its owner's alone; even an admin has no business there.

    Raises:
        NotFoundError: It is not there, or is another person's.
    """
    with services.database.session(write=False) as session:
        row = Chats(session).get(session_id)
    if row.user_id != user.id:
        raise NotFoundError(f"there is no conversation {session_id!r}", field="session_id")
    return row


def _begin(services: Services, user: Principal, words: str) -> str:
    title = shown(" ".join(words.split())[:_TITLE]) or None
    with services.database.session() as session:
        return Chats(session).start(user.id, title=title).id


def _message(services: Services, user: Principal, session_id: str, text: str) -> Message:
    """The message with what the conversation has in mind.

    What was proposed is taken out of the store at once: whatever happens next, it is done at most
    once.
    """
    before = own(services, user, session_id).language
    with services.database.session() as session:
        row = Chats(session).get(session_id, lock=True)
        memory = Memory.of(row.context)
        row.context = memory.model_copy(update={"proposed": []}).kept()
    known: Language | None = "ko" if before == "ko" else "en" if before == "en" else None
    written = " ".join(unicodedata.normalize("NFC", text).split())
    language = language_of(written.lower(), known)
    return Message(services, user, clean(text), written, language, memory)


def _reply(session_id: str, message: Message, answer: Answer) -> ChatReply:
    """The reply as it is sent; what it speaks of is remembered."""
    memory = message.memory
    memory.show(answer.runs)
    memory.proposed, memory.wanted = answer.proposed, answer.wanted
    parsed = answer.parsed or ParseResult(
        status="not_a_training_request", language=message.language
    )
    return ChatReply(
        **parsed.model_copy(update={"reply": answer.text}).model_dump(),
        session_id=session_id,
        topic=answer.topic,
        tables=answer.tables,
        runs=answer.runs,
        suggestions=answer.choices,
        actions=[*answer.proposed, *_edits(message, parsed)],
        done=answer.done,
        run_id=answer.run_id,
    )


def _edits(message: Message, parsed: ParseResult) -> list[ChatAction]:
    if parsed.spec is None:
        return []
    spec = parsed.spec.model_dump(mode="json", exclude_none=True)
    return [ChatAction(type="edit", label=message.say("label_edit"), spec=spec)]


def _keep(message: Message, reply: ChatReply, said: str | None) -> None:
    kept = reply.model_dump(mode="json", exclude_none=True)
    with message.services.database.session() as session:
        chats = Chats(session)
        row = chats.get(reply.session_id, lock=True)
        row.language = message.language
        row.context = message.memory.kept()
        if said is not None:
            chats.say(row.id, "user", said)
        chats.say(row.id, "assistant", reply.reply or "", result=kept, run_id=reply.run_id)


def _edited(message: Message, changes: dict[str, Any]) -> ParseResult:
    last = message.memory.last
    if last is None:
        raise InvalidRequestError(message.say("nothing_to_edit"), field="session_id")
    wanted = dict(changes)
    told = creation.resolve_dataset(message.services, wanted)
    bring_frameworks()
    fields = last.spec.model_dump(mode="json", exclude_none=True) if last.spec else {**last.intent}
    told |= creation.resolve_dataset(message.services, fields)
    done = catalog.edit(
        fields, last.provenance, wanted, language=message.language, checks=(check_place,)
    )
    kept = {n: why for n, why in last.reasons.items() if done.provenance.get(n) == Chosen.INFERRED}
    said = {
        name: value
        for name, value in flatten(done.spec.model_dump(mode="json", exclude_none=True)).items()
        if done.provenance.get(name, Chosen.DEFAULT) != Chosen.DEFAULT
    }
    return ParseResult(
        status="complete",
        language=message.language,
        intent=said,
        provenance=done.provenance,
        reasons=kept | done.reasons | told,
        spec=done.spec,
        reader=last.reader,
    )
