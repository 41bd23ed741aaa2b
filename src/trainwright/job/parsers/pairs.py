"""Names with values, in any notation: `loss: 0.5`, `loss=0.5`, `'loss': 0.5`, `loss 0.5`, prose."""

from __future__ import annotations

import re
from dataclasses import dataclass

from trainwright.job.parsers.names import Kind, Name, is_standard, judge
from trainwright.job.parsers.numbers import fraction, is_decimal
from trainwright.job.parsers.tokens import Token
from trainwright.job.parsers.vocabulary import (
    COUNTS,
    DESCRIBING,
    GLUE,
    PLAIN_WORDS,
    QUALIFIED,
    SPLITS,
    UNITS,
)

_SPECIAL = re.compile(r"[-+]?(?:nan|inf|infinity)", re.IGNORECASE)
_VERBS = frozenset({"is", "was", "of", "at", "reached", "equals"})
_OF = frozenset(
    {"of", "on", "for", "over", "in", "after", "at", "is", "was", "using", "with", "the", "against"}
)
_QUOTES = frozenset("'\"`")
_BEFORE = frozenset(",;|{}[]()-*>#•:/.!=~–—\x01")
"""Signs that a name may stand after; a word of prose or a value ends it too early."""
_ENDS = frozenset(",;|{}[]")
_AVERAGES = frozenset({"macro", "micro", "weighted"})
_QUALIFYING = frozenset({*SPLITS, *_AVERAGES, "avg", "average", "mean", "set", "%"})
_VAGUE = (Kind.UNKNOWN, Kind.NEVER)
_ACCURACY = judge("accuracy")
_LONGEST_PHRASE = 5
_LONGEST_CLAUSE = 16


@dataclass(slots=True)
class Pair:
    """One value and the name beside it.

    Attributes:
        decimal: Written like a measured value (a point, an exponent, `%`, `nan`), not a count.
        signed: A `:` or `=` stands between the two.
        single: The name is one word, or in quotes.
        wide: The name with the word before it, for when the name alone is taken.
        by_split: Beside the value stands a split alone; what is measured was said before.
        split: What words around the name say, e.g. the brackets in `Loss (val): 0.5`.
    """

    name: Name
    raw: str
    value: float
    decimal: bool
    signed: bool
    single: bool
    split: str | None
    wide: str = ""
    by_split: bool = False


@dataclass(slots=True)
class _Key:
    name: Name
    raw: str
    single: bool
    split: str | None = None
    percent: bool = False
    wide: str = ""


def find_pairs(tokens: list[Token]) -> tuple[list[Pair], bool]:
    """Every name with a value in a line, and whether the line is a dump of settings."""
    pairs = []
    said: str | None = None
    topic = _Topic()
    settings = 0
    for i, token in enumerate(tokens):
        if token.kind == "word":
            said = SPLITS.get(token.text.lower(), said)
            settings += _is_setting(tokens, i)
            topic.open(token.text)
            if not _SPECIAL.fullmatch(token.text):
                continue
        elif token.kind != "number":
            continue
        pair = _pair_at(tokens, i, topic) or _rate_at(tokens, i)
        if pair:
            pair.split = pair.split or said
            pairs.append(pair)
            if pair.name.split and not pair.name.joined:
                said = pair.name.split
            if pair.raw.split(" ")[-1].lower() not in SPLITS and not pair.by_split:
                topic.is_told = True
    return pairs, settings >= 2


def _is_setting(tokens: list[Token], i: int) -> bool:
    j = i + 1
    if j < len(tokens) and tokens[j].text in _QUOTES:
        j += 1
    return j < len(tokens) and tokens[j].text in (":", "=") and judge(tokens[i].text).config


