"""Datasets over HTTP: samples, and folders that are registered."""

from __future__ import annotations

import shutil
import unicodedata
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image
from server_rig import Api

from trainwright.server.dataset_trash import DatasetTrash
from trainwright.spec.events import utc_now
from trainwright.store.models import Dataset


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    for name, shade in (("cats", 40), ("dogs", 200)):
        folder = tmp_path / "photos" / name
        folder.mkdir(parents=True)
        for number in range(6):
            Image.new("RGB", (16, 16), (shade, number, 0)).save(folder / f"{number}.png")
    (tmp_path / "photos" / "cats" / "broken.png").write_bytes(b"not an image")
    return tmp_path / "photos"


def register(api: Api, folder: Path, person: str = "user", **fields: str) -> tuple[int, dict]:
    answer = api.call("POST", "/api/v1/datasets", person, json={"path": str(folder)} | fields)
    return answer.status_code, answer.json()


def test_samples_come_first_and_are_found_by_id(api: Api) -> None:
    items = api.call("GET", "/api/v1/datasets").json()["items"]
    assert "digits" in [item["id"] for item in items if item["source"] == "catalogue"]
    assert api.call("GET", "/api/v1/datasets/digits").json()["num_classes"] == 10


def test_a_registered_folder_is_looked_at_and_reported(api: Api, photos: Path) -> None:
    status, found = register(api, photos, name="two-shades")
    assert status == 201
    assert found["class_names"] == ["cats", "dogs"]
    assert sum(found["samples"].values()) == 12
    assert found["report"]["left_out_count"] == 1
    listed = api.call("GET", "/api/v1/datasets", params={"q": "two-shades"}).json()["items"]
    assert [item["id"] for item in listed] == [found["id"]]
    again = api.call("POST", f"/api/v1/datasets/{found['id']}/validate").json()
    assert again["ok"] is True


def test_a_folder_keeps_its_name_in_any_script(api: Api, photos: Path) -> None:
    apart = unicodedata.normalize("NFD", "고양이 사진")  # as macOS hands them over
    assert register(api, photos.rename(photos.with_name(apart)))[1]["name"] == "고양이-사진"


def test_a_registered_dataset_is_planned_with_its_samples(api: Api, photos: Path) -> None:
    register(api, photos, name="my photos")
    plans = [
        api.call(
            "POST",
            "/api/v1/compute/plan",
            json={"spec": {"model": "builtin/lenet5", "dataset": name}},
        )
        for name in ("my photos", "nobody-registered-this")
    ]
    assert [answer.status_code for answer in plans] == [200, 422]
    assert plans[0].json()["duration_seconds"]["expected"] > 0


def test_registering_again_changes_nothing_and_names_do_not_clash(api: Api, photos: Path) -> None:
    status, first = register(api, photos)
    assert register(api, photos) == (200, first | {"report": first["report"]})
    other_status, other = register(api, photos, "other")
    assert (status, other_status) == (201, 201)
    assert other["name"] != first["name"]
    assert register(api, photos, name="two shades")[0] == 201
    taken, refusal = register(api, photos, "other", name="two shades")
    assert taken == 409
    assert refusal["error"]["details"]["mend"] == "trainwright datasets show 'two shades'"


@pytest.mark.parametrize(
    "path", ["relative/folder", "/no/such/folder", "/etc/passwd", "~no-such-user/x", "/a\0b"]
)
def test_only_folders_are_registered(api: Api, path: str) -> None:
    answer = api.call("POST", "/api/v1/datasets", json={"path": path})
    assert answer.status_code == 400
    assert answer.json()["error"]["details"]["field"] == "path"


def test_forgetting_a_dataset_keeps_its_files(api: Api, photos: Path) -> None:
    _, found = register(api, photos, name="to-forget")
    path = f"/api/v1/datasets/{found['id']}"
    assert api.call("DELETE", path, "other").status_code == 403
    assert api.call("DELETE", path).status_code == 204
    assert api.call("GET", path).status_code == 404
    assert (photos / "cats" / "0.png").exists()
    assert api.call("DELETE", "/api/v1/datasets/digits", "admin").status_code == 404


