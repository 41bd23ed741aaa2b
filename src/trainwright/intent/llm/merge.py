"""A model's reading added to the rules', as far as the person's words bear it out.

The rules' own values stay. What only the model read is taken when it is grounded; where both read
the same words differently, the person is asked. Then the one way of deciding and checking that
every sentence goes (`parser.conclude`) makes a spec or questions of it: the model has no other.
"""

from __future__ import annotations

from typing import Any

from trainwright.catalog.search import key
from trainwright.intent.llm.answer import FIELDS
from trainwright.intent.llm.differ import Difference, Readings, differences
from trainwright.intent.llm.ground import MEANT, NAMED, NUMBERS
from trainwright.intent.llm.names import add_dataset, add_model, add_task
from trainwright.intent.llm.words import tell, unclear
from trainwright.intent.parser import conclude
from trainwright.intent.questions import field_name, say
from trainwright.intent.rules.requests import Kind
from trainwright.spec import ParseResult, Question

_DECIDED = ("task", "model", "dataset")
_REPLIES: dict[str | None, Kind] = {"question": "question", "greeting": "greeting"}


def merge(readings: Readings) -> ParseResult:
    """One result of both readings; the signals are used up by it."""
    if not readings.model_trains:
        return _refuse(readings)
    if not readings.rules_train and readings.context is not None:
        return readings.ruled  # an answer that only makes sense with what it answers
    kinds_agree = readings.rules_train
    readings.signals.kind = "training"
    unlike = differences(readings)
    for difference in unlike:
        _ask_which(readings, difference)
    _add_settings(readings, {d.field for d in unlike} | {d.other for d in unlike if d.other})
    add_task(readings)
    add_model(readings)
    add_dataset(readings)
    _ask_unclear(readings)
    result = conclude(readings.signals)
    return result if kinds_agree else _doubtful(result)


def answer_meant(readings: Readings) -> tuple[str, str | None] | None:
    """An answer the rules did not understand, in words they do, as the model reads it.

    Returns:
        The words, and the field they answer when it was a suggestion, which need not stand in the
        answer.
    """
    context = readings.context
    if context is None or readings.rules_train or not readings.model_trains:
        return None
    for question in context.questions[:1]:
        value = readings.answer.model_dump(mode="json").get(question.field)
        for suggestion in question.suggestions:
            if key(suggestion) == key(str(value)):
                return suggestion, question.field
    said = {
        name: value
        for name, value in readings.answer.fields().items()
        if name in NUMBERS and readings.borne_out(name, value)
    }
    return (", ".join(f"{name} = {value}" for name, value in said.items()), None) if said else None


def _refuse(readings: Readings) -> ParseResult:
    """No training, says the model: a complete request is asked about, anything else is refused."""
    if not readings.rules_train:
        return readings.ruled
    if readings.ruled.status == "complete":
        return _doubtful(readings.ruled)
    readings.signals.kind = _REPLIES.get(readings.answer.kind, "other")
    return conclude(readings.signals)


def _doubtful(result: ParseResult) -> ParseResult:
    """A spec that only one of the readers takes to be asked for is not started unasked."""
    if result.status != "complete":
        return result
    name = "task" if "task" in result.intent else "model"
    question = Question(
        field=name,
        question=tell("start", result.language),
        suggestions=[str(result.intent[name])] if name in result.intent else [],
    )
    return ParseResult(
        status="needs_clarification",
        language=result.language,
        intent=result.intent,
        provenance={k: v for k, v in result.provenance.items() if k in result.intent},
        reasons={k: v for k, v in result.reasons.items() if k in result.intent},
        questions=[question],
        reply=say("more", result.language),
    )


def _ask_which(readings: Readings, found: Difference) -> None:
    reading = readings.signals.reading
    language, called = reading.language, field_name(found.field, reading.language)
    if found.other is not None:
        other = field_name(found.other, language)
        question = tell("which_field", language, value=found.ruled, field=called, other=other)
        reading.ask(found.field, question, [str(found.ruled)])
        return
    if found.field == "task":
        readings.signals.task_words = []  # or it would be claimed besides
    shown = [str(found.ruled), str(found.answered)]
    question = tell("two_readings", language, field=called, ruled=shown[0], answered=shown[1])
    reading.ask(found.field, question, shown)


def _add_settings(readings: Readings, asked: set[str]) -> None:
    reading = readings.signals.reading
    for name, value in readings.answer.fields().items():
        if name in _DECIDED or name in asked or reading.asked(name):
            continue
        if claims := readings.said_now(name):
            if claims[-1].value is True and isinstance(value, dict) and _borne(readings, value):
                reading.drop(name)  # `early stopping` was read, its patience was not
                reading.claim(name, value)
            continue
        _take(readings, name, value)


def _borne(readings: Readings, stopping: dict[str, Any]) -> bool:
    return readings.evidence.has_number("early_stopping", stopping)


def _take(readings: Readings, name: str, value: Any) -> None:
    """Claim what only the model read, as said or as inferred; or ask; or leave it out."""
    reading, evidence = readings.signals.reading, readings.evidence
    quoted = evidence.quote_about(name, readings.answer.words_for(name))
    # `without warm-up` and `on my GPU` say a number without one
    none = name in NUMBERS and value == 0
    meant = name in MEANT or none or (name == "gpus" and value == 1)
    if name not in MEANT and readings.borne_out(name, value):
        reading.drop(name)
        reading.claim(name, value)
    elif meant and isinstance(value, dict) and not _borne(readings, value):
        return
    elif meant and quoted:
        reading.drop(name)
        reading.claim_inferred(name, value, tell("quoted", reading.language, words=quoted))
    elif name in NAMED and quoted:
        reading.ask(name, unclear(name, quoted, reading.language), [str(value)])


def _ask_unclear(readings: Readings) -> None:
    """Settings that were spoken of without a value; the model's own words are not shown."""
    reading = readings.signals.reading
    for unclear_words in readings.answer.questions:
        name = unclear_words.field
        known = reading.of(name) or reading.asked(name)
        quoted = readings.evidence.quote(unclear_words.words)
        if name in FIELDS and name not in _DECIDED and not known and quoted:
            reading.ask(name, unclear(name, quoted, reading.language))
