"""Which model is meant: names in the sentence, weighed with what else was said."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from unicodedata import normalize

from rapidfuzz import fuzz, process

from trainwright.catalog.search import (
    family_index,
    family_members,
    key,
    model_index,
    model_names,
)
from trainwright.catalog.shelf import hangul_names, shelf
from trainwright.intent.rules.corrections import dropped, standing
from trainwright.intent.rules.mentions import COUNTED, Mention, scan
from trainwright.intent.rules.patterns import Pattern
from trainwright.intent.rules.text import mask
from trainwright.intent.rules.vocabulary import load
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

# Words with a digit that name something other than a model.
_OTHER_THINGS = Pattern(
    r"(?:rtx|gtx|cuda|gpu|cpu|sha|utf|float|int|top|day|exp|run|test|seed|epochs?|batch|"
    r"step|rank|layer|fold|part|round"
    r"|take|try|trial|version|ver|phase|stage|level|room|platform|number|node|host|server|"
    r"box|dataset|data|class|label"
    r"|python|torch|windows|ubuntu|alpha|beta|dropout|lora|patience|size|warmup|lr|bsz|"
    r"imgsz|resolution|covid|ipv)[\s_.-]?\d.*"
)
_WITH_DIGIT = Pattern(r"(?<![a-z0-9_./\\-])[a-z][a-z_-]{2,30}\d[a-z0-9_.-]{0,30}(?![a-z0-9_/\\])")
_PLAIN_WORD = Pattern(r"(?<![a-z0-9_./\\-])[a-z]{3,20}(?![a-z0-9_/\\])")
_STEMS = load("lists")["model_stems"]
_WEIGHTS_FILE = Pattern(r"(?:\.(?:pt|pth|onnx|ya?ml)(?![a-z0-9]))?")
_SAID = Pattern(
    r"(?:\bmodel\s*(?:[:=]|\bis\b|\bcalled\b)|모델은|모델\s?[:=])\s*([a-z][a-z0-9_.-]{1,60})"
)
_CALLED_ONE = Pattern(
    r"(?<![a-z0-9_./\\-])([a-z][a-z0-9]*(?:_[a-z0-9.]+)+)\s?(?:모델|models?(?![a-z]))"
    r"|(?<![a-z0-9_./\\-])([a-z][a-z0-9-]*\d[a-z0-9-]*|[a-z][\w.-]*/[a-z][\w.-]*)\s?모델(?=로|을|를)"
    r"|\b(?:re)?train\s+(?:an?\s+|the\s+)?([a-z][a-z0-9]*(?:_[a-z0-9.]+)+)(?=\s+(?:on|with|for|using)\b)"
)
_SOUNDS_LIKE_ONE = Pattern(r"[a-z-]*(?:net|former|rcnn|yolo|llm|bert|gpt|vit|detr|vgg)")
_UNSUPPORTED = frozenset(load("lists")["unsupported_models"])
"""Models people ask for that no framework here trains: named back to them, not passed over."""

_NO_MODEL = frozenset(load("lists")["no_model"])
_ORDINARY = frozenset(load("lists")["near_model_names"])
_SHOWN = 4
_TYPO, _TYPO_WITH_DIGIT = 78.0, 72.0


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
    for found in scan(text, model_names()):
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
    rf"(?:the\s+)?({_SIZE})(?![a-z0-9.])(?!\s?(?:ep|epoch|에폭|에포크|번|스텝|step|개|장))"
)
_OWN_SIZE = Pattern(rf"(?:{_SIZE}|[a-z]\d?)$")
_BILLIONS = Pattern(r"(?<![\d.])\d{1,3}(?:\.\d{1,2})?\s?b(?![a-z0-9])")
_CORRECTED = Pattern(
    r"(?:(?<![가-힣])아니(?:다|야|요|지)?|(?<![가-힣])아[냐뇨]|하려(?:다가?|고\s?했(?:는데|지만|다가))|\bno\b(?:,?\s+wait)?|\bwait\b(?:,?\s+no)?|\bactually|\bsorry|\bscratch\s+that"
    r"|\bon\s+second\s+thoughts?)"
    r"[\s,.!~-]{1,4}(?:(?:make|i|mean|meant|it|that|use|take|go|with|the|let.?s|do|그냥|역시|차라리)[\s,]+){0,5}"
    rf"(\d{{1,3}}(?:\.\d)?\s?b|{_SIZE})(?=(?:짜리|모델|\s?(?:인스트럭트|instruct))?(?:으로|로)\s?(?:하|할|해|바꿔|바꾸|바꿀|갈|가|부탁|돌|학습|[,.!]|$)|\s*(?:[,.!;]|$)|\s(?:instead|please|version|model))"
)
_COUNT = Pattern(r"(?<![a-z\d._/-])\d")
_NUMBER = Pattern(r"\d+")


def _other_size(text: str, mention: ModelMention) -> ModelMention | None:
    """`resnet 18 or 34` names two models."""
    found = _OR.match(text, mention.end)
    if found is None:
        return None
    family = _OWN_SIZE.sub("", key(mention.text))
    ids = model_index().get(family + found[1])
    return (
        ModelMention(found[1], tuple(ids), start=found.start(1), end=found.end(1)) if ids else None
    )


def _corrected_size(text: str, mention: ModelMention) -> ModelMention | None:
    """`llama 3.2 1b on alpaca, no wait, 3b` names the other one of the two."""
    found = None if mention.family else _CORRECTED.search(text, mention.end, mention.end + 90)
    if found is None:
        return None
    size = re.sub(r"\s", "", found[1])
    if size.isdigit() and _COUNT.search(text, mention.end, found.start()):
        return None  # `resnet18, 5 epochs, no wait, 8`
    if _BILLIONS.fullmatch(size):
        name = key(_BILLIONS.sub(size, mention.text))
    else:
        name = _OWN_SIZE.sub("", key(mention.text)) + size
    ids = model_index().get(name)
    if not ids:
        return None
    return ModelMention(found[1], tuple(ids), start=found.start(1), end=found.end(1))


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


def misspelt(text: str) -> str | None:
    """A word that seems to be meant as a model's name but is none.

    Args:
        text: Lower case, everything that was understood masked.
    """
    if (said := _SAID.search(text)) and said[1] not in _NO_MODEL:
        return said[1]
    if said := _CALLED_ONE.search(text):
        return said[1] or said[2] or said[3]
    for found in _WITH_DIGIT.finditer(text):
        if not _OTHER_THINGS.fullmatch(found[0]) and _near(found[0], _TYPO_WITH_DIGIT):
            return found[0]
    for found in _PLAIN_WORD.finditer(text):
        ordinary = found[0] in _ORDINARY
        if found[0] in _UNSUPPORTED or (not ordinary and _near(found[0], _TYPO)):
            return found[0]
    if sized := _OF_A_SIZE.search(text):
        return sized[0].strip()
    return None if text.isascii() else _misspelt_in_hangul(text)


_OF_A_SIZE = Pattern(
    r"(?<![a-z0-9.가-힣])(?:[a-z가-힣][a-z0-9가-힣.-]{1,30}\s?(?:\d(?:\.\d)?\s)?)?"
    r"(?<![\d.])\d{1,3}(?:\.\d)?\s?b(?![a-z0-9])(?!\s?(?:토큰|tokens?|params?|파라미터))"
)
"""Only language models are told apart by their billions: `비쿠나 7b`, `the 7b`."""

_HANGUL_WORD = Pattern(
    r"(?<![가-힣])([가-힣]{2,8}?)(?=\s?\d|으로|로|을|를|은|는|이|가|도|만|[^가-힣]|$)"
)
_TYPO_IN_HANGUL = 84.0


@cache
def _hangul_stems() -> dict[str, str]:
    """Letters of Korean names of models, with the Latin name."""
    stems = {name: latin for name, latin in hangul_names().items() if latin in _STEMS}
    return {normalize("NFD", name): latin for name, latin in stems.items()}


def _misspelt_in_hangul(text: str) -> str | None:
    """`레스냇18`: letter by letter nearly a model's name."""
    for found in _HANGUL_WORD.finditer(text):
        letters = normalize("NFD", found[1])
        near = process.extractOne(
            letters, _hangul_stems().keys(), scorer=fuzz.ratio, score_cutoff=_TYPO_IN_HANGUL
        )
        if near is not None:
            size = re.match(r"\s?\d+\w{0,2}", text[found.end() :])
            return _hangul_stems()[near[0]] + (size[0].strip() if size else "")
    return None


def _near(word: str, cutoff: float) -> bool:
    stem = re.match(r"[a-z_-]+", word)
    letters = stem[0].strip("-_") if stem else word
    if len(letters) < len(word) and _SOUNDS_LIKE_ONE.fullmatch(letters):
        return True
    close = process.extractOne(letters, _STEMS, scorer=fuzz.ratio, score_cutoff=cutoff)
    return close is not None
