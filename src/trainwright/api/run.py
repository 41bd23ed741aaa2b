"""`Run`: one training run, as an object."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Unpack, overload

from trainwright.api.batch import begin_batch
from trainwright.api.fields import data_seen_from_here
from trainwright.api.inputs import find_inputs
from trainwright.spec import Prediction, Result, RunFailedError, RunStatus

if TYPE_CHECKING:
    from trainwright.client import Client
    from trainwright.client.language import Generation, Messages
    from trainwright.spec.api import (
        ArtifactView,
        BatchView,
        CheckpointView,
        Evaluation,
        GenerateOptions,
        RunDetail,
        RunView,
        SeriesPoint,
    )
    from trainwright.spec.events import Event


class Run:
    """A training run. It lives on the platform; this object only refers to it.

    Attributes:
        id: Its id.
        name: Its name.
    """

    def __init__(self, client: Client, view: RunView) -> None:
        self._client = client
        self._view = view
        self._answers: str | None = None
        self.id = view.id
        self.name = view.name

    def __repr__(self) -> str:
        return f"<Run {self.id} {self.name!r} {self._view.status}>"

    @property
    def status(self) -> RunStatus:
        """The status now."""
        return self.refresh().status

    def refresh(self) -> RunDetail:
        """Everything about the run, as it is now."""
        self._view = detail = self._client.run(self.id)
        return detail

    def wait(self, timeout: float | None = None, *, show: bool = False) -> Result:
        """Wait until the run ends.

        Args:
            timeout: Seconds to wait at most.
            show: Draw the live panel meanwhile.

        Returns:
            What came out, also for a run that was stopped or paused.

        Raises:
            RunFailedError: The run failed; the message says why.
            UnavailableError: It has not ended after `timeout` seconds.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        if show:
            from trainwright.api.panel.follow import follow  # noqa: PLC0415 (kept out of `import trainwright`)

            follow(self._client, self._view, deadline=deadline)
        left = None if deadline is None else max(0.0, deadline - time.monotonic())
        self._view = self._client.wait(self.id, left)
        result = self.result()
        if result.status == RunStatus.FAILED:
            raise failure(result)
        return result

    def result(self) -> Result:
        """What has come out so far: metrics, artifacts, scores per class, confusion."""
        return self._client.result(self.id)

    def metrics(self, name: str, max_points: int | None = None) -> list[SeriesPoint]:
        """The values of one metric, such as `val/accuracy`, in the order of their steps."""
        view = self._client.metrics(self.id, [name], buckets=max_points)
        return [point for series in view.series if series.name == name for point in series.points]

    def logs(self, *, follow: bool = False) -> Iterator[str]:
        """What the trainer printed, piece by piece; with `follow`, until it ends."""
        return self._client.logs(self.id, follow=follow)

    def events(self, after: int = 0, *, follow: bool = False) -> Iterator[Event]:
        """Events after `seq` = `after`, in order; with `follow`, live until the run ends."""
        return self._client.events(self.id, after, follow=follow)

    def predict(
        self,
        *inputs: str | Path,
        top_k: int = 5,
        max_tokens: int | None = None,
        temperature: float | None = None,
    ) -> list[Prediction]:
        """Predictions for images, or for texts where the run has left a language model, in order.

        Each has its input as `input`: the image's path or URL, or the text. Of several inputs,
        those that cannot be read have an `error` and no predictions.

        Args:
            *inputs: Image files, folders of them, patterns such as `photos/*.jpg`, and
                `http(s)://` URLs; or texts.
            top_k: Labels to give for each image.
            max_tokens: Of the answer to each text.
            temperature: Of a language model; by default 0, the same answer every time.

        Raises:
            NotFoundError: A folder has no image, nothing fits a pattern, or there is no such file
                as the only one.
            InputError: The only input cannot be read.
        """
        if not self._names_images():
            texts = [str(one) for one in inputs]
            return self._client.predict_text(
                self.id, texts, max_tokens=max_tokens, temperature=temperature
            )
        found = find_inputs(inputs)
        for fault in found.faults:
            raise fault
        return self._client.predict(self.id, found.images, top_k)

    @overload
    def chat(
        self,
        message: str | Messages,
        *,
        stream: Literal[False] = False,
        **options: Unpack[GenerateOptions],
    ) -> str: ...

    @overload
    def chat(
        self, message: str | Messages, *, stream: Literal[True], **options: Unpack[GenerateOptions]
    ) -> Generation: ...

    def chat(
        self,
        message: str | Messages,
        *,
        stream: bool = False,
        **options: Unpack[GenerateOptions],
    ) -> str | Generation:
        """Have the language model that the run has left answer.

        Args:
            message: What is said to it, or a whole conversation: messages with `role` (`system`,
                `user`, `assistant`) and `content`, the last one the user's.
            stream: Give the answer while it is made: iterate over it for its pieces.
            **options: `max_tokens` (512), `temperature` (0.7; 0 is the same answer every time),
                `top_p` (0.95), `seed`.

        Returns:
            The answer.

        Raises:
            ConflictError: The run has left no language model, or has not ended.
            InputError: The messages are longer than the model can look at.
        """
        said: Messages = (
            [{"role": "user", "content": message}] if isinstance(message, str) else message
        )
        answer = self._client.generate(self.id, said, **options)
        return answer if stream else answer.wait().text

    def _names_images(self) -> bool:
        # what the model of an ended run is does not change
        self._answers = self._answers or self._client.abilities(self.id).answers
        return self._answers == "labels"

    def predict_batch(
        self,
        what: str | Path,
        out: str | Path | None = None,
        *,
        pattern: str | None = None,
        top_k: int = 5,
    ) -> BatchView:
        """Predict very many images in the background of the platform, and wait for the end.

        Args:
            what: A registered dataset, a folder, an archive, or a `.txt` list of files or URLs.
            out: Save the results here: CSV where it ends so, else JSON lines.
            pattern: Only files whose path in it fits, such as `test/*.jpg`.
            top_k: Labels to give for each.

        Returns:
            How it ended; `client.batch_results(run, batch)` reads the results one by one.
        """
        begun = begin_batch(self._client, self.id, what, pattern=pattern, top_k=top_k)
        view = self._client.wait_batch(self.id, begun.id)
        if out is not None:
            kind: Literal["csv", "jsonl"] = "csv" if str(out).endswith(".csv") else "jsonl"
            self._client.download_batch(self.id, view.id, out=out, format=kind)
        return view

    def evaluate(
        self, dataset: str | None = None, classes: Mapping[str, str] | None = None
    ) -> Evaluation:
        """Measure the model on the held-out part of its own dataset, or on another.

        Args:
            dataset: Name, id or folder.
            classes: Class of the dataset → class of the model, or empty to leave it out.
        """
        seen = None if dataset is None else data_seen_from_here(dataset)
        return self._client.evaluate(self.id, seen, classes)

    def export(
        self,
        format: str,  # noqa: A002 (the contracts' word)
        out: str | Path | None = None,
        *,
        opset: int | None = None,
    ) -> ArtifactView:
        """Save the model as `safetensors`, `onnx`, `torchscript`, `pt2` or `pth`."""
        return self._client.export(self.id, format, out, opset=opset)

    def stop(self, *, now: bool = False) -> None:
        """Ask the run to end; it saves first unless `now`."""
        self._view = self._client.stop(self.id, now)

    def pause(self) -> None:
        """Save a checkpoint and free the slot."""
        self._view = self._client.pause(self.id)

    def resume(self, checkpoint: str | int | None = None) -> None:
        """Go on where a paused, failed or stopped run ended.

        Args:
            checkpoint: What to go on from instead: a step, `best`, or a checkpoint's name.
        """
        self._view = self._client.resume(self.id, checkpoint)

    def delete(self, *, now: bool = False) -> None:
        """Put the run, which must have ended, into the trash; with `now`, delete it for good."""
        self._client.delete(self.id, now=now)

    def restore(self) -> None:
        """Take the run out of the trash."""
        self._view = self._client.restore(self.id)

    def checkpoints(self) -> list[CheckpointView]:
        return self._client.checkpoints(self.id)


def failure(result: Result) -> RunFailedError:
    """The error that tells why a run failed."""
    error = result.error
    why = error.message if error else "the platform does not say why"
    details = {"run_id": result.run_id}
    if error:
        details |= error.model_dump(exclude_none=True, exclude={"message"})
    return RunFailedError(
        f"run {result.name} failed: {why}",
        expected=error.hint if error else None,
        mend=f"trainwright runs diagnose {result.run_id}",
        details=details,
    )
