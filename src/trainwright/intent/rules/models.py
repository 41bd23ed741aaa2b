"""Which model is meant: names in the sentence, weighed with what else was said."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice

from trainwright.catalog.search import (
    family_index,
    family_members,
    key,
    model_index,
    model_names,
)
from trainwright.catalog.shelf import shelf
from trainwright.intent.rules.corrections import dropped, standing
from trainwright.intent.rules.mentions import COUNTED, Mention, scan
from trainwright.intent.rules.patterns import Pattern
from trainwright.intent.rules.text import MASK, mask
from trainwright.spec import Task

_FRAMEWORK_WORDS = {
    "builtin": r"built[\s-]?in|내장",
    "timm": r"timm|팀엠",
    "torchvision": r"torch\s?vision|토치\s?비전",
    "hf": r"hugging\s?face|transformers|hf|허깅\s?페이스",
    "ultralytics": r"ultralytics|울트라리틱스",
    "mmdet": r"mm\s?det(?:ection)?",
    "mmseg": r"mm\s?seg(?:mentation)?",
    "detectron2": r"detectron\s?2?|디텍트론\s?2?",
    "trl": r"trl",
    "verl": r"verl",
}
_FRAMEWORK = Pattern(
    "|".join(
        rf"(?P<{name}>(?<![a-z0-9])(?:{pattern})(?![a-z0-9]))"
        for name, pattern in _FRAMEWORK_WORDS.items()
    )
)
_CLOSED = {"timm", "torchvision", "ultralytics", "mmdet", "mmseg", "detectron2"}
"""Frameworks that, when named, are meant: a model of another one is not what was asked for."""
_SUFFIX = {
    Task.IMAGE_CLASSIFICATION: "-cls",
    Task.INSTANCE_SEGMENTATION: "-seg",
    Task.SEMANTIC_SEGMENTATION: "-sem",
}
_WEIGHTS_FILE = Pattern(r"(?:\.(?:pt|pth|onnx|ya?ml)(?![a-z0-9]))?")
_SHOWN = 4
_MOST = 64
"""Names that are looked at: nobody means more, and hostile text costs no time."""


@dataclass(frozen=True)
class ModelMention:
    """A model as named.

    Attributes:
        text: As it was said.
        ids: Models of that name in different frameworks, the likeliest first.
        family: Only a family was named; the ids are the members usually begun with.
    """

    text: str
    ids: tuple[str, ...]
    family: bool = False
    start: int = 0
    end: int = 0


@dataclass(frozen=True)
class Circumstances:
    """What else was said that tells which model is meant."""

    framework: str | None
    task: Task | None
    pretrained: bool | None
    fine_tuning: bool


@dataclass(frozen=True)
class Resolved:
    """The model that is meant; `reason` is a key of `questions.REASONS` when it was inferred."""

    model: str
    reason: str | None = None


def framework(text: str) -> str | None:
    """The framework named in (lower-case) text, and not taken back there."""
    named = [
        found
        for found in _FRAMEWORK.finditer(text)
        if not dropped(text, found.start(), found.end())
    ]
    return named[0].lastgroup if named else None


def without_frameworks(text: str) -> str:
    return _FRAMEWORK.sub(" ", text)


def find(text: str) -> tuple[list[ModelMention], str]:
    """Models named in (lower-case, Latin) text, and the text with them masked."""
    mentions = []
    rest = text
    for found in islice(scan(text, model_names()), _MOST):
        mention = _mention(text, found)
        mentions.append(mention)
        rest = mask(rest, mention.start, mention.end)
        if other := _other_size(text, mention) or _corrected_size(text, mention):
            mentions.append(other)
            rest = mask(rest, other.start, other.end)
    return standing(rest, mentions), rest


_SIZE = r"\d{1,3}|[nsmlxb]\d?|nano|tiny|small|medium|base|large|huge"
_OR = Pattern(
    r"\s*(?:or|/|이나|나|또는|혹은|아니면|,?\s?(?:but\s+)?not|,\s?no,|이?\s?(?:말고|대신에?|아니고|아니라)|instead\s+of)\s*"
    rf"(?:the\s+)?(\d{{1,3}}(?:\.\d)?\s?b|{_SIZE})(?![a-z0-9.])(?!\s?(?:ep|epoch|에폭|에포크|번|스텝|step|개|장))"
)
_OWN_SIZE = Pattern(rf"(?:{_SIZE}|[a-z]\d?)$")
_BILLIONS = Pattern(r"(?<![\d.])\d{1,3}(?:\.\d{1,2})?\s?b(?![a-z0-9])")
_CORRECTED = Pattern(
    r"(?:(?<![가-힣])아니(?:다|야|요|지)?|(?<![가-힣])아[냐뇨]|하려(?:다가?|고\s?했(?:는데|지만|다가))|\bno\b(?:,?\s+wait)?|\bwait\b(?:,?\s+no)?|\bactually|\bsorry|\bscratch\s+that"
    rf"|\bon\s+second\s+thoughts?|(?<![\w.])(?:\bnot\s+(?:the\s+)?)?(?P<old>\d{{1,3}}(?:\.\d)?\s?b|{_SIZE})\s?이?\s?(?:말고|아니고|아니라|대신에?|,?\s?but\b))"
    r"[\s,.!~-]{1,4}(?:(?:make|i|mean|meant|it|that|use|take|go|with|the|let.?s|do|그냥|역시|차라리)[\s,]+){0,5}"
    r"(?:(?:not\s+)?(?:the\s+)?[\w.]{1,5}\s?(?:,|이?\s?말고|이?\s?아니(?:라|고)|대신에?)\s*)?"
    rf"(?:the\s+)?(?P<new>\d{{1,3}}(?:\.\d)?\s?b|{_SIZE})(?P<tuning>\s(?:instruct|chat|base))?(?=(?:짜리|모델|\s?(?:인스트럭트|instruct))?(?:으로|로)\s?(?:요|하|할|해|바꿔|바꾸|바꿀|갈|가|부탁|돌|학습|[,.!]|$)|\s*(?:[,.!;]|$)|\s(?:instead|please|version|model))"
)
_TUNED = Pattern(r"\s?(?:instruct|chat|base|인스트럭트|챗|베이스)(?![a-z])")
_COUNT = Pattern(r"(?<![a-z\d._/-])\d")
_NUMBER = Pattern(r"\d+")


def _other_size(text: str, mention: ModelMention) -> ModelMention | None:
    """`resnet 18 or 34` names two models."""
    found = _OR.match(text, mention.end)
    if found is None:
        return None
    ids = _resized(mention, re.sub(r"\s", "", found[1]))
    return (
        ModelMention(found[1], tuple(ids), start=found.start(1), end=found.end(1)) if ids else None
    )


def _resized(mention: ModelMention, size: str, tuning: str = "") -> list[str]:
    """Models of the same name in another size, with this tuning if it is not their own."""
    if _BILLIONS.fullmatch(size):
        name = key(_BILLIONS.sub(size, mention.text))
    else:
        name = _OWN_SIZE.sub("", key(mention.text)) + size
    return model_index().get(name if name.endswith(tuning) else name + tuning, [])


def named_sizes(text: str, rest: str) -> frozenset[str]:
    """The sizes in billions of the models that are masked in the rest of a text."""
    sizes = (found for found in _BILLIONS.finditer(text) if rest[found.start()] == MASK)
    return frozenset(re.sub(r"\s", "", found[0]) for found in sizes)


def other_size(text: str, named: str, known: frozenset[str]) -> str | None:
    """A size that nothing took back, and that is not the named model's: `3b` beside `qwen2.5 7b`.

    Args:
        text: Lower case, names masked.
        named: The model as it was said.
        known: Sizes of the models that were named.
    """
    own = {re.sub(r"\s", "", size) for size in _BILLIONS.findall(named)}
    for found in _BILLIONS.finditer(text) if own else ():
        size = re.sub(r"\s", "", found[0])
        tuned = _TUNED.match(text, found.end())
        end = tuned.end() if tuned else found.end()
        if size not in own | known and not dropped(text, found.start(), end):
            return size
    return None


def _corrected_size(text: str, mention: ModelMention) -> ModelMention | None:
    """`llama 3.2 1b on alpaca, no wait, 3b` names the other one of the two."""
    found = None if mention.family else _CORRECTED.search(text, mention.end, mention.end + 90)
    if found is None:
        return None
    if found["old"] and not key(mention.text).endswith(key(found["old"])):
        return None  # `배치 16 말고 32로`
    size = re.sub(r"\s", "", found["new"])
    if size.isdigit() and _COUNT.search(text, mention.end, found.start()):
        return None  # `resnet18, 5 epochs, no wait, 8`
    tuning = (found["tuning"] or "").strip()
    ids = _resized(mention, size, tuning)
    if not ids:
        return None
    end = found.end("tuning" if tuning else "new")
    return ModelMention(
        text[found.start("new") : end], tuple(ids), start=found.start("new"), end=end
    )


def _mention(text: str, found: Mention) -> ModelMention:
    names, families = model_index(), family_index()
    said, name = text[found.start : found.end], found.key
    shorter = re.sub(r"\s\d+$", "", said)
    if shorter != said and COUNTED.match(text, found.end) and key(shorter) in model_names():
        said, name = shorter, key(shorter)
    end = found.start + len(said)
    end += len(_WEIGHTS_FILE.match(text, end)[0])  # type: ignore[index]  # may be empty
    if key(said) == f"{name}s":
        said = said[:-1]
    if name in names:
        # of spellings that compare alike, the one that was typed
        same = sorted(_counting_alike(said, names[name]), key=lambda i: _bare(i) != said)
        return ModelMention(said, tuple(same), start=found.start, end=end)
    own = _family(name)
    ids = tuple(own if len(own) == 1 else dict.fromkeys(families[name]))
    return ModelMention(said, ids, family=len(own) > 1, start=found.start, end=end)


def _counting_alike(said: str, ids: list[str]) -> list[str]:
    """Those whose numbers are these: `regnety 16gf` is not `regnet_y_1_6gf`."""
    alike = [i for i in ids if _NUMBER.findall(said) in _numbers(i, key(said))]
    return alike or ids


def _numbers(model_id: str, name: str) -> list[list[str]]:
    record = shelf().records[model_id]
    spellings = [record["name"].rpartition("/")[2], *record.get("aliases", ())]
    return [_NUMBER.findall(one) for one in spellings if key(one) == name]


@cache
def _family(name: str) -> list[str]:
    """Members of a family; those of `yolov8-seg` are the ones of `yolov8`, with the ending."""
    own = _of_one_size([i for i in family_members(name) if not _goes_on_counting(i, name)])
    ending = next((s for s in _SUFFIX.values() if name.endswith(s[1:])), None)
    if len(own) > 1 or ending is None:
        return own
    plain = family_members(name.removesuffix(ending[1:]))
    return [i for i in (f"{one}{ending}" for one in plain) if i in shelf().records] or own


def _goes_on_counting(model_id: str, name: str) -> bool:
    """Whether the number that ends the family's name goes on: `smollm3` is not `SmolLM-360M`."""
    spelt = r"[\W_]*".join(map(re.escape, name))
    return name[-1:].isdigit() and re.match(rf"{spelt}\d", _bare(model_id)) is not None