def trashed(api: Api, person: str = "user") -> list[str]:
    answer = api.call("GET", "/api/v1/datasets", person, params={"trashed": "true"})
    return [item["id"] for item in answer.json()["items"]]


def test_a_deleted_dataset_is_in_the_trash_and_can_be_restored(api: Api, photos: Path) -> None:
    _, found = register(api, photos, name="undone")
    path = f"/api/v1/datasets/{found['id']}"
    assert api.call("DELETE", path).status_code == 204
    refused = api.call("GET", "/api/v1/datasets/undone").json()["error"]
    assert refused["code"] == "not_found"
    assert found["id"] in trashed(api)
    assert found["id"] in trashed(api, "admin")
    assert trashed(api, "other") == []
    assert api.call("POST", f"{path}/restore", "other").status_code == 404
    assert api.call("POST", f"{path}/restore", "viewer").status_code == 403
    restored = api.call("POST", "/api/v1/datasets/undone/restore")
    assert (restored.status_code, restored.json()["trashed_at"]) == (200, None)
    assert restored.json() == found
    assert api.call("POST", f"{path}/restore").status_code == 404


def test_a_restored_dataset_whose_name_was_given_away_gets_another(api: Api, photos: Path) -> None:
    _, first = register(api, photos, name="shared")
    api.call("DELETE", f"/api/v1/datasets/{first['id']}")
    _, second = register(api, photos, "other", name="shared")
    restored = api.call("POST", f"/api/v1/datasets/{first['id']}/restore").json()
    assert (restored["id"], restored["name"]) == (first["id"], "shared-2")
    assert api.call("GET", "/api/v1/datasets/shared").json()["id"] == second["id"]


def test_for_good_is_for_good_also_from_the_trash(api: Api, photos: Path) -> None:
    _, found = register(api, photos, name="gone")
    path = f"/api/v1/datasets/{found['id']}"
    assert api.call("DELETE", path).status_code == 204
    assert api.call("DELETE", f"{path}?now=true", "other").status_code == 404
    assert api.call("DELETE", f"{path}?now=true").status_code == 204
    assert found["id"] not in trashed(api)
    assert api.call("POST", f"{path}/restore").status_code == 404
    assert (photos / "cats" / "0.png").exists()


def test_what_a_run_trains_on_is_not_deleted(api: Api, photos: Path) -> None:
    _, found = register(api, photos, name="in-use")
    run = api.add_run(dataset=str(photos / "cats"))
    path = f"/api/v1/datasets/{found['id']}"
    for query in ("", "?now=true"):
        refused = api.call("DELETE", path + query)
        assert refused.status_code == 409
        assert refused.json()["error"]["details"]["mend"] == f"trainwright runs stop {run.id}"
    api.move(run, "stopped")
    assert api.call("DELETE", path).status_code == 204


def test_upkeep_empties_the_trash_of_what_is_old_and_unused(api: Api, photos: Path) -> None:
    trash = DatasetTrash(api.services.database, api.services.settings)
    old, young, used = (
        register(api, photos / name, name=name)[1]["id"] if name else register(api, photos)[1]["id"]
        for name in ("cats", "dogs", "")
    )
    for dataset_id in (old, young, used):
        assert api.call("DELETE", f"/api/v1/datasets/{dataset_id}").status_code == 204
    run = api.add_run(dataset=str(photos))
    with api.services.database.session() as session:
        for dataset_id in (old, used):
            row = session.get(Dataset, dataset_id)
            assert row is not None
            row.deleted_at = utc_now() - timedelta(days=8)
    trash.empty()
    assert {young, used} <= set(trashed(api))
    assert old not in trashed(api)
    api.move(run, "stopped")
    trash.empty()
    assert used not in trashed(api)


def test_missing_files_are_told(api: Api, photos: Path) -> None:
    _, found = register(api, photos, name="lost")
    assert found["missing"] is False
    shutil.rmtree(photos)
    assert api.call("GET", "/api/v1/datasets/lost").json()["missing"] is True
