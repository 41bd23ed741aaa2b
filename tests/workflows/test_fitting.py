"""Defaults follow the data and the machine; what a person chose does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from trainwright import catalog
from trainwright.planner import Device, cpu_device, gpu_device
from trainwright.targets.local.target import LocalTarget
from trainwright.workflows.fitting import fit

PHOTOS = {"model": "timm/resnet50", "task": "image_classification", "dataset": "./photos"}


class Small(LocalTarget):
    """This machine, were it a smaller one."""

    def __init__(self, device: Device) -> None:
        super().__init__()
        self._device = device

    def device(self, gpus: int | None) -> Device:
        return self._device


def test_a_default_batch_shrinks_to_the_memory_and_says_why() -> None:
    done = catalog.complete(PHOTOS | {"image_size": 1024})
    fitted = fit(done.spec, done.provenance, None, Small(gpu_device("odd", 8)))
    before, after = done.spec, fitted.spec
    assert (after.batch_size or 0) < (before.batch_size or 0)
    assert (after.batch_size or 0) * (after.gradient_accumulation or 0) == before.batch_size
    assert "would not fit into odd" in fitted.reasons["batch_size"]


@pytest.mark.parametrize("chosen", ["batch_size", "gradient_accumulation"])
def test_what_a_person_chose_stays(chosen: str) -> None:
    done = catalog.complete(PHOTOS | {"image_size": 1024, chosen: 16})
    fitted = fit(done.spec, done.provenance, None, Small(gpu_device("odd", 8)))
    assert getattr(fitted.spec, chosen) == 16


def test_what_fits_is_left_alone() -> None:
    done = catalog.complete({"model": "builtin/lenet5", "dataset": "digits"})
    for device in (cpu_device(2, 16), gpu_device("no such card")):
        fitted = fit(done.spec, done.provenance, None, Small(device))
        assert (fitted.spec, fitted.reasons) == (done.spec, {})


def test_this_machine_can_be_reckoned_with(tmp_path: Path) -> None:
    device = LocalTarget().device(0)
    assert not device.is_gpu
    assert device.memory is not None
    assert device.memory > 2**28