def _bare(model_id: str) -> str:
    return model_id.rpartition("/")[2].lower()


def _of_one_size(ids: list[str]) -> list[str]:
    """Of a model that is there before its tuning, too (`smollm3`), the one with the plain name."""
    plain = [i for i in ids if not (i.lower().endswith("-base") and i[:-5] in ids)]
    return plain if len(plain) == 1 else ids


def resolve(mention: ModelMention, said: Circumstances) -> Resolved | None:
    """The id that is meant, or `None` when no model of the name can do the task."""
    ids = _in_framework(list(mention.ids), said.framework)
    if said.framework in _CLOSED and not ids[0].startswith(f"{said.framework}/"):
        return None
    able = [i for i in ids if said.task is None or _does(i, said.task)]
    if not able:
        return _sibling(ids, said.task)
    if said.framework is not None and able[0].startswith(f"{said.framework}/"):
        return Resolved(able[0])
    wants_weights = said.pretrained or (said.fine_tuning and said.pretrained is not False)
    if len(able) == 1:
        return Resolved(able[0])
    if wants_weights and (others := [i for i in able if not i.startswith("builtin/")]):
        return Resolved(others[0], "has_weights" if able[0] != others[0] else "usual_framework")
    return Resolved(able[0], "builtin" if able[0].startswith("builtin/") else "usual_framework")


