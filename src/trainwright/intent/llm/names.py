"""Task, model and data as a model read them: looked up in the catalogue, not trusted."""

from __future__ import annotations

import re

from trainwright.catalog import latin
from trainwright.catalog.search import find_ids, key
from trainwright.catalog.shelf import dataset_shelf
from trainwright.intent.llm.differ import Readings, within_reach
from trainwright.intent.llm.words import tell
from trainwright.intent.questions import say
from trainwright.intent.rules import datasets, models
from trainwright.intent.rules.places import Place
from trainwright.intent.rules.text import lower

_PLACE = re.compile(r"[/\\]|^ds_[0-9a-z]+$|\.(?!py$)[a-z0-9]{2,7}$", re.IGNORECASE)
_PARTICLE = re.compile(r"[가-힣]{1,4}")  # what follows a path in Korean, or belongs to it
_ANY_MODEL = re.compile(
    r"(?:an?\s+|the\s+|some\s+|my\s+)?(?:\w+\s+)?"
    r"(?:models?|classifiers?|detectors?|(?:neural\s+)?networks?|모델|분류기|탐지기|검출기|신경망)\S{0,2}",
    re.IGNORECASE,
)
_MOST_SUGGESTED = 3
_OWN_CODE = ("script/", "container/")


def add_task(readings: Readings) -> None:
    """Claim the task the model understood, as inferred, where no task was said.

    It is the one field whose value need not stand in the message: what shall be learnt is said in
    a thousand ways. It must be within reach of the model and the data that were named.
    """
    signals, task = readings.signals, readings.answer.task
    reading = signals.reading
    if task is None or reading.asked("task") or readings.ruled.intent.get("task") == task:
        return
    if any(not word.weak for word in signals.task_words):
        return
    if any(name.startswith(_OWN_CODE) for name in signals.named.model_ids):
        return  # it has its task in itself
    data = [dataset_shelf()[name] for name in signals.datasets if name in dataset_shelf()]
    if within_reach(signals, str(task)) and all(task in info.tasks for info in data):
        reading.claim_inferred("task", str(task), tell("task_meant", reading.language))


def add_model(readings: Readings) -> None:
    """Ask about a model that only the language model read.

    The rules find every name of the catalogue as it is spelt; another spelling may be meant for
    one, and is put as a question.
    """
    signals, said = readings.signals, readings.answer.model
    reading = signals.reading
    if not said or reading.asked("model"):
        return
    unread = readings.evidence.has_unread(said)
    heard = [mention.text for mention in signals.mentions] + signals.named.model_ids
    if heard:
        if unread and not any(_alike(said, name) for name in heard):
            shown = [readings.ruled.intent.get("model") or heard[0], said]
            words = {"field": "model", "values": ", ".join(shown)}
            reading.ask("model", say("two_values", reading.language, **words), shown)
            signals.mentions, signals.named.model_ids = [], []
        return
    ids = _model_ids(said)
    quoted = readings.evidence.quote(readings.answer.words_for("model"))
    if unread:
        close = ids or find_ids(said, limit=_MOST_SUGGESTED)
        reading.ask("model", say("unknown_model", reading.language, value=said), close)
    elif ids and quoted and not _ANY_MODEL.fullmatch(quoted):
        reading.ask("model", say("unknown_model", reading.language, value=quoted), ids)


def _model_ids(said: str) -> list[str]:
    """The catalogue's models of a name, of whatever framework."""
    mentions, _ = models.find(lower(latin(said)))
    return list(mentions[0].ids[:_MOST_SUGGESTED]) if mentions else []


def _alike(one: str, other: str) -> bool:
    """`yolo11n` and `ultralytics/yolo11n` are one name, and so are a family and its member."""
    short, long = sorted((key(one), key(other)), key=len)
    return short in long


def add_dataset(readings: Readings) -> None:
    """Add a place that stands in the message; ask about data that is called something else."""
    signals, said = readings.signals, readings.answer.dataset
    reading, evidence = signals.reading, readings.evidence
    if not said or reading.asked("dataset"):
        return
    known, _ = datasets.find(lower(latin(said)))
    heard = [place.value for place in signals.named.places] + signals.datasets
    if heard:
        alike = set(known) & set(heard) or any(_alike(said, name) for name in heard)
        tails = [name[len(said) :] for name in heard if name.startswith(said)]
        cut = any(map(_PARTICLE.fullmatch, tails))
        if cut or (not alike and evidence.has_unread(said)):
            shown = [heard[0], said]
            words = {"field": "dataset", "values": ", ".join(shown)}
            reading.ask("dataset", say("two_values", reading.language, **words), shown)
            signals.named.places, signals.datasets = [], []
        return
    quoted = evidence.quote(readings.answer.words_for("dataset"))
    if _PLACE.search(said) and (place := evidence.spelt(said)):
        signals.named.places.append(Place(place, 0, 0))
    elif said.startswith("./") and (folder := evidence.spelt(said.removeprefix("./"))):
        signals.named.places.append(Place(f"./{folder}", 0, 0, sure=False))
    elif known and quoted:
        reading.ask("dataset", say("unknown_dataset", reading.language, value=quoted), known)
