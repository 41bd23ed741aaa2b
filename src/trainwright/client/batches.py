"""Predictions of very many inputs: begun, followed, downloaded."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Literal

from trainwright.client.calls import Calls, part
from trainwright.client.files import Watched, save
from trainwright.client.transport import LONG
from trainwright.spec.api import BatchView, Page
from trainwright.spec.errors import NotFoundError
from trainwright.spec.result import Prediction

_LOOK_SECONDS = 0.5


class BatchCalls(Calls):
    """What can be asked of batches. `batch` is a batch's id, or `last`."""

    def start_batch(
        self,
        ref: str,
        *,
        dataset: Path | str | None = None,
        pattern: str | None = None,
        files: Sequence[Path | str] | None = None,
        inputs: Sequence[str] | None = None,
        top_k: int = 5,
    ) -> BatchView:
        """Begin to predict exactly one of `dataset`, `files` and `inputs`; returns at once.

        Args:
            ref: The run's id, prefix, name or `last`.
            dataset: A registered dataset's id or name, or a folder on the platform's host.
            pattern: Only files of the dataset whose path in it fits, such as `test/*.jpg`.
            files: Image files on the platform's host, by absolute paths.
            inputs: `http(s)://` URLs, which the platform fetches, and images as base64.
            top_k: Labels to give for each.
        """
        body = {
            "dataset": None if dataset is None else str(dataset),
            "pattern": pattern,
            "files": None if files is None else [str(file) for file in files],
            "inputs": None if inputs is None else list(inputs),
            "top_k": top_k,
        }
        data = self._send("POST", self._batches(ref), json=body, timeout=LONG)
        return BatchView.model_validate(data)

    def upload_batch(
        self,
        ref: str,
        archive: Path | str,
        *,
        pattern: str | None = None,
        top_k: int = 5,
        on_progress: Callable[[int], None] | None = None,
    ) -> BatchView:
        """Begin to predict what is in a zip or tar archive that is sent, or one image.

        Args:
            ref: The run's id, prefix, name or `last`.
            archive: The file.
            pattern: Only files in it whose path fits.
            top_k: Labels to give for each.
            on_progress: Told how many bytes have been sent.

        Raises:
            NotFoundError: The file cannot be read.
            DataError: It is a broken archive.
        """
        path = Path(archive)
        said = [("top_k", (None, str(top_k)))] + ([("pattern", (None, pattern))] if pattern else [])
        try:
            with Watched(io.FileIO(path), on_progress or (lambda _: None)) as sent:
                form = [*said, ("file", (path.name, sent))]
                data = self._send("POST", self._batches(ref), files=form, timeout=LONG)
        except OSError as error:
            raise NotFoundError(f"cannot read {path}: {error.strerror}") from None
        return BatchView.model_validate(data)

    def batches(self, ref: str) -> list[BatchView]:
        """The batches of a run, newest first."""
        return Page[BatchView].model_validate(self._get(self._batches(ref))).items

    def batch(self, ref: str, batch: str = "last") -> BatchView:
        return BatchView.model_validate(self._get(self._batch(ref, batch)))

    def wait_batch(
        self,
        ref: str,
        batch: str = "last",
        *,
        on_progress: Callable[[BatchView], None] | None = None,
    ) -> BatchView:
        """Follow a batch until it ends.

        Args:
            ref: The run's id, prefix, name or `last`.
            batch: Which of its batches.
            on_progress: Told how far it is, about twice a second.
        """
        path = self._batch(ref, batch)
        while True:
            view = BatchView.model_validate(self._get(path))
            if on_progress:
                on_progress(view)
            if view.status.has_ended:
                return view
            time.sleep(_LOOK_SECONDS)

    def cancel_batch(self, ref: str, batch: str = "last") -> BatchView:
        """End a batch; what has been answered stays."""
        return BatchView.model_validate(self._post(self._batch(ref, batch) + "/cancel"))

    def resume_batch(self, ref: str, batch: str = "last") -> BatchView:
        """Go on with a failed or cancelled batch, where it ended."""
        return BatchView.model_validate(self._post(self._batch(ref, batch) + "/resume"))

    def delete_batch(self, ref: str, batch: str) -> None:
        """End a batch if it is at work, and delete its results."""
        self._send("DELETE", self._batch(ref, batch))

    def batch_results(self, ref: str, batch: str = "last") -> Iterator[Prediction]:
        """What has been answered so far, in the order of the inputs, as it is downloaded."""
        rest = b""
        for piece in self._results(self._batch(ref, batch), "jsonl"):
            *lines, rest = (rest + piece).split(b"\n")
            for line in lines:
                said = json.loads(line)
                if "error" in said:  # what was never looked at has no time and no version
                    said = {"predictions": [], "inference_time_ms": 0, "model_version": ""} | said
                yield Prediction.model_validate(said)

    def download_batch(
        self,
        ref: str,
        batch: str = "last",
        *,
        out: Path | str,
        format: Literal["jsonl", "csv"] = "jsonl",  # noqa: A002 (the contracts' word)
    ) -> Path:
        """Save what has been answered so far as the file `out`, or in the folder `out`."""
        path = self._batch(ref, batch)
        return save(self._results(path, format), out, f"{path.rpartition('/')[2]}.{format}")

    def _results(self, path: str, kind: str) -> Iterator[bytes]:
        return self._transport.download(f"{path}/results", params={"format": kind}, timeout=LONG)

    def _batches(self, ref: str) -> str:
        return f"/inference/{self._id(ref)}/batch"

    def _batch(self, ref: str, batch: str) -> str:
        path = self._batches(ref)
        if batch != "last":
            return f"{path}/{part(batch)}"
        found = self.batches(ref)
        if not found:
            raise NotFoundError(
                f"run {ref} has no batches", mend=f"trainwright predict {ref} --batch DATASET"
            )
        return f"{path}/{found[0].id}"
