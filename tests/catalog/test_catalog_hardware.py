"""GPUs by the names people and drivers use; architectures that add up."""

from __future__ import annotations

import pytest

from trainwright import catalog
from trainwright.spec import NotFoundError


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("NVIDIA GeForce RTX 3090", "NVIDIA GeForce RTX 3090"),
        ("3090", "NVIDIA GeForce RTX 3090"),
        ("rtx-4090", "NVIDIA GeForce RTX 4090"),
        ("RTX 4090 24GB", "NVIDIA GeForce RTX 4090"),
        ("NVIDIA A100-SXM4-80GB", "NVIDIA A100 80GB"),
        ("a100 40gb", "NVIDIA A100 40GB"),
        ("NVIDIA H100 80GB HBM3", "NVIDIA H100 SXM"),
        ("Tesla T4", "NVIDIA T4"),
        ("NVIDIA H200", "NVIDIA H200"),
    ],
)
def test_gpus_are_found_by_any_usual_name(said: str, name: str) -> None:
    assert catalog.gpu(said).name == name


def test_an_unknown_gpu_is_told_with_its_neighbours() -> None:
    with pytest.raises(NotFoundError) as caught:
        catalog.gpu("RTX 3091")
    assert "rtx 3090" in str(caught.value.expected)


def test_every_gpu_is_whole() -> None:
    for info in catalog.gpus():
        assert 4 < info.memory_gb < 300
        assert info.half_tflops >= info.fp32_tflops


_SEES_IMAGES = ("gemma-3-4b", "gemma-3-12b", "gemma-3-27b")


def test_architectures_add_up_to_the_published_sizes() -> None:
    known = 0
    for info in catalog.models(framework="trl"):
        shape = catalog.architecture(info.name)
        if shape is None or info.parameters is None or any(n in info.name for n in _SEES_IMAGES):
            continue
        known += 1
        assert shape.parameters == pytest.approx(info.parameters, rel=0.03), info.id
    assert known > 90


def test_the_longest_beginning_of_a_name_wins() -> None:
    large, small = (
        catalog.architecture("Qwen/Qwen2.5-14B"),
        catalog.architecture("Qwen/Qwen2.5-1.5B"),
    )
    assert large is not None
    assert small is not None
    assert (large.layers, small.layers) == (48, 28)
    assert catalog.architecture("nobody/knows-this") is None
