"""The API with a mirror: uploads and artifacts that outlive their disk, datasets in S3."""

from __future__ import annotations

import io
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from server_rig import Api, api_over

from trainwright.files import sha256_of
from trainwright.spec import RunStatus
from trainwright.spec.result import Artifact
from trainwright.store.mirror import Mirror
from trainwright.store.objects import LocalObjects, S3Objects
from trainwright.store.repositories import Artifacts, Runs
from trainwright.testing.s3 import S3Server


def png(shade: int) -> bytes:
    stream = io.BytesIO()
    Image.new("L", (8, 8), shade).save(stream, "PNG")
    return stream.getvalue()


PHOTOS = {f"{name}/{n}.png": png(n * 9) for name in ("고양이", "dog") for n in range(6)}


@pytest.fixture
def share(tmp_path: Path) -> LocalObjects:
    return LocalObjects(tmp_path / "share")


@pytest.fixture
def mirrored_api(
    home_path: Path, share: LocalObjects, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Api]:
    monkeypatch.setenv("TRAINWRIGHT_OBJECTS", str(share.root))
    with api_over(home_path) as found:
        yield found


@pytest.fixture
def server() -> Iterator[S3Server]:
    with S3Server() as server:
        yield server


@pytest.fixture
def bucket(server: S3Server, monkeypatch: pytest.MonkeyPatch) -> S3Objects:
    name = server.make_bucket()
    for variable, value in server.environment(name).items():
        monkeypatch.setenv(variable, value)
    return server.objects(name)


@pytest.fixture
def s3_api(home_path: Path, bucket: S3Objects) -> Iterator[Api]:
    with api_over(home_path) as found:
        yield found


def test_an_uploaded_dataset_outlives_its_disk(mirrored_api: Api, share: LocalObjects) -> None:
    api = mirrored_api
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, data in PHOTOS.items():
            archive.writestr(f"photos/{name}", data)
    files = {"file": ("my photos.zip", packed.getvalue())}
    added = api.call("POST", "/api/v1/datasets/upload", files=files).json()
    assert list(share.list()) == [f"datasets/{added['id']}/archive"]

    uploads = api.services.settings.home.uploads
    shutil.rmtree(uploads)
    spec = {"model": "builtin/mlp", "dataset": added["name"]}
    made = api.call("POST", "/api/v1/runs", json={"spec": spec})
    assert made.status_code == 201, made.text
    assert Path(made.json()["dataset"]).is_dir()
    assert {p.name for p in uploads.iterdir()} == {added["id"]}

    shutil.rmtree(uploads)
    outcome = api.call("POST", f"/api/v1/datasets/{added['id']}/validate").json()
    assert outcome["ok"]
    assert outcome["report"]["samples"] == {"all": 12}

    shutil.rmtree(uploads)
    share.put(f"datasets/{added['id']}/archive", b"another's")
    refused = api.call("POST", f"/api/v1/datasets/{added['id']}/validate")
    assert refused.json()["error"]["code"] == "object_damaged"
    assert not any(uploads.glob("*/*"))


def test_an_upload_that_is_refused_keeps_nothing(mirrored_api: Api, share: LocalObjects) -> None:
    files = {"file": ("bad.zip", b"PK no archive")}
    assert mirrored_api.call("POST", "/api/v1/datasets/upload", files=files).status_code == 422
    for name in ("digits", "twice", "twice"):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            for path, data in PHOTOS.items():
                archive.writestr(path, data)
        form = {"files": {"file": ("p.zip", packed.getvalue())}, "data": {"name": name}}
        mirrored_api.call("POST", "/api/v1/datasets/upload", **form)
    known = mirrored_api.call("GET", "/api/v1/datasets").json()["items"]
    ids = {d["id"] for d in known if d["uploaded"]}
    assert {key.split("/")[1] for key in share.list()} == ids
    for dataset_id in ids:
        assert (
            mirrored_api.call("DELETE", f"/api/v1/datasets/{dataset_id}?now=true").status_code
            == 204
        )
    assert list(share.list()) == []


