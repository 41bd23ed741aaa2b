"""From one line to items: prefix off, noise out, the first style that knows it, context kept."""

from __future__ import annotations

import re
from collections.abc import Sequence

from trainwright.job.parsers.context import Context
from trainwright.job.parsers.draft import Draft
from trainwright.job.parsers.frame import Frame
from trainwright.job.parsers.items import Parsed, ParsedMetric, Points, Progress
from trainwright.job.parsers.languages import to_english
from trainwright.job.parsers.noise import is_noise
from trainwright.job.parsers.numbers import whole
from trainwright.job.parsers.patterns import match_patterns
from trainwright.job.parsers.prefix import strip_prefix
from trainwright.job.parsers.reports import read_report
from trainwright.job.parsers.shapes import Shapes
from trainwright.job.parsers.styles import STYLES, boxes, load_styles
from trainwright.job.parsers.vocabulary import SPLITS

_RUNS = re.compile(r"\s{3,}")
_SECTION = re.compile(
    r"[\W_]{0,20}(?:(?:results?|metrics|performance|scores?|report|evaluation)\s+(?:on|for)\s+(?:the\s+)?)?"
    r"(?:(?:running|starting|start|begin|performing|final)\s+)?"
    r"(validation|validating|valid|evaluation|evaluating|evaluate|eval|testing|test|val|training|train)"
    r"(?:\s+(?:results?|metrics?|errors?|set|phase|epoch|model|on|the|best|data|summary|performance|started|"
    r"begins?|test|validation|perplexity|accuracy|for|after|at)){0,6}"
    r"(?:,?\s*(?:epoch|step|iteration)s?[\s:=]*\[?\d{1,9}(?:\s*/\s*\d{1,9})?\]?)?[\W_]{0,20}",
    re.IGNORECASE,
)
_SECTION_LINES = 12
_DATA_BAR = re.compile(
    r"(?:map|filter|tokeniz|download|load|generat|cach|fetch|scan|extract|shard|saving)"
    r"[\w ]{0,60}:?\s+(?:\(.{0,40}\))?:?\s*\d{1,3}%",
    re.IGNORECASE,
)


