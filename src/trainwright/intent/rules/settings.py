"""Settings with numbers: each number goes to the setting named next to it."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from trainwright.intent.rules import corrections, vague, valueless
from trainwright.intent.rules.keys import CALLED, GAP, SETTINGS, TIGHT, UNITS, Key, keys
from trainwright.intent.rules.numbers import NUMBER
from trainwright.intent.rules.patterns import Pattern
from trainwright.intent.rules.sizes import ENDS_THERE, USUAL_SIZES

_WHOLE = {entry["field"] for entry in SETTINGS if entry.get("whole", True)}
_WEAK = {"gpus", "cpus", "num_classes", "memory_gb"}
"""Nouns that also stand alone before another setting's number: `on GPU 10 epochs`."""


_VALUE = Pattern(
    rf"(?P<size>(?<![\w.])(?:\d{{1,5}}\s?(?:x|\*)\s?\d{{1,5}}|\d{{2,5}}\s?by\s?\d{{2,5}})(?![a-z0-9]|\.\d))"
    rf"|(?P<number>{NUMBER})(?P<percent>\s?%|\s?퍼센트|\s?퍼(?![가-힣])|\s?프로(?![가-힣]{{2}}))?"
)
_BETTER = (
    r"(?:improv\w*|better|gains?|progress|decreas\w*|increas\w*|chang\w*|drop\w*|fall\w*|rise\w*"
    r"|go(?:es|ing)?\s+(?:down|up))"
)
_NO_IMPROVEMENT = Pattern(
    rf"(?:early[\s-]?stop\w*\s+|stop\w*\s+(?:early\s+|training\s+)?)?(?:if|when|once|after|as\s+soon\s+as)?\s*(?:\b(?:it|there|the|val\w*|loss|accuracy|metric|nothing|no|is|has|s|which|score)\W+){{0,6}}(?:not|n.?t|no|stops?|without|nothing|hasn.?t|doesn.?t)\s+(?:been\s+|any\s+|got(?:ten)?\s+|get(?:s|ting)?\s+|{_BETTER}\s*){{1,3}}(?:in|for|over|within|after|during)\s+(?:the\s+last\s+)?(\d+)\s*(?:straight\s+|consecutive\s+)?(?:epochs?|rounds|evals?)"
    r"|(?:early[\s-]?stop\w*\s+|stop\w*\s+(?:early\s+|sooner\s+)?)?(?:if|when|once|after)\s+(?:\w+\s+){0,4}?(?:stalls?|plateaus?|stagnat\w*|flattens?|(?:is|stays?)\s+flat)\s+(?:for|over)\s+(\d+)\s+epochs?"
    rf"|(?:early[\s-]?stop\w*\s+|stop\w*\s+(?:early\s+)?)?(?:if|when|after)?\s*(\d+)\s+(?:straight\s+|consecutive\s+)?epochs?\s+(?:pass\s+)?(?:without|with\s+no|of\s+no|with\s+nothing)\s+(?:any\s+)?{_BETTER}"
    r"|(\d+)\s?(?:에폭|에포크|번)\s?(?:동안|간|연속(?:으로)?|이상)?\s?(?:[^\s\d]+\s){0,2}?(?:개선|향상|정체|변화|진전|나아지|좋아지|안\s?(?:좋아|나아|떨어|줄|내려|오르|올라)|줄지|떨어지지)\S*(?:\s?(?:없|않|안)\S*)?(?:\s?(?:조기\s?종료|멈[추춰]|종료|중단)\S*)?"
)
_NOT_MORE = Pattern(
    r"\s?(?:개|명|시)?\s?(?:전에|ago\b|old\b|걸렸|took)|\s?마다|\s?배(?:로|쯤|정도|나|만큼|\s)|(?<=번)\s[가-힣]{0,4}[졌했봤갔왔났었았](?:습니다|어요|다(?![가-힣])|음|고|는데|지만)|(?:이나|은|도)?\s?(?:돼|됐|되었|겪|당했|있었|넘게\s?있)"
)
"""`5에폭마다 저장`, `2 hours ago` and `배치를 두 배로` say nothing of how many there are."""
_FIRST = Pattern(r"(?:\bfirst|\blast|처음|초반|마지막)\s*$")
_ABOUT = r"(?:\s?(?:or\s+so|정도|쯤|씩))?"
_RANGE = Pattern(
    rf"{_ABOUT}\s?[,;]?\s?(?:or(?:\s+(?:maybe|perhaps|even|possibly))?|alternatively|to|and|vs\.?|versus|-|~|/|또는|아니면|혹은|이나|나|에서"
    r"|내지|하고|이?랑|와|과|아님)\s?(?=[\d.])"
)
_SCIENTIFIC = Pattern(r"e-\d")  # nobody writes 1e-4 for anything else without saying what
_LARGEST = 2048
"""A size without a name that is larger is a camera's, not a run's."""
_AT = Pattern(r"\bat\s$")
_GOES_ON = Pattern(r"[-:/]\d")
_ALTERNATIVE = Pattern(
    rf"-|(?:으로|로)?{_ABOUT}[,;]?\s*(?:or(?:\s+(?:maybe|perhaps|even|possibly))?|alternatively|and|to|vs\.?|versus|then|아니면|또는|혹은"
    r"|그리고|하고|이?랑|와|과|이나|나|에서|내지|아님|/|~|->|=>)\s*"
)
_LISTED = Pattern(r"\s*[,;]\s*(?:(?:and|or|그리고|또는)\s+)?")
_LIST_GOES_ON = Pattern(
    r"\s*(?:$|[,;)\]}!?\ue000]|\.(?!\d)|으?로|이?랑|이나|(?:개|장|에폭|시간)?\s?(?:둘\s?다|모두|각각|전부)|(?:and|or|with|for|on|using|at|in)(?![a-z]))"
)
_TAKE = Pattern(
    r"(?:\b(?:do|go\s+with|so|use|try|take|make\s+it|let.?s\s+(?:do|say)|this\s+time|now"
    r"|(?:i|we)\s*(?:.d|would|.ll|can|could|will|only|just|\s)*\s*(?:like|want|prefer|need|have|afford|take|use))"
    r"|그냥|이번(?:엔|에는|에))\s*$"
)
_ASSIGNED = Pattern(r"\s?[=:]\s?[\d.]")
_COUNTER = Pattern(r"\s?(?:개|장|대|가지)\s")  # `클래스 4개 lr 1e-4`: the count ends there
_SIZE_NOUN = Pattern(r"\s?(?:크기|사이즈|해상도)(?!\s?[:=])")
_OTHER_UNIT = Pattern(
    r"\s?(?:[천만억]\s?)?(?:원|월|일|년|달러|명|초|점(?!\s?\d)|위|층|호|cm|mm|kg|km|℃|도(?![가-힣]))(?![가-힣]*\s?(?:에폭|배치))"
)
"""Money, dates, people and measures: no setting's, whatever was said before."""
_MAX_GAP = 40
_NEAR = 8
_LOOSE = Pattern(r"반복|iter")
"""Names of how long it takes, after which the unit says of what."""
_DURATIONS = {"max_hours", "minutes_", "days_", "weeks_"}
_IN_HOURS = {"minutes_": 1 / 60, "days_": 24.0, "weeks_": 168.0}
_FRACTIONS = {"learning_rate", "weight_decay", "dropout", "kl_coef", "beta", "warmup"}
_COMMA = Pattern(r"\s?,\s*")
_BEGINS = Pattern(r"(?:^|[,.;:])\s*(?:(?:and|the|then|그리고)\s+)?$")
_COUNTED_BESIDES = {"patience", "warmup", "gradient_accumulation"}
"""Counted in epochs, steps or batches, and yet not how many of these a run has."""
_WORD_VALUE = Pattern(r"\s?=\s?([a-z가-힣][a-z0-9가-힣_]*)")
_DIGIT_BEFORE = Pattern(r"\d\s*$")
_NUMERIC = {"epochs", "max_steps", "batch_size", "learning_rate", "weight_decay", "seed"}


