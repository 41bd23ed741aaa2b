"""Answers about what there is to work with: models, datasets, recipes, hardware, terms."""

from __future__ import annotations

import re
from collections.abc import Callable

from trainwright import catalog
from trainwright.frameworks import inventory
from trainwright.intent.rules import datasets as named_datasets
from trainwright.intent.rules import models as named_models
from trainwright.intent.rules import tasks
from trainwright.server import hardware as machine
from trainwright.server.chat.context import Answer, Message
from trainwright.server.chat.phrases import table
from trainwright.server.chat.references import Meant
from trainwright.server.datasets import list_datasets
from trainwright.spec.api import ChatTable
from trainwright.spec.catalog import ModelInfo
from trainwright.spec.labels import count, shown
from trainwright.spec.tasks import Task

_SHOWN = 10
_DATASETS = 200
_UNITS = {
    "k": 1e3, "thousand": 1e3, "천": 1e3, "만": 1e4, "십만": 1e5, "m": 1e6, "million": 1e6,
    "mil": 1e6, "백만": 1e6, "천만": 1e7, "억": 1e8, "b": 1e9, "billion": 1e9, "십억": 1e9,
}  # fmt: skip
_AMOUNT = (
    rf"(?<![\d.,])(\d+(?:[.,]\d+)?)\s?({'|'.join(sorted(_UNITS, key=len, reverse=True))})(?![a-z])"
)
_MOST = re.compile(
    rf"(?:under|below|less than|fewer than|at most|up to|within|smaller than|<=?)\s?{_AMOUNT}"
    rf"|{_AMOUNT}\s?(?:개)?\s?(?:파라미터|매개변수)?(?:가|의)?\s?(?:이하|미만|보다\s?작|안\s?넘|이내)"
    rf"|{_AMOUNT}\s?(?:parameters?|params?)?\s?or (?:less|fewer)"
)
_LEAST = re.compile(
    rf"(?:over|above|more than|at least|larger than|bigger than|>=?)\s?{_AMOUNT}"
    rf"|{_AMOUNT}\s?(?:개)?\s?(?:파라미터|매개변수)?(?:가|의)?\s?(?:이상|초과|보다\s?[큰많]|넘는)"
)
_SMALL = re.compile(
    r"\b(?:small\w*|tiny|little|light\w*|fast\w*|compact)\b|작은|가벼운|경량|소형|빠른|작"
)
_LARGE = re.compile(r"\b(?:large\w*|big\w*|huge|heavy)\b|큰|대형|무거운")
_INSTALLED = re.compile(r"\b(?:installed|ready|usable|here)\b|설치|바로\s?쓸|사용\s?가능")
_FAMILY = re.compile(r"[a-z][a-z0-9.+-]{2,}")
_TASK_WORDS = (
    (Task.OBJECT_DETECTION, re.compile(r"\bdetect\w*|검출|탐지")),
    (Task.INSTANCE_SEGMENTATION, re.compile(r"instance seg\w*|인스턴스\s?(?:분할|세그)")),
    (Task.SEMANTIC_SEGMENTATION, re.compile(r"\bsegment\w*|분할|세그멘")),
    (Task.IMAGE_CLASSIFICATION, re.compile(r"\bclassif\w*|분류")),
    (Task.SFT, re.compile(r"\bllms?\b|language models?|\bchat ?bots?\b|언어\s?모델|챗봇")),
)


def task_of(text: str) -> Task | None:
    """The task a question speaks of."""
    for task, words in _TASK_WORDS:
        if words.search(text):
            return task
    found = [word.task for word in tasks.read(text) if not word.weak]
    return found[0] if found else None


def models(message: Message, meant: Meant) -> Answer:
    text = meant.text
    task, most, least = task_of(text), _amount(_MOST, text), _amount(_LEAST, text)
    found = _family(text, inventory.find_models(task, None, None))
    bounded = most is not None or least is not None
    kept = [info for info in found if not bounded or _within(info, most, least)]
    if _INSTALLED.search(text):
        kept = [info for info in kept if info.installed]
    if not kept:
        return Answer("models", message.say("no_models", like=_like(task, most, least)))
    first = sorted(kept, key=_order(text, bounded=bounded))[:_SHOWN]
    answer = message.say(
        "models" if len(first) == len(kept) else "models_part",
        total=len(kept),
        shown=len(first),
        like=_like(task, most, least),
    )
    columns = message.columns("model", "task", "parameters", "installed")
    yes = message.say("yes")
    rows = [
        [
            shown(info.id),
            ", ".join(map(str, info.tasks)),
            count(info.parameters),
            yes if info.installed else "–",
        ]
        for info in first
    ]
    return Answer("models", answer, [ChatTable(columns=columns, rows=rows)])


def _amount(pattern: re.Pattern[str], text: str) -> float | None:
    found = pattern.search(text)
    if found is None:
        return None
    figure, unit = [group for group in found.groups() if group][:2]
    return float(figure.replace(",", ".")) * _UNITS[unit]


