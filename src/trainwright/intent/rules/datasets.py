"""Datasets of the catalogue, named in a sentence."""

from __future__ import annotations

import re
from functools import cache

from trainwright.catalog.search import dataset_index, dataset_names
from trainwright.catalog.shelf import dataset_shelf
from trainwright.intent.rules.mentions import scan
from trainwright.intent.rules.text import mask

# Names that are also ordinary words: they count only where the sentence speaks of data.
_ORDINARY = {"random", "digit", "digits"}
_RANDOM = re.compile(
    r"\b(?:on|with|using|from|dataset)\s*[:=]?\s*(?:the\s+)?random(?!\s*(?:seed|init|"
    r"weights|crop|aug|order|flip|rotat|forest))"
    r"|\brandom\s+(?:data|images|dataset|tensors|noise)|random\s?(?:데이터|이미지|으로|로)"
)
# `pretrained on ImageNet` and `COCO weights` speak of weights, not of the data to train on.
_PRETRAINED_ON = re.compile(
    r"pre[\s-]?train(?:ed|ing)?\s+(?:weights\s+)?(?:on|from|with)\s+(?:the\s+)?$"
)
_WEIGHTS = re.compile(r"\s*-?(?:weights|pre[\s-]?train|checkpoint|가중치|사전\s?학습|사전\s?훈련)")
_UNKNOWN = re.compile(
    r"\b(?:on|using|from|dataset|"
    r"data)\s*[:=]?\s*(?:the\s+)?([a-z][a-z0-9_-]{2,30})(?:\s+(?:dataset|data|images))?\b"
    r"|([a-z][a-z0-9_-]{2,30})\s?(?:데이터셋|데이터)"
)


@cache
def _korean() -> tuple[re.Pattern[str], dict[str, str]]:
    """Korean names, with or without their spaces."""
    names = {
        re.sub(r"\s", "", alias): dataset_id
        for dataset_id, info in dataset_shelf().items()
        for alias in info.aliases
        if re.search(r"[가-힣]", alias)
    }
    longest_first = sorted(names, key=lambda name: -len(name))
    spaced = (r"\s?".join(map(re.escape, name)) for name in longest_first)
    return re.compile("|".join(spaced)), names


def find(text: str) -> tuple[list[str], str]:
    """Ids of catalogue datasets in (lower-case, Latin) text, and the text with them masked.

    A dataset whose name is an ordinary word (`digits`) is left out when another one is named:
    `train on mnist to read digits` speaks of one dataset.
    """
    index = dataset_index()
    found: list[tuple[str, bool]] = []
    for mention in list(scan(text, dataset_names())):
        dataset_id, said = index[mention.key], text[mention.start : mention.end]
        if dataset_id == "random" and said == "random" and not _RANDOM.search(text):
            continue
        if _WEIGHTS.match(text, mention.end):
            continue
        if _PRETRAINED_ON.search(text, 0, mention.start):
            text = mask(text, mention.start, mention.end)
            continue
        found.append((dataset_id, said in _ORDINARY or dataset_id == "digits"))
        text = mask(text, mention.start, mention.end)
    pattern, names = _korean()
    for match in list(pattern.finditer(text)):
        dataset_id = names[re.sub(r"\s", "", match[0])]
        found.append((dataset_id, dataset_id == "digits"))
        text = mask(text, match.start(), match.end())
    sure = [dataset_id for dataset_id, ordinary in found if not ordinary]
    return list(dict.fromkeys(sure or [dataset_id for dataset_id, _ in found])), text


def unknown(text: str) -> str | None:
    """A word in the place of a dataset's name that names none; everything known is masked."""
    for match in _UNKNOWN.finditer(text):
        word = match[1] or match[2]
        if word not in _NO_DATA:
            return word
    return None


_NO_DATA = frozenset(
    [
        "a",
        "an",
        "the",
        "my",
        "our",
        "your",
        "his",
        "her",
        "this",
        "that",
        "these",
        "those",
        "it",
        "them",
        "gpu",
        "gpus",
        "cpu",
        "cpus",
        "cuda",
        "machine",
        "computer",
        "laptop",
        "image",
        "images",
        "photo",
        "photos",
        "picture",
        "pictures",
        "data",
        "dataset",
        "datasets",
        "folder",
        "directory",
        "local",
        "localhost",
        "ssh",
        "kubernetes",
        "ray",
        "cluster",
        "server",
        "random",
        "scratch",
        "top",
        "some",
        "all",
        "each",
        "every",
        "pretrained",
        "weights",
        "cats",
        "dogs",
        "train",
        "training",
        "val",
        "validation",
        "test",
        "learning",
        "rate",
        "custom",
        "own",
        "real",
    ]
)
