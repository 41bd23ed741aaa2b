"""What can be trained, and on what: models and datasets."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from trainwright.client.calls import Calls, part
from trainwright.client.files import Watched
from trainwright.client.transport import LONG
from trainwright.spec.api import DatasetReport, DatasetView
from trainwright.spec.catalog import ModelInfo
from trainwright.spec.errors import NotFoundError


class CatalogueCalls(Calls):
    """What can be asked of models and datasets."""

    def models(
        self, *, task: str | None = None, framework: str | None = None, q: str | None = None
    ) -> list[ModelInfo]:
        params = {"task": task, "framework": framework, "q": q}
        return [ModelInfo.model_validate(m) for m in self._all("/models", params)]

    def model(self, model_id: str) -> ModelInfo:
        return ModelInfo.model_validate(self._get(f"/models/{quote(model_id)}"))

    def datasets(
        self, *, task: str | None = None, q: str | None = None, trashed: bool = False
    ) -> list[DatasetView]:
        """Samples and what was registered; with `trashed`, what is in the trash instead."""
        params = {"task": task, "q": q, "trashed": trashed or None}
        return [DatasetView.model_validate(d) for d in self._all("/datasets", params)]

    def dataset(self, ref: str) -> DatasetView:
        return DatasetView.model_validate(self._get(f"/datasets/{part(ref)}"))

    def add_dataset(
        self, path: Path | str, name: str | None = None, task: str | None = None
    ) -> DatasetView:
        """Register a folder on the platform's host, or `s3://bucket/prefix`."""
        body = {"path": str(path), "name": name, "task": task}
        return DatasetView.model_validate(self._post("/datasets", body))

    def upload_dataset(
        self,
        archive: Path | str,
        name: str | None = None,
        task: str | None = None,
        *,
        on_progress: Callable[[int], None] | None = None,
    ) -> DatasetView:
        """Register what is in a zip or tar archive; the platform unpacks and keeps it.

        Args:
            archive: The file.
            name: Default: the file's name.
            task: What it is for, where the folders in it do not say it.
            on_progress: Told how many bytes have been sent.

        Raises:
            NotFoundError: The file cannot be read.
            DataError: It is no sound archive, or cannot be trained on; the platform keeps nothing.
        """
        path = Path(archive)
        said = [(key, (None, value)) for key, value in (("name", name), ("task", task)) if value]
        try:
            with Watched(io.FileIO(path), on_progress or (lambda _: None)) as sent:
                form = [*said, ("file", (path.name, sent))]
                data = self._send("POST", "/datasets/upload", files=form, timeout=LONG)
        except OSError as error:
            raise NotFoundError(f"cannot read {path}: {error.strerror}") from None
        return DatasetView.model_validate(data)

    def delete_dataset(self, ref: str, *, now: bool = False) -> None:
        """Put a dataset into the trash; with `now`, delete it for good, from the trash too.

        Files that were uploaded go with it then; those of a registered folder stay.
        """
        params = {"now": True} if now else None
        self._send("DELETE", f"/datasets/{part(ref)}", params=params)

    def restore_dataset(self, ref: str) -> DatasetView:
        """Take a dataset out of the trash."""
        return DatasetView.model_validate(self._post(f"/datasets/{part(ref)}/restore"))

    def validate_dataset(self, ref: str) -> DatasetReport:
        return DatasetReport.model_validate(self._post(f"/datasets/{part(ref)}/validate"))
