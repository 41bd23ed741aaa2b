"""With an object store: data come from there, and what a run has left outlives its disk."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from house import House, eventually
from PIL import Image

from trainwright.client import Client
from trainwright.spec import RunStatus
from trainwright.store.objects import S3Objects
from trainwright.testing.images import make_messy_folder
from trainwright.testing.s3 import S3Server

pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.timeout(240)]

MODEL = "artifacts/model.safetensors"


@dataclass
class Place:
    """A platform, and the object store it was told of."""

    house: House
    server: S3Server
    bucket: str

    @property
    def objects(self) -> S3Objects:
        return self.server.objects(self.bucket)

    def cli(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "trainwright", *arguments],
            env=os.environ | {"TRAINWRIGHT_HOME": str(self.house.home.path), "COLUMNS": "100"},
            capture_output=True,
            text=True,
            timeout=120,
            stdin=subprocess.DEVNULL,
            check=False,
        )


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with S3Server() as server, pytest.MonkeyPatch.context() as patch:
        bucket = server.make_bucket()
        for name, value in server.environment(bucket).items():
            patch.setenv(name, value)
        house = House(tmp_path_factory.mktemp("house") / "home")
        house.start()
        try:
            yield Place(house, server, bucket)
        finally:
            house.end_everything()


def train(client: Client, **fields: object) -> str:
    spec = {"model": "builtin/mlp", "dataset": "digits", "epochs": 1, "batch_size": 64}
    return client.create_run(spec=spec | fields).id


def mirrored(client: Client, run_id: str) -> bool:
    left = [*client.artifacts(run_id), *client.checkpoints(run_id)[-1:]]
    return bool(left) and all(item.uri for item in left)


def test_a_model_outlives_its_disk(place: Place) -> None:
    house, server, objects, client = place.house, place.server, place.objects, place.house.client()
    server.faults.away = True
    run_id = train(client)
    assert client.wait(run_id, timeout=90).status is RunStatus.COMPLETED
    assert not mirrored(client, run_id)
    server.faults.away = False
    eventually(lambda: mirrored(client, run_id), timeout=60)
    keys = set(objects.list(f"runs/{run_id}/"))
    assert {f"runs/{run_id}/{name}" for name in (MODEL, "spec.yaml", "provenance.json")} <= keys
    weights = (house.directory(run_id).path / MODEL).read_bytes()

    shutil.rmtree(house.directory(run_id).path)
    path = house.home.path / "image.png"
    Image.new("L", (8, 8)).save(path)
    (prediction,) = client.predict(run_id, [path])
    assert len(prediction.predictions) == 5

    (house.directory(run_id).path / MODEL).unlink()
    url = f"{client.url}/api/v1/runs/{run_id}/artifacts/model.safetensors"
    signed = {"Authorization": f"Bearer {house.home.token.read_text().strip()}"}
    assert httpx.get(url).status_code == 401
    part = httpx.get(url, headers=signed | {"Range": "bytes=8-99"})
    assert (part.status_code, part.content) == (206, weights[8:100])
    sent_on = httpx.get(url, headers=signed, params={"redirect": True})
    assert sent_on.status_code == 307
    assert sent_on.headers["location"].startswith(server.url)
    assert httpx.get(sent_on.headers["location"]).content == weights

    shutil.rmtree(house.directory(run_id).path)
    told = place.cli("runs", "files", run_id)
    assert f"s3://{place.bucket}/runs/{run_id}/{MODEL}" in "".join(told.stdout.split())
    saved = house.home.path / "saved"
    done = place.cli("runs", "files", run_id, "--get", MODEL, "--out", str(saved), "--json")
    assert json.loads(done.stdout) == {"saved": str(saved)}
    assert saved.read_bytes() == weights

    (house.directory(run_id).path / MODEL).unlink()
    objects.put(f"runs/{run_id}/{MODEL}", b"somebody else's weights")
    told = httpx.get(url, headers=signed).json()["error"]
    assert told["code"] == "object_damaged"
    client.delete(run_id, now=True)
    assert not list(objects.list(f"runs/{run_id}/"))


def test_a_run_goes_on_from_its_mirror(place: Place) -> None:
    house, client = place.house, place.house.client()
    run_id = train(client, epochs=400)
    eventually(lambda: client.checkpoints(run_id), timeout=60)
    client.stop(run_id)
    assert client.wait(run_id, timeout=60).status is RunStatus.STOPPED
    eventually(lambda: mirrored(client, run_id), timeout=60)
    before = client.run(run_id).progress
    shutil.rmtree(house.directory(run_id).path)
    told = len(list(client.events(run_id, follow=False)))

    client.resume(run_id)
    eventually(lambda: len(list(client.events(run_id, follow=False))) > told + 30, timeout=60)
    client.stop(run_id, now=True)
    client.wait(run_id, timeout=60)
    progress = client.run(run_id).progress
    assert before and progress and progress.step and before.step
    assert progress.step > before.step
    events = list(client.events(run_id, follow=False))
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    (series,) = client.metrics(run_id, names=["val/loss"]).series
    epochs = [point.epoch for point in series.points]
    assert epochs == sorted(set(epochs))


def test_data_come_from_s3(place: Place, tmp_path: Path) -> None:
    folder = make_messy_folder(tmp_path / "shapes", per_class=12)
    for path in folder.root.rglob("*"):
        if path.is_file():
            name = path.relative_to(folder.root).as_posix()
            place.objects.put(f"data/shapes/{name}", path)
    uri = f"s3://{place.bucket}/data/shapes"
    added = place.cli("datasets", "add", uri, "--json")
    assert added.returncode == 0, added.stdout + added.stderr
    dataset = json.loads(added.stdout)
    assert (dataset["name"], dataset["location"]) == ("shapes", uri)
    sentence = f"Train the built-in mlp for 1 epoch dataset={uri}"
    done = place.cli("train", sentence, "--yes", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    result = json.loads(done.stdout.strip().splitlines()[-1])
    assert (result["status"], result["dataset"]) == ("completed", uri)

    client = place.house.client()
    run_id = result["run_id"]
    report = client.run(run_id).report or {}
    assert report["dataset"] == uri
    assert client.dataset("shapes").report["fingerprint"] == report["fingerprint"]
    outcome = client.validate_dataset("shapes")
    assert outcome.ok and outcome.report["class_names"] == report["class_names"]
    again = client.run(train(client, dataset="shapes")).id
    assert client.wait(again, timeout=90).status is RunStatus.COMPLETED

    # held-out data that were lost are fetched again; other data than the run's own are not taken
    shutil.rmtree(place.house.home.datasets)
    measured = client.evaluate(run_id)
    assert measured.metrics["test/accuracy"] == result["metrics"]["test/accuracy"]["final"]
    shutil.rmtree(place.house.home.datasets)
    place.objects.put("data/shapes/circle/one more.png", b"no image, but another object")
    with pytest.raises(Exception, match=r"not what run .* began with"):
        client.evaluate(run_id)


def test_data_that_cannot_be_had_are_told(place: Place) -> None:
    client = place.house.client()
    run_id = train(client, dataset=f"s3://{place.bucket}/nothing")
    run = client.wait(run_id, timeout=60)
    assert run.status is RunStatus.FAILED
    assert run.error and run.error.code == "bad_dataset"
    assert "there is nothing at s3://" in run.error.message
    refused = place.cli("datasets", "add", "s3://no-such-bucket/photos")
    assert refused.returncode == 2
    assert "does not exist" in refused.stderr
