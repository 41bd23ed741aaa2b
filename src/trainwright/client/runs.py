"""Runs: made, listed, followed, stopped; their metrics, logs, events and files."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

from trainwright import caller
from trainwright.client.calls import Calls
from trainwright.client.files import save
from trainwright.client.stream import stream_dashboard, stream_events
from trainwright.client.transport import LONG
from trainwright.spec.api import (
    ArtifactView,
    CheckpointView,
    Diagnosis,
    LogChunk,
    LogLine,
    LogMatches,
    MetricsView,
    Page,
    RunComparison,
    RunDetail,
    RunView,
    Script,
)
from trainwright.spec.api.storage import KeptCheckpoint, Pruned, PruneRequest, StorageReport
from trainwright.spec.errors import UnavailableError
from trainwright.spec.events import Event, EventsAdapter
from trainwright.spec.result import Result
from trainwright.spec.runspec import RunSpec

_FOLLOW_SECONDS = 0.3


class RunCalls(Calls):
    """What can be asked of runs."""

    def create_run(
        self,
        spec: RunSpec | Mapping[str, Any] | None = None,
        *,
        sentence: str | None = None,
        provenance: Mapping[str, str] | None = None,
        reasons: Mapping[str, str] | None = None,
        project: str | None = None,
        tags: Sequence[str] = (),
    ) -> RunDetail:
        """Create a run from a spec (whole or only some fields) or from a sentence.

        The command, the folder and the state of its git repository are kept with the run.

        Raises:
            SpecError: With every fault of the spec, or the questions a sentence leaves open.
        """
        body: dict[str, Any] = {"tags": list(tags), "project_id": project}
        if isinstance(spec, RunSpec):
            spec = spec.model_dump(mode="json", exclude_none=True)
        if spec is not None:
            body |= {"spec": dict(spec)}
        if sentence is not None:
            body |= {"sentence": sentence}
        body |= {"provenance": dict(provenance or {}), "reasons": dict(reasons or {})}
        body |= {"caller": caller.describe()}
        return RunDetail.model_validate(self._post("/runs", body))

    def runs(self, **filters: Any) -> Iterator[RunView]:
        """Every run that passes the filters, newest first, fetched page by page.

        Args:
            **filters: As of `runs_page`; `limit` is how many a page.
        """
        cursor: str | None = None
        while True:
            page = self.runs_page(cursor=cursor, **filters)
            yield from page.items
            cursor = page.next_cursor
            if cursor is None:
                return

    def runs_page(
        self,
        *,
        status: str | Sequence[str] | None = None,
        task: str | None = None,
        model: str | None = None,
        project: str | None = None,
        q: str | None = None,
        tags: Sequence[str] | None = None,
        trashed: bool = False,
        sort: str | None = None,
        limit: int = 100,
        cursor: str | None = None,
    ) -> Page[RunView]:
        """One page of runs.

        Args:
            status: One, or several.
            task: Only those of this task.
            model: A model's id, or a framework.
            project: A project's id or name.
            q: Words in name, id, model, dataset, sentence or notes.
            tags: Only those that have all of them.
            trashed: Those in the trash instead.
            sort: A column, with `-` before it for last first. Default: `-created_at`.
            limit: Runs a page.
            cursor: `next_cursor` of the page before.
        """
        params = {
            "status": status,
            "task": task,
            "model": model,
            "project_id": project,
            "q": q,
            "tag": tags,
            "trashed": trashed or None,
            "sort": sort,
            "limit": limit,
            "cursor": cursor,
        }
        return Page[RunView].model_validate(self._get("/runs", params))

    def run(self, ref: str, *, trashed: bool = False) -> RunDetail:
        """One run; with `trashed`, also one in the trash."""
        params = {"trashed": True} if trashed else None
        return RunDetail.model_validate(self._get(self._run_path(ref, trashed=trashed), params))

    def edit_run(
        self,
        ref: str,
        *,
        name: str | None = None,
        notes: str | None = None,
        tags: Sequence[str] | None = None,
        project: str | None = None,
    ) -> RunDetail:
        """Change what a person says of a run; what is not given stays.

        Args:
            ref: The run's id, prefix, name or `last`.
            name: Another name.
            notes: Free text.
            tags: All its tags.
            project: Id or name of the project to put it into; `""` takes it out of its project.
        """
        said = {"name": name, "notes": notes, "tags": None if tags is None else list(tags)}
        body: dict[str, Any] = {k: v for k, v in said.items() if v is not None}
        if project is not None:
            body["project_id"] = project or None
        return RunDetail.model_validate(self._send("PATCH", self._run_path(ref), json=body))

    def stop(self, ref: str, now: bool = False) -> RunDetail:
        """Stop a run; the trainer saves first unless `now`."""
        return self._act(ref, "stop", {"now": now})

    def pause(self, ref: str) -> RunDetail:
        return self._act(ref, "pause")

    def resume(self, ref: str) -> RunDetail:
        return self._act(ref, "resume")

    def clone(self, ref: str, changes: Mapping[str, Any] | None = None) -> RunDetail:
        """A new run of the same spec with some fields changed; None clears one."""
        body = {"changes": dict(changes or {}), "caller": caller.describe()}
        return self._act(ref, "clone", body)

    def delete(self, ref: str, *, now: bool = False) -> None:
        """Put a run that has ended into the trash; with `now`, delete it for good."""
        params = {"now": True} if now else None
        self._send("DELETE", self._run_path(ref, trashed=now), params=params)

    def restore(self, ref: str) -> RunDetail:
        """Take a run out of the trash."""
        return RunDetail.model_validate(self._post(f"{self._run_path(ref, trashed=True)}/restore"))

    def keep_checkpoint(self, ref: str, step: int, *, keep: bool = True) -> list[KeptCheckpoint]:
        """Keep the checkpoint of a step whatever retention says; with `keep=False`, no longer."""
        path = f"{self._run_path(ref)}/checkpoints/{step}/keep"
        found = self._send("POST" if keep else "DELETE", path)
        return Page[KeptCheckpoint].model_validate(found).items

    def prune(self, request: PruneRequest) -> Pruned:
        """Delete ended runs, or checkpoints, by policy; or say which (`dry_run`, the default)."""
        return Pruned.model_validate(
            self._send("POST", "/runs/prune", json=request.model_dump(mode="json"), timeout=LONG)
        )

    def storage(self, limit: int = 20) -> StorageReport:
        """Bytes by kind, by run (the `limit` largest) and by project, and what could be freed."""
        data = self._send("GET", "/monitoring/storage", params={"limit": limit}, timeout=LONG)
        return StorageReport.model_validate(data)

    def wait(self, ref: str, timeout: float | None = None) -> RunDetail:
        """Follow a run until it ends.

        Raises:
            UnavailableError: It has not ended after `timeout` seconds.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        run = self.run(ref)
        while not run.status.is_terminal:
            if deadline is not None and time.monotonic() > deadline:
                raise UnavailableError(f"{run.name} has not ended in time: it is {run.status}")
            time.sleep(0.25)
            run = self.run(run.id)
        return run

    def metrics(
        self,
        ref: str,
        names: Sequence[str] | None = None,
        buckets: int | None = None,
        *,
        from_step: int | None = None,
        to_step: int | None = None,
        after: str | None = None,
    ) -> MetricsView:
        """Curves by name, fetched page by page.

        Args:
            ref: The run.
            names: Which; default: all.
            buckets: Fold longer curves into at most so many buckets.
            from_step: Only points of this step and beyond.
            to_step: Only points up to this step.
            after: What an earlier answer calls `after`: only what has come since.
        """
        params = {
            "names": list(names) if names else None,
            "buckets": buckets,
            "from_step": from_step,
            "to_step": to_step,
            "after": after,
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

    def checkpoints(self, ref: str) -> list[CheckpointView]:
        path = self._run_path(ref) + "/checkpoints"
        return Page[CheckpointView].model_validate(self._get(path)).items

    def artifacts(self, ref: str) -> list[ArtifactView]:
        path = self._run_path(ref) + "/artifacts"
        return Page[ArtifactView].model_validate(self._get(path)).items

    def download_artifact(self, ref: str, name: str, out: Path | str) -> Path:
        """Save an artifact as the file `out`, or under its own name in the folder `out`."""
        path = f"{self._run_path(ref)}/artifacts/{quote(name)}"
        return save(self._transport.download(path, timeout=LONG), out, name)

    def compare_runs(self, refs: Sequence[str]) -> RunComparison:
        """Two or more runs side by side: what differs in specs and provenance, and metrics."""
        ids = [self.run(ref).id for ref in refs]
        return RunComparison.model_validate(self._get("/runs/compare", {"run": ids}))

    def result(self, ref: str) -> Result:
        return Result.model_validate(self._get(self._run_path(ref) + "/result"))

    def diagnose(self, ref: str, language: Literal["en", "ko"] = "en") -> Diagnosis:
        """What is wrong with a run, with the evidence and what to do, in this language."""
        path = self._run_path(ref) + "/diagnose"
        return Diagnosis.model_validate(self._get(path, {"language": language}))

    def script(self, ref: str) -> Script:
        return Script.model_validate(self._get(self._run_path(ref) + "/script"))

    def _act(self, ref: str, action: str, body: Any = None) -> RunDetail:
        return RunDetail.model_validate(self._post(f"{self._run_path(ref)}/{action}", body))

    def _stored_events(self, run_id: str, after: int) -> Iterator[Event]:
        while True:
            data = self._get(f"/runs/{run_id}/events", {"after": after, "limit": 1000})
            events = EventsAdapter.validate_python(data["items"])
            if not events:
                return
            yield from events
            after = events[-1].seq
