"""Settings with numbers: each number goes to the setting named next to it."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from trainwright.intent.rules.numbers import NUMBER


@dataclass(frozen=True)
class _Setting:
    """How a setting is named.

    Attributes:
        before: Patterns of its name before a number (`batch size 32`).
        after: Patterns of its name, or unit, after a number (`32 batch size`, `224px`).
        whole: Its value is a whole number.
    """

    field: str
    before: str
    after: str = ""
    whole: bool = True


_SETTINGS = (
    _Setting(
        "warmup",
        r"warm[\s_-]?up(?:[\s_-](?:steps|ratio|epochs))?|워밍업|웜업",
        r"warm[\s_-]?up",
        whole=False,
    ),
    _Setting(
        "patience",
        (
            r"early[\s_-]?stop(?:ping)?(?:\s+with)?(?:\s+(?:a\s+)?patience)?|patience|조기\s?종료|"
            r"얼리\s?스톱?핑|인내심?|(?:no|without)\s+improvement"
        ),
        r"patience",
    ),
    _Setting(
        "max_length",
        (
            r"max(?:imum)?[\s_-]?(?:seq(?:uence)?[\s_-]?|token[\s_-]?|"
            r"context[\s_-]?)?len(?:gth)?|(?:sequence|seq|context)[\s_-]?len(?:gth)?|context|"
            r"최대\s?길이|최대\s?토큰|시퀀스\s?길이|문맥\s?길이|컨텍스트\s?길이"
        ),
        r"tokens?|토큰",
    ),
    _Setting(
        "max_hours",
        r"max[\s_-]?hours|최대\s?시간|시간\s?제한",
        r"h(?:ou)?rs?|hours?|h|시간",
        whole=False,
    ),
    _Setting("minutes", r"", r"min(?:ute)?s?|분(?!할|류|의|포|석)", whole=False),
    _Setting(
        "max_steps",
        r"(?:max[\s_-]?)?(?:steps|iterations|iters|updates)|스텝(?:\s?수)?|최대\s?스텝",
        (
            r"(?:training\s+|train\s+|gradient\s+|optimizer\s+)?(?:steps?|iterations?|iters?|"
            r"updates)|스텝|이터레이션"
        ),
    ),
    _Setting(
        "epochs",
        (
            r"(?:num(?:ber)?[\s_-]?(?:of[\s_-]?)?|n[\s_-]?|max[\s_-]?)?epochs?|ep|에폭(?:\s?수)?|"
            r"에포크(?:\s?수)?|이폭"
        ),
        r"(?:training\s+|full\s+|more\s+)?epochs?|ep|eps|passes|rounds|에폭|에포크|이폭|번|회|바퀴",
    ),
    _Setting(
        "gradient_accumulation",
        (
            r"grad(?:ient)?[\s_-]?acc(?:um(?:ulation)?|umulate)?(?:[\s_-]?steps)?|"
            r"accumulat(?:e|ion)(?:\s+(?:steps|gradients?))?(?:\s+over)?|(?:그래디언트|그라디언트|기울기|"
            r"경사)\s?(?:누적|축적)"
        ),
        r"(?:steps?\s+of\s+)?grad(?:ient)?[\s_-]?accum(?:ulation)?(?:\s+steps)?",
    ),
    _Setting(
        "batch_size",
        r"(?:mini[\s_-]?)?batch(?:es)?(?:[\s_-]?size)?|bs|bsz|(?:미니\s?)?배치(?:\s?(?:크기|사이즈))?",
        (
            r"(?:images?|samples?|examples?|items?)\s+per\s+batch|(?:sized?\s+)?(?:mini[\s_-]?)?batch(?:es)?(?:[\s_-]?size)?|bs|"
            r"(?:미니\s?)?배치(?:\s?(?:크기|사이즈))?"
        ),
    ),
    _Setting(
        "weight_decay",
        r"weight[\s_-]?decay|wd|l2(?:\s+(?:regulari[sz]ation|penalty))?|가중치\s?(?:감쇠|감소)|웨이트\s?디케이",
        r"weight[\s_-]?decay",
        whole=False,
    ),
    _Setting(
        "learning_rate",
        (
            r"(?:initial\s+|base\s+|max\s+|peak\s+)?learning[\s_-]?rates?|lr|l\.r\.|"
            r"step\s?size|학습[\s]?율|학습[\s]?률|러닝\s?레이트"
        ),
        r"learning[\s_-]?rate|lr|학습[률율]",
        whole=False,
    ),
    _Setting("seed", r"(?:random[\s_-]?)?seed|(?:랜덤\s?|난수\s?)?시드", r""),
    _Setting(
        "num_generations",
        (
            r"num[\s_-]?generations|group[\s_-]?size|generations?|rollouts?|completions?|"
            r"생성(?:\s?수)?|그룹\s?크기"
        ),
        r"(?:generations?|rollouts?|completions?)(?:\s+per\s+prompt)?|samples\s+per\s+prompt|생성",
    ),
    _Setting(
        "num_classes",
        (
            r"(?:num(?:ber)?[\s_-]?(?:of[\s_-]?)?)?class(?:es)?|n[\s_-]?classes|categories|"
            r"클래스(?:\s?수)?|범주|카테고리"
        ),
        (
            r"(?:different\s+|output\s+)?(?:class(?:es)?|categories)|(?:개의?\s?)?(?:클래스|범주|"
            r"카테고리)|종류|종(?=\s|의|으로|을|$)"
        ),
    ),
    _Setting(
        "image_size",
        (
            r"(?:image|img|input|picture|crop)[\s_-]?(?:size|sz|resolution)|imgsz|"
            r"(?:at\s+)?resolution(?:\s+of)?|(?:이미지|입력|사진|영상)\s?(?:크기|사이즈|해상도)|해상도|크기|"
            r"이미지(?=\s\d+(?!\d|\s?[장개]))"
        ),
        r"px|pixels?(?:\s+(?:images?|wide|input))?|픽셀",
    ),
    _Setting("r", r"(?:lora[\s_-]?)?rank|lora[\s_-]?r|r(?=\s?=)|랭크", r""),
    _Setting("alpha", r"(?:lora[\s_-]?)?alpha|알파", r"", whole=False),
    _Setting("dropout", r"(?:lora[\s_-]?)?dropout|드롭아웃", r"", whole=False),
    _Setting(
        "kl_coef",
        r"(?:init(?:ial)?[\s_-]?)?kl(?:[\s_-]?(?:coef(?:ficient)?|penalty|weight))?|kl\s?계수",
        r"",
        whole=False,
    ),
    _Setting("beta", r"beta|베타", r"", whole=False),
    _Setting(
        "memory_gb",
        r"memory|ram|메모리",
        r"g(?:i?b)(?:\s+(?:of\s+)?(?:memory|ram))|기가(?:바이트)?",
        whole=False,
    ),
    _Setting(
        "gpus",
        r"(?:num[\s_-]?)?gpus?(?:\s?수)?|그래픽\s?카드|지피유",
        r"(?:x\s?)?(?:[a-z]\d{2,4}\s+)?(?:nvidia\s+)?gpus?|(?:개의?\s|장의?\s|대의?\s)?\s?(?:gpu|지피유)",
    ),
    _Setting(
        "cpus",
        r"(?:num[\s_-]?)?cpus?(?:\s?(?:cores?|코어))?|코어",
        r"cpus?(?:\s?cores?)?|cores?|threads|(?:개의?\s)?(?:cpu|코어)",
    ),
)
_WEAK = {"gpus", "cpus", "num_classes", "memory_gb"}
"""Nouns that also stand alone before another setting's number: `on GPU 10 epochs`."""