@dataclass(frozen=True)
class Found:
    """A setting's value as it stands in the text; `name` is what it was called, if unread."""

    field: str
    value: Any
    corrects: bool = False
    name: str = ""


def read(text: str) -> Iterator[Found]:
    """Pair the numbers of the text with the settings named beside them.

    Args:
        text: Lower case, names masked, numbers as digits.

    Yields:
        Settings in order. Values are not checked against ranges; a whole-number setting given a
        fraction keeps it, so that the spec's own check can say so.
    """
    for start, end, field in keys(text):
        counted = _DIGIT_BEFORE.search(text, max(0, start - 4), start)  # `2 epochs = happy me`
        if field in _NUMERIC and not counted and (word := _WORD_VALUE.match(text, end)):
            # `lr=high` is no number: the check of the whole spec will say so
            yield Found(field, word[1])
    text = _NO_IMPROVEMENT.sub(lambda m: f", patience {next(g for g in m.groups() if g)}, ", text)
    paired = list(_Pairing(text).run())
    yield from paired
    said = {found.field for found in paired}
    amounts = [Found(field, words) for field, words in vague.read(text, said)]
    yield from amounts
    said |= {found.field.removesuffix("_epochs_") for found in amounts + paired}
    yield from (Found(field, "") for field in valueless.read(text, said))


