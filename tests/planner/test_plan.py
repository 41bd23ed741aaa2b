"""Plans: intervals that hold what is measured, and changes that make a run fit."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional as F  # noqa: N812

from trainwright import catalog
from trainwright.frameworks.builtin.models.basic_cnn import BasicCNN
from trainwright.frameworks.builtin.models.lenet import LeNet5
from trainwright.frameworks.builtin.models.resnet import resnet18, resnet34
from trainwright.planner import Device, cpu_device, fit_batch, gpu_device, plan
from trainwright.spec import RunSpec
from trainwright.spec.plan import Price
from trainwright.targets.local.device import device

GIB = 2**30


def spec_of(**fields: Any) -> RunSpec:
    return catalog.complete(fields).spec


def kept_for_backward(model: torch.nn.Module, images: torch.Tensor) -> int:
    """Bytes that autograd keeps between forward and backward, weights not counted."""
    weights = {p.data_ptr() for p in model.parameters()}
    storages: dict[int, int] = {}

    def pack(tensor: torch.Tensor) -> torch.Tensor:
        if tensor.data_ptr() not in weights:
            storages[tensor.untyped_storage().data_ptr()] = tensor.untyped_storage().nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        F.cross_entropy(model.train()(images), torch.zeros(len(images), dtype=torch.long))
    return sum(storages.values())


@pytest.mark.parametrize(
    ("name", "model", "channels", "side"),
    [
        ("lenet5", lambda: LeNet5(10, 1, (28, 28)), 1, 28),
        ("lenet5", lambda: LeNet5(10, 3, (100, 100)), 3, 100),
        ("basic_cnn", lambda: BasicCNN(num_classes=10, channels=3), 3, 64),
        ("resnet18", lambda: resnet18(num_classes=10, channels=3, image_size=(32, 32)), 3, 32),
        ("resnet18", lambda: resnet18(num_classes=10, channels=3, image_size=(160, 160)), 3, 160),
        ("resnet34", lambda: resnet34(num_classes=10, channels=3, image_size=(96, 96)), 3, 96),
    ],
)
def test_activations_of_the_built_in_models_lie_in_the_interval(
    name: str, model: Any, channels: int, side: int
) -> None:
    spec = spec_of(model=f"builtin/{name}", dataset="./x", image_size=side, batch_size=8)
    made = plan(spec, cpu_device(2, 16))
    assert made.memory_bytes is not None
    reckoned = made.memory_bytes.parts["activations"]
    measured = kept_for_backward(model(), torch.rand(8, channels, side, side))
    assert reckoned.low <= measured <= reckoned.high
    assert reckoned.expected == pytest.approx(measured, rel=0.4)


@pytest.mark.parametrize(
    ("fields", "gpu", "fits"),
    [
        # what people report of these pairs
        ({"model": "trl/Qwen/Qwen2.5-7B-Instruct", "peft": "qlora"}, "RTX 4090", True),
        ({"model": "trl/Qwen/Qwen2.5-7B-Instruct", "peft": "none"}, "RTX 4090", False),
        ({"model": "trl/Qwen/Qwen2.5-7B-Instruct", "peft": "none"}, "A100 80GB", False),
        ({"model": "trl/meta-llama/Llama-3.1-70B", "peft": "qlora"}, "H100", True),
        ({"model": "trl/meta-llama/Llama-3.1-70B", "peft": "lora"}, "H100", False),
        ({"model": "trl/HuggingFaceTB/SmolLM2-135M", "peft": "none"}, "T4", True),
    ],
)
def test_language_models_fit_where_people_find_that_they_do(
    fields: dict[str, Any], gpu: str, fits: bool
) -> None:
    spec = spec_of(task="sft", dataset="./d.jsonl", batch_size=1, **fields)
    assert plan(spec, gpu_device(gpu)).fits is fits


def test_resnet50_in_mixed_precision_takes_what_is_known_of_it() -> None:
    """NVIDIA's reference trains it with 256 images on a card of 16 GB."""
    spec = spec_of(
        model="timm/resnet50", task="image_classification", dataset="./x", batch_size=256
    )
    memory = plan(spec, gpu_device("V100 16GB")).memory_bytes
    assert memory is not None
    assert memory.low < 15 * GIB < memory.high


models = st.sampled_from(
    [
        {"model": "builtin/resnet18", "dataset": "./x"},
        {"model": "timm/resnet50", "task": "image_classification", "dataset": "./x"},
        {"model": "ultralytics/yolo11n", "dataset": "./x"},
        {"model": "trl/Qwen/Qwen2.5-0.5B", "task": "sft", "dataset": "./d.jsonl"},
        {"model": "trl/Qwen/Qwen2.5-0.5B", "task": "dpo", "dataset": "./d.jsonl", "peft": "none"},
        {"model": "trl/EleutherAI/pythia-410m", "task": "ppo", "dataset": "./d.jsonl"},
        {"model": "verl/Qwen/Qwen3-8B", "task": "grpo", "dataset": "./d.jsonl"},
    ]
)
devices = st.sampled_from([cpu_device(2, 8), gpu_device("RTX 3090"), gpu_device("odd", 12)])


