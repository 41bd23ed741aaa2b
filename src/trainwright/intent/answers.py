"""A sentence that answers an earlier one: what was known is kept, what is said now goes before."""

from __future__ import annotations

import re
from collections.abc import Set
from dataclasses import replace

from trainwright.intent.choosing import (
    ANY,
    CANCEL,
    DECIDED,
    NO,
    ONE_WORD,
    UNSURE,
    WITHOUT,
    YES,
    chosen_among,
)
from trainwright.intent.gather import Signals, gather
from trainwright.intent.known import Known
from trainwright.intent.questions import LEFT_OUT
from trainwright.intent.reading import Reading
from trainwright.intent.rules import requests, unknown_models
from trainwright.intent.rules.models import ModelMention
from trainwright.intent.rules.numbers import NUMBER, to_digits
from trainwright.intent.rules.patterns import Pattern
from trainwright.intent.rules.places import Place
from trainwright.intent.rules.tasks import TaskWord
from trainwright.intent.rules.text import clean, lower
from trainwright.intent.rules.vocabulary import alternatives, load
from trainwright.spec import Chosen, ParseResult, Task

_WORDS = load("answers")
_LEAD = Pattern(rf"\W*(?:{alternatives(_WORDS['lead'])}(?![a-z가-힣])[\s,.!]*+)++")
_YES_AND = Pattern(rf"\W*{alternatives(_WORDS['yes'])}[,.!]\s*(?:and\s+|but\s+|그리고\s+)?(?=\S)")
_PROPOSAL = Pattern(alternatives(_WORDS["proposal"]))
_NUMBER = Pattern(
    rf"\W*({NUMBER}\s?(?:%|퍼센트|percent)?)\s?(?:번(?!째)|개|장|으로|로|이요|요|입니다|please|\W)*"
)


def gather_answer(text: str, context: ParseResult, known: Known | None = None) -> Signals:
    """Read an answer together with what the earlier sentence said.

    Args:
        text: The answer: a value, a choice among suggestions, or any sentence.
        context: The result that asked.
        known: What the person's platform knows by name.
    """
    signals = gather(text, known)
    said = lower(clean(text)).strip()
    if CANCEL.fullmatch(said):
        return replace(signals, kind="cancelled", reading=_in_language(signals, context))
    if _is_request_of_its_own(signals):
        return signals
    waved = _waved(said, context)
    if waved is not None or NO.fullmatch(said) or UNSURE.fullmatch(said):
        return _keep_known(gather("", known), context, waved or set())
    if answer := _spelt_out(said, context):
        signals = gather(answer, known)
    return _keep_known(signals, context) if answer or _answers(signals) else signals


def _in_language(signals: Signals, context: ParseResult) -> Reading:
    signals.reading.language = context.language
    return signals.reading


def _is_request_of_its_own(signals: Signals) -> bool:
    """An order to train that names model or task and data: it replaces what was said before."""
    named = signals.named
    what = signals.mentions or named.model_ids or signals.task_words
    data = signals.datasets or named.places
    return bool(what and data and requests.orders(signals.rest))


def _waved(said: str, context: ParseResult) -> set[str] | None:
    """Fields whose questions are put aside, so that defaults fill them; None if none is."""
    if not context.questions:
        return set() if YES.fullmatch(said) or ANY.fullmatch(said) else None
    question = context.questions[0]
    drops = WITHOUT.fullmatch(said) or (
        YES.fullmatch(said) and question.suggestions == [LEFT_OUT[context.language]]
    )
    hands_back = ANY.fullmatch(said) and question.field not in DECIDED
    return {question.field} if drops or hands_back else None


def _spelt_out(said: str, context: ParseResult) -> str | None:
    """The answer as a sentence of its own: `64` to a question about batch size names it."""
    if more := _YES_AND.match(said):
        first = _spelt_out("yes", context)
        return f"{first}, {said[more.end() :]}" if first else None
    if lead := _LEAD.match(said):
        said = said[lead.end() :]
    number = _NUMBER.fullmatch(to_digits(said))
    for question in context.questions:
        if chosen := chosen_among(said, question):
            return _as_sentence(question.field, chosen)
        if number and question.field not in DECIDED:
            return f"{question.field} = {number[1]}"
    if number and not context.questions:
        return _the_one_number(number[1], context)
    word = ONE_WORD.fullmatch(said)
    if word and context.questions and not _answers(gather(said)):
        field = context.questions[0].field
        named = {"dataset": "dataset {}", "model": "model: {}", "target": "target: {}"}.get(field)
        return named.format(word[1]) if named else None
    return None


def _the_one_number(number: str, context: ParseResult) -> str | None:
    """`no, 30` after a complete result that holds a single number."""
    numbers = [
        name
        for name, value in context.intent.items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    ]
    return f"{numbers[0]} = {number}" if len(numbers) == 1 else None


def _as_sentence(field: str, chosen: str) -> str:
    if field == "dataset":
        return f'"{chosen}"' if " " in chosen else chosen
    alone = re.fullmatch(NUMBER, chosen) and field not in DECIDED
    return f"{field} = {chosen}" if alone else chosen


def _answers(signals: Signals) -> bool:
    """Whether the sentence says anything about a training."""
    named = signals.named
    names = (signals.mentions, signals.datasets, signals.task_words, named.model_ids, named.places)
    if signals.kind in ("question", "command"):
        return bool(_PROPOSAL.search(signals.rest)) and any(map(bool, names))
    says = signals.reading.claims or any(names) or unknown_models.find(signals.rest)
    return signals.kind == "training" or bool(says)


def _keep_known(signals: Signals, context: ParseResult, waved: Set[str] = frozenset()) -> Signals:
    known, reading, named = context.intent, signals.reading, signals.named
    # an answer such as `64` or `digits` has no language of its own
    reading.language = context.language
    says_new = bool(signals.mentions or named.model_ids or signals.datasets or named.places)
    for name, value in known.items():
        if name not in DECIDED and reading.of(name) is None:
            who = context.provenance.get(name, Chosen.USER)
            reading.claim(name, value, who=who, reason=context.reasons.get(name))
    model, data = known.get("model"), known.get("dataset")
    mentions = signals.mentions
    another = mentions or named.model_ids or unknown_models.find(signals.rest)
    if model and not another:
        mentions = [ModelMention(model, (model,))]
    if data and not (signals.datasets or named.places):
        named.places.append(Place(data, 0, 0))
    words = signals.task_words
    # a task that only followed from an earlier model is derived anew
    if "task" in known and not words and context.provenance.get("task") is Chosen.USER:
        words = [TaskWord(Task(known["task"]))]
    left = [q for q in context.questions if q.field not in waved]
    if says_new or words:
        left = [q for q in left if q.field != "task"]
    return replace(signals, mentions=mentions, task_words=words, open=left, kind="training")
