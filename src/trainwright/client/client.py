"""`Client`: every ability of the platform as a typed method."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

import httpx

from trainwright.client.locate import find_address
from trainwright.client.stream import stream_events
from trainwright.client.transport import LONG, Transport
from trainwright.files import storage_error
from trainwright.settings import Home
from trainwright.spec.api import (
    ArtifactView,
    CheckpointView,
    DatasetReport,
    DatasetView,
    Diagnosis,
    Evaluation,
    Hardware,
    Health,
    LogChunk,
    MetricsView,
    Page,
    PredictResponse,
    RunDetail,
    RunView,
    Script,
    TargetTest,
    TargetView,
    UserView,
)
from trainwright.spec.catalog import ModelInfo
from trainwright.spec.errors import NotFoundError, UnavailableError
from trainwright.spec.events import Event, EventsAdapter
from trainwright.spec.result import ParseResult, Prediction, Result
from trainwright.spec.runspec import RunSpec


class Client:
    """Talks to a platform: the one at `url`, or the one running on the home.

    `ref` names a run by its id, the unique beginning of its id, its name, or `last`.

    Args:
        url: Base URL, such as `http://127.0.0.1:8000`. Default: what `platform.json` says.
        token: Bearer token. Default: the home's, for the home's own platform.
        home: The home folder. Default: `TRAINWRIGHT_HOME`.
        transport: An httpx transport, to talk to an application in the same process.

    Raises:
        UnavailableError: No platform runs on the home, or it does not answer.
    """

    def __init__(
        self,
        url: str | None = None,
        token: str | None = None,
        home: Home | Path | str | None = None,
        *,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._transport = Transport(find_address(url, token, home), transport=transport)

    @property
    def url(self) -> str:
        return self._transport.address.url

    def close(self) -> None:
        self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # the platform

    def health(self) -> Health:
        return Health.model_validate(self._get("/health"))

    def me(self) -> UserView:
        return UserView.model_validate(self._get("/auth/me"))

    def parse(self, sentence: str) -> ParseResult:
        """Read a sentence; nothing is started."""
        return ParseResult.model_validate(self._post("/chat/parse", {"sentence": sentence}))

    def hardware(self) -> Hardware:
        return Hardware.model_validate(self._get("/compute/hardware"))

    def targets(self) -> list[TargetView]:
        return Page[TargetView].model_validate(self._get("/targets")).items

    def test_target(self, name: str) -> TargetTest:
        return TargetTest.model_validate(self._post(f"/targets/{_part(name)}/test"))

    # runs

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
        return RunDetail.model_validate(self._post("/runs", body))

    def runs(self, **filters: Any) -> Iterator[RunView]:
        """Every run that passes the filters, newest first, fetched page by page.

        Args:
            **filters: `status` (one or several), `task`, `model`, `project`, `tag`, `q`, `sort`.
        """
        cursor: str | None = None
        while True:
            page = self.runs_page(cursor=cursor, **filters)
            yield from page.items
            cursor = page.next_cursor
            if cursor is None:
                return

    def runs_page(
        self, *, limit: int = 100, cursor: str | None = None, **filters: Any
    ) -> Page[RunView]:
        params = filters | {"limit": limit, "cursor": cursor}
        return Page[RunView].model_validate(self._get("/runs", params))

    def run(self, ref: str) -> RunDetail:
        return RunDetail.model_validate(self._get(self._run_path(ref)))

    def edit_run(
        self,
        ref: str,
        *,
        name: str | None = None,
        notes: str | None = None,
        tags: Sequence[str] | None = None,
    ) -> RunDetail:
        body = {"name": name, "notes": notes, "tags": None if tags is None else list(tags)}
        body = {k: v for k, v in body.items() if v is not None}
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
        return self._act(ref, "clone", {"changes": dict(changes or {})})

    def delete(self, ref: str) -> None:
        self._send("DELETE", self._run_path(ref))

    def wait(self, ref: str, timeout: float | None = None) -> RunDetail:
        """Follow a run until it ends.

        Raises:
            UnavailableError: It has not ended after `timeout` seconds.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        run = self.run(ref)
        while not run.status.is_terminal:
            if deadline is not None and time.monotonic() > deadline:
                raise UnavailableError(f"{run.name} is {run.status} after {timeout:g} s")
            time.sleep(0.25)
            run = self.run(run.id)
        return run

    def metrics(
        self, ref: str, names: Sequence[str] | None = None, max_points: int | None = None
    ) -> MetricsView:
        params = {"names": list(names) if names else None, "max_points": max_points}
        return MetricsView.model_validate(self._get(self._run_path(ref) + "/metrics", params))

    def log_chunk(
        self, ref: str, offset: int = 0, *, limit: int | None = None, tail: int | None = None
    ) -> LogChunk:
        """One range of a run's log; `tail` asks for the last so many lines instead."""
        params = {"offset": offset, "limit": limit, "tail": tail}
        return LogChunk.model_validate(self._get(self._run_path(ref) + "/logs", params))

    def logs(self, ref: str, offset: int = 0, follow: bool = False) -> Iterator[str]:
        """The log from a byte offset on; with `follow`, until the run ends."""
        run_id = self.run(ref).id
        while True:
            chunk = self.log_chunk(run_id, offset)
            if chunk.text:
                yield chunk.text
            if chunk.next_offset == offset:
                if chunk.ended or not follow:
                    return
                time.sleep(0.3)
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

    def checkpoints(self, ref: str) -> list[CheckpointView]:
        path = self._run_path(ref) + "/checkpoints"
        return Page[CheckpointView].model_validate(self._get(path)).items

    def artifacts(self, ref: str) -> list[ArtifactView]:
        path = self._run_path(ref) + "/artifacts"
        return Page[ArtifactView].model_validate(self._get(path)).items

    def download_artifact(self, ref: str, name: str, out: Path | str) -> Path:
        """Save an artifact as the file `out`, or under its own name in the folder `out`."""
        target = Path(out)
        if target.is_dir():
            target /= Path(name).name
        part = target.with_name(target.name + ".part")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with part.open("wb") as file:
                path = f"{self._run_path(ref)}/artifacts/{quote(name)}"
                for piece in self._transport.download(path, timeout=LONG):
                    file.write(piece)
            part.replace(target)
        except OSError as error:
            raise storage_error(target, error) from error
        finally:
            part.unlink(missing_ok=True)
        return target

    def result(self, ref: str) -> Result:
        return Result.model_validate(self._get(self._run_path(ref) + "/result"))

    def diagnose(self, ref: str) -> Diagnosis:
        return Diagnosis.model_validate(self._get(self._run_path(ref) + "/diagnose"))

    def script(self, ref: str) -> Script:
        return Script.model_validate(self._get(self._run_path(ref) + "/script"))

    # trained models

    def predict(self, ref: str, files: Iterable[Path | str], top_k: int = 5) -> list[Prediction]:
        """Predictions for image files, in order. The run's id, prefix, name or `last`.

        Of several files, those that cannot be read have an `error` and no predictions.

        Raises:
            NotFoundError: No file can be read.
            DataError: The only file is not an image.
        """
        paths = list(map(Path, files))
        missing: dict[int, Prediction] = {}
        with ExitStack() as stack:
            parts = []
            for place, path in enumerate(paths):
                try:
                    parts.append(("files", (path.name, stack.enter_context(path.open("rb")))))
                except OSError as error:
                    unread = NotFoundError(f"cannot read {path}: {error.strerror}")
                    if len(missing) + 1 == len(paths):
                        raise unread from None
                    missing[place] = Prediction.none_of(str(path), unread)
            data = self._send(
                "POST",
                f"/inference/{self._id(ref)}/predict",
                files=parts,
                params={"top_k": top_k},
                timeout=LONG,
            )
        found = iter(PredictResponse.model_validate(data).results)
        return [missing[i] if i in missing else next(found) for i in range(len(paths))]

    def predict_text(self, ref: str, inputs: Sequence[str], top_k: int = 5) -> list[Prediction]:
        """Predictions for texts, or for base64 images."""
        body = {"inputs": list(inputs), "top_k": top_k}
        path = f"/inference/{self._id(ref)}/predict"
        data = self._send("POST", path, json=body, timeout=LONG)
        return PredictResponse.model_validate(data).results

    def evaluate(self, ref: str, dataset: str | None = None) -> Evaluation:
        path = self._run_path(ref) + "/evaluate"
        data = self._send("POST", path, json={"dataset": dataset}, timeout=LONG)
        return Evaluation.model_validate(data)

    def export(self, ref: str, format: str, out: Path | str | None = None) -> ArtifactView:  # noqa: A002 (the contracts' word)
        """Export the trained model; with `out`, save the file there as well."""
        path = self._run_path(ref) + "/export"
        data = self._send("POST", path, json={"format": format}, timeout=LONG)
        artifact = ArtifactView.model_validate(data)
        if out is not None:
            self.download_artifact(ref, artifact.name, out)
        return artifact

    # what can be trained

    def models(
        self, *, task: str | None = None, framework: str | None = None, q: str | None = None
    ) -> list[ModelInfo]:
        params = {"task": task, "framework": framework, "q": q}
        return [ModelInfo.model_validate(m) for m in self._all("/models", params)]

    def model(self, model_id: str) -> ModelInfo:
        return ModelInfo.model_validate(self._get(f"/models/{quote(model_id)}"))

    def datasets(self, *, task: str | None = None, q: str | None = None) -> list[DatasetView]:
        params = {"task": task, "q": q}
        return [DatasetView.model_validate(d) for d in self._all("/datasets", params)]

    def dataset(self, ref: str) -> DatasetView:
        return DatasetView.model_validate(self._get(f"/datasets/{_part(ref)}"))

    def add_dataset(
        self, path: Path | str, name: str | None = None, task: str | None = None
    ) -> DatasetView:
        """Register a folder on the platform's host."""
        body = {"path": str(path), "name": name, "task": task}
        return DatasetView.model_validate(self._post("/datasets", body))

    def validate_dataset(self, ref: str) -> DatasetReport:
        return DatasetReport.model_validate(self._post(f"/datasets/{_part(ref)}/validate"))

    # plumbing

    def _send(self, method: str, path: str, **kwargs: Any) -> Any:
        return self._transport.request(method, path, **kwargs)

    def _get(self, path: str, params: Mapping[str, Any] | None = None) -> Any:
        return self._send("GET", path, params=params)

    def _post(self, path: str, body: Any = None) -> Any:
        return self._send("POST", path, json=body if body is not None else {})

    def _act(self, ref: str, action: str, body: Any = None) -> RunDetail:
        return RunDetail.model_validate(self._post(f"{self._run_path(ref)}/{action}", body))

    def _all(self, path: str, params: Mapping[str, Any]) -> Iterator[Any]:
        cursor: str | None = None
        while True:
            page = Page[Any].model_validate(self._get(path, {**params, "cursor": cursor}))
            yield from page.items
            cursor = page.next_cursor
            if cursor is None:
                return

    def _stored_events(self, run_id: str, after: int) -> Iterator[Event]:
        while True:
            data = self._get(f"/runs/{run_id}/events", {"after": after, "limit": 1000})
            events = EventsAdapter.validate_python(data["items"])
            if not events:
                return
            yield from events
            after = events[-1].seq

    def _run_path(self, ref: str) -> str:
        return f"/runs/{self._id(ref)}"

    def _id(self, ref: str) -> str:
        """`ref` as one step of a path; a name with a slash is looked up, as it cannot be one."""
        if "/" not in ref:
            return _part(ref)
        matches = [r for r in self.runs(q=ref) if r.name == ref]
        if not matches:
            raise NotFoundError(f"there is no run named {ref!r}", mend="trainwright runs list")
        return matches[0].id


def _part(text: str) -> str:
    return quote(text, safe="")
