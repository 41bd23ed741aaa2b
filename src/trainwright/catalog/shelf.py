"""Data files read once: what models and datasets there are, and how they are best trained."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from trainwright.spec import DatasetInfo, ModelInfo, Task

_NOT_MODELS = {
    "architectures.json",
    "datasets.json",
    "hangul.json",
    "hardware.json",
    "tasks.json",
}
_INHERITED = ("license", "weights", "input_size", "description", "description_ko")


def read_data(name: str) -> Any:
    """A data file of the catalogue."""
    return json.loads((files(__package__) / "data" / name).read_bytes())


class Shelf:
    """Raw records by id; a record becomes a `ModelInfo` when somebody asks for it."""

    def __init__(self) -> None:
        self.records: dict[str, dict[str, Any]] = {}
        self.installs: dict[str, str] = {}
        self._made: dict[str, ModelInfo] = {}
        for entry in sorted(p.name for p in (files(__package__) / "data").iterdir()):
            if entry.endswith(".json") and entry not in _NOT_MODELS:
                self._add(read_data(entry))

    def _add(self, file: Mapping[str, Any]) -> None:
        """Take in one file; `also` names further frameworks that train the same models."""
        for entry in (file, *file.get("also", ())):
            framework = entry["framework"]
            self.installs[framework] = entry["install"]
            for family in file["families"]:
                shared = {k: family[k] for k in _INHERITED if k in family}
                shared["tasks"] = entry.get("tasks") or family["tasks"]
                shared["framework"] = framework
                shared["shared_defaults"] = family.get("defaults", {}) | entry.get("defaults", {})
                for model in family["models"]:
                    self.records[f"{framework}/{model['name']}"] = shared | model

    def get(self, model_id: str) -> ModelInfo | None:
        record = self.records.get(model_id)
        if record is None:
            return None
        if model_id not in self._made:
            self._made[model_id] = self._make(model_id, record)
        return self._made[model_id]

    def put(self, info: ModelInfo) -> None:
        """Add a model, or replace one; what only the catalogue knows of it stays."""
        known = self.records.get(info.id, {})
        kept = {name: known[name] for name in ("tuned", "family_names") if name in known}
        self.records[info.id] = info.model_dump(exclude={"id"}) | {"shared_defaults": {}} | kept
        self.installs.setdefault(info.framework, info.install or "")
        self._made[info.id] = info

    def _make(self, model_id: str, record: Mapping[str, Any]) -> ModelInfo:
        known = {k: v for k, v in record.items() if k in ModelInfo.model_fields}
        known["defaults"] = record["shared_defaults"] | record.get("defaults", {})
        known.setdefault("title", record["name"])
        return ModelInfo(id=model_id, install=self.installs[record["framework"]], **known)

    def find(self, task: Task | None, framework: str | None) -> Iterator[str]:
        for model_id, record in self.records.items():
            if framework is not None and record["framework"] != framework:
                continue
            if task is None or task in record["tasks"]:
                yield model_id


@cache
def shelf() -> Shelf:
    """The one shelf of this process, read on first use."""
    return Shelf()


@cache
def dataset_shelf() -> dict[str, DatasetInfo]:
    return {entry["id"]: DatasetInfo.model_validate(entry) for entry in read_data("datasets.json")}


@cache
def task_recipes() -> dict[str, dict[str, Any]]:
    """By task: usual settings, and the model to begin with."""
    recipes: dict[str, dict[str, Any]] = read_data("tasks.json")
    return recipes


def tuned_defaults(model_id: str, dataset_id: str) -> dict[str, Any]:
    """Settings that suit this model on this dataset; they go before the model's own.

    Args:
        model_id: `<framework>/<model>`.
        dataset_id: A catalogue dataset's id, or `folder` for data the catalogue does not know.
    """
    record = shelf().records.get(model_id, {})
    tuned: dict[str, Any] = record.get("tuned", {}).get(dataset_id, {})
    return tuned


@cache
def hangul_names() -> dict[str, str]:
    """Korean spelling to Latin, longest first: `레즈넷` to `resnet`."""
    names: dict[str, str] = read_data("hangul.json")
    return dict(sorted(names.items(), key=lambda pair: -len(pair[0])))