class LineReader:
    """Reads lines in order; all that changes what it gives is in `context`."""

    def __init__(
        self, patterns: Sequence[re.Pattern[str]] = (), *, learn_shapes: bool = True
    ) -> None:
        """Start before the first line.

        Args:
            patterns: The user's regexes.
            learn_shapes: Read lines that repeat in a quicker way, which gives the same.
        """
        self.context = Context()
        self._patterns = patterns
        self._styles = load_styles()
        # what a plug-in makes of a number is not known
        learn_shapes = learn_shapes and self._styles == STYLES
        self._read_styles = Shapes(self._read_line).read if learn_shapes else self._read_line

    def read(self, text: str, end: int) -> list[Parsed]:
        """What one line says."""
        reported = read_report(text, end)
        if reported is not None:
            # taken at its word: what it prints for people beside it would be the same points twice
            self.context.reports |= any(isinstance(item, Points) for item in reported)
            return reported
        if self.context.reports and not self._patterns:
            return []
        text = _RUNS.sub("  ", text)
        items = self._close_box(text, end)
        mine = match_patterns(self._patterns, text) if self._patterns else None
        if text.strip():
            found = self._read_styles(text, self.context) or Draft()
            if mine:
                found.points = mine.points | found.points
                found.frame.step = found.frame.step if mine.frame.step is None else mine.frame.step
                found.frame.epoch = mine.frame.epoch or found.frame.epoch
            items += self._items(found, text, end)
            self.context.since_points = 0 if found.points else self.context.since_points + 1
        return items

    def close(self, end: int) -> list[Parsed]:
        """The log has ended: give what was waiting for its last line."""
        draft = boxes.close(self.context)
        return self._items(draft, "", end) if draft else []

    def _close_box(self, text: str, end: int) -> list[Parsed]:
        box = self.context.box
        return self.close(end) if box and boxes.ends(text, box) else []

    def _read_line(self, text: str, context: Context) -> Draft | None:
        text = to_english(text)
        if is_noise(text, context):
            return None
        body = strip_prefix(text)
        if body is not text and is_noise(body, context):
            return None
        for style in self._styles:
            if draft := style(body, context):
                _keep_section(body, draft, context)
                return draft
        _keep_section(body, None, context)
        return None

    def _items(self, draft: Draft, text: str, end: int) -> list[Parsed]:
        frame = draft.frame
        self._advance(draft)
        items: list[Parsed] = []
        if draft.points and not self._is_redraw(draft):
            epoch = frame.epoch if frame.epoch is not None else self.context.epoch
            step = self._step(draft)
            points = (ParsedMetric(name[:200], v, step, epoch) for name, v in draft.points.items())
            items.append(Points(end, tuple(points)))
        if progress := self._progress(draft, text, end):
            items.append(progress)
        return items

    def _advance(self, draft: Draft) -> None:
        context, frame = self.context, draft.frame
        if frame.epoch is not None:
            if frame.epoch != context.epoch:
                context.step = None
            context.epoch = frame.epoch
            context.counts_from_zero = context.counts_from_zero or frame.epoch == 0
        if frame.epochs is not None:
            context.epochs = frame.epochs
        if frame.step is not None:
            context.step = frame.step if draft.carry and not draft.points else None

    def _step(self, draft: Draft) -> int | None:
        frame = draft.frame
        if frame.global_step is not None or frame.step is not None:
            return frame.step if frame.global_step is None else frame.global_step
        if self.context.step is None and draft.at_bar and self.context.bar:
            return self.context.bar[1]
        return self.context.step

    def _is_redraw(self, draft: Draft) -> bool:
        if not draft.frame.is_bar:
            return False
        frame = draft.frame
        drawn = [frame.epoch, frame.step, frame.total, sorted(map(str, draft.points.items()))]
        same = self.context.drawn == drawn
        self.context.drawn = drawn
        return same

    def _progress(self, draft: Draft, text: str, end: int) -> Progress | None:
        frame, context = draft.frame, self.context
        if not frame or frame.split in ("val", "test"):
            return None
        if frame.is_bar and frame.epoch is None and not self._is_main_bar(frame, text):
            return None
        epoch = whole(frame.epoch)
        if epoch is None and frame.is_bar and context.epochs:
            epoch = whole(context.epoch)
        step, total = frame.step, frame.total
        if step is not None and total and epoch is not None and context.epochs:
            done = max(0, epoch - (0 if context.counts_from_zero else 1))
            step, total = done * total + step, context.epochs * total
        is_epoch = frame.step is None and bool(draft.points)
        return Progress(
            end,
            phase="epoch" if is_epoch else "batch",
            epoch=epoch,
            epochs=context.epochs,
            step=step,
            total=total,
            eta_seconds=frame.eta_seconds,
        )

    def _is_main_bar(self, frame: Frame, text: str) -> bool:
        """Bars of downloads and of evaluations inside training say nothing of its progress."""
        if frame.total is None or frame.step is None or _DATA_BAR.search(text):
            return False
        bar = self.context.bar
        if bar is None or frame.total >= bar[0]:
            self.context.bar = [frame.total, frame.step]
            return True
        return False


def _keep_section(text: str, draft: Draft | None, context: Context) -> None:
    frame = draft.frame if draft else None
    if (
        frame
        and frame.split is None
        and (frame.step is not None or context.epoch not in (None, frame.epoch))
    ):
        context.section = None
    if draft and draft.points:
        return
    if match := _SECTION.fullmatch(text):
        context.section, context.section_lines = SPLITS[match[1].lower()], _SECTION_LINES
    elif context.section and not frame:
        context.section_lines -= 1
        if context.section_lines <= 0:
            context.section = None
