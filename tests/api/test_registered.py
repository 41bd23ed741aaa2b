"""Registered datasets where no platform runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from trainwright.api import parse, read_request
from trainwright.api.fields import resolve_registered
from trainwright.api.registered import known_names
from trainwright.settings import load
from trainwright.store import Database
from trainwright.store.repositories import Datasets


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TRAINWRIGHT_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    return tmp_path / "home"


def test_a_registered_dataset_is_found_by_id_and_name(home: Path) -> None:
    home.mkdir()
    database = Database(load().database)
    database.upgrade()
    with database.session() as session:
        dataset_id = Datasets(session).add("shapes", "/data/shapes").id
    database.dispose()
    for ref in ("shapes", dataset_id):
        assert resolve_registered({"dataset": ref, "epochs": 1}) == {
            "dataset": "/data/shapes",
            "epochs": 1,
        }
    assert resolve_registered({"dataset": "shpes"}) == {"dataset": "shpes"}


@pytest.mark.parametrize("name", ["my photos", "고양이 사진", "it's"])
def test_a_registered_dataset_may_be_called_as_people_call_things(
    home: Path, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.mkdir()
    monkeypatch.chdir(tmp_path)
    database = Database(load().database)
    database.upgrade()
    with database.session() as session:
        Datasets(session).add(name, str(home))
    database.dispose()
    request = read_request("Train LeNet-5 for 3 epochs", {"dataset": name})
    assert request.spec.dataset == str(home)
    assert request.reasons["dataset"] == f"the registered dataset {name}"
    here = tmp_path / name
    here.mkdir()
    assert read_request("Train LeNet-5", {"dataset": name}).spec.dataset == str(here)


def test_a_home_without_records_has_none_and_gets_none(home: Path) -> None:
    assert resolve_registered({"dataset": "shapes"}) == {"dataset": "shapes"}
    assert not home.exists()


def test_records_that_cannot_be_read_are_no_answer(home: Path) -> None:
    home.mkdir()
    (home / "trainwright.db").write_bytes(b"this is no database, " * 100)
    assert resolve_registered({"dataset": "shapes"}) == {"dataset": "shapes"}


def test_sentences_know_what_the_records_hold(home: Path) -> None:
    home.mkdir()
    database = Database(load().database)
    database.upgrade()
    with database.session() as session:
        Datasets(session).add("helmets", "/data/helmets", task="object_detection")
    database.dispose()
    assert parse("yolo11n on my helmets dataset").intent["dataset"] == "helmets"
    request = read_request("detect things on my helmets dataset", {"epochs": 3})
    assert (request.spec.dataset, request.spec.epochs) == ("/data/helmets", 3)
    assert request.provenance["dataset"] == "user"
    assert request.reasons["dataset"] == "the registered dataset helmets"


def test_a_platform_that_does_not_answer_is_no_hindrance(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRAINWRIGHT_URL", "http://127.0.0.1:9")
    assert known_names() is None
    assert parse("train lenet5 on mnist").status == "complete"
