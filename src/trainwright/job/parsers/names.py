"""From the names logs print to the names of the contracts.

| printed | becomes |
|---|---|
| `loss`, `total_loss`, `avg loss`, `lm loss` | `train/loss`: no split said is `train` |
| `val_loss`, `eval_loss`, `valid loss`, `loss_val`, `validation_0-loss` | `val/loss` |
| `test_acc`, `Test accuracy`, `test/acc` | `test/accuracy` |
| `acc`, `top1`, `Acc@1`, `acc1`, `sparse_categorical_accuracy` | `…/accuracy`; `@1` is percent |
| `top5`, `Acc@5`, `top_5_accuracy` | `…/top5` |
| `mAP50`, `AP50`, `mAP@.5`, `metrics/mAP50(B)`, `coco/bbox_mAP_50` | `val/map50` |
| `mAP50-95`, `mAP@.5:.95`, `coco/bbox_mAP` | `val/map50_95`: measured on held-out data |
| `macro_f1`, `f1 macro` | `val/f1_macro` |
| `lr`, `learning_rate`, `lr-Adam` | `lr` |
| `grad_norm`, `gnorm` | `train/grad_norm` |
| `reward`, `mean_reward` | `train/reward_mean` |
| `ppl` | `train/perplexity` |
| `box_loss`, `loss_cls`, `nll_loss` | `train/box_loss`, …: own name under a split |
| `val_foo`, `eval_foo/bar` | `val/foo`, `val/foo/bar` |
| `actor/pg_loss`, `rewards/chosen`, `rollout/ep_rew_mean` | as printed: a namespace of its own |

A name is judged by its words: some make a metric anywhere (`loss`), some only in a line that shows
training (`lr`, `score`), and times, counts, sizes and settings never are one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import Enum, auto
from functools import lru_cache

from trainwright.job.parsers.languages import to_english
from trainwright.job.parsers.vocabulary import (
    ALIASES,
    CONFIG_KEYS,
    COUNTS,
    DURATIONS,
    EVALUATION_ONLY,
    LEARNING_RATES,
    LENGTHS,
    MEASURED_LENGTHS,
    MODIFIERS,
    NUMBERED,
    PERCENT,
    PROGRESS,
    RANKED,
    SETTINGS,
    SPLITS,
    STRONG,
    WEAK,
)

MAX_NAME = 200


class Kind(Enum):
    """What a value beside a name is."""

    STRONG = auto()
    """A metric."""
    WEAK = auto()
    """A metric in a line that shows training: `lr`, `score`, `kl`."""
    UNKNOWN = auto()
    """A metric in such a line when written as a pair."""
    PROGRESS = auto()
    NEVER = auto()


@dataclass(frozen=True, slots=True)
class Name:
    """A judged name.

    Attributes:
        base: Without its split; for progress, the field it sets.
        split: `train`, `val`, `test`, or `None` where the name says none.
        namespaced: `base` has a namespace of its own and takes no split.
        percent: Whoever prints this name prints percent.
        config: A usual setting of training scripts.
        held_out: Measured on held-out data, whichever split that is.
        joined: The split is part of one identifier (`val_loss`), so it does not carry on.
    """

    kind: Kind
    base: str
    split: str | None = None
    namespaced: bool = False
    percent: bool = False
    config: bool = False
    joined: bool = True
    held_out: bool = False

    def under(self, split: str | None) -> str:
        """The full name; `split` is what the line around it says."""
        if self.base == "lr":
            return "lr"
        if self.namespaced and self.split is None:
            return self.base
        default = "val" if self.is_of_held_out else "train"
        return f"{self.split or split or default}/{self.base}"

    @property
    def is_of_held_out(self) -> bool:
        """Nobody measures it on training data."""
        last = self.base.rpartition("_")[2]
        first = _NUMBER.sub("", self.base.partition("_")[0])
        return self.held_out or not EVALUATION_ONLY.isdisjoint((self.base, last, first))


_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z][a-z])|(?<=[A-Z])(?=[A-Z][a-z]{2})")
_GAPS = re.compile(r"[\s_\-]+")
_SUFFIX = re.compile(r"\([A-Za-z]{1,4}\)$")
_NEVER = Name(Kind.NEVER, "")
_LEARNING_RATE = Name(Kind.WEAK, "lr")
_MEASURED_AS_PERCENT = re.compile(r"^(?:accuracy/top\d|single-label/|multi-label/)")
_DROPPED_NAMESPACES = frozenset(
    {"metrics", "metric", "coco", "pascal_voc", "accuracy", "acc", "single-label", "eval_metrics"}
)
_NEVER_NAMESPACES = re.compile(
    r"^(?:timing|timing_\w+|time|system|config|hparams|hyperparameters|global_seqlen|memory|args)/"
)


@lru_cache(maxsize=4096)
def judge(raw: str) -> Name:
    """Say what a printed name means; `raw` is one identifier or a short phrase."""
    raw = _DOTTED.sub(r"\1_", to_english(raw).strip("'\"`*. "))
    if not raw or len(raw) > MAX_NAME:
        return _NEVER
    lower = raw.lower()
    plain = _GAPS.sub("_", lower)
    if plain in PROGRESS:
        return Name(Kind.PROGRESS, PROGRESS[plain])
    if plain in ALIASES:  # also names that hold a slash, such as tokens/s
        return _standard(plain, None)
    if lower in COUNTS or _NEVER_NAMESPACES.match(lower) or _is_rate(lower):
        return _NEVER
    if "/" in raw:
        return _namespaced(raw, lower)
    return _simple(raw)


def _is_rate(lower: str) -> bool:
    """`img/s`, `train_speed(iter/s)`: so much a second, or seconds for so much."""
    match = _RATE.search(lower)
    return match is not None and STRONG.isdisjoint(_GAPS.split(match[1]))


def own_name(raw: str) -> str:
    """A printed name without its split, in lower case with `_`."""
    _, words = _peel([w for w in _GAPS.split(raw.lower()) if w])
    return "_".join(words)


def is_standard(phrase: str) -> bool:
    """The phrase itself is one of the spellings of a standard name."""
    return _GAPS.sub("_", phrase.lower()) in ALIASES


def _namespaced(raw: str, lower: str) -> Name:
    head, _, rest = raw.partition("/")
    first = head.lower()
    if first in SPLITS and rest:
        inner = judge(rest)
        if inner.kind in (Kind.PROGRESS, Kind.NEVER):
            return inner
        return replace(inner, split=SPLITS[first], namespaced=False)
    if first.startswith("lr-") or first == "lr":
        return _LEARNING_RATE
    if inner_split := _inner_split(raw.split("/")):
        split, name = inner_split
        return replace(judge(name), split=split)
    if first in _DROPPED_NAMESPACES and rest and "/" not in rest:
        inner = judge(f"accuracy_{rest}" if first in ("acc", "accuracy") else rest)
        percent = _MEASURED_AS_PERCENT.match(lower) is not None
        return replace(inner, held_out=True, percent=percent)
    return _own_namespace(raw, lower)


def _inner_split(parts: list[str]) -> tuple[str, str] | None:
    """Split and name of `loss/train`, `metrics/eval/accuracy` and `loss/train/total`."""
    rest = [p for p in parts if p.lower() not in SPLITS]
    if len(rest) == len(parts) - 1 and len(rest) == 2:
        if rest[0].lower() in _DROPPED_NAMESPACES:
            rest = rest[1:]
        elif rest[1].lower() in ("total", "mean", "avg"):
            rest = rest[:1]
    if len(rest) != 1 or len(parts) < 2:
        return None
    return next(SPLITS[p.lower()] for p in parts if p.lower() in SPLITS), rest[0]


def _own_namespace(raw: str, lower: str) -> Name:
    prefix, _, tail = raw.partition("_")
    if prefix.lower() in SPLITS and "/" in tail:
        return replace(judge(tail), split=SPLITS[prefix.lower()], namespaced=True)
    words = set(re.split(r"[/_\-\s]+", lower))
    if words & COUNTS and not words & {"loss", "reward", "rewards", "accuracy"}:
        return _NEVER
    return Name(Kind.STRONG if words & STRONG else Kind.UNKNOWN, raw, namespaced=True)


def _simple(raw: str) -> Name:
    joined = " " not in raw
    words = [w for w in _GAPS.split(_CAMEL.sub("_", _SUFFIX.sub("", raw)).lower()) if w]
    words = [re.sub(r"['’]s$", "", w) for w in words]
    config = "_".join(words) in CONFIG_KEYS
    split, words = _peel(words)
    best = [w for w in words if w in ("best", "ema")]
    words = [w for w in words if w not in ("best", "ema")]
    if not words:
        return _NEVER
    name = _judge_words(words, split, raw.lower() in PERCENT)
    if best and name.kind not in (Kind.NEVER, Kind.PROGRESS):
        name = replace(name, base="_".join([*best, name.base]), held_out=True)
    return replace(name, config=config, joined=joined)


def _peel(words: list[str]) -> tuple[str | None, list[str]]:
    """Take the split out of a name, wherever it stands; `valid_1` leaves its number behind."""
    for i, word in enumerate(words):
        if word in SPLITS and len(words) > 1:
            first = i - 1 if i and words[i - 1] == "cross" and len(words) > 2 else i
            rest = words[:first] + words[i + 1 :]
            rest = [w for w in rest if SPLITS.get(w) != SPLITS[word]] or rest
            if i < len(rest) and rest[i].isdigit():
                index = rest.pop(i)
                if index != "0":
                    rest.append(index)
            return SPLITS[word], rest
    return None, words


_WISHED = frozenset({"target", "goal", "desired", "required", "minimum", "expected", "random"})
_NEVER_BY_NAME = frozenset(
    {
        "bias",
        "max_grad_norm",
        "clip_grad_norm",
        "target_kl",
        "init_kl",
        "throughput",
        "bp",
        "acc_iter",
    }
)
_RATE = re.compile(
    r"(?:^|\()([a-z_ ]{1,40})/(?:s|secs?|seconds?|it|iter|steps?|b|batch|h|hour|min|day)\)?$"
)
_NUMBER = re.compile(r"\d{1,4}k?$")
_DOTTED = re.compile(r"^(avg|ave|mean|train|val|valid|test|eval)\.(?=\w)", re.IGNORECASE)
_LR = re.compile(r"lr(?:_|$)|optim\w*_lr\d*$")
_WEAK_BASES = frozenset({"grad_norm", "kl", "precision", "error", "r2", "tokens_per_second"})


def _judge_words(words: list[str], split: str | None, percent: bool) -> Name:
    plain = "_".join(words)
    told = words[:-1] if words[-1] == "value" and len(words) > 1 else words
    short = "_".join(w for w in told if w not in MODIFIERS)
    if plain in COUNTS or plain in _NEVER_BY_NAME:
        return _NEVER
    if plain in LEARNING_RATES or short in LEARNING_RATES or _LR.match(plain):
        return _LEARNING_RATE
    for key in (plain, short):
        if key in ALIASES:
            name = _standard(key, split)
            return replace(name, percent=percent or name.percent)
    if short in STRONG:
        return Name(Kind.STRONG, short, split)
    wished = words[0] in _WISHED and len(words) > 1
    if wished or (COUNTS.intersection(words) and not _is_measured(words)):
        return _NEVER
    return _own_name(words, plain, short, split)


def _is_measured(words: list[str]) -> bool:
    """`rank_loss` and `loss_size` are losses, whatever they are losses of; `loss_time` is none."""
    return words[-1] in STRONG or (words[0] == "loss" and words[-1] not in DURATIONS)


def _own_name(words: list[str], plain: str, short: str, split: str | None) -> Name:
    last = words[-1]
    if last not in STRONG and (_is_setting(words) or plain in CONFIG_KEYS):
        return _NEVER
    if LENGTHS.intersection(words) and STRONG.isdisjoint(words):
        return Name(Kind.UNKNOWN, plain, split) if MEASURED_LENGTHS.intersection(words) else _NEVER
    if _ranked(last):
        return Name(Kind.STRONG, plain, split, held_out=True)
    if STRONG.intersection(words) or any(map(_is_numbered, words)):
        return Name(Kind.STRONG, plain, split)
    if WEAK.intersection(words):
        return Name(Kind.WEAK, short if short in WEAK else plain, split)
    return Name(Kind.UNKNOWN, plain, split)


def _is_setting(words: list[str]) -> bool:
    last = words[-1]
    if last in ("min", "max") and not STRONG.isdisjoint(words):
        return False
    return last in SETTINGS or last.removesuffix("s") in SETTINGS


def _is_numbered(word: str) -> bool:
    match = _NUMBER.search(word)
    return match is not None and word[: match.start()] in NUMBERED


def _ranked(word: str) -> bool:
    head, _, rank = word.partition("@")
    return rank.isdigit() and head in RANKED


def _standard(key: str, split: str | None) -> Name:
    base = ALIASES[key]
    return Name(
        Kind.WEAK if base in _WEAK_BASES else Kind.STRONG, base, split, percent=key in PERCENT
    )