def members(mention: ModelMention, said: Circumstances) -> list[str]:
    """Members of a family that can do the task, to choose from."""
    names = _family(key(mention.text))
    inside = [i for i in names if said.framework is None or i.startswith(f"{said.framework}/")]
    able = [i for i in inside or names if said.task is None or _does(i, said.task)]
    return able[:_SHOWN]


def _in_framework(ids: list[str], named: str | None) -> list[str]:
    if named is None:
        return ids
    inside = [i for i in ids if i.startswith(f"{named}/")]
    return inside + [i for i in ids if i not in inside]


def _does(model_id: str, task: Task) -> bool:
    record = shelf().records.get(model_id)
    return record is None or task in record["tasks"]


def within_reach(mention: ModelMention) -> set[str]:
    """The tasks that models of the name, or their siblings, can do."""
    tasks = {
        task for i in mention.ids if i in shelf().records for task in shelf().records[i]["tasks"]
    }
    siblings = (task for task in _SUFFIX if _sibling(mention.ids, task))
    return tasks | {str(task) for task in siblings}


def _sibling(ids: Sequence[str], task: Task | None) -> Resolved | None:
    """`yolo11n` asked to segment is `yolo11n-seg`."""
    for model_id in ids:
        other = f"{model_id}{_SUFFIX[task]}" if task in _SUFFIX else None
        if other in shelf().records:
            return Resolved(str(other), "sibling")
    return None


def hub_mention(name: str, named: str | None) -> ModelMention:
    """A hub name (`Qwen/Qwen2.5-0.5B`), which the catalogue need not know."""
    if ids := model_index().get(key(name)):
        return ModelMention(name, tuple(ids))
    first = "verl" if named == "verl" else "trl"
    return ModelMention(name, (f"{first}/{name}",))
