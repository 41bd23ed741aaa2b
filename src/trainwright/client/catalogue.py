"""What can be trained, and on what: models and datasets."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from trainwright.client.calls import Calls, part
from trainwright.spec.api import DatasetPreview, DatasetReport, DatasetView
from trainwright.spec.catalog import ModelInfo


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

    def preview_dataset(
        self,
        ref: str,
        *,
        split: str | None = None,
        label: str | None = None,
        limit: int = 60,
        cursor: str | None = None,
    ) -> DatasetPreview:
        """A page of a dataset: pictures with their classes and boxes, or rows of a table.

        Args:
            ref: Id or name.
            split: Pictures of this split only.
            label: Pictures with this class only.
            limit: How many.
            cursor: `next_cursor` of the page before.

        Raises:
            ConflictError: Its data is not on the platform's machine.
        """
        params = {"split": split, "class": label, "limit": limit, "cursor": cursor}
        return DatasetPreview.model_validate(self._get(f"/datasets/{part(ref)}/preview", params))

    def dataset_picture(self, ref: str, path: str, *, side: int = 256) -> bytes:
        """One picture of a preview as WebP, made smaller where it is larger than `side`."""
        pieces = self._transport.download(
            f"/datasets/{part(ref)}/images/{quote(path)}", params={"side": side}
        )
        return b"".join(pieces)