def _within(info: ModelInfo, most: float | None, least: float | None) -> bool:
    if info.parameters is None:
        return False
    return (most is None or info.parameters <= most) and (least is None or info.parameters >= least)


def _family(text: str, found: list[ModelInfo]) -> list[ModelInfo]:
    """Only those of a family or framework that is named, if one is."""
    for word in _FAMILY.findall(text):
        named = [
            i
            for i in found
            if i.framework == word or i.name.lower().rpartition("/")[2].startswith(word)
        ]
        if named:
            return named
    return found


def _order(text: str, *, bounded: bool) -> Callable[[ModelInfo], tuple[bool, float]]:
    large = _LARGE.search(text) is not None
    by_size = bounded or large or _SMALL.search(text) is not None

    def place(info: ModelInfo) -> tuple[bool, float]:
        size = float("inf") if info.parameters is None else float(info.parameters)
        if large:
            return False, 0.0 if size == float("inf") else -size
        return not (by_size or info.installed), size

    return place


def _like(task: Task | None, most: float | None, least: float | None) -> str:
    """What was asked for, to be told back; empty for all there are."""
    told = [str(task)] if task else []
    told += [f"≤ {count(int(most))}"] if most is not None else []
    told += [f"≥ {count(int(least))}"] if least is not None else []
    if not told:
        return ""
    return f" ({', '.join(told)})"


def datasets(message: Message, meant: Meant) -> Answer:
    task = task_of(meant.text)
    page = list_datasets(
        message.services.database,
        task=str(task) if task else None,
        q=None,
        limit=_DATASETS,
        cursor=None,
    )
    found = sorted(page.items, key=lambda view: (view.source != "registered", not view.bundled))
    if not found:
        return Answer("datasets", message.say("no_datasets"))
    rows = [
        [
            shown(view.id if view.source == "catalogue" else view.name),
            ", ".join(view.tasks) or "–",
            "–" if view.num_classes is None else str(view.num_classes),
            f"{sum(view.samples.values()):,}" if view.samples else "–",
        ]
        for view in found[:_SHOWN]
    ]
    columns = message.columns("dataset", "task", "classes", "samples")
    text = message.say("datasets", total=len(found), shown=len(rows))
    return Answer("datasets", text, [ChatTable(columns=columns, rows=rows)])


def recipes(message: Message, meant: Meant) -> Answer:
    found = catalog.recipes(task_of(meant.text))
    if not found:
        return Answer("recipes", message.say("no_recipes"))
    korean = message.language == "ko"
    rows = [
        [r.id, r.title_ko if korean else r.title, str(r.spec.get("model", "–"))]
        for r in found[: 2 * _SHOWN]
    ]
    columns = message.columns("recipe", "title", "model")
    text = message.say("recipes", total=len(found))
    return Answer("recipes", text, [ChatTable(columns=columns, rows=rows)])


def about(message: Message, meant: Meant) -> Answer | None:
    """What the catalogue knows of the models and datasets that are named."""
    mentions, rest = named_models.find(catalog.latin(meant.text))
    lines = []
    ids = list(dict.fromkeys(mention.ids[0] for mention in mentions))
    listed = {info.id: info for info in inventory.find_models(None, None, None)}
    for info in (listed[i] for i in ids if i in listed):
        ready = message.say("is_installed" if info.installed else "not_installed")
        words = {"tasks": ", ".join(map(str, info.tasks)), "installed": ready}
        lines.append(
            message.say("about_model", id=info.id, parameters=count(info.parameters), **words)
        )
    samples = {info.id: info for info in catalog.datasets()}
    for data in (samples[i] for i in named_datasets.find(rest)[0] if i in samples):
        figures = {
            "samples": count(sum(data.samples.values()) or None),
            "classes": data.num_classes or "–",
        }
        words = {"title": data.title, "tasks": ", ".join(map(str, data.tasks))}
        lines.append(message.say("about_data", id=data.id, **figures, **words))
    return Answer("about", "\n".join(lines)) if lines else None


def hardware(message: Message, _: Meant) -> Answer:
    found = machine.read(message.services.settings.home.path)
    lines = [
        message.say(
            "hardware",
            cpus=found.cpus,
            memory=found.memory_gb,
            free=found.memory_free_gb,
            disk=found.disk_free_gb,
        )
    ]
    if found.gpus:
        gpus = ", ".join(f"{gpu.name} ({gpu.memory_gb:g} GB)" for gpu in found.gpus)
        lines.append(message.say("gpus", gpus=gpus))
    else:
        lines.append(message.say("no_gpus", note=found.note or "–"))
    return Answer("hardware", "\n".join(lines))


def overview(message: Message, _: Meant) -> Answer:
    """What can be said here."""
    rows = [list(row) for row in table("help")[message.language]]
    columns = message.columns("say", "does")
    return Answer("help", message.say("help"), [ChatTable(columns=columns, rows=rows)])
