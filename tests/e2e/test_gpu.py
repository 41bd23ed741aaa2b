"""The road on a CUDA device. `make test-gpu`; what ran where is in `docs/proven.md`."""

from __future__ import annotations

import json
import statistics

import pytest
from house import House

from trainwright.client import Client
from trainwright.spec import RunStatus
from trainwright.spec.events import VitalsEvent

pytestmark = [pytest.mark.gpu, pytest.mark.integration, pytest.mark.timeout(300)]

WORK = {
    "task": "image_classification",
    "model": "builtin/resnet18",
    "dataset": "random",
    "epochs": 3,
    "batch_size": 256,
    "learning_rate": 1e-3,
    "image_size": 64,
    "overrides": {"samples": 20_000},
}


def train(client: Client, **fields: object) -> str:
    run = client.create_run(spec=WORK | fields)
    assert client.wait(run.id, timeout=240).status is RunStatus.COMPLETED, client.result(run.id)
    return run.id


def throughput(client: Client, run_id: str) -> float:
    (series,) = client.metrics(run_id, names=["train/samples_per_second"]).series
    return statistics.median(point.value for point in series.points[1:])


def test_digits_reach_their_accuracy(house: House) -> None:
    client = house.start()
    run = client.create_run(spec={"model": "builtin/lenet5", "dataset": "digits", "epochs": 5})
    client.wait(run.id, timeout=200)
    assert client.result(run.id).metrics["test/accuracy"].final >= 0.95


def test_the_gpu_is_given_used_and_watched(house: House) -> None:
    client = house.start()
    assert client.hardware().gpus
    run_id = train(client)
    launch = json.loads(house.directory(run_id).command.read_text())
    assert launch["env"]["CUDA_VISIBLE_DEVICES"] == "0"
    vitals = [e for e in client.events(run_id, follow=False) if isinstance(e, VitalsEvent)]
    memory = [gpu.memory_used_gb or 0 for event in vitals for gpu in event.data.gpus]
    assert max(memory) > 0.5
    assert throughput(client, run_id) > 2000


def test_mixed_precision_and_channels_last_pay(house: House) -> None:
    client = house.start()
    mixed = train(client, precision="auto")
    plain = train(
        client,
        precision="fp32",
        overrides={"samples": 20_000, "channels_last": False, "tf32": False},
    )
    print(f"mixed {throughput(client, mixed):.0f}/s, fp32 {throughput(client, plain):.0f}/s")
    assert throughput(client, mixed) > 1.2 * throughput(client, plain)


def test_a_run_on_the_gpu_stops_and_resumes(house: House) -> None:
    client = house.start()
    run = client.create_run(spec=WORK | {"epochs": 40})
    for event in client.events(run.id):
        if event.type == "training_progress" and (event.data.epoch or 0) >= 2:
            break
    client.pause(run.id)
    for event in client.events(run.id):
        if event.type == "status_changed" and event.data.status is RunStatus.PAUSED:
            break
    client.resume(run.id)
    assert client.wait(run.id, timeout=240).status is RunStatus.COMPLETED
    (series,) = client.metrics(run.id, names=["val/accuracy"]).series
    steps = [point.step for point in series.points]
    assert len(steps) == 40 and steps == sorted(set(steps))