@dataclass(slots=True)
class _Topic:
    """What `train 0.5, val 0.6` are values of.

    Attributes:
        subject: The measure named before.
        is_told: It has a value of its own already; another for `train` is then of accuracy.
    """

    subject: Name | None = None
    is_told: bool = False

    def open(self, word: str) -> None:
        name = judge(word)
        if name.kind is Kind.STRONG and name.split is None:
            self.subject, self.is_told = name, False

    def name(self, split: str, value: float, *, percent: bool) -> Name | None:
        if self.subject is None:
            return _ACCURACY if percent else None
        if self.is_told and (percent or (split == "train" and 0 <= value <= 1)):
            self.subject = _ACCURACY
        return self.subject


def _pair_at(tokens: list[Token], i: int, topic: _Topic) -> Pair | None:
    token = tokens[i]
    j = i - 1
    if (
        j >= 0
        and tokens[j].text in _QUOTES
        and i + 1 < len(tokens)
        and tokens[i + 1].text == tokens[j].text
    ):
        j -= 1
    if j >= 1 and tokens[j].text == "[" and tokens[i + 1 : i + 2] and tokens[i + 1].text == "]":
        j -= 1
    signed, j = _separator(tokens, j)
    if j < 0:
        return None
    verb = not signed and tokens[j].kind == "word" and tokens[j].text.lower() in _VERBS
    if verb:
        j -= 1
    key = _key_before(tokens, j, clause=signed or verb)
    if key is None:
        return None
    value, percent = _value(tokens, i)
    if value is None:
        return None
    decimal = percent or token.kind == "word" or is_decimal(token.text)
    if percent or key.percent or key.name.percent:
        value = fraction(value)
    if split := SPLITS.get(key.raw.lower()):  # `Loss: train 0.5, val 0.6` or `Train: 91.2%`
        name = topic.name(split, value, percent=percent)
        counts = tokens[i + 1 : i + 2] and tokens[i + 1].text == "/"  # `Test: 12/79` is progress
        if name is None or not decimal or counts:
            return None
        return Pair(name, name.base, value, decimal, signed, key.single, split, by_split=True)
    signed = signed or _has_mean(tokens, i)
    return Pair(key.name, key.raw, value, decimal, signed, key.single, key.split, key.wide)


def _has_mean(tokens: list[Token], i: int) -> bool:
    """`Htri 0.0055 (0.0133)`: the mean behind a value sets it beside its name."""
    after = tokens[i + 1 : i + 4]
    return [t.kind for t in after] == ["sign", "number", "sign"] and after[0].text == "("


def _rate_at(tokens: list[Token], i: int) -> Pair | None:
    """`142,000 tok/s` and `52.1% MFU`: the unit behind the value is its name."""
    token = tokens[i]
    words = [t.text for t in tokens[i + 1 : i + 4]]
    unit = token.unit or (words.pop(0) if words else "")
    name = judge(unit)
    if unit == "%":
        name = next((n for n in map(judge, words[:2]) if n.base == "mfu"), name)
    elif words and (words[0] in (":", "=") or words[0][0].isdigit()):
        return None
    if name.base not in ("tokens_per_second", "mfu"):
        return None
    value = float(token.text.replace(",", ""))
    value = fraction(value) if unit == "%" else value
    return Pair(name, name.base, value, decimal=True, signed=True, single=True, split=None)


def _separator(tokens: list[Token], j: int) -> tuple[bool, int]:
    """Step over `:`, `=`, `->`; comparisons such as `>=` and `==` separate nothing."""
    if j < 0 or tokens[j].kind != "sign":
        return False, j
    sign = tokens[j].text
    before = tokens[j - 1].text if j else ""
    if sign in ":=" and before not in ("=", "<", ">", "!", ":"):
        return True, j - 1
    if sign in "→≈" or (sign in "-–" and _is_named(tokens, j)):
        return True, j - 1
    if sign == ">" and before in ("-", "="):
        return True, j - 2
    return False, j if sign == ")" else -1


def _is_named(tokens: list[Token], j: int) -> bool:
    """`dice_loss - 0.51`: the dash between a metric's name and a measured value."""
    before, after = tokens[j - 1], tokens[j + 1]
    if j < 1 or before.kind != "word" or after.kind != "number" or not is_decimal(after.text):
        return False
    return before.end < tokens[j].start and judge(before.text).kind in (Kind.STRONG, Kind.WEAK)


