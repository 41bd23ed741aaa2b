"""What can be trained, and on what: models and datasets."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from trainwright.client.calls import Calls, part
from trainwright.spec.api import DatasetReport, DatasetView
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

    def datasets(self, *, task: str | None = None, q: str | None = None) -> list[DatasetView]:
        params = {"task": task, "q": q}
        return [DatasetView.model_validate(d) for d in self._all("/datasets", params)]

    def dataset(self, ref: str) -> DatasetView:
        return DatasetView.model_validate(self._get(f"/datasets/{part(ref)}"))

    def add_dataset(
        self, path: Path | str, name: str | None = None, task: str | None = None
    ) -> DatasetView:
        """Register a folder on the platform's host."""
        body = {"path": str(path), "name": name, "task": task}
        return DatasetView.model_validate(self._post("/datasets", body))

    def validate_dataset(self, ref: str) -> DatasetReport:
        return DatasetReport.model_validate(self._post(f"/datasets/{part(ref)}/validate"))