_KEY = re.compile(
    "|".join(
        rf"(?P<{s.field}>(?<![a-z가-힣])(?:{s.before})(?![a-z]))" for s in _SETTINGS if s.before
    )
)
_TIGHT = re.compile(r"(?:는|은|을|를|이|가|도|로)?\s*(?:=|:|->|of\b|is\b|to\b)?\s*[\"'(]?")
_GAP = re.compile(
    r"(?:는|은|을|를|이|가|도|로|으로|수는|값은)?\s*(?:=|:|->)?\s*"
    r"(?:(?:of|is|to|at|be|as|for|with|set|about|around|exactly|just|only|up|the|size|"
    r"value|after|over|약|총|딱|최대)\s+){0,4}[\"'(]?"
)
_UNIT = re.compile(
    r"(?:\s?(?:개|장|대|가지)(?:의)?)?[\s-]?(?:"
    + "|".join(rf"(?P<{s.field}>(?:{s.after})(?![a-z]))" for s in _SETTINGS if s.after)
    + ")"
)
_VALUE = re.compile(
    rf"(?P<size>(?<![\w.])\d{{1,5}}\s?(?:x|by)\s?\d{{1,5}}(?![a-z0-9.]))"
    rf"|(?P<number>{NUMBER})(?P<percent>\s?%|\s?퍼센트)?"
)
_NO_IMPROVEMENT = re.compile(
    r"(\d+)\s+epochs?\s+(?:without|with\s+no|of\s+no)\s+(?:any\s+)?improvement"
    r"|(\d+)\s?에폭\s?(?:동안|간)?\s?(?:개선|향상)"
)
_CORRECTION = re.compile(
    r"\b(?:wait|actually|sorry|i\s+mean(?:t)?|make\s+(?:it|that)|rather|scratch\s+that)\b"
    r"|아니(?!면)|아냐|정정"
)
_RANGE = re.compile(r"\s?(?:or|to|and|-|~|/|또는|혹은|이나|나|에서)\s?(?=[\d.])")
_SCIENTIFIC = re.compile(r"e-\d")  # nobody writes 1e-4 for anything else without saying what
_AT = re.compile(r"\bat\s$")
_ALTERNATIVE = re.compile(r"(?:으로|로)?,?\s*(?:or|아니면|또는|혹은|이나|나|/|~)\s*")
_MAX_GAP = 40
_WORD_VALUE = re.compile(r"\s?=\s?([a-z가-힣][a-z0-9가-힣_]*)")
_NUMERIC = {"epochs", "max_steps", "batch_size", "learning_rate", "weight_decay", "seed"}


