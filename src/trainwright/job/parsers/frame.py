"""Where a line says training is: epoch, step, split; and progress bars."""

from __future__ import annotations

import re
from dataclasses import dataclass

from trainwright.job.parsers.numbers import seconds, to_int, whole
from trainwright.job.parsers.vocabulary import SPLITS

GAP = " \x01 "
"""Stands where a frame was taken out of a line; it is neither a word nor the end of a clause."""


@dataclass(slots=True)
class Frame:
    """What one line says about where training is.

    Attributes:
        global_step: Steps of the whole run, where the line says them beside another count.
        is_global: `step` counts training, whatever else the line is about.
    """

    epoch: float | None = None
    epochs: int | None = None
    step: int | None = None
    global_step: int | None = None
    total: int | None = None
    eta_seconds: float | None = None
    split: str | None = None
    is_global: bool = False
    is_bar: bool = False
    is_mmengine: bool = False

    def __bool__(self) -> bool:
        return self.epoch is not None or self.step is not None


_MMENGINE = re.compile(
    r"\b(?:Epoch|Iter)\s*\(\s*(train|val|test)\s*\)\s*(?:\[\s*(\d{1,9})\])?\s*"
    r"\[\s*(\d{1,9})(?:/(\d{1,9}))?\]"
)
_PHASE_EPOCH = re.compile(
    r"\b(Train|Eval|Test|Validate|Val)(?:ing)?(?: \(\w+\))?:\s*(\d{1,9})"
    r"(?:/(\d{1,9})\s*\(\s*\d+%\))?\s+(?=\[\s*\d+\s*/)"
)
_END = r"\s*[\])]?(?![\w%]|\.\d|[-/]\d|:\d\d)"
_EPOCH = re.compile(
    r"(?<!\d )(?<![\w/.])(?:epoch|ep)(?: number| no\.?)?\s*[:=#\]]?\s*[\[(]?\s*#?"
    r"(\d{1,9}(?:\.\d{1,9})?)\s*(?:(?:/|of)\s*(\d{1,9}))?" + _END,
    re.IGNORECASE,
)
_EPOCH_AFTER = re.compile(
    r"^[\W_]*(\d{1,9})(?:\s*/\s*(\d{1,9}))?\s?\*?\s?epoch\b(?=\s*(?:\d{1,9}\s*)?(?:[:(]|results?\b|started))",
    re.IGNORECASE,
)
_EPOCHS = re.compile(r"(?<![\w/.])epochs\s*[:=]?\s*[\[(]?\s*(\d{1,9})\s*/\s*(\d{1,9})" + _END, re.I)
_STEP = re.compile(
    r"(?<![\w/.-])(?P<at>(?<=at )|(?<=after )|(?<=@ )|(?<=@)|global[_ ]?)?"
    r"(?:(?P<count>step)|iteration|iter|it|(?P<batch>batch)|(?P<update>update|up\.)|minibatch|(?P<episode>episode)"
    r"|time[_ ]?step)"
    r"(?:\([a-z]+\))?\s*[:=#]?\s*[\[(]?\s*#?(?P<step>\d{1,12}(?:,\d{3})*)\s*"
    r"(?:(?:/|of)\s*(?P<total>\d{1,12}))?" + _END,
    re.IGNORECASE,
)
_STEPS = re.compile(
    r"(?<![\w/.-])(?:steps|iterations|iters|batches)\s*[:=]?\s*[\[(]?\s*(\d{1,12})\s*/\s*(\d{1,12})"
    + _END,
    re.IGNORECASE,
)
_EPOCH_WORDS = ("ep", "iter(")
_STEP_WORDS = ("it", "step", "batch", "up", "episode")
_COUNT = re.compile(GAP + r"[\s:,|-]{0,8}(\d{1,12})\s*/\s*(\d{1,12})(?=[\s;,:|)]|$)(?!\s*%)")
_BRACKET = re.compile(r"\[\s*(\d{1,12})\s*/\s*(\d{1,12})\s*(?:\(\s*[\d.]{1,8}\s*%\s*\))?\s*\]")
_BRACKETS = re.compile(r"\[(\d{1,9})/(\d{1,9})\]\s*\[(\d{1,9})/(\d{1,9})\]")
_EPOCH_STEP = re.compile(r"^\s*\[\s*(\d{1,9})\s*,\s*(\d{1,9})\s*\]")
_LEADING_COUNT = re.compile(r"\s*(\d{1,9})\s?/\s?(\d{1,9})\s?[,:|]\s(?=\s*[A-Za-z_])")
_BARE_COUNT = re.compile(r"\s*(\d{1,9})\s\|\s(?=[A-Za-z_]\w*[:=]?\s+-?\d)")
_ROUND = re.compile(r"^\[(\d{1,9})\]\s")
_KERAS = re.compile(r"^\s*(\d{1,12})/(\d{1,12}|Unknown)\s*(?=[━─\[]| - |\s\d+m?s\b)")
_TQDM = re.compile(
    r"(?:(?:\d{1,3}%)?\|[^|\[\]]{0,300}\||\d{1,3}%)"
    r"\s*(\d{1,12})/(\d{1,12})[^\[\]|]{0,20}\[([^\[\]]{0,4000})\]"
)
_TQDM_OPEN = re.compile(r"(?<![\w/])(\d{1,12})\s?[a-zA-Z]{1,12} \[(\d+:\d\d[^\[\]]{0,4000})\]")
_BLOCKS = re.compile(r"(?:\d{1,3}%\s*)?━[━─╸╺ ]{2,400}(\d{1,12})/(\d{1,12})")
_INSIDE = re.compile(r"^\s*([\d:]+(?:<([^,]*))?)?\s*(?:,\s*[\d.?]+\s*[^\s,=]*/[^\s,=]*)?\s*,?")
_ETA = re.compile(r"\beta[:=]?\s*((?:\d+ days?, *)?\d+:\d\d(?::\d\d)?)", re.IGNORECASE)
_LEADING_SPLIT = re.compile(
    r"[\W_]{0,20}(train|training|cv|val|valid|validation|validating|eval|evaluation|evaluating|test|testing)"
    r"\b(?=\s*(?:\(\w{1,12}\)\s*)?(?:[:\]|>-]|epoch|set\b|step|iter|batch|result|\d+%|\|))",
    re.IGNORECASE,
)
_ESTIMATOR = re.compile(r"Saving dict for global step")


