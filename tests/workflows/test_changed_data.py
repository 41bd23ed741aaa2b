"""A clone says when the data it trains on are not those of the run before it."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from trainwright.spec import RunSpec
from trainwright.store.repositories import Events, Runs
from trainwright.workflows.activities import RunActivities
from trainwright.workflows.messages import Attempt
from trainwright.workflows.services import Services


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "photos"
    for name in ("dark", "light"):
        (root / name).mkdir(parents=True)
        for number in range(12):
            shade = number + (200 if name == "light" else 0)
            Image.new("L", (8, 8), shade).save(root / name / f"{number}.png")
    return root


def test_a_clone_on_changed_data(services: Services, folder: Path) -> None:
    spec = RunSpec.model_validate(
        {"model": "builtin/mlp", "task": "image_classification", "dataset": str(folder)}
    )

    def validated(parent_id: str | None) -> str:
        with services.database.session() as session:
            run_id = Runs(session).add(spec, parent_id=parent_id).id
        RunActivities(services).validate(Attempt(run_id, 1))
        return run_id

    def alerts(run_id: str) -> list[str]:
        with services.database.session(write=False) as session:
            found = Events(session).newest(run_id, "alert", 10)
        return [e.data.message for e in found if e.data.code == "data_changed"]  # type: ignore[union-attr]

    first = validated(None)
    assert alerts(validated(first)) == []
    Image.new("L", (8, 8), 77).save(folder / "dark" / "one more.png")
    (message,) = alerts(validated(first))
    assert "has changed since" in message
    assert alerts(validated(None)) == []