@dataclass(frozen=True)
class Found:
    """A setting's value as it stands in the text."""

    field: str
    value: Any
    corrects: bool = False


def read(text: str) -> Iterator[Found]:
    """Pair the numbers of the text with the settings named beside them.

    Args:
        text: Lower case, names masked, numbers as digits.

    Yields:
        Settings in order. Values are not checked against ranges; a whole-number setting given a
        fraction keeps it, so that the spec's own check can say so.
    """
    for name in _KEY.finditer(text):
        if name.lastgroup in _NUMERIC and (word := _WORD_VALUE.match(text, name.end())):
            # `lr=high` is no number: the check of the whole spec will say so
            yield Found(str(name.lastgroup), word[1])
    yield from _Pairing(_NO_IMPROVEMENT.sub(lambda m: f"patience {m[1] or m[2]}", text)).run()


class _Pairing:
    """One pass over the numbers of a text, each looking for its setting left and right."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.keys = [(m.start(), m.end(), str(m.lastgroup)) for m in _KEY.finditer(text)]
        self.taken_to = 0  # units and keys before this place are spoken for
        self.last: str | None = None
        self.last_end = 0
        self.pending: re.Match[str] | None = None

    def run(self) -> Iterator[Found]:
        for match in _VALUE.finditer(self.text):
            if match.start() < self.taken_to:
                continue
            field = self._field(match)
            if field is None:
                in_range = match["number"] and _RANGE.match(self.text, match.end())
                self.pending = match if in_range else None
                continue
            if self.pending is not None:
                yield _found(field, self.pending, corrects=False)
                self.pending = None
            corrects = self._corrects(match.start())
            self.last, self.last_end = field, match.end()
            yield _found(field, match, corrects)

    def _field(self, match: re.Match[str]) -> str | None:
        key = self._key_before(match.start())
        inside_word = self._letter(match.start() - 1)
        if inside_word and (key is None or key[1] != match.start()):
            return None
        unit = _UNIT.match(self.text, match.end())
        if key is not None and (unit is None or self._prefers_key(key, unit, match.start())):
            self._take_key(key, unit, match.end())
            return key[2] if not self._in_epochs(key, unit) else "warmup_epochs"
        if unit is not None:
            self.taken_to = unit.end()
            return str(unit.lastgroup)
        return None if self._letter(match.end()) else self._field_alone(match)

    def _field_alone(self, match: re.Match[str]) -> str | None:
        """The setting of a number that has no name beside it."""
        if match["size"]:
            return "image_size"
        if _SCIENTIFIC.search(match[0]):
            return "learning_rate"
        if _AT.search(self.text, max(0, match.start() - 4), match.start()):
            return _at_what(float(match["number"]))
        if self.last and _ALTERNATIVE.fullmatch(self.text, self.last_end, match.start()):
            return self.last
        return self.last if self._corrects(match.start()) else None

    def _corrects(self, at: int) -> bool:
        """Whether words between the last number and this one take the last one back."""
        return bool(_CORRECTION.search(self.text, max(self.last_end, at - _MAX_GAP), at))

    def _letter(self, at: int) -> bool:
        return 0 <= at < len(self.text) and (self.text[at].isascii() and self.text[at].isalpha())

    def _key_before(self, at: int) -> tuple[int, int, str] | None:
        last = bisect_right(self.keys, at, key=lambda key: key[1]) - 1
        if last < 0:
            return None
        key = self.keys[last]
        fits = key[0] >= self.taken_to and at - key[1] <= _MAX_GAP
        return key if fits and _GAP.fullmatch(self.text, key[1], at) else None

    def _prefers_key(self, key: tuple[int, int, str], unit: re.Match[str], at: int) -> bool:
        field, other = key[2], unit.lastgroup
        if field == other or field in ("patience", "warmup"):
            return True
        if field in _WEAK:
            return False
        return self._ahead(unit) or bool(_TIGHT.fullmatch(self.text, key[1], at))

    def _ahead(self, unit: re.Match[str]) -> bool:
        """Whether what looks like this number's unit is the name of the next number."""
        number = _VALUE.search(self.text, unit.end(), unit.end() + 8)
        return bool(number and _TIGHT.fullmatch(self.text, unit.end(), number.start()))

    def _take_key(self, key: tuple[int, int, str], unit: re.Match[str] | None, end: int) -> None:
        swallows = unit is not None and (
            key[2] == unit.lastgroup
            or (key[2] in ("patience", "warmup") and unit.lastgroup in ("epochs", "max_steps"))
        )
        self.taken_to = unit.end() if unit and swallows and not self._ahead(unit) else end

    @staticmethod
    def _in_epochs(key: tuple[int, int, str], unit: re.Match[str] | None) -> bool:
        return key[2] == "warmup" and unit is not None and unit.lastgroup == "epochs"


def _at_what(value: float) -> str | None:
    """`adam at 0.001` is a rate, `vit at 224` a size."""
    if 0 < value < 1:
        return "learning_rate"
    return "image_size" if value >= 16 and value.is_integer() else None


def _found(field: str, match: re.Match[str], corrects: bool) -> Found:
    value: Any
    if match["size"]:
        height, width = (int(side) for side in re.findall(r"\d+", match["size"]))
        value = height if height == width else [height, width]
        return Found("image_size", value, corrects)
    value = float(match["number"])
    if match["percent"]:
        value /= 100
    if field == "minutes":
        return Found("max_hours", round(value / 60, 4), corrects)
    if value.is_integer() and abs(value) < 1e15 and (field in _WHOLE or "." not in match[0]):
        value = int(value)
    return Found(field, value, corrects)


_WHOLE = {s.field for s in _SETTINGS if s.whole}
