"""Datasets over HTTP: samples, and folders that are registered."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image
from server_rig import Api


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


def test_registering_again_changes_nothing_and_names_do_not_clash(api: Api, photos: Path) -> None:
    status, first = register(api, photos)
    assert register(api, photos) == (200, first | {"report": first["report"]})
    other_status, other = register(api, photos, "other")
    assert (status, other_status) == (201, 201)
    assert other["name"] != first["name"]
    taken, _ = register(api, photos, "other", name=first["name"])
    assert taken == 409


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