def read_frame(text: str) -> tuple[Frame, str]:
    """Take the frame out of a line; give it and the line with `GAP`s in its places."""
    frame = Frame()
    if split := _LEADING_SPLIT.match(text):
        frame.split = SPLITS[split[1].lower()]
    elif _ESTIMATOR.match(text):
        frame.split = "val"
    if ("eta" in text or "ETA" in text) and (eta := _ETA.search(text)):
        frame.eta_seconds = seconds(eta[1])
        text = text[: eta.start()] + GAP + text[eta.end() :]
    text = _take_bar(frame, text)
    lower = text.lower()
    if any(word in lower for word in _EPOCH_WORDS):
        text = _take_epoch(frame, text)
    if any(word in lower for word in _STEP_WORDS):
        text = _take_step(frame, text)
    if "[" in text:
        text = _take_brackets(frame, text)
    if frame.step is None and (match := _LEADING_COUNT.match(text)):
        frame.step, frame.total = to_int(match[1]), to_int(match[2])
        text = _cut(text, match)
    if not frame and (match := _BARE_COUNT.match(text)):  # `490 | loss 5.75 | lr 4.9e-05`
        frame.step = to_int(match[1])
        text = _cut(text, match)
    if frame.split in ("val", "test") and not frame.is_global:
        # it counts batches of the evaluation, not of training
        frame.step = frame.total = frame.eta_seconds = None
    return frame, text


def place_step(frame: Frame, raw: str, value: float) -> None:
    """Take a step that is written like a metric; one of the whole run beside one of the epoch."""
    if frame.step is None:
        frame.step = whole(value)
    elif raw.lower() in _GLOBAL_STEPS:
        frame.global_step = whole(value)


