"""Settings that are words: optimizer, scheduler, precision, augmentation, adapters, weights."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from trainwright.intent.rules.corrections import dropped, standing
from trainwright.intent.rules.patterns import Pattern
from trainwright.intent.rules.text import MASK, mask
from trainwright.intent.rules.vocabulary import alternatives, load


@dataclass(frozen=True)
class Choice:
    """A value that was named, with where it stands."""

    field: str
    value: Any
    start: int
    end: int


_ENTRIES = load("choices")
_JUST = r"(?:(?:그냥|걍|일단|우선|좀|계속|쭉)\s)?"
_JOSA = r"(?:은|는|이|가|을|를|도|만|으로|로)?"


def _words(entry: dict[str, Any]) -> list[str]:
    """All ways to say a value.

    Besides its own `words`, in Korean: its `called` names, which say it only beside the noun of
    the field; and the thing that is put to use (`on`), or not (`off`).
    """
    words: list[str] = []
    if called := entry.get("called"):
        noun, names = _ENTRIES["noun"][entry["field"]], alternatives(called)
        words += [rf"{noun}{_JOSA}\s?[:=]?\s?{_JUST}{names}", rf"{names}(?:적|한|인|의)?\s?{noun}"]
        words.append(
            rf"(?<=[{MASK} ])(?<!에폭 )(?<!에포크 )(?:말고|대신|아니고|아니라)\s?{names}"
            rf"(?={_JOSA}(?![가-힣]))"
        )
    for way in ("on", "off"):
        if thing := entry.get(way):
            used = alternatives(_ENTRIES["use"][way])
            words.append(rf"{thing}{_JOSA}\s?(?:좀\s|다\s)?{used}")
    return [*words, *entry.get("words", ())]


_RULES: tuple[tuple[str, Any, Pattern], ...] = tuple(
    (
        entry["field"],
        entry["value"],
        Pattern(rf"(?<![a-z0-9_가-힣]){alternatives(_words(entry))}(?![a-z0-9_])"),
    )
    for entry in _ENTRIES["choice"]
)
_SAYS_WHETHER = {"pretrained", "early_stopping", "warmup", "weight_decay", "gpus"}
"""Fields whose value says yes or no: `no pretrained weights` takes nothing back."""


def read(text: str) -> list[Choice]:
    """Named values; what the person took back is left out.

    Args:
        text: Lower case, names masked.
    """
    found = sorted(_found(text), key=lambda choice: (choice.field, choice.start))
    kept: list[Choice] = []
    for field, group in groupby(found, key=lambda choice: choice.field):
        several = _without_refusals_of_others(text, list(group))
        kept += _wanted(text, several) if field in _SAYS_WHETHER else standing(text, several)
    return kept


def _without_refusals_of_others(text: str, several: list[Choice]) -> list[Choice]:
    """`can't use QLoRA, so plain LoRA` refuses one kind of adapters, not adapters."""
    wished = {choice.value for choice in several} - {"none"}
    return [
        choice
        for choice in several
        if choice.value != "none"
        or not wished
        or _named_in(choice.field, text[choice.start : choice.end]) in {None, *wished}
    ]


def _named_in(field: str, refusal: str) -> Any:
    """The value that a refusal names: QLoRA in `no qlora`."""
    others = ((value, named) for of, value, named in _RULES if of == field and value != "none")
    return next((value for value, named in others if named.search(refusal)), None)


def _wanted(text: str, several: list[Choice]) -> list[Choice]:
    return [c for c in several if not dropped(text, c.start, c.end)] or several


_DENIED = Pattern(r"[\"']?\s*[:=]\s*[\"']?(?:false|no|off|none|null|0)(?![\w.])")
"""`fp16: false`: the value that was named is the one that is not wanted."""


def _found(text: str) -> Iterator[Choice]:
    for field, value, pattern in _RULES:
        for match in list(pattern.finditer(text)):
            if not _DENIED.match(text, match.end()):
                yield Choice(field, value, match.start(), match.end())
            text = mask(text, match.start(), match.end())


_OPTIMIZER = Pattern(
    r"(?:\boptimi[sz]er\s*(?:=|:|\bis\b)?|--opt(?:im)?[\s=])\s*([a-z][a-z0-9]{2,15})(?![a-z0-9_])"
    r"|\b(?:with|using|use)\s+(?:the\s+|an?\s+)?([a-z][a-z0-9]{2,15})\s+optimi[sz]er\b"
    r"|(?<![\w/.-])(adamax|adadelta|l-?bfgs|rprop|adabelief)(?![\w/-])"
    r"|옵티마이저(?:는|로|:|=)?\s*([a-z][a-z0-9]{2,15})(?![a-z0-9_])"
    r"|옵티마이저(?:는|은|를|:)\s?([가-힣]{2,8}?)으?로(?=\s|[,.!~]|$|하|해|쓰|써|돌|학)"
    r"|(?<![가-힣])([가-힣]{2,8})\s옵티마이저(?:로|를|으로)(?![가-힣])"
)
_NAMED = {
    "scheduler": Pattern(
        r"스케[줄쥴]러?(?:는|은|를)\s?([a-z][a-z0-9_]{2,20})(?![a-z0-9_])"
        r"|스케[줄쥴]러?(?:는|은|를|:)\s?([가-힣]{2,8}?)으?로(?=\s|[,.!~]|$|하|해|쓰|써|돌|학)"
        r"|\bscheduler\s*(?:=|:|\bis\b)?\s*([a-z][a-z0-9_]{2,20})(?![a-z0-9_-])"
        r"|\b(?:with|using|use)\s+(?:the\s+|an?\s+)?([a-z][a-z0-9_-]{2,20})\s+(?:lr\s+|learning[\s-]rate\s+)?schedul(?:er|e)\b"
        r"|(?<![가-힣])([가-힣]{2,6})\s스케[줄쥴]러(?:로|를)(?![가-힣])"
        r"|(?<![\w/.-])(sgdr|noam|wsd|inverse[\s_-]sqrt|warm\s?restarts)(?![\w/-])"
    ),
    "peft": Pattern(
        r"(?<![\w/.-])(ada-?lora|ia3|p-tuning(?:\s?v2)?|(?:prefix|prompt)[\s-]tuning|bitfit"
        r"|(?:\bpeft(?:[\s_-]?(?:method|type))?\s*[=:]|--peft(?:[_-](?:method|type))?\s|\badapters?\s*[=:])"
        r"\s*[\"']?([a-z][a-z0-9_-]{2,20})|(?<=with\s)dora|(?<=using\s)dora|(?:프리픽스|프롬프트)\s?튜닝)(?![\w/-])"
        r"|어댑터(?:는|를)?\s([a-z][a-z0-9_-]{2,20})(?=으?로(?![가-힣]))"
    ),
    "precision": Pattern(
        r"정밀도(?:는|를)\s?([a-z]{2,4}\d{1,2})(?![a-z0-9_])"
        r"|(?<![\w/.-])(n?v?fp[48]|fp64|float(?:8|64)|int8|double\s+precision)(?![\w/-])(?!\s?(?:quant|양자))"
    ),
}
_NO_NAME = frozenset(load("lists")["no_choice"])
"""Words that name no optimizer, and no schedule either."""


def unknown_optimizer(text: str) -> str | None:
    """A word in the place of an optimizer's name that names none; known ones are masked."""
    found = _OPTIMIZER.search(text)
    word = next(filter(None, found.groups())) if found else None
    return None if word in _NO_NAME else word


def unknown_names(text: str) -> Iterator[tuple[str, str]]:
    """Fields with a word in the place of a value's name that names none; known ones are masked."""
    if word := unknown_optimizer(text):
        yield "optimizer", word
    for field, pattern in _NAMED.items():
        found = pattern.search(text)
        word = next(filter(None, found.groups())) if found else None
        if word is not None and word not in _NO_NAME:
            yield field, word


SHARED = {"gpus", "early_stopping"}
"""Their words may carry a number besides: it is read elsewhere."""
