"""What runs tell: their metrics, logs and events, read or followed."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from trainwright.client.calls import Calls
from trainwright.client.stream import stream_dashboard, stream_events
from trainwright.spec.api import LogChunk, LogLine, LogMatches, MetricsView, RunDetail
from trainwright.spec.events import Event, EventsAdapter

_FOLLOW_SECONDS = 0.3


class TelemetryCalls(Calls):
    """What can be asked of one run, and of what it has told."""

    def run(self, ref: str, *, trashed: bool = False) -> RunDetail:
        """One run; with `trashed`, also one in the trash."""
        params = {"trashed": True} if trashed else None
        return RunDetail.model_validate(self._get(self._run_path(ref, trashed=trashed), params))

    def metrics(
        self,
        ref: str,
        names: Sequence[str] | None = None,
        buckets: int | None = None,
        *,
        from_step: int | None = None,
        to_step: int | None = None,
        after: str | None = None,
        attempt: int | None = None,
    ) -> MetricsView:
        """Curves by name, fetched page by page.

        Args:
            ref: The run.
            names: Which; default: all.
            buckets: Fold longer curves into at most so many buckets.
            from_step: Only points of this step and beyond.
            to_step: Only points up to this step.
            after: What an earlier answer calls `after`: only what has come since.
            attempt: All that this attempt measured, also what a later one has done again.
        """
        params = {
            "names": list(names) if names else None,
            "buckets": buckets,
            "from_step": from_step,
            "to_step": to_step,
            "after": after,
            "attempt": attempt,
        }
        path = self._run_path(ref) + "/metrics"
        view = MetricsView.model_validate(self._get(path, params))
        while view.next_cursor is not None:
            page = MetricsView.model_validate(
                self._get(path, params | {"cursor": view.next_cursor})
            )
            view.next_cursor = page.next_cursor
            if page.series and page.series[0].name == view.series[-1].name:
                rest = page.series.pop(0)
                view.series[-1].points += rest.points
                view.series[-1].total += rest.total
            view.series += page.series
        return view

    def log_chunk(
        self,
        ref: str,
        offset: int = 0,
        *,
        limit: int | None = None,
        tail: int | None = None,
        since: datetime | None = None,
        from_line: int | None = None,
        lines: int | None = None,
    ) -> LogChunk:
        """One range of a run's log.

        Args:
            ref: The run.
            offset: From this byte on.
            limit: Bytes, at most.
            tail: The last so many lines instead.
            since: Only what came from then on.
            from_line: From this line on instead, counted from 1.
            lines: So many lines, from that one.
        """
        params = {
            "offset": offset,
            "limit": limit,
            "tail": tail,
            "since": since.isoformat() if since else None,
            "from": from_line,
            "lines": lines,
        }
        return LogChunk.model_validate(self._get(self._run_path(ref) + "/logs", params))

    def search_logs(
        self,
        ref: str,
        words: str,
        *,
        regex: bool = False,
        from_line: int = 1,
        since: datetime | None = None,
        follow: bool = False,
    ) -> Iterator[LogLine]:
        """Lines of a run's log that contain `words`, whatever the case and the colours.

        Args:
            ref: The run.
            words: What to look for.
            regex: It is a regular expression.
            from_line: From this line on, counted from 1.
            since: Only in what came from then on.
            follow: Go on until the run ends.
        """
        path = f"/runs/{self.run(ref).id}/logs"
        params = {
            "search": words,
            "regex": regex,
            "since": since.isoformat() if since else None,
            "limit": 1000,
        }
        told, place = 0, {"from": from_line}
        while True:
            found = LogMatches.model_validate(self._get(path, params | place))
            for match in found.matches:
                # a line that is being written is found again once it is longer
                if match.line > told:
                    told = match.line
                    yield match
            place = {"offset": found.next_offset}
            if found.next_offset >= found.size:
                if found.ended or not follow:
                    return
                time.sleep(_FOLLOW_SECONDS)
                place = {"from": found.next_line}

    def logs(
        self, ref: str, offset: int = 0, follow: bool = False, since: datetime | None = None
    ) -> Iterator[str]:
        """The log from a byte offset or a time on; with `follow`, until the run ends."""
        run_id = self.run(ref).id
        while True:
            chunk = self.log_chunk(run_id, offset, since=since)
            since = None
            if chunk.text:
                yield chunk.text
            if chunk.next_offset >= chunk.size:
                if chunk.ended or not follow:
                    return
                time.sleep(_FOLLOW_SECONDS)
            offset = chunk.next_offset

    def events(self, ref: str, after: int = 0, follow: bool = True) -> Iterator[Event]:
        """Events after `seq` = `after`, each once and in order.

        With `follow` they come live over a WebSocket that is opened again when it breaks, until
        the run has ended and everything was seen.
        """
        run_id = self.run(ref).id
        if not follow:
            return self._stored_events(run_id, after)

        def done(seen: int) -> bool:
            run = self.run(run_id)
            return run.status.is_terminal and seen >= run.last_seq

        return stream_events(self._transport.address, run_id, after=after, done=done)

    def dashboard(self) -> Iterator[dict[str, Any]]:
        """The dashboard and what changes of it, for ever: see the reference on telemetry."""
        return stream_dashboard(self._transport.address)

    def _stored_events(self, run_id: str, after: int) -> Iterator[Event]:
        while True:
            data = self._get(f"/runs/{run_id}/events", {"after": after, "limit": 1000})
            events = EventsAdapter.validate_python(data["items"])
            if not events:
                return
            yield from events
            after = events[-1].seq