def _value(tokens: list[Token], i: int) -> tuple[float | None, bool]:
    """The value at `i`, still in percent, and whether a `%` stands behind it."""
    token = tokens[i]
    if token.kind == "word":
        return float(token.text), False
    following = tokens[i + 1].text if i + 1 < len(tokens) else ""
    percent = token.unit == "%" or following == "%"
    if token.unit and not percent:
        return None, False
    value = float(token.text.replace(",", ""))
    if following[:1] == "-" and tokens[i + 1].start == token.end and len(following) > 1:
        return None, False  # a range: `13.0-21.6`
    if following == "/" and i + 2 < len(tokens) and tokens[i + 2].kind == "number":
        whole = float(tokens[i + 2].text.replace(",", ""))
        return (100 * value / whole, True) if 0 <= value <= whole and whole else (None, False)
    if following.lower() in UNITS and not _is_key(tokens, i + 1):
        return None, False
    return value, percent


def _is_key(tokens: list[Token], i: int) -> bool:
    """`lr: 0.1 img/s: 52`: the unit is the name of what follows."""
    return i + 1 < len(tokens) and tokens[i + 1].text in (":", "=")


def _key_before(tokens: list[Token], j: int, *, clause: bool) -> _Key | None:
    if j < 0:
        return None
    token = tokens[j]
    if token.text in _QUOTES:
        return _quoted(tokens, j)
    qualifier = None
    if token.text == ")":
        qualifier, j = _qualifier(tokens, j)
        if j < 0 or not (clause or _QUALIFYING.issuperset(qualifier)):
            return None
    key = _phrase(tokens, j)
    if clause and key and tokens[j].text.lower() in QUALIFIED:
        key = _whole_phrase(tokens, j) or key
    if clause and (key is None or _may_be_explained(key, tokens, j)):
        said_all = key is None or (not key.single and key.name.kind is Kind.UNKNOWN)
        key = _clause(tokens, j) or (None if said_all else key)
    if key and qualifier is not None:
        for word in qualifier:
            key.split = SPLITS.get(word, key.split)
            if word in _AVERAGES:
                key.name = judge(f"{key.raw} {word}")
        key.percent = key.percent or "%" in qualifier
        if key.name.kind is Kind.UNKNOWN or UNITS.intersection(qualifier):
            return None
    return key


def _may_be_explained(key: _Key, tokens: list[Token], j: int) -> bool:
    """The word before a value is no metric, but the clause may be about one."""
    if j == 0 or tokens[j - 1].kind != "word":
        return False
    if key.name.kind is Kind.PROGRESS:
        return tokens[j - 1].text == "final"  # `Loss for final step: 0.1`
    return key.name.kind in _VAGUE


def _quoted(tokens: list[Token], j: int) -> _Key | None:
    quote = tokens[j].text
    for start in range(j - 1, max(-1, j - 8), -1):
        if tokens[start].text == quote:
            words = [t.text for t in tokens[start + 1 : j]]
            raw = " ".join(words).replace(" / ", "/")
            return _Key(judge(raw), raw, single=True) if words else None
    return None


def _qualifier(tokens: list[Token], j: int) -> tuple[list[str], int]:
    for start in range(j - 1, max(-1, j - 6), -1):
        if tokens[start].text == "(":
            return [t.text.lower() for t in tokens[start + 1 : j]], start - 1
    return [], -1


