"""The rules applied in order: each reads its part of the sentence and masks what it understood."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from trainwright.catalog import latin
from trainwright.intent.questions import say
from trainwright.intent.reading import Reading
from trainwright.intent.rules import (
    choices,
    datasets,
    language,
    models,
    names,
    numbers,
    requests,
    settings,
    targets,
    tasks,
)
from trainwright.intent.rules.text import clean, lower, mask
from trainwright.spec import Chosen


@dataclass
class Signals:
    """What a sentence names, before anything is decided.

    Attributes:
        reading: Settings are claimed in it already.
        named: What has a form of its own: paths, ids, the run's name.
        mentions: Models, as named.
        datasets: Ids of catalogue datasets.
        rest: The (lower-case, Latin) sentence with all of these masked.
        kind: What kind of sentence it is.
    """

    reading: Reading
    named: names.Names
    mentions: list[models.ModelMention]
    datasets: list[str]
    framework: str | None
    task_words: list[tasks.TaskWord]
    rest: str
    kind: requests.Kind


def gather(text: str) -> Signals:
    """Read every rule's part of a sentence."""
    named = names.read(clean(text))
    mentions, rest = models.find(lower(latin(named.rest)))
    known, rest = datasets.find(rest)
    reading = Reading(language.detect(named.rest, rest))
    rest = _claim(reading, targets.read(rest), rest)
    framework = models.framework(rest)
    mentions += [models.hub_mention(name, framework) for name in named.hub_models]
    task_words = tasks.read(rest)
    settled = _claim(reading, choices.read(rest), rest)
    if not reading.of("optimizer") and (word := choices.unknown_optimizer(settled)):
        reading.claim("optimizer", word)
    _read_numbers(reading, numbers.to_digits(settled))
    if named.run_name:
        reading.claim("name", named.run_name)
    kind = requests.kind(
        rest,
        names_model=bool(mentions or named.model_ids),
        names_data=bool(known or named.places),
        names_task=bool(task_words) or tasks.segmentation(rest),
        settings=len({claim.field for claim in reading.claims}),
    )
    return Signals(reading, named, mentions, known, framework, task_words, rest, kind)


def _claim(reading: Reading, found: Iterable[choices.Choice], text: str) -> str:
    """Claim what was found; what is not a number's name besides is masked."""
    for choice in found:
        if choice.field == "precision" and choice.value == "auto":
            reason = say("mixed_precision", reading.language)
            reading.claim("precision", "auto", who=Chosen.INFERRED, reason=reason)
        else:
            reading.claim(choice.field, choice.value)
        whole = choice.field not in choices.SHARED or text[choice.end - 1].isdigit()
        if whole:
            text = mask(text, choice.start, choice.end)
    return text


def _read_numbers(reading: Reading, text: str) -> None:
    found = list(settings.read(text))
    warm = [f.value for f in found if f.field == "warmup_epochs"]
    epochs = [f.value for f in found if f.field == "epochs"]
    for setting in found:
        if setting.field == "patience":
            reading.drop("early_stopping")
            reading.claim("early_stopping", {"patience": setting.value})
        elif setting.field != "warmup_epochs":
            if setting.field == "gpus":
                reading.drop("gpus")
            reading.claim(setting.field, setting.value, corrects=setting.corrects)
    if warm and len(epochs) == 1 and epochs[0] > warm[0]:
        reading.claim("warmup", round(warm[0] / epochs[0], 4))
    elif warm:
        reading.ask(
            "warmup",
            say(
                "bad_value",
                reading.language,
                value=warm[0],
                field="warm-up",
                expected="steps, or a share of all steps",
            ),
            ["0.05"],
        )
