"""Forgiving search: typos, hyphens and Korean spellings find the name that was meant."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache

from rapidfuzz import fuzz, process

from trainwright.catalog.shelf import dataset_shelf, hangul_names, shelf
from trainwright.spec import DatasetInfo, ModelInfo

_SEPARATORS = re.compile(r"[\s\-_.:,/]+")
_DROPPED = dict.fromkeys(map(ord, " \t\n\r-_.:,/"))
FRAMEWORK_ORDER = ("builtin", "ultralytics", "hf", "timm", "trl", "verl", "mmdet", "mmseg")
"""Which framework is meant first when several have a model by the name."""

MAX_QUERY = 200
_CUTOFF = 70.0


@cache
def _korean_names() -> re.Pattern[str]:
    # not inside a longer Korean word: 드라마 is no 라마
    return re.compile(rf"(?<![가-힣])(?:{'|'.join(map(re.escape, hangul_names()))})")


_JAMO = {unicodedata.normalize("NFKC", chr(c)): chr(c) for c in range(0x3131, 0x3164)}
_LONE_JAMO = str.maketrans({low: jamo for low, jamo in _JAMO.items() if len(low) == 1})


def fold(text: str) -> str:
    """Compatibility forms made plain; letters of Korean that stand alone (`ㄱㄱ`) stay as typed."""
    return unicodedata.normalize("NFKC", text).translate(_LONE_JAMO)


def latin(text: str) -> str:
    """Lower case, compatibility forms folded, Korean spellings of names turned into Latin ones."""
    text = fold(text).casefold()
    if text.isascii():
        return text
    return _korean_names().sub(lambda found: hangul_names()[found[0]], text)


def key(text: str) -> str:
    """The form names are compared in: `LeNet-5`, `lenet 5` and `르넷5` are all `lenet5`."""
    if text.isascii():
        return text.lower().translate(_DROPPED)
    return _SEPARATORS.sub("", latin(text))


def _rank(model_id: str) -> int:
    framework = model_id.partition("/")[0]
    return FRAMEWORK_ORDER.index(framework) if framework in FRAMEWORK_ORDER else 99


@cache
def model_index() -> dict[str, list[str]]:
    """Name key to model ids, the framework meant first in front."""
    index: dict[str, list[str]] = {}
    for model_id, record in shelf().records.items():
        name: str = record["name"]
        spelt = key(name)
        keys = [key(record["framework"]) + spelt, spelt]
        if "/" in name:
            keys.append(key(name.rpartition("/")[2]))
        if "aliases" in record:
            keys.extend(map(key, record["aliases"]))
        for one in dict.fromkeys(keys):
            index.setdefault(one, []).append(model_id)
    for ids in index.values():
        if len(ids) > 1:
            ids.sort(key=_rank)
    return index


@cache
def family_index() -> dict[str, list[str]]:
    """Key of a family's name to the member of each framework that is usually begun with."""
    index: dict[str, list[str]] = {}
    for model_id, record in shelf().records.items():
        for spelling in record.get("family_names", ()):
            index.setdefault(key(spelling), []).append(model_id)
    for ids in index.values():
        ids.sort(key=_rank)
    return index


@cache
def family_members(name: str) -> list[str]:
    """Models of the family with this key: the usual one, its framework's, then shorter names first.

    A model of several frameworks stands here once.
    """
    usual = family_index()[name]
    names = {i: key(i.rpartition("/")[2]) for i in shelf().records}
    inside = _beginning_with({name}, names) or _beginning_with(_spellings(usual), names)
    home = usual[0].partition("/")[0]
    inside.sort(key=lambda i: (not i.startswith(f"{home}/"), len(names[i]), _size(i), _rank(i)))
    members: dict[str, str] = {}
    for model_id in (*usual, *inside):
        members.setdefault(names[model_id], model_id)
    return list(members.values())


def _beginning_with(starts: set[str], names: dict[str, str]) -> list[str]:
    return [i for i, name in names.items() if any(map(name.startswith, starts))]


def _spellings(ids: Iterable[str]) -> set[str]:
    return {key(said) for i in ids for said in shelf().records[i].get("family_names", ())}


def _size(model_id: str) -> float:
    return float(shelf().records[model_id].get("parameters") or 0)


@cache
def model_names() -> frozenset[str]:
    """Every key that names a model or a family."""
    return frozenset(model_index()) | frozenset(family_index())


@cache
def dataset_index() -> dict[str, str]:
    index: dict[str, str] = {}
    for dataset_id, info in dataset_shelf().items():
        for spelling in (dataset_id, info.title, *info.aliases):
            index.setdefault(key(spelling), dataset_id)
    return index


@cache
def dataset_names() -> frozenset[str]:
    """Every key that names a dataset."""
    return frozenset(dataset_index())


def find_ids(text: str, *, limit: int = 20) -> list[str]:
    """Model ids whose names are most like `text`, best first."""
    wanted = key(text[:MAX_QUERY])
    if not wanted:
        return []
    index = model_index()
    found: dict[str, None] = dict.fromkeys(index.get(wanted, ()))
    _extend(found, family_index().get(wanted, ()))
    if len(found) < limit:
        inside = sorted(
            (k for k in index if wanted in k), key=lambda k: (not k.startswith(wanted), len(k))
        )
        _extend(found, (i for k in inside[:limit] for i in index[k]))
    if len(found) < limit:
        close = process.extract(
            wanted, index.keys(), scorer=fuzz.ratio, limit=limit, score_cutoff=_CUTOFF
        )
        _extend(found, (i for k, _, _ in close for i in index[k]))
    return list(found)[:limit]


def _extend(found: dict[str, None], more: Iterable[str]) -> None:
    for name in more:
        found.setdefault(name)


def find_model(text: str, *, limit: int = 20) -> list[ModelInfo]:
    """Models whose names are most like `text`, best first; empty when nothing is near."""
    return [info for i in find_ids(text, limit=limit) if (info := shelf().get(i))]


def nearest_datasets(text: str, *, limit: int = 3) -> list[str]:
    """Ids of catalogue datasets whose names are most like `text`, best first."""
    index = dataset_index()
    wanted = key(text[:MAX_QUERY])
    close = process.extract(
        wanted, index.keys(), scorer=fuzz.ratio, limit=limit * 3, score_cutoff=60
    )
    found = dict.fromkeys(index[k] for k, _, _ in close)
    return list(found)[:limit]


def dataset_by_name(text: str) -> DatasetInfo | None:
    """The catalogue dataset of exactly this name, however it is spelt."""
    dataset_id = dataset_index().get(key(text[:MAX_QUERY]))
    return dataset_shelf()[dataset_id] if dataset_id else None