@settings(max_examples=60, deadline=None)
@given(models, devices, st.integers(1, 256), st.integers(1, 100_000))
def test_plans_are_ordered_and_grow(
    fields: dict[str, Any], device: Device, batch: int, samples: int
) -> None:
    small = plan(spec_of(**fields, batch_size=batch), device, samples)
    large = plan(spec_of(**fields, batch_size=batch * 2), device, samples)
    longer = plan(spec_of(**fields, batch_size=batch), device, samples * 2)
    assert small.memory_bytes and large.memory_bytes
    assert small.duration_seconds and longer.duration_seconds
    for interval in (small.memory_bytes, small.duration_seconds):
        assert 0 < interval.low <= interval.expected <= interval.high
    assert large.memory_bytes.expected > small.memory_bytes.expected
    assert longer.duration_seconds.expected >= small.duration_seconds.expected


@settings(max_examples=40, deadline=None)
@given(models, st.integers(2, 512), st.floats(1.5, 80))
def test_suggestions_make_it_fit(fields: dict[str, Any], batch: int, memory: float) -> None:
    device = gpu_device("odd", memory)
    spec = spec_of(**fields, batch_size=batch)
    for suggestion in plan(spec, device).suggestions:
        assert plan(spec.replace(**suggestion.changes), device).fits


def test_a_default_batch_is_halved_until_it_fits_and_the_step_stays() -> None:
    done = catalog.complete({"model": "timm/resnet50", "dataset": "./x", "batch_size": 256})
    device = gpu_device("odd", 6)
    smaller, before = fit_batch(done.spec, done.provenance | {"batch_size": "default"}, device)
    assert before == 256
    assert plan(smaller, device).fits
    assert (smaller.batch_size or 0) * (smaller.gradient_accumulation or 0) == 256


def test_a_batch_that_a_person_chose_stays() -> None:
    done = catalog.complete({"model": "timm/resnet50", "dataset": "./x", "batch_size": 256})
    assert fit_batch(done.spec, done.provenance, gpu_device("odd", 6)) == (done.spec, None)


def test_what_nobody_knows_is_said_to_be_unknown() -> None:
    made = plan(RunSpec(model="script/train.py"), cpu_device(2, 8))
    assert (made.device, made.cores) == ("2 CPU cores", 2)
    assert (made.fits, made.memory_bytes, made.duration_seconds) == (None, None, None)
    without_samples = plan(spec_of(model="builtin/lenet5", dataset="./x"), cpu_device(2, 8))
    assert without_samples.duration_seconds is None


def test_plans_take_a_moment() -> None:
    spec = spec_of(model="trl/Qwen/Qwen2.5-7B-Instruct", task="sft", dataset="./x", peft="none")
    device = gpu_device("RTX 3090")
    plan(spec, device)
    seconds = []
    for _ in range(5):
        start = time.perf_counter()
        plan(spec, device)
        seconds.append(time.perf_counter() - start)
    assert min(seconds) < 0.02


def test_a_cost_is_the_time_at_the_price_of_each_device() -> None:
    spec = spec_of(model="builtin/resnet18", dataset="cifar10", epochs=3)
    price = Price(per_hour=36, currency="EUR")
    made = plan(spec, replace(gpu_device("A100 80GB", count=2), price=price))
    assert made.cost is not None and made.duration_seconds is not None
    for end in ("low", "expected", "high"):
        hundredths = getattr(made.duration_seconds, end) * 2 / 100
        assert getattr(made.cost, end) == pytest.approx(hundredths)
    assert made.cost.currency == "EUR"


def test_where_no_price_or_no_time_is_known_no_cost_is_made_up() -> None:
    spec = spec_of(model="builtin/resnet18", dataset="cifar10", epochs=3)
    assert plan(spec, gpu_device("A100 80GB")).cost is None
    untold = replace(cpu_device(4, 8), price=Price(per_hour=1, currency="USD"))
    unknown = spec_of(model="builtin/lenet5", dataset="./somewhere", epochs=3)
    assert plan(unknown, untold).cost is None


def test_the_price_of_this_machine_is_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TRAINWRIGHT_PRICE_PER_HOUR", raising=False)
    assert device().price is None
    monkeypatch.setenv("TRAINWRIGHT_PRICE_PER_HOUR", "2.50 USD")
    assert device().price == Price(per_hour=2.5, currency="USD")
