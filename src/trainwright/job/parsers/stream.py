"""The parser the agent feeds with the trainer's output as it comes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from trainwright.job.parsers.context import Context
from trainwright.job.parsers.items import Parsed, ParsedMetric, Points
from trainwright.job.parsers.lines import LineSplitter
from trainwright.job.parsers.patterns import compile_patterns
from trainwright.job.parsers.reader import LineReader


class StreamParser:
    """Finds metrics, progress and report messages in a byte stream.

    The result depends on the bytes alone, never on how they were cut into reads. Between any two
    lines `snapshot` and `restore` carry the whole state over to another process: feed that one
    the bytes from offset `consumed` on.
    """

    def __init__(self, patterns: Sequence[str] = ()) -> None:
        """Start at byte 0.

        Args:
            patterns: User regexes with groups `name` and `value` (one metric of any name), or
                with groups named after the metrics themselves; `step` and `epoch` are understood.

        Raises:
            InvalidRequestError: A pattern is no regex, has no group, or is too long.
        """
        self._splitter = LineSplitter()
        self._reader = LineReader(compile_patterns(patterns))

    @property
    def consumed(self) -> int:
        """Byte offset just after the last complete line."""
        return self._splitter.consumed

    def feed(self, data: bytes) -> list[Parsed]:
        """Take the next bytes; give what their complete lines say."""
        read = self._reader.read
        return [item for text, end in self._splitter.feed(data) for item in read(text, end)]

    def flush(self) -> list[Parsed]:
        """The stream has ended: parse a last line that has no line end, close what is open."""
        read = self._reader.read
        items = [item for text, end in self._splitter.flush() for item in read(text, end)]
        return items + self._reader.close(self.consumed)

    def snapshot(self) -> dict[str, Any]:
        """State after the last complete line, as JSON-able data without any unparsed bytes."""
        return {
            "consumed": self.consumed,
            "after_return": self._splitter.after_return,
            "context": self._reader.context.dump(),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from a snapshot; the next byte fed must be the one at its `consumed`."""
        self._splitter = LineSplitter(
            int(state["consumed"]), after_return=bool(state["after_return"])
        )
        self._reader.context = Context.load(state["context"])


def parse_text(text: str) -> list[ParsedMetric]:
    """Every metric in a log, in the order of its lines."""
    parser = StreamParser()
    items = parser.feed(text.encode("utf-8", "replace")) + parser.flush()
    return [point for item in items if isinstance(item, Points) for point in item.points]
