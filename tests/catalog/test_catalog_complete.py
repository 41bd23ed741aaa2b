from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainwright import catalog
from trainwright.spec import Chosen, SpecError, Task

NOW = datetime(2026, 11, 21, 21, 5, tzinfo=UTC)
LENET = {"task": "image_classification", "model": "builtin/lenet5", "dataset": "digits"}


def test_fills_everything_a_trainer_needs_and_says_why() -> None:
    done = catalog.complete(LENET | {"epochs": 5}, now=NOW)
    spec = done.spec
    assert (spec.epochs, spec.num_classes, spec.image_size, spec.seed) == (5, 10, 28, 42)
    assert spec.name == "lenet5-digits-20261121-2105"
    for name in ("batch_size", "learning_rate", "optimizer", "weight_decay", "scheduler"):
        assert getattr(spec, name) is not None
        assert done.provenance[name] is Chosen.DEFAULT
        assert done.reasons[name]
    assert done.provenance["epochs"] is Chosen.USER
    assert "epochs" not in done.reasons


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "epochs": st.integers(1, 1000),
            "batch_size": st.integers(1, 4096),
            "learning_rate": st.floats(1e-6, 1),
            "optimizer": st.sampled_from(["adam", "sgd", "lion"]),
            "weight_decay": st.floats(0, 1),
            "image_size": st.integers(8, 512),
            "seed": st.integers(0, 99),
            "gpus": st.integers(0, 8),
            "num_classes": st.integers(1, 50),
            "pretrained": st.booleans(),
        },
    ),
    st.sampled_from(["builtin/lenet5", "builtin/resnet18", None]),
)
def test_never_changes_what_was_said(fields: dict[str, object], model: str | None) -> None:
    said = LENET | fields | {"model": model}
    done = catalog.complete(said, now=NOW)
    flat = done.spec.model_dump() | done.spec.resources.model_dump()
    for name, value in said.items():
        if value is not None:
            assert flat[name] == value
            assert done.provenance[name] is Chosen.USER


def test_who_chose_is_kept() -> None:
    done = catalog.complete(LENET, {"task": Chosen.INFERRED})
    assert done.provenance["task"] is Chosen.INFERRED
    assert done.provenance["model"] is Chosen.USER


def test_steps_instead_of_epochs() -> None:
    done = catalog.complete(LENET | {"max_steps": 100})
    assert done.spec.epochs is None
    assert "epochs" not in done.provenance


def test_learning_rate_follows_the_optimizer_that_was_asked_for() -> None:
    done = catalog.complete(LENET | {"optimizer": "sgd"})
    assert done.spec.learning_rate == 0.02
    assert "sgd" in done.reasons["learning_rate"]


@pytest.mark.parametrize(
    ("fields", "model", "task"),
    [
        ({"dataset": "mnist"}, "builtin/basic_cnn", "image_classification"),
        ({"dataset": "cifar10"}, "builtin/resnet18", "image_classification"),
        ({"task": "object_detection", "dataset": "./x"}, "ultralytics/yolo11n", "object_detection"),
        ({"model": "builtin/mlp", "dataset": "./photos"}, "builtin/mlp", "image_classification"),
    ],
)
def test_task_and_model_follow_from_each_other(
    fields: dict[str, object], model: str, task: str
) -> None:
    spec = catalog.complete(fields).spec
    assert (spec.model, spec.task) == (model, task)


@pytest.mark.parametrize("task", list(Task))
def test_every_task_completes_from_itself_alone(task: Task) -> None:
    done = catalog.complete({"task": task, "dataset": "./data"}, language="ko")
    assert done.spec.epochs
    assert catalog.check_names(done.spec.model_dump()) == []
    assert all(done.reasons[k] for k, v in done.provenance.items() if v is Chosen.DEFAULT)


def test_own_folder_gets_a_larger_image() -> None:
    spec = catalog.complete({"model": "builtin/resnet18", "dataset": "./photos"}).spec
    assert spec.image_size == 64
    assert spec.num_classes is None


def test_scripts_and_containers_keep_their_own_settings() -> None:
    spec = catalog.complete({"model": "script/train.py"}).spec
    assert spec.learning_rate is None
    assert spec.seed == catalog.DEFAULT_SEED


def test_neither_model_nor_task_reports_every_fault() -> None:
    with pytest.raises(SpecError) as caught:
        catalog.complete({"epochs": -1})
    assert {f.field for f in caught.value.faults} == {"model", "epochs"}


def test_unknown_task_is_reported() -> None:
    with pytest.raises(SpecError) as caught:
        catalog.complete({"task": "image_clasification", "dataset": "digits"})
    assert "task" in {f.field for f in caught.value.faults}


def test_same_resource_twice_is_a_contradiction() -> None:
    with pytest.raises(SpecError, match="given twice"):
        catalog.complete(LENET | {"gpus": 1, "resources": {"gpus": 2}})
