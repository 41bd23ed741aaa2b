"""Datasets of the catalogue, named in a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from rapidfuzz import fuzz

from trainwright.catalog.search import dataset_index, dataset_names, key
from trainwright.catalog.shelf import dataset_shelf
from trainwright.intent.rules.corrections import standing
from trainwright.intent.rules.mentions import COUNTED, Mention, scan
from trainwright.intent.rules.patterns import Pattern
from trainwright.intent.rules.text import mask
from trainwright.intent.rules.vocabulary import load

# Names that are also ordinary words: they count only where the sentence speaks of data.
_ORDINARY = {"random", "digit", "digits"}
_RANDOM = Pattern(
    r"\b(?:on|with|using|from|dataset)\s*[:=]?\s*(?:the\s+)?random(?!\s*(?:seed|init|"
    r"weights|crop|aug|order|flip|rotat|forest))"
    r"|\brandom\s+(?:data|images|dataset|tensors|noise)|random\s?(?:데이터|이미지|으로|로)"
)
# `pretrained on ImageNet` and `COCO weights` speak of weights, not of the data to train on.
_PRETRAINED_ON = Pattern(
    r"pre[\s-]?train(?:ed|ing)?\s+(?:weights\s+)?(?:on|from|with)\s+(?:the\s+)?$"
)
# other datasets that are named after a known one: Tiny ImageNet, imagenet-100, cifar10-c
_ANOTHER = Pattern(
    r"(?<![a-z])(?:tiny|mini|micro|extended|partial|permuted|rotated|moving|colou?red|kannada"
    r"|sign[\s-]language|audio|medical|binari[sz]ed|corrupted)[\s-]$"
)
_WORD_BEFORE = Pattern(r"(?<![a-z])([a-z]{4,12})[\s_-]$")
_NEARLY = 75.0
_VARIANT = Pattern(
    r"-(?:\d{1,4}k?|[a-z]|v\d|stuff|lt)(?![a-z0-9])(?!\s?(?:ep|epochs?|에폭|steps?|스텝|번))"
)
_USUAL_WEIGHTS = {"imagenet", "coco", "ade20k"}
_FILE_ENDING = Pattern(r"(?:\.ya?ml(?![a-z0-9]))?")  # coco128.yaml, as Ultralytics names it
_WEIGHTS = Pattern(
    r"\s*-?(?:weights|init\w*|checkpoint|pre[\s-]?train(?!\w*\s+(?:weights\s+)?(?:on|from|with|using)\b)|가중치|사전\s?학습|사전\s?훈련)"
)
_UNKNOWN = Pattern(
    r"\b(?:on|using|from|dataset|"
    r"data)\s*[:=]?\s*(?:the\s+)?([a-z][a-z0-9_-]{2,30})(?:\s+(?:dataset|data|images))?\b"
    r"|([a-z][a-z0-9_-]{2,30})\s?(?:데이터셋|데이터)"
)


@cache
def _korean() -> tuple[Pattern, dict[str, str]]:
    """Korean names, with or without their spaces."""
    names = {
        re.sub(r"\s", "", alias): dataset_id
        for dataset_id, info in dataset_shelf().items()
        for alias in info.aliases
        if re.search(r"[가-힣]", alias)
    }
    longest_first = sorted(names, key=lambda name: -len(name))
    spaced = (r"\s?".join(map(re.escape, name)) for name in longest_first)
    return Pattern("|".join(spaced)), names


@dataclass(frozen=True)
class DatasetMention:
    """A dataset of the catalogue, where it is named."""

    dataset: str
    start: int
    end: int
    ordinary: bool


def find(text: str) -> tuple[list[str], str]:
    """Ids of catalogue datasets in (lower-case, Latin) text, and the text with them masked.

    A dataset whose name is an ordinary word (`digits`) is left out when another one is named:
    `train on mnist to read digits` speaks of one dataset.
    """
    named = [*_latin_names(text), *_korean_names(text)]
    learnt = [m for m in named if _PRETRAINED_ON.search(text, 0, m.start)]
    weights = [m for m in named if _names_weights(text, m, alone=len(named) == 1)]
    meant = [mention for mention in named if mention not in (*learnt, *weights)]
    said = text
    for mention in (*learnt, *meant):
        text = mask(text, mention.start, mention.end)
    meant.sort(key=lambda mention: mention.start)
    sure = [mention for mention in meant if not mention.ordinary] or meant
    wanted = standing(said, meant if _joined(said, meant) else sure)
    return list(dict.fromkeys(mention.dataset for mention in wanted)), text


_JOINS = Pattern(r"\s*(?:,|&|and|or|이?랑|와|과|하고|또는|이?나)\s*")


def _joined(text: str, named: list[DatasetMention]) -> bool:
    """`mnist and digits`: both are meant, though the second is also an ordinary word."""
    return any(_JOINS.fullmatch(text, one.end, other.start) for one, other in pairwise(named))


def _latin_names(text: str) -> Iterator[DatasetMention]:
    speaks_of_random_data = _RANDOM.search(text) is not None
    for mention in scan(text, dataset_names()):
        dataset_id, said = dataset_index()[mention.key], text[mention.start : mention.end]
        if dataset_id == said == "random" and not speaks_of_random_data:
            continue
        if _ANOTHER.search(text, max(0, mention.start - 16), mention.start) or _VARIANT.match(
            text, mention.end
        ):
            continue
        if _is_another_misspelt(text, mention):
            continue
        end = mention.end
        if said != (whole := _without_count(text, mention.start, end)):
            dataset_id, said = dataset_index().get(key(whole), dataset_id), whole
            end = mention.start + len(whole)
        end += len(_FILE_ENDING.match(text, end)[0])  # type: ignore[index]  # may be empty
        ordinary = said in _ORDINARY or dataset_id == "digits"
        yield DatasetMention(dataset_id, mention.start, end, ordinary)


def _is_another_misspelt(text: str, mention: Mention) -> bool:
    """`fasion mnist` is nearly another dataset, whose name ends like this one's."""
    before = _WORD_BEFORE.search(text, max(0, mention.start - 14), mention.start)
    if before is None:
        return False
    return any(fuzz.ratio(before[1], start) >= _NEARLY for start in _beginnings(mention.key))


