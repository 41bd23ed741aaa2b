"""From what was said to what is said back."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from trainwright import intent
from trainwright.intent.parser import listen
from trainwright.intent.rules.language import detect
from trainwright.intent.rules.requests import orders
from trainwright.server.chat import (
    by_model,
    catalogue,
    changes,
    comparing,
    planning,
    ranking,
    remarks,
    runs,
    topics,
    values,
)
from trainwright.server.chat.consent import consent, starts
from trainwright.server.chat.context import Answer, Message
from trainwright.server.chat.glossary import explain
from trainwright.server.chat.paths import on_host
from trainwright.server.chat.phrases import Language
from trainwright.server.chat.references import MASK, READ, Meant, find, run_of, spoken_of
from trainwright.server.run_access import find_run
from trainwright.spec.api import ChatAction
from trainwright.spec.errors import SpecError, TrainwrightError
from trainwright.spec.result import ParseResult
from trainwright.spec.status import RunStatus

_HANGUL = re.compile(r"[가-힣ㄱ-ㅎㅏ-ㅣ]")
_WORDS = re.compile(r"[a-z]{2,}")
_BARE = re.compile(
    r"\W*(?:(?:then|ok|and|but|make it|use|take|set it to|그럼|그러면|그냥)\W+)*"
    r"(\d+(?:\.\d+)?(?:e-?\d+)?)\s?(?:으로|로|요|please|then|instead|해\s?줘|바꿔\s?줘|\W)*"
)
_NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?:e-?\d+)?(?![a-z0-9.])")


def _always(topic: str, message: Message, _: Meant) -> Answer:
    return remarks.said(message, topic)


_ANSWERS: Mapping[str, Callable[[Message, Meant], Answer | None]] = {
    "keep": remarks.keep,
    "rename": remarks.rename,
    "trash": remarks.trash,
    "cost": remarks.cost,
    "saved": remarks.saved,
    "log": remarks.log,
    "settings": values.settings,
    "ranking": ranking.ranking,
    "room": catalogue.hardware,
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
} | {
    topic: partial(_always, topic)
    for topic in ("thanks", "bye", "cross", "notify", "tongue", "own")
}
_CANCELS = re.compile(r"cancel|never ?mind|forget|취소|됐어|그만|하지\s?마")
_GONE = re.compile(r"\b(?:gone|deleted|removed)\b|지워|삭제|없어")
_OF_RUNS = {"status", "why", "compare", "settings", "saved", "log"}
"""What is asked of certain runs, which may be named by what they trained."""
_SUGGESTS = re.compile(
    r"^\W*(?:(?:and|so|ok|but)\W+)?(?:what|how) (?:about|if (?:i|we|it) (?:use|used|took|had))\s+"
    r"|\s*(?:은|는)?\s?어때(?:요)?\W*$"
)
"""`what about lr 0.001?`: a change, put as a question."""


def language_of(text: str, before: Language | None) -> Language:
    """The language of a message; of one that has hardly any words, the conversation's."""
    if before is not None and not _HANGUL.search(text) and len(_WORDS.findall(text)) < 2:
        return before
    return detect(text, text)


def respond(message: Message) -> Answer:
    """The answer to a message. What was proposed before is done after a yes.

    Else it is dropped, but for a run that would be started: after a question it is asked again.
    """
    memory = message.memory
    message.open, memory.proposed = memory.proposed, []
    wanted, memory.wanted = memory.wanted, None
    field, memory.field = memory.field, None
    if answer := _agreed(message):
        return answer
    meant = find(message)
    if meant.runs:  # names of runs are Latin in Korean messages, too
        message.language = language_of(meant.text.replace(MASK, " "), message.language)
    try:
        answer = _about_runs(message, meant, wanted) or _discuss(message, field)
    except TrainwrightError as error:
        why = "; ".join(map(str, error.faults)) if isinstance(error, SpecError) else error.message
        return Answer(None, message.say("not_done", why=why))
    return _asked_again(message, answer)


def _agreed(message: Message) -> Answer | None:
    """What follows from a message that only agrees, declines, or says to start."""
    memory, written = message.memory, message.written.lower()
    agreed = consent(written, starting=message.starts)
    if agreed and message.open:
        if agreed == "yes":
            return changes.perform(message, message.open)
        return Answer(message.open[0].type, message.say("dropped"))
    if memory.last is not None and memory.last.questions:
        if agreed == "no" and _CANCELS.search(written):
            memory.last = None
            return Answer(None, message.say("dropped"))
        return of_spec(message, memory.last) if starts(written) else None
    if agreed and topics.action(written[:READ]) is None:
        said = "nothing_proposed" if agreed == "yes" else "dropped"
        return Answer(None, message.say(said))
    return None


def _asked_again(message: Message, answer: Answer) -> Answer:
    """The answer to a question, with what is still open after it."""
    asks = answer.proposed or answer.wanted or answer.done or answer.topic == "keep"
    discussed = answer.parsed and answer.parsed.status != "not_a_training_request"
    if message.starts and not (asks or discussed):
        answer.proposed = message.open
        question = message.say("ask_start")
        answer.text = f"{answer.text}\n{message.say('still_open', question=question)}"
        answer.choices = [message.say("yes"), message.say("no")]
    return answer


def _is_asked(last: ParseResult | None) -> bool:
    return last is not None and bool(last.questions)