def test_artifacts_say_where_they_are_and_come_back(mirrored_api: Api, share: LocalObjects) -> None:
    api = mirrored_api
    run = api.add_run()
    api.move(run, "stopped")
    file = api.services.settings.home.runs / run.id / "artifacts" / "model.pt"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"0123456789")
    made = Artifact(name="model.pt", path="artifacts/model.pt", bytes=10, sha256=sha256_of(file))
    with api.services.database.session() as session:
        Artifacts(session).put(run.id, [made])
    path = f"/api/v1/runs/{run.id}/artifacts"
    assert [a["uri"] for a in api.call("GET", path).json()["items"]] == [None]
    mirror = api.services.mirror
    assert isinstance(mirror, Mirror)
    mirror.keep(run.id)
    (key,) = share.list()
    assert [a["uri"] for a in api.call("GET", path).json()["items"]] == [share.uri(key)]

    shutil.rmtree(file.parent)
    part = api.call("GET", f"{path}/model.pt", headers={"Range": "bytes=3-5"})
    assert (part.status_code, part.content) == (206, b"345")
    # a folder has no URLs to give away
    whole = api.call("GET", f"{path}/model.pt", params={"redirect": True})
    assert (whole.status_code, whole.content) == (200, b"0123456789")
    assert api.call("GET", f"{path}/model.pt", "other").status_code == 404
    assert api.call("GET", f"{path}/model.pt", None).status_code == 401


@pytest.mark.integration
def test_a_dataset_in_s3_is_listed_fetched_and_forgotten(s3_api: Api, bucket: S3Objects) -> None:
    api = s3_api
    for name, data in PHOTOS.items():
        bucket.put(f"data/photos/{name}", data)
    uri = bucket.uri("data/photos")
    added = api.call("POST", "/api/v1/datasets", json={"path": f"{uri}/"})
    assert added.status_code == 201
    dataset = added.json()
    assert (dataset["name"], dataset["location"], dataset["uploaded"]) == ("photos", uri, False)
    (finding,) = dataset["report"]["findings"]
    assert finding["code"] == "not_fetched"
    assert "12 objects" in finding["message"]
    again = api.call("POST", "/api/v1/datasets", json={"path": uri})
    assert (again.status_code, again.json()["id"]) == (200, dataset["id"])
    assert api.call("POST", "/api/v1/datasets", "viewer", json={"path": uri}).status_code == 403

    outcome = api.call("POST", "/api/v1/datasets/photos/validate").json()
    assert outcome["ok"]
    assert outcome["report"]["dataset"] == uri
    assert outcome["report"]["class_names"] == ["dog", "고양이"]
    spec = {"model": "builtin/mlp", "dataset": "photos"}
    run = api.call("POST", "/api/v1/runs", json={"spec": spec}).json()
    assert run["dataset"] == uri
    assert api.call("DELETE", "/api/v1/datasets/photos").status_code == 409
    with api.services.database.session() as session:
        Runs(session).set_status(run["id"], RunStatus.STOPPED)
    fetched = api.services.settings.home.datasets / "s3"
    assert any(fetched.iterdir())
    assert api.call("DELETE", "/api/v1/datasets/photos").status_code == 204
    assert any(fetched.iterdir())
    assert api.call("DELETE", "/api/v1/datasets/photos?now=true").status_code == 204
    assert not any(fetched.iterdir())
    assert len(list(bucket.list("data/photos/"))) == 12

    for place, status, code in (
        ("s3://no-such-bucket/photos", 503, "bucket_missing"),
        (bucket.uri("nothing"), 422, "bad_dataset"),
        (f"{uri}/../x", 422, "bad_dataset"),
        ("s3:///x", 422, "bad_dataset"),
    ):
        refused = api.call("POST", "/api/v1/datasets", json={"path": place})
        assert (refused.status_code, refused.json()["error"]["code"]) == (status, code)
