"""The rules applied in order: each reads its part of the sentence and masks what it understood."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from trainwright.catalog import latin
from trainwright.intent.known import Known
from trainwright.intent.questions import field_name, say
from trainwright.intent.reading import Reading
from trainwright.intent.rules import (
    background,
    choices,
    datasets,
    hardware,
    language,
    models,
    names,
    numbers,
    requests,
    settings,
    sharing,
    sizes,
    spacing,
    spelling,
    spoken,
    targets,
    tasks,
    unknown_models,
)
from trainwright.intent.rules.corrections import standing
from trainwright.intent.rules.patterns import Pattern
from trainwright.intent.rules.repairs import repaired
from trainwright.intent.rules.text import MASK, clean, lower, mask
from trainwright.spec import Chosen, Question


@dataclass
class Signals:
    """What a sentence names, before anything is decided.

    Attributes:
        reading: Settings are claimed in it already.
        named: What has a form of its own: paths, ids, the run's name.
        mentions: Models, as named.
        datasets: Ids of catalogue datasets.
        rest: The (lower-case, Latin) sentence with all of these masked, without what is only told.
        whole: The same with it.
        model_sizes: How large the models are that are named, and those that were taken back.
        bare_sizes: Numbers that would be usual image sizes, and have no name.
        kind: What kind of sentence it is.
        open: Questions asked before, which must be asked again unless this sentence answers them.
    """

    reading: Reading
    named: names.Names
    mentions: list[models.ModelMention]
    datasets: list[str]
    framework: str | None
    task_words: list[tasks.TaskWord]
    rest: str
    whole: str
    bare_sizes: list[int]
    model_sizes: frozenset[str]
    kind: requests.Kind
    open: list[Question] = field(default_factory=list)


def gather(text: str, known: Known | None = None) -> Signals:
    """Read every rule's part of a sentence."""
    named = names.read(clean(text), known)
    said = sharing.apart(repaired(lower(latin(spacing.apart(named.rest)))))
    asked = background.apart(spoken.numbered(said))
    mentions, rest = models.find(asked.text)
    named_sizes = models.named_sizes(asked.text, rest)
    samples, rest = datasets.find(rest)
    reading = Reading(language.detect(named.rest, rest), known)
    alone, whole = asked.whole(rest, but_clauses=True), asked.whole(rest)
    rest = spelling.mend(rest)
    framework = models.framework(rest)
    mentions += [models.hub_mention(name, framework) for name in named.hub_models]
    if named.launched and not (mentions or named.model_ids):
        named.model_ids.append(named.launched)
    task_words = tasks.read(rest)
    where = sorted(targets.read(rest), key=lambda choice: choice.start)
    settled = _claim(reading, standing(rest, where), rest)
    chosen: Iterable[choices.Choice] = choices.read(settled)
    elsewhere = asked.machine or _ELSEWHERE.search(settled)
    if elsewhere or any(choice.value != "local" for choice in where):
        chosen = _but_lacking(chosen, settled)
    settled = _claim(reading, chosen, settled)
    if not reading.of("target") and (place := targets.unknown(settled)):
        reading.claim("target", place)
    for name, word in choices.unknown_names(settled):
        if not reading.of(name):
            reading.claim(name, word)
    told = background.without_owned(hardware.read(settled), has=asked.machine)
    settled = numbers.to_digits(told)
    _read_numbers(reading, settled)
    for name in ("name", "reward", "class_names"):
        if value := named.said(name):
            reading.drop(name)
            reading.claim(name, value)
    if not (samples or named.places):
        named.take_alone()
    data = bool(samples or named.places)
    what = requests.Named(
        model=bool(
            mentions
            or named.model_ids
            or ((data or tasks.fine_tuning(rest)) and unknown_models.find(rest))
        ),
        data=data,
        task=bool(task_words) or tasks.segmentation(rest) or (data and bool(tasks.elsewhere(rest))),
        settings=len(claimed := {claim.field for claim in reading.claims}),
        learning=not claimed.isdisjoint(_OF_LEARNING),
        picture=named.picture,
    )
    # what is told besides a request is no part of it; alone, it is what the sentence is
    apart = what.begun and MASK in alone and not requests.reports(whole)
    kind = requests.kind(spelling.mend(alone if apart else whole), what)
    return Signals(
        reading,
        named,
        mentions,
        samples,
        framework,
        task_words,
        rest,
        whole,
        sizes.bare(settled),
        named_sizes,
        kind,
    )


_OF_LEARNING = {
    "epochs",
    "max_steps",
    "learning_rate",
    "optimizer",
    "scheduler",
    "warmup",
    "weight_decay",
    "early_stopping",
    "augment",
}
"""Settings of nothing but a training."""
_LACKS = Pattern(r"없(?!이)|\bhave\b")
_ELSEWHERE = Pattern(r"서버|클러스터|클라우드|\b(?:servers?|cluster|cloud|remote(?:ly)?)\b")


def _but_lacking(found: Iterable[choices.Choice], text: str) -> Iterator[choices.Choice]:
    """Without the GPUs somebody lacks, as the training has another machine."""
    for choice in found:
        if choice.field != "gpus" or not _LACKS.search(text, choice.start, choice.end):
            yield choice


def _claim(reading: Reading, found: Iterable[choices.Choice], text: str) -> str:
    """Claim what was found; what is not a number's name besides is masked."""
    chosen = list(found)
    precise = any(c.field == "precision" and c.value != "auto" for c in chosen)
    for choice in chosen:
        if choice.field == "precision" and choice.value == "auto":
            if not precise:  # `mixed precision, fp16` says which
                reason = say("mixed_precision", reading.language)
                reading.claim("precision", "auto", who=Chosen.INFERRED, reason=reason)
        else:
            reading.claim(choice.field, choice.value)
        whole = choice.value is False or choice.field not in choices.SHARED
        whole = whole or text[choice.end - 1].isdigit()
        if whole:
            text = mask(text, choice.start, choice.end)
    return text


def _read_numbers(reading: Reading, text: str) -> None:
    found = list(settings.read(text))
    numbers_of_gpus = [setting.value for setting in found if setting.field == "gpus"]
    if numbers_of_gpus and (reading.value("gpus") or 0 in numbers_of_gpus):
        reading.drop("gpus")  # a number says more than `on GPU`, but `on CPU` goes against it
    warm = [f.value for f in found if f.field == "warmup_epochs_"]
    epochs = [f.value for f in found if f.field == "epochs"]
    for setting in found:
        if setting.field == "patience":
            reading.drop("early_stopping")
            reading.claim("early_stopping", {"patience": setting.value})
        elif setting.field == "unread_":
            reading.unread.append(setting.name)
        elif setting.field != "warmup_epochs_":
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
                field=field_name("warmup", reading.language),
                expected=say("warmup_is", reading.language),
            ),
            ["0.05"],
        )
