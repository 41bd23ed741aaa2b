from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainwright import catalog
from trainwright.spec import NotFoundError


@pytest.mark.parametrize(
    ("text", "model"),
    [
        ("LeNet-5", "builtin/lenet5"),
        ("lenet5", "builtin/lenet5"),
        ("르넷-5", "builtin/lenet5"),
        ("lenett5", "builtin/lenet5"),
        ("ResNet 18", "builtin/resnet18"),
        ("renset18", "builtin/resnet18"),
        ("레즈넷34", "builtin/resnet34"),
        ("BASIC CNN", "builtin/basic_cnn"),
    ],
)
def test_search_forgives(text: str, model: str) -> None:
    assert catalog.find_model(text)[0].id == model


@given(st.text(max_size=300))
def test_search_never_raises(text: str) -> None:
    catalog.find_model(text)
    catalog.nearest_datasets(text)


def test_models_filter() -> None:
    found = catalog.models(task="image_classification", framework="builtin")
    assert {m.name for m in found} == {"mlp", "basic_cnn", "lenet5", "resnet18", "resnet34"}
    assert catalog.models(framework="builtin", q="lenet")[0].id == "builtin/lenet5"


def test_unknown_model_names_the_nearest() -> None:
    with pytest.raises(NotFoundError, match="lenet6") as caught:
        catalog.model("builtin/lenet6")
    assert "builtin/lenet5" in (caught.value.expected or "")


def test_dataset_by_any_of_its_names() -> None:
    assert catalog.dataset("Fashion-MNIST").id == "fashion_mnist"
    with pytest.raises(NotFoundError) as caught:
        catalog.dataset("cifr10")
    assert "cifar10" in (caught.value.expected or "")


@pytest.mark.parametrize(
    ("raw", "field", "suggestion"),
    [
        ({"model": "lenet5"}, "model", "builtin/lenet5"),
        ({"model": "builtin/lenet6"}, "model", "builtin/lenet5"),
        ({"model": "bultin/lenet5"}, "model", "builtin/lenet5"),
        ({"model": "builtin/lenet5", "dataset": "mnst"}, "dataset", "mnist"),
        ({"model": "builtin/lenet5", "dataset": "CIFAR-10"}, "dataset", "cifar10"),
        ({"model": "builtin/lenet5", "task": "object_detection"}, "task", "image_classification"),
    ],
)
def test_faults_suggest_what_was_meant(raw: dict[str, str], field: str, suggestion: str) -> None:
    (fault,) = catalog.check_names(raw)
    assert fault.field == field
    assert suggestion in fault.suggestions


@pytest.mark.parametrize(
    "raw",
    [
        {"model": "script/train.py"},
        {"model": "container/ghcr.io/me/image:1"},
        {"model": "hf/someone/private-model"},
        {"model": "builtin/lenet5", "dataset": "./photos"},
        {"model": "builtin/lenet5", "dataset": "s3://bucket/key"},
        {"model": "builtin/lenet5", "dataset": "ds_0abc"},
        {},
    ],
)
def test_what_cannot_be_known_passes(raw: dict[str, str]) -> None:
    assert catalog.check_names(raw) == []
