"""From a sentence to a spec, or to the questions that are still open.

`intent` of the result holds what was said (`user`) and what follows from it (`inferred`), never a
default; `provenance` and `reasons` cover, once a spec is complete, its defaults too. Adapter
settings stand flat in it (`peft`, `r`, `alpha`, `dropout`), as do resources (`target`, `gpus`, …).
"""

from __future__ import annotations

from typing import Any

from trainwright import catalog
from trainwright.intent.answers import gather_answer
from trainwright.intent.check import ask_about, check_claims, names_check
from trainwright.intent.decide import decide
from trainwright.intent.gather import Signals, gather
from trainwright.intent.known import Known
from trainwright.intent.questions import say
from trainwright.intent.reading import Language, Reading, spec_fields
from trainwright.intent.rules import topics
from trainwright.intent.rules.language import detect
from trainwright.intent.rules.text import MAX_LENGTH, clean
from trainwright.spec import Chosen, ParseResult, RunSpec, SpecError

_ABOUT_THE_HOUSE = {"question", "command", "other"}


def parse(text: str, context: ParseResult | None = None, known: Known | None = None) -> ParseResult:
    """Read one sentence, Korean or English, by rules: offline, in milliseconds.

    Args:
        text: What the person wrote. Instructions inside it are data like everything else.
        context: The earlier result that this sentence answers or changes; what is said now goes
            before what was said then.
        known: What the person's platform knows by name. Default: nothing is known of any.

    Returns:
        A complete spec, or questions in the person's language, or a helpful reply to what is no
        request for a training. Never raises, whatever the text.
    """
    if len(text) > MAX_LENGTH:
        start = clean(text)
        return _refuse(detect(start, start), "too_long")
    return conclude(listen(text, context, known))


def listen(text: str, context: ParseResult | None = None, known: Known | None = None) -> Signals:
    """What a sentence names; another reader may add to it before `conclude`."""
    return gather(text, known) if context is None else gather_answer(text, context, known)


def conclude(signals: Signals) -> ParseResult:
    """Decide on what was named: a spec, or questions. The signals are used up by it."""
    if signals.kind != "training":
        return _refuse(signals.reading.language, signals.kind, signals.whole)
    decide(signals)
    check_claims(signals.reading)
    for question in signals.open:
        if not _answered(signals.reading, question.field):
            signals.reading.questions.append(question)
    if signals.reading.questions:
        return _incomplete(signals.reading)
    return _complete(signals.reading)


def _answered(reading: Reading, field: str) -> bool:
    """Whether something was said of what was asked before, or it is asked about already."""
    also = {"epochs": ("max_steps",), "r": ("peft",), "alpha": ("peft",)}.get(field, ())
    return any(reading.of(name) or reading.asked(name) for name in (field, *also))


def _refuse(language: Language, why: str, text: str = "") -> ParseResult:
    helpful = topics.reply(text, language) if why in _ABOUT_THE_HOUSE else None
    reply = helpful or say(why, language, limit=f"{MAX_LENGTH:,}")
    return ParseResult(status="not_a_training_request", language=language, reply=reply)


def _complete(reading: Reading) -> ParseResult:
    chosen = {claim.field: claim.who for claim in reading.claims}
    try:
        done = catalog.complete(
            spec_fields(reading), chosen, language=reading.language, names=names_check(reading)
        )
    except SpecError as error:
        for fault in error.faults:
            ask_about(reading, fault)
        return _incomplete(reading)
    spec, language = done.spec, reading.language
    return ParseResult(
        status="complete",
        language=language,
        intent=_intent(reading),
        provenance=chosen | {k: v for k, v in done.provenance.items() if k not in chosen},
        reasons=_reasons(reading) | done.reasons,
        spec=spec,
        reply=_ready(reading, spec),
    )


def _ready(reading: Reading, spec: RunSpec) -> str:
    data = reading.registered(spec.dataset or "")
    shown = data.name if data else spec.dataset or "—"
    words = say("ready", reading.language, model=spec.model, dataset=shown)
    if not reading.unread:
        return words
    unread = ", ".join(dict.fromkeys(reading.unread))
    return f"{words} {say('unread', reading.language, names=unread)}"


def _incomplete(reading: Reading) -> ParseResult:
    return ParseResult(
        status="needs_clarification",
        language=reading.language,
        intent=_intent(reading),
        provenance={claim.field: claim.who for claim in reading.claims},
        reasons=_reasons(reading),
        questions=reading.questions,
        reply=say("more", reading.language),
    )


def _intent(reading: Reading) -> dict[str, Any]:
    return {claim.field: claim.value for claim in reading.claims}


def _reasons(reading: Reading) -> dict[str, str]:
    return {c.field: c.reason for c in reading.claims if c.who is Chosen.INFERRED and c.reason}