_GLOBAL_STEPS = frozenset({"global_step", "num_updates", "total_timesteps", "trainer/global_step"})


def _take_bar(frame: Frame, text: str) -> str:
    if "[" in text and (match := _TQDM.search(text) or _TQDM_OPEN.search(text)):
        return _tqdm(frame, text, match)
    if match := _KERAS.match(text):
        _count(frame, match[1], match[2])
        return GAP + text[match.end() :]
    if "━" in text and (match := _BLOCKS.search(text)):
        _count(frame, match[1], match[2])
        return text[: match.start()] + GAP + text[match.end() :]
    return text


def _tqdm(frame: Frame, text: str, match: re.Match[str]) -> str:
    *counts, inside = match.groups()
    _count(frame, counts[0], counts[1] if len(counts) > 1 else None)
    head = _INSIDE.match(inside)
    if head and head[2]:
        frame.eta_seconds = seconds(head[2])
    postfix = inside[head.end() :] if head else inside
    return f"{text[: match.start()]}{GAP}{postfix}{GAP}{text[match.end() :]}"


def _count(frame: Frame, step: str, total: str | None) -> None:
    frame.step, frame.total = to_int(step), to_int(total)
    frame.is_bar = True


def _take_epoch(frame: Frame, text: str) -> str:
    if match := _MMENGINE.search(text):
        frame.split, frame.is_mmengine = match[1], True
        frame.epoch = to_int(match[2])
        frame.step, frame.total = to_int(match[3]), to_int(match[4])
        return _cut(text, match)
    if match := _EPOCH_AFTER.match(text) or _EPOCH.search(text) or _EPOCHS.search(text):
        frame.epoch, frame.epochs = float(match[1]), to_int(match[2])
        text = _cut(text, match)
        if count := _COUNT.match(text, match.start()):
            frame.step, frame.total = to_int(count[1]), to_int(count[2])
            return _cut(text, count)
    return text


def _take_step(frame: Frame, text: str) -> str:
    match = _STEP.search(text)
    if match and match["batch"] and "=" in match[0] and not match["total"] and frame.epoch is None:
        match = None  # `lr=0.1, batch=64` is a size
    if frame.step is None and match:
        frame.step, frame.total = to_int(match["step"].replace(",", "")), to_int(match["total"])
        said = match["at"] is not None or match["update"] is not None
        frame.is_global = said and frame.total is None
        if match["episode"] and frame.split is None:
            frame.split = "train"
        text = _cut(text, match)
        if not match["count"] and (later := _STEP.search(text)) and later["count"]:
            frame.global_step = to_int(later["step"].replace(",", ""))
            text = _cut(text, later)
    elif frame.step is None and (match := _STEPS.search(text)):
        frame.step, frame.total = to_int(match[1]), to_int(match[2])
        text = _cut(text, match)
    return text


def _take_brackets(frame: Frame, text: str) -> str:
    """Counts that stand in brackets, with or without a word before them."""
    if match := _PHASE_EPOCH.search(text):
        frame.split, frame.epoch = SPLITS[match[1].lower()], to_int(match[2])
        frame.epochs = to_int(match[3])
        text = _cut(text, match)
    if match := _BRACKETS.search(text):
        frame.epoch, frame.epochs, frame.step, frame.total = map(to_int, match.groups())
        return _cut(text, match)
    if match := _EPOCH_STEP.match(text):
        frame.epoch, frame.step = to_int(match[1]), to_int(match[2])
        return _cut(text, match)
    if match := _BRACKET.search(text):
        if frame.step is None:
            frame.step, frame.total = to_int(match[1]), to_int(match[2])
        return _cut(text, match)
    if frame.step is None and (match := _ROUND.match(text)):
        frame.step = to_int(match[1])
        return _cut(text, match)
    return text


def _cut(text: str, match: re.Match[str]) -> str:
    return text[: match.start()] + GAP + text[match.end() :]
