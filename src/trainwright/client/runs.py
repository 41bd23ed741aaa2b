"""Runs: made, listed, followed, stopped; their metrics, logs, events and files."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

from trainwright import caller
from trainwright.client.files import save
from trainwright.client.telemetry import TelemetryCalls
from trainwright.client.transport import LONG
from trainwright.spec.api import (
    ArtifactView,
    AttemptView,
    CheckpointView,
    Diagnosis,
    Page,
    RunComparison,
    RunDetail,
    RunView,
    Script,
)
from trainwright.spec.api.run_edits import RunBefore, RunsEdited
from trainwright.spec.api.storage import KeptCheckpoint, Pruned, PruneRequest, StorageReport
from trainwright.spec.errors import UnavailableError
from trainwright.spec.result import Result
from trainwright.spec.runspec import RunSpec


class RunCalls(TelemetryCalls):
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

    def edit_runs(
        self,
        refs: Sequence[str],
        *,
        add_tags: Sequence[str] = (),
        remove_tags: Sequence[str] = (),
        project: str | None = None,
    ) -> list[RunBefore]:
        """Tag many runs or move them, all or none.

        Args:
            refs: Ids or names.
            add_tags: Tags each gets.
            remove_tags: Tags each loses.
            project: Id or name of the project to put them into; `""` takes them out of theirs.

        Returns:
            Those that were changed, as they were.
        """
        body: dict[str, Any] = {
            "runs": list(refs),
            "add_tags": list(add_tags),
            "remove_tags": list(remove_tags),
        }
        if project is not None:
            body["project_id"] = project or None
        return RunsEdited.model_validate(self._post("/runs/edit", body)).before

    def stop(self, ref: str, now: bool = False) -> RunDetail:
        """Stop a run; the trainer saves first unless `now`."""
        return self._act(ref, "stop", {"now": now})

    def pause(self, ref: str) -> RunDetail:
        return self._act(ref, "pause")

    def resume(self, ref: str, checkpoint: str | int | None = None) -> RunDetail:
        """Go on with a paused, failed or stopped run.

        Args:
            ref: The run's id, prefix, name or `last`.
            checkpoint: What to go on from: a step, `best`, `last`, or a checkpoint's name or path;
                default: the last that can be read.
        """
        return self._act(ref, "resume", {"checkpoint": checkpoint})

    def clone(
        self,
        ref: str,
        changes: Mapping[str, Any] | None = None,
        *,
        checkpoint: str | int | None = None,
    ) -> RunDetail:
        """A new run of the same spec with some fields changed; None clears one.

        With a `checkpoint`, named as for `resume`, it starts from there.
        """
        body = {
            "changes": dict(changes or {}),
            "caller": caller.describe(),
            "checkpoint": checkpoint,
        }
        return self._act(ref, "clone", body)

    def attempts(self, ref: str) -> list[AttemptView]:
        """Every start of the run's trainer, and up to which step each still counts."""
        path = self._run_path(ref) + "/attempts"
        return Page[AttemptView].model_validate(self._get(path)).items

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