def _phrase(tokens: list[Token], j: int) -> _Key | None:
    """The longest run of words before a value that is a known name; else the last word alone."""
    if tokens[j].kind == "number" and j and tokens[j - 1].text.lower() in ("rouge", "hits", "top"):
        raw = f"{tokens[j - 1].text}{tokens[j].text}"
        return _Key(judge(raw), raw, single=True)
    if tokens[j].kind != "word":
        return None
    words = [tokens[j].text]
    best = _Key(judge(words[0]), words[0], single=True)
    if "/" in words[0] and best.name.kind is not Kind.NEVER and not is_standard(words[0]):
        return best  # it says all about itself
    known = best.name.kind is not Kind.UNKNOWN
    k = j - 1
    while k >= 0 and len(words) < _LONGEST_PHRASE:
        token = tokens[k]
        top = token.kind == "number" and k and tokens[k - 1].text.lower() == "top"
        if token.kind != "word" and not top:
            break
        if top:
            k -= 1
            words.insert(0, f"top{token.text}")
        else:
            words.insert(0, token.text)
        raw = " ".join(words)
        name = judge(raw)
        possessive = token.text.endswith(("'s", "’s")) and token.text[:-2].lower() in SPLITS
        if possessive and len(words) == 2 and name.kind is not Kind.NEVER:
            return _Key(name, raw, single=True)
        if is_standard(raw) or _extends(name, best.name, words[0]):
            best, known = _Key(name, raw, single=False), True
        elif token.text.lower() not in GLUE:
            break
        k -= 1
    if not known and len(words) > 1:
        best.single = False
    best.wide = " ".join(words[-best.raw.count(" ") - 2 :])
    return best


def _whole_phrase(tokens: list[Token], j: int) -> _Key | None:
    """`Mean surrogate loss:` from where it begins, when nothing in it is prose."""
    k = j
    while k >= 0 and tokens[k].kind == "word" and tokens[k].text.lower() not in PLAIN_WORDS:
        k -= 1
    words = [t.text for t in tokens[k + 1 : j + 1]]
    begins = k < 0 or tokens[k].text in _BEFORE
    begins |= tokens[k].kind == "number" and COUNTS.isdisjoint(w.lower() for w in words)
    if not 2 <= len(words) <= _LONGEST_PHRASE or not begins:
        return None
    raw = " ".join(words)
    if not raw.isascii() or "/" in raw or any(w.lower() in SPLITS for w in words[1:-1]):
        return None
    name = judge(raw)
    return _Key(name, raw, single=False) if name.kind in (Kind.STRONG, Kind.WEAK) else None


def _extends(name: Name, known: Name, word: str) -> bool:
    """A longer phrase is the name when its new first word belongs to names of metrics."""
    if name.kind is Kind.NEVER and known.kind is not Kind.NEVER:
        return word.lower() in _TURNING
    if name.kind in (Kind.UNKNOWN, Kind.PROGRESS, Kind.NEVER):
        return False
    if known.kind is Kind.UNKNOWN:
        return True
    lower = word.lower()
    split = re.split(r"[_'’]", lower)[0]
    return split in SPLITS or lower in DESCRIBING or lower.startswith("top")


_TURNING = frozenset({"max", "target", "loss", "time"})


def _is_class(word: str) -> bool:
    """`Accuracy of plane: 61 %` is about one class; that of the network, or of an `SVM`, is not."""
    return word.isalpha() and word.islower() and word not in (*PLAIN_WORDS, *SPLITS, "classifier")


def _is_subject(word: str) -> bool:
    name = judge(word)
    return name.kind is Kind.STRONG or name.base == "cost"


def _clause(tokens: list[Token], j: int) -> _Key | None:
    """`Accuracy of the network on the 10000 test images` is about accuracy, on `test`."""
    split = None
    for k in range(j, max(-1, j - _LONGEST_CLAUSE), -1):
        token = tokens[k]
        lower = token.text.lower()
        if token.text in _ENDS or lower in ("class", "category"):
            return None
        split = split or SPLITS.get(lower)
        after = tokens[k + 1].text.lower() if k < j else ""
        if token.kind == "word" and after in _OF and _is_subject(token.text):
            if k + 2 == j and after == "of" and _is_class(tokens[j].text):
                return None
            key = _phrase(tokens, k)
            if key:
                key.split = split
                key.single = False
            return key
    return None