def _about_runs(message: Message, meant: Meant, wanted: str | None) -> Answer | None:
    """The answer to what is no request for a training; `None` for one that is."""
    action, topic = topics.action(meant.text), topics.topic(meant.text)
    if wanted and action is None and (meant.runs or meant.refers("all")):
        action = _action(wanted)
    strong, weak = _is_training(message, meant)
    names_it = topic == "rename" and message.starts  # of what is to be started
    if names_it or (strong and not (action and meant.runs)):
        return None
    has_value = topic == "settings" and values.has_some(message, meant)
    if not has_value and (explained := explain(message, meant.text)):
        message.memory.field = next(iter(topics.fields(meant.text)), None)
        return explained
    if action and (not weak or action == "clone" or meant.runs):
        return _ordered(message, meant, action)
    answers = topic != "settings" and _answers_question(message, meant)
    if weak or answers or _changes_start(message, meant):
        return None
    if topic == "status" and message.memory.trashed and _GONE.search(meant.text):
        topic = "trash"
    if topic in _OF_RUNS:
        _add_described(message, meant, topic)
    return _asked(message, meant, topic)


def _add_described(message: Message, meant: Meant, topic: str) -> None:
    """Runs that are not named but described: by what they trained, or as the best one."""
    if meant.runs and topic != "compare":
        return
    groups = by_model.named(message, meant)
    found = groups[0][:2] if topic == "compare" and len(groups) == 1 and not meant.runs else []
    found = found or [group[0] for group in groups]
    if not found and topics.is_best(meant.text):
        best = (run_of(message, run_id) for run_id in runs.best(message, meant).runs[:1])
        spoken = spoken_of(message) if topic == "compare" and not meant.runs else None
        found = [run for run in (spoken, *best) if run is not None]
    known = {run.id for run in meant.runs}
    meant.runs += [run for run in found if run.id not in known]


def _asked(message: Message, meant: Meant, topic: str | None) -> Answer | None:
    """The answer to a question, if it is one."""
    if topic == "about":
        if not meant.runs and (told := catalogue.about(message, meant)):
            return told
        topic = topics.topic(meant.text, but="about")
    if topic in (None, "status") and meant.runs:
        topic = "status" if len(meant.runs) == 1 else "compare"
    if topic is None:
        return (
            _unclear(message, meant)
            if (meant.unknown or meant.beyond) and not _is_asked(message.memory.last)
            else None
        )
    rules = topics.rules()
    strange = rules.foreign.search(meant.text) and not rules.runs.search(meant.text)
    if topic == "status" and strange and not meant.runs:
        return None  # `tell me the password`
    unclear = _unclear(message, meant)
    return unclear or _ANSWERS[topic](message, meant) or runs.status(message, meant)


def _ordered(message: Message, meant: Meant, action: topics.Action) -> Answer:
    """What is ordered to be done to runs, which may be named by what they trained."""
    if len(orders := topics.orders(meant.text)) > 1 and {"stop", "pause", "delete"} & {*orders[1:]}:
        return Answer(action, message.say("one_at_a_time"))
    if unclear := _unclear(message, meant):
        return unclear
    named = [] if action == "clone" or meant.runs else by_model.named(message, meant, own=True)
    groups = [run for group in named for run in group]
    if found := [run for run in groups if changes.fits(action, run)] or groups:
        if len(found) > 1 and not meant.refers("all", "newest"):
            return changes.which(message, action, found)
        meant.runs = found if meant.refers("all") else found[:1]
    if action == "clone" and not meant.runs and not changes.changes_in(meant.text):
        spoken = spoken_of(message)
        if spoken is not None and spoken.status is RunStatus.PAUSED:
            action = "resume"  # `start it again`
    return changes.propose(message, meant, action)


def _changes_start(message: Message, meant: Meant) -> bool:
    """`what about lr 0.001?`: whether it changes what would be started."""
    if not message.starts or meant.runs:
        return False
    said = _SUGGESTS.sub(" ", message.text.lower())
    return said != message.text.lower() and bool(changes.changes_in(said))


def _action(name: str) -> topics.Action | None:
    return next((known for known, _ in topics.rules().actions if known == name), None)


def _is_training(message: Message, meant: Meant) -> tuple[bool, bool]:
    """Whether a message asks for a training for certain, and whether it may."""
    # a run's name may hold a model's
    text = meant.text.replace(MASK, " ") if meant.runs else message.text
    read = intent.parse(text, known=message.known)
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


def _discuss(message: Message, field: str | None) -> Answer:
    """A request for a training, or a change to the one under discussion."""
    if copy := _changed_copy(message):
        return copy
    memory = message.memory
    text = _SUGGESTS.sub(" ", message.text) if message.starts else message.text
    if field and (number := _BARE.fullmatch(text.lower())):
        text = f"{field} {number[1]}"  # `what is the batch size?` – `make it 64`
    parsed = on_host(message, intent.read(text, memory.last, known=message.known))
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


def _changed_copy(message: Message) -> Answer | None:
    """A copy that was proposed, with what the message now changes."""
    proposed = message.open
    if len(proposed) != 1 or proposed[0].type != "clone":
        return None
    before = proposed[0].changes or {}
    said = changes.changes_in(message.text.lower()) or _number_in(message.text.lower(), before)
    if not said or intent.parse(message.text, known=message.known).status == "complete":
        return None
    run = find_run(message.services, message.user, proposed[0].run_id or "")
    return changes.clone_of(message, run, before | said)


def _number_in(text: str, before: Mapping[str, Any]) -> dict[str, Any]:
    """`make it 0.001 instead`: another number for the one setting that was to be changed."""
    numbers = _NUMBER.findall(text)
    if len(numbers) != 1 or len(before) != 1:
        return {}
    name, value = next(iter(before.items()))
    if isinstance(value, bool) or not isinstance(value, int | float):
        return {}
    number = float(numbers[0])
    return {name: int(number) if number.is_integer() and isinstance(value, int) else number}
