"""From what was said to what is said back."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from trainwright import intent
from trainwright.intent.parser import listen
from trainwright.intent.rules.language import detect
from trainwright.intent.rules.requests import orders
from trainwright.server.chat import catalogue, changes, comparing, planning, runs, topics
from trainwright.server.chat.consent import consent
from trainwright.server.chat.context import Answer, Message
from trainwright.server.chat.glossary import explain
from trainwright.server.chat.paths import on_host
from trainwright.server.chat.phrases import Language
from trainwright.server.chat.references import MASK, READ, Meant, find
from trainwright.server.run_access import find_run
from trainwright.spec.api import ChatAction
from trainwright.spec.errors import SpecError, TrainwrightError
from trainwright.spec.result import ParseResult

_STARTS = ("start_training", "clone")
_HANGUL = re.compile(r"[가-힣ㄱ-ㅎㅏ-ㅣ]")
_WORDS = re.compile(r"[a-z]{2,}")

_ANSWERS: Mapping[str, Callable[[Message, Meant], Answer | None]] = {
    "help": catalogue.overview,
    "compare": comparing.compare,
    "why": runs.why,
    "best": runs.best,
    "plan": planning.plan,
    "models": catalogue.models,
    "datasets": catalogue.datasets,
    "hardware": catalogue.hardware,
    "recipes": catalogue.recipes,
    "list": runs.listing,
    "status": runs.status,
}


def language_of(text: str, before: Language | None) -> Language:
    """The language of a message; of one that has hardly any words, the conversation's."""
    if before is not None and not _HANGUL.search(text) and len(_WORDS.findall(text)) < 2:
        return before
    return detect(text, text)


def respond(message: Message) -> Answer:
    """The answer to a message. What was proposed before is done after a yes, else dropped."""
    memory = message.memory
    proposed, memory.proposed = memory.proposed, []
    wanted, memory.wanted = memory.wanted, None
    starting = any(action.type in _STARTS for action in proposed)
    agreed = consent(message.written.lower(), starting=starting)
    if agreed and proposed:
        if agreed == "yes":
            return changes.perform(message, proposed)
        return Answer(proposed[0].type, message.say("dropped"))
    if (
        agreed
        and not _is_asked(memory.last)
        and topics.action(message.written.lower()[:READ]) is None
    ):
        return Answer(None, message.say("nothing_proposed" if agreed == "yes" else "dropped"))
    meant = find(message)
    if meant.runs:  # names of runs are Latin in Korean messages, too
        message.language = language_of(meant.text.replace(MASK, " "), message.language)
    try:
        answer = _about_runs(message, meant, wanted) or _discuss(message, proposed)
    except TrainwrightError as error:
        why = "; ".join(map(str, error.faults)) if isinstance(error, SpecError) else error.message
        return Answer(None, message.say("not_done", why=why))
    return answer


def _is_asked(last: ParseResult | None) -> bool:
    return last is not None and bool(last.questions)


def _about_runs(message: Message, meant: Meant, wanted: str | None) -> Answer | None:
    """The answer to what is no request for a training; `None` for one that is."""
    action, topic = topics.action(meant.text), topics.topic(meant.text)
    if wanted and action is None and (meant.runs or meant.refers("all")):
        action = _action(wanted)
    strong, weak = _is_training(message, meant)
    if strong and not (action and meant.runs):
        return None
    if explained := explain(message, meant.text):
        return explained
    if action and (not weak or action == "clone" or meant.runs):
        return _unclear(message, meant) or changes.propose(message, meant, action)
    if weak or _answers_question(message, meant):
        return None
    if topic in (None, "status") and meant.runs:
        topic = "status" if len(meant.runs) == 1 else "compare"
    if topic is None:
        return (
            _unclear(message, meant)
            if (meant.unknown or meant.beyond) and not _is_asked(message.memory.last)
            else None
        )
    unclear = _unclear(message, meant)
    return unclear or _ANSWERS[topic](message, meant) or runs.status(message, meant)


def _action(name: str) -> topics.Action | None:
    return next((known for known, _ in topics.rules().actions if known == name), None)


def _is_training(message: Message, meant: Meant) -> tuple[bool, bool]:
    """Whether a message asks for a training for certain, and whether it may."""
    read = intent.parse(message.text, known=message.known)
    if read.status == "not_a_training_request":
        return False, False
    named = read.status == "complete" or bool({"model", "dataset"} & read.intent.keys())
    asks = topics.rules().asks.search(meant.text) is not None
    return named and not asks, orders(message.text.lower())


def _answers_question(message: Message, meant: Meant) -> bool:
    """Whether a message answers what was asked of a training, rather than asks something."""
    last = message.memory.last
    if last is None or not last.questions or topics.rules().asks.search(meant.text):
        return False
    offered = {choice.lower() for question in last.questions for choice in question.suggestions}
    return message.text.lower().strip() in offered or (
        intent.parse(message.text, last, message.known).intent != last.intent
    )


def _unclear(message: Message, meant: Meant) -> Answer | None:
    if meant.ambiguous:
        name, ids = meant.ambiguous[0]
        return Answer("status", message.say("ambiguous", name=name), runs=ids, choices=ids)
    if meant.beyond:
        return Answer("status", message.say("no_such_place"))
    if meant.unknown:
        return Answer("status", message.say("no_such_run", name=meant.unknown[0]))
    return None


def _discuss(message: Message, proposed: list[ChatAction]) -> Answer:
    """A request for a training, or a change to the one under discussion."""
    if copy := _changed_copy(message, proposed):
        return copy
    memory = message.memory
    parsed = on_host(message, intent.read(message.text, memory.last, known=message.known))
    if parsed.status == "not_a_training_request":
        greeting = listen(message.text).kind == "greeting"
        text = parsed.reply if greeting and parsed.reply else message.say("fallback")
        return Answer(None, text, parsed=parsed.model_copy(update={"reply": text}))
    message.language = parsed.language
    if intent.parse(message.text, known=message.known).status == "complete":
        memory.sentence = ""  # another request than the one before
    memory.hear(message.text)
    memory.last = parsed
    return of_spec(message, parsed)


def of_spec(message: Message, parsed: ParseResult, lead: str = "") -> Answer:
    """The spec as it now is, with the question whether to start, or what it still lacks."""
    text = f"{lead} {parsed.reply or ''}".strip()
    if parsed.status != "complete" or parsed.spec is None:
        asked = "\n".join(question.question for question in parsed.questions)
        return Answer(None, f"{text}\n{asked}".strip(), parsed=parsed)
    if not message.user.may_write:
        return Answer(None, f"{text} {message.say('viewer')}", parsed=parsed)
    spec = changes.fields_of(parsed.spec)
    start = ChatAction(type="start_training", label=message.say("label_start_training"), spec=spec)
    return Answer(
        None,
        f"{text} {message.say('ask_start')}".strip(),
        parsed=parsed,
        proposed=[start],
        choices=[message.say("yes"), message.say("no")],
    )


def _changed_copy(message: Message, proposed: list[ChatAction]) -> Answer | None:
    """A copy that was proposed, with what the message now changes."""
    if len(proposed) != 1 or proposed[0].type != "clone":
        return None
    said = changes.changes_in(message.text.lower())
    if not said or intent.parse(message.text, known=message.known).status == "complete":
        return None
    run = find_run(message.services, message.user, proposed[0].run_id or "")
    return changes.clone_of(message, run, (proposed[0].changes or {}) | said)