@cache
def _beginnings(ending: str) -> list[str]:
    """What stands before this in the names of other datasets: `fashion` of `mnist`."""
    own = dataset_index()[ending]
    return [
        name.removesuffix(ending)
        for name, dataset_id in dataset_index().items()
        if name.endswith(ending) and dataset_id != own
    ]


def _without_count(text: str, start: int, end: int) -> str:
    """`cifar 10 epochs` names cifar, and ten epochs."""
    said = text[start:end]
    shorter = re.sub(r"\s\d+$", "", said)
    counted = shorter != said and COUNTED.match(text, end) and key(shorter) in dataset_index()
    return shorter if counted else said


def _korean_names(text: str) -> Iterator[DatasetMention]:
    pattern, names = _korean()
    for match in pattern.finditer(text):
        dataset_id = names[re.sub(r"\s", "", match[0])]
        yield DatasetMention(dataset_id, match.start(), match.end(), dataset_id == "digits")


def _names_weights(text: str, mention: DatasetMention, *, alone: bool) -> bool:
    """`COCO weights`: what a model learnt from before."""
    usual = mention.dataset in _USUAL_WEIGHTS or not alone
    return usual and _WEIGHTS.match(text, mention.end) is not None


def unknown(text: str) -> str | None:
    """A word in the place of a dataset's name that names none; everything known is masked."""
    for match in _UNKNOWN.finditer(text):
        word = match[1] or match[2]
        if word not in _NO_DATA:
            return word
    return None


_NO_DATA = frozenset(load("lists")["no_data"])
