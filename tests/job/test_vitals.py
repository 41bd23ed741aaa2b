"""Vitals: what is absent is said, never raised."""

# ruff: noqa: N802 (the driver's names)

import types

import psutil
import pytest

from trainwright.job import nvml
from trainwright.job.vitals import GpuSampler, VitalsSampler


class Driver:
    """Stands for the NVML driver of a machine with two GPUs, one of which tells little."""

    NVML_TEMPERATURE_GPU = 0

    class NVMLError(Exception):
        pass

    def nvmlDeviceGetCount(self):
        return 2

    def nvmlDeviceGetHandleByIndex(self, index):
        if index > 1:
            raise self.NVMLError("no such device")
        return index

    def nvmlDeviceGetName(self, device):
        return b"Tester 9000"

    def nvmlDeviceGetMemoryInfo(self, device):
        return types.SimpleNamespace(used=2**30, total=2**34)

    def nvmlDeviceGetUtilizationRates(self, device):
        if device == 1:
            raise self.NVMLError("not supported")
        return types.SimpleNamespace(gpu=87)

    def nvmlDeviceGetPowerUsage(self, device):
        return 71_500

    def nvmlDeviceGetTemperature(self, device, sensor):
        return 63


def test_a_gpu_and_one_that_tells_little():
    gpu = nvml.read(Driver(), 0)
    assert (gpu.name, gpu.utilization, gpu.memory_used_gb) == ("Tester 9000", 87, 1)
    assert (gpu.memory_total_gb, gpu.power_w, gpu.temperature_c) == (16, 71.5, 63)
    assert nvml.read(Driver(), 1).utilization is None
    with pytest.raises(nvml.NvmlError, match="GPU 5"):
        nvml.read(Driver(), 5)


def test_only_the_gpus_that_were_given_are_watched():
    assert GpuSampler("").note == "no GPU was given to this run"
    assert GpuSampler("").sample() == []


def test_without_a_driver_it_is_said(tmp_path):
    if nvml.count():
        pytest.skip("this machine has a GPU")
    sampler = VitalsSampler(tmp_path, {"CUDA_VISIBLE_DEVICES": "0"})
    assert "GPU" in sampler.note
    vitals = sampler.sample(psutil.Process())
    assert vitals.gpus == []
    assert vitals.memory_gb > 0


@pytest.mark.gpu
@pytest.mark.skipif(nvml.count() == 0, reason="this machine has no NVIDIA GPU")
def test_a_real_gpu():
    sampler = GpuSampler("0")
    assert sampler.note is None
    (gpu,) = sampler.sample()
    assert gpu.index == 0
    assert gpu.memory_total_gb > 0
    assert gpu.name


def test_a_trainer_that_is_gone_uses_nothing(tmp_path):
    vitals = VitalsSampler(tmp_path, {}).sample(None)
    assert (vitals.cpu_percent, vitals.memory_gb) == (0, 0)
    assert vitals.disk_free_gb > 0


def test_use_is_counted_since_the_last_sample(tmp_path):
    sampler = VitalsSampler(tmp_path, {"CUDA_VISIBLE_DEVICES": ""})
    me = psutil.Process()
    sampler.sample(me)
    assert sum(range(10_000_000)) > 0
    assert sampler.sample(me).cpu_percent > 10
