"""Claims checked together: two values for one thing, and values no spec may hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trainwright import catalog
from trainwright.intent.limits import expected, likely
from trainwright.intent.questions import LEFT_OUT, field_name, say, task_name
from trainwright.intent.reading import Reading, spec_fields
from trainwright.intent.rules.targets import ELSEWHERE
from trainwright.spec import Fault, SpecError, Task, validate_spec
from trainwright.spec.validate import NameCheck

_STAND_IN = "script/unknown.py"
_REWARDED = {Task.PPO, Task.GRPO, Task.GSPO}
_ADAPTER = {"r", "alpha", "dropout"}
_FASTEST = 1.0
"""A greater learning rate is allowed in a spec, but in a sentence it is a slip."""


def check_claims(reading: Reading) -> None:
    """Settle corrections, and turn contradictions and impossible values into questions."""
    for name in dict.fromkeys(claim.field for claim in reading.claims):
        _settle(reading, name)
    if reading.of("epochs") and reading.of("max_steps"):
        epochs, steps = ("에폭", "스텝") if reading.language == "ko" else ("epochs", "steps")
        options = [f"{reading.value('epochs')} {epochs}", f"{reading.value('max_steps')} {steps}"]
        reading.drop("max_steps")
        reading.ask("epochs", say("epochs_or_steps", reading.language), options)
    _classes(reading)
    _reward(reading)
    _adapter(reading)
    _unlikely(reading)
    for fault in _faults(reading):
        ask_about(reading, fault)


def _unlikely(reading: Reading) -> None:
    """What a spec may hold, but in a sentence is a slip or a place that no run goes to."""
    rate, where = reading.value("learning_rate"), reading.value("target")
    if isinstance(rate, int | float) and rate > _FASTEST:
        _ask_for_another(reading, "learning_rate", rate)
    if where in ELSEWHERE:
        _ask_for_another(reading, "target", where)


def _ask_for_value(reading: Reading, name: str, right: str) -> None:
    words = {"field": field_name(name, reading.language), "expected": right}
    reading.ask(name, say("no_value", reading.language, **words))


def _ask_for_another(reading: Reading, name: str, value: Any) -> None:
    words = {"field": field_name(name, reading.language), "value": value}
    right = likely(name, reading.language)
    reading.ask(name, say("bad_value", reading.language, expected=right, **words))


def _reward(reading: Reading) -> None:
    """A reward that is spoken of and not named matters where one is given at all."""
    if reading.value("reward") != "":
        return
    if reading.value("task") in _REWARDED:
        _ask_for_value(reading, "reward", likely("reward", reading.language))
    reading.drop("reward")


def _classes(reading: Reading) -> None:
    """As many classes as were named: another number is asked about."""
    names, number = reading.value("class_names"), reading.value("num_classes")
    if not isinstance(names, list) or number in (None, len(names)):
        return
    words = {"field": field_name("num_classes", reading.language)}
    shown = [str(len(names)), str(number)]
    reading.ask(
        "num_classes", say("two_values", reading.language, values=", ".join(shown), **words), shown
    )


def _adapter(reading: Reading) -> None:
    """Adapter settings mean LoRA for a language model, and nothing for an image model."""
    given = [claim.field for claim in reading.claims if claim.field in _ADAPTER]
    if not (given or any(map(reading.asked, _ADAPTER))) or reading.of("peft"):
        return
    task = reading.value("task")
    if task is None and reading.value("dropout") == "" and given == ["dropout"]:
        _ask_for_value(reading, "dropout", "0 ≤ x < 1")
        return
    if task is None or Task(task).is_language:
        reading.claim_inferred("peft", "lora", say("adapter_given", reading.language))
        return
    for name in given:
        words = {
            "field": field_name(name, reading.language),
            "task": task_name(task, reading.language),
        }
        reading.ask(name, say("bad_field", reading.language, **words), [_left_out(reading)])


def _left_out(reading: Reading) -> str:
    return LEFT_OUT[reading.language]


def _settle(reading: Reading, name: str) -> None:
    """Keep one claim about a field: the last correction, or the one value all agree on."""
    claims = [claim for claim in reading.claims if claim.field == name]
    corrections = [i for i, claim in enumerate(claims) if claim.corrects]
    if corrections:
        claims = claims[corrections[-1] :]
    values: list[Any] = []
    for claim in claims:
        if claim.value not in values:
            values.append(claim.value)
    if len(values) > 1:
        shown = [str(value) for value in values]
        words = {"field": field_name(name, reading.language), "values": ", ".join(shown)}
        reading.ask(name, say("two_values", reading.language, **words), shown)
    else:
        reading.keep(claims[-1])


def _faults(reading: Reading) -> list[Fault]:
    fields = spec_fields(reading)
    if "model" not in fields:
        fields["model"] = _STAND_IN
    try:
        validate_spec(fields, names_check(reading))
    except SpecError as error:
        return error.faults
    return []


def names_check(reading: Reading) -> NameCheck:
    """The catalogue's check of names, to which registered datasets are known, too."""

    def check(raw: Mapping[str, Any]) -> list[Fault]:
        known = reading.registered(str(raw.get("dataset") or ""))
        faults = catalog.check_names(raw)
        return [f for f in faults if known is None or f.field != "dataset"]

    return check


def ask_about(reading: Reading, fault: Fault) -> None:
    """Turn what a spec must not hold into a question about it."""
    language = reading.language
    name = fault.field.rpartition(".")[2] or "model"
    if fault.field.startswith("early_stopping"):
        name = "early_stopping"
    elif name == "method":
        name = "peft"
    value = reading.value(name)
    words = {"field": field_name(name, language), "value": _shown(value)}
    if fault.code == "foreign_field":
        task = task_name(reading.value("task") or "", language)
        reading.ask(name, say("bad_field", language, task=task, **words), [_left_out(reading)])
    elif fault.code in ("unknown_model", "unknown_framework"):
        reading.ask("model", say("unknown_model", language, value=value), fault.suggestions)
    elif fault.code == "unknown_dataset":
        reading.ask("dataset", say("unknown_dataset", language, value=value), fault.suggestions)
    else:
        right = expected(name, fault, language)
        if _shown(value) == "":
            _ask_for_value(reading, name, right)
        else:
            reading.ask(
                name, say("bad_value", language, expected=right, **words), fault.suggestions
            )


def _shown(value: Any) -> Any:
    """As the person said it: `3x4`, not `[3, 4]`."""
    if isinstance(value, dict):
        return next(iter(value.values()))
    return "x".join(map(str, value)) if isinstance(value, list) else value