class _Pairing:
    """One pass over the numbers of a text, each looking for its setting left and right."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.keys = keys(text)
        self.units = UNITS.within(text)
        self.called = CALLED.within(text)
        self.taken_to = 0  # units and keys before this place are spoken for
        self.last: str | None = None
        self.last_end = 0
        self.correcting = False
        self.again = False  # the number at hand has no name and goes on with a correction
        self.pending: re.Match[str] | None = None

    def run(self) -> Iterator[Found]:
        for match in _VALUE.finditer(self.text):
            if match.start() < self.taken_to:
                continue
            self.again = False
            field = self._field(match)
            if field is None:
                in_range = match["number"] and _RANGE.match(self.text, match.end())
                self.pending = match if in_range else None
                continue
            end = max(match.end(), self.taken_to)
            unwanted = corrections.dropped(self.text, match.start(), end)
            if self.pending is not None and not unwanted:
                yield _found(field, self.pending, corrects=False)
            self.pending = None
            unwanted = unwanted or self._part_of_them(field, match.start())
            if unwanted or _NOT_MORE.match(self.text, end):
                self.last, self.correcting = field, unwanted
                self.last_end = corrections.after_dropped(self.text, end)
                continue
            corrects = (
                self.again or self._corrects(match.start()) or corrections.instead(self.text, end)
            )
            self.correcting = corrects
            self.last, self.last_end = field, end
            if field == "unread_":
                yield Found(field, match[0], name=self._called(match.start()))
            else:
                yield _found(field, match, corrects)

    def _field(self, match: re.Match[str]) -> str | None:
        key = self._key_before(match.start())
        inside_word = self._letter(match.start() - 1)
        if inside_word and (key is None or key[1] != match.start()):
            return None
        unit = self._unit(match.end())
        if unit is None and key is None and (unit := _first(self.called, self.text, match.end())):
            unit = None if self._ahead(unit) else unit
        if unit is not None and self._names_the_next(match, unit):
            unit = None
        if match["size"] and (noun := _SIZE_NOUN.match(self.text, match.end())):
            self.taken_to = noun.end()  # `512x512 크기 12에폭`
        if key is not None and (unit is None or self._prefers_key(key, unit, match.start())):
            self._take_key(key, unit, match.end())
            return key[2] if not self._in_epochs(key, unit) else "warmup_epochs_"
        if unit is not None:
            self.taken_to = unit.end()
            self.again = self._goes_on_besides(match, unit)
            return self.last if self.again else str(unit.lastgroup)
        others = self._letter(match.end()) or _OTHER_UNIT.match(self.text, match.end())
        return None if others else self._field_alone(match)

    def _names_the_next(self, match: re.Match[str], unit: re.Match[str]) -> bool:
        """`hsv_h=0.015 epochs=5`, `640 배치16 에폭80`: what follows a number names another."""
        if _ASSIGNED.match(self.text, unit.end()):
            return True
        if not self._ahead(unit):
            return False
        number = self._number_after(unit)
        glued = number is not None and number.start() == unit.end()
        # `adam at 0.001 batch 128`
        part = match["number"] and float(match["number"]) < 1 and unit.lastgroup in _WHOLE
        return glued or bool(part) or match[0] in map(str, USUAL_SIZES)

    def _unit(self, at: int) -> re.Match[str] | None:
        """What the number that ends here counts."""
        fitting = [found for unit in self.units if (found := unit.match(self.text, at))]
        # `45 에폭 워밍업 500`: the warm-up is of the next number
        return next((u for u in fitting if not self._number_after(u)), next(iter(fitting), None))

    def _part_of_them(self, field: str, at: int) -> bool:
        """`for the first 5 epochs` is not how many there are."""
        lengths = field in ("epochs", "max_steps")
        return lengths and _FIRST.search(self.text, max(0, at - 10), at) is not None

    def _called(self, at: int) -> str:
        """What the setting before a number was called."""
        start, end, _ = self.keys[bisect_right(self.keys, at, key=lambda key: key[1]) - 1]
        return self.text[start:end]

    def _field_alone(self, match: re.Match[str]) -> str | None:
        """The setting of a number that has no name beside it."""
        if match["size"]:
            return "image_size" if max(_sides(match)) <= _LARGEST else None
        if _SCIENTIFIC.search(match[0]) and not self._goes_on(match):
            return "learning_rate"
        if _AT.search(self.text, max(0, match.start() - 4), match.start()):
            telephone = _GOES_ON.match(self.text, match.end())
            return None if telephone else _at_what(float(match["number"]))
        return self._named_before_comma(match) or self._last_again(match)

    def _last_again(self, match: re.Match[str]) -> str | None:
        """The setting of the number before, if this is another value of it."""
        if self.last is None or corrections.dropped(self.text, match.start(), match.end()):
            return None
        if _ALTERNATIVE.fullmatch(self.text, self.last_end, match.start()) or self._listed(match):
            return self.last
        self.again = self._goes_on(match)
        corrects = self._corrects(match.start()) or corrections.instead(self.text, match.end())
        return self.last if self.again or corrects else None

    def _listed(self, match: re.Match[str]) -> bool:
        """`batch 16, 32 and 64`: the next of several values, of the same kind as the one before."""
        if not _LISTED.fullmatch(self.text, self.last_end, match.start()):
            return False
        if match["percent"] or not _LIST_GOES_ON.match(self.text, match.end()):
            return False
        value = float(match["number"])
        if self.last in _FRACTIONS:
            return value < 1
        another = match[0] in map(str, USUAL_SIZES) and self.last not in (
            "image_size",
            "max_length",
        )
        return value.is_integer() and not another

    def _named_before_comma(self, match: re.Match[str]) -> str | None:
        """`constant learning rate, 0.01`: a part of one, as only few settings are.

        Any setting, where its name stands alone, as in what is dictated: `epochs, 15. seed, 3.`
        """
        at = bisect_right(self.keys, match.start(), key=lambda key: key[1]) - 1
        if at < 0 or self.keys[at][0] < self.taken_to:
            return None
        start, end, field = self.keys[at]
        if not _COMMA.fullmatch(self.text, end, match.start()):
            return None
        alone = _BEGINS.search(self.text, max(0, start - 8), start)
        if alone and ENDS_THERE.match(self.text, match.end()):
            return field
        return field if field in _FRACTIONS and 0 < float(match["number"]) < 1 else None

    def _goes_on(self, match: re.Match[str]) -> bool:
        """Whether this number stands in the place of one that was just taken back."""
        takes = _TAKE.search(self.text, self.last_end, match.start())
        near = match.start() - self.last_end < _NEAR
        return self.last is not None and self.correcting and bool(takes or near)

    def _corrects(self, at: int) -> bool:
        """Whether words between the last number and this one take the last one back."""
        if corrections.dropped(self.text, at, at):
            return False
        start = max(self.last_end, at - _MAX_GAP)
        return corrections.takes_back(self.text, start, at)

    def _goes_on_besides(self, match: re.Match[str], unit: re.Match[str]) -> bool:
        """`500 warmup steps, no, 1000 steps`: the same unit, of what was just taken back."""
        besides = self.last in _COUNTED_BESIDES and unit.lastgroup in ("epochs", "max_steps")
        if not besides or match.start() - self.last_end > _MAX_GAP:
            return False
        return self.correcting or self._corrects(match.start())

    def _letter(self, at: int) -> bool:
        return 0 <= at < len(self.text) and (self.text[at].isascii() and self.text[at].isalpha())

    def _key_before(self, at: int) -> Key | None:
        last = bisect_right(self.keys, at, key=lambda key: key[1]) - 1
        if last < 0:
            return None
        key = self.keys[last]
        fits = key[0] >= self.taken_to and at - key[1] <= _MAX_GAP
        return key if fits and GAP.fullmatch(self.text, key[1], at) else None

    def _prefers_key(self, key: Key, unit: re.Match[str], at: int) -> bool:
        field, other = key[2], unit.lastgroup
        if other in _DURATIONS and field != "warmup":
            return field == other  # `시간 제한 90분`, `224 크기 6시간 안에`
        if field == other or field in _COUNTED_BESIDES:
            return True
        if {field, other} == {"epochs", "max_steps"} and _LOOSE.match(self.text, key[0]):
            return self._ahead(unit)  # `반복 횟수: 30 에폭`
        if field in _WEAK:
            another = other in _WEAK and self._ahead(unit)
            return another or bool(_COUNTER.match(self.text, unit.start()))
        return self._ahead(unit) or bool(TIGHT.fullmatch(self.text, key[1], at))

    def _ahead(self, unit: re.Match[str]) -> bool:
        """Whether what looks like this number's unit is the name of the next number."""
        number = self._number_after(unit)
        if number is None:
            return False
        own = self._unit(number.end())  # `100스텝 6시간`: each has its own
        return own is None or self._number_after(own) is not None

    def _number_after(self, unit: re.Match[str]) -> re.Match[str] | None:
        number = _VALUE.search(self.text, unit.end(), unit.end() + 8)
        near = number and TIGHT.fullmatch(self.text, unit.end(), number.start())
        return number if near else None

    def _take_key(self, key: Key, unit: re.Match[str] | None, end: int) -> None:
        swallows = unit is not None and (
            key[2] == unit.lastgroup
            or (
                key[2] in _COUNTED_BESIDES
                and unit.lastgroup in ("epochs", "max_steps", "patience", "batch_size")
            )
        )
        self.taken_to = unit.end() if unit and swallows and not self._ahead(unit) else end

    def _in_epochs(self, key: Key, unit: re.Match[str] | None) -> bool:
        in_epochs = key[2] == "warmup" and unit is not None and unit.lastgroup == "epochs"
        return in_epochs and unit is not None and not self._ahead(unit)


def _first(patterns: list[Pattern], text: str, at: int) -> re.Match[str] | None:
    return next((found for one in patterns if (found := one.match(text, at))), None)


def _sides(match: re.Match[str]) -> tuple[int, int]:
    height, width = (int(side) for side in re.findall(r"\d+", match["size"]))
    return height, width


def _at_what(value: float) -> str | None:
    """`adam at 0.001` is a rate, `vit at 224` a size."""
    if 0 < value < 1:
        return "learning_rate"
    return "image_size" if value >= 16 and value.is_integer() else None


def _found(field: str, match: re.Match[str], corrects: bool) -> Found:
    value: Any
    if match["size"]:
        height, width = _sides(match)
        value = height if height == width else [height, width]
        return Found("image_size", value, corrects)
    value = float(match["number"])
    if match["percent"]:
        value /= 100
        if value > 1:
            return Found(field, match[0])  # `warmup 150%` is no share; the spec's check says so
    if hours := _IN_HOURS.get(field):
        return Found("max_hours", round(value * hours, 4), corrects)
    if value.is_integer() and abs(value) < 1e15 and (field in _WHOLE or "." not in match[0]):
        value = int(value)
    return Found(field, value, corrects)
