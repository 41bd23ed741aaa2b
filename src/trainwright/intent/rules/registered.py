"""Registered datasets, named in a sentence: `my helmets dataset`, `helmets로`, `ds_k3x9`.

A name may also be an ordinary word. `detect helmets` names no data, `on helmets` does; one that
nobody uses as a word (`helmets-v2`) is always meant.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from trainwright.catalog.search import dataset_index, key, model_names
from trainwright.intent.known import Known, KnownDataset
from trainwright.intent.rules.patterns import Pattern
from trainwright.intent.rules.places import Place
from trainwright.intent.rules.text import MASK, lower

_TOKEN = Pattern(r"\w[\w.:-]*")
_IN_PATHS = frozenset("/\\~@")
_HANGUL = Pattern(r"[가-힣]")
_PARTICLE = (
    r"(?:으로부터|로부터|으로만|로만|으로|로|에서|에는|에|을|를|은|는|이랑|랑|이|가|의|와|과|도|만)"
)
_DATA_KO = r"(?:데이터\s?셋|데이터|이미지|사진|자료)"
_AFTER_HANGUL = Pattern(rf"(?:{_DATA_KO}?{_PARTICLE}?[.:-]*)")
_AFTER_LATIN = Pattern(r"(?:[가-힣].*|[.:-]*)")

_DATA_BEFORE = Pattern(
    r"(?:(?<![a-z])(?:on|from|over|using|use|data|dataset|data\s?set|--data|--dataset)\s*[:=]?\s*"
    r"|(?<![a-z])(?:with|of|for)\s+(?:my|our)\s+"
    r"|(?:데이터\s?셋?|자료)(?:는|은|로는)?\s*[:=]?\s*)"
    r"(?:(?:the|my|our|your|this|that|own|registered|custom|new|내|우리|등록한|등록된)\s+)*$"
)
_DATA_AFTER = Pattern(rf"\s+(?:data\s?sets?|data|images?|photos?|pictures?|set)\b|\s?{_DATA_KO}")
_FOLDER_AFTER = Pattern(r"\s*(?:folder|directory|폴더|디렉[터토]리)")
_WITH_KO = Pattern(r"(?:으로부터|로부터|으로만|로만|으로|로|에서)(?![가-힣])")
_OF_KO = Pattern(
    r"(?:을|를)\s(?!(?:\S+\s)?(?:탐지|검출|분류|구[분별]|찾|인식|감지|[판식]별|분할|세[는어]))"
)
_ALONE_BEFORE = Pattern(rf"(?:^|[,;|{MASK}])\s*$")
_ALONE_AFTER = Pattern(rf"\s*(?:$|[,;.!?|{MASK}])")
_NOBODYS_WORD = Pattern(r"[\d_.:-]")
_LAST_WORD = Pattern(r"\S+(?=\s+$)")
_BEFORE = 48  # characters that are looked at for words before a name


class Sense(IntEnum):
    """How sure it is that a name means the dataset."""

    WORD = 0
    ALONE = 1  # it stands by itself, as data do in `yolo11n, helmets, 10 epochs`
    DATA = 2


@dataclass(frozen=True)
class Named:
    """A registered dataset where its name, or its id, stands."""

    dataset: KnownDataset
    start: int
    end: int
    sense: Sense
    by_id: bool

    @property
    def place(self) -> Place:
        return Place(self.dataset.id if self.by_id else self.dataset.ref, self.start, self.end)


def find(text: str, known: Known) -> Iterator[Named]:
    """Names of registered datasets in a text.

    Args:
        text: Capitals kept, the run's name masked.
        known: What the platform knows.
    """
    small = lower(text)
    for token in _TOKEN.finditer(small):
        name = _longest(token[0], known)
        start = token.start()
        if name is None or small[start - 1 : start] in _IN_PATHS:
            continue
        end = start + len(name)
        if small[end : end + 1] in _IN_PATHS or key(name) in dataset_index():
            continue
        dataset = known.by_name[name]
        yield Named(dataset, start, end, _sense(small, start, end), name == dataset.id.lower())


def _longest(token: str, known: Known) -> str | None:
    """The longest name the token begins with, where only a particle or a stop follows it."""
    for end in range(min(len(token), known.longest), 0, -1):
        name = token[:end]
        if name in known.by_name:
            after = _AFTER_HANGUL if _HANGUL.match(name[-1]) else _AFTER_LATIN
            if after.fullmatch(token, end):
                return name
    return None


def _sense(text: str, start: int, end: int) -> Sense:
    name = text[start:end]
    if name.startswith("ds_") or (_NOBODYS_WORD.search(name) and key(name) not in model_names()):
        return Sense.DATA
    if _FOLDER_AFTER.match(text, end):
        return Sense.WORD
    before = text[max(0, start - _BEFORE) : start]
    if any(after.match(text, end) for after in (_DATA_AFTER, _WITH_KO, _OF_KO)):
        return Sense.DATA
    if _DATA_BEFORE.search(before):
        return Sense.DATA
    last = _LAST_WORD.search(before)
    follows_model = last is not None and key(last[0]) in model_names()
    if follows_model or (_ALONE_BEFORE.search(before) and _ALONE_AFTER.match(text, end)):
        return Sense.ALONE
    return Sense.WORD
