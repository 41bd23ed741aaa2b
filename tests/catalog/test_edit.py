"""An edit chooses anew what depended on it, and never what a person said."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainwright import catalog
from trainwright.spec import Chosen, SpecError

DIGITS = {"model": "builtin/lenet5", "dataset": "digits"}


def edited(fields: dict[str, Any], changes: dict[str, Any]) -> tuple[Any, Any]:
    before = catalog.complete(fields)
    spec = before.spec.model_dump(mode="json", exclude_none=True)
    return before, catalog.edit(spec, before.provenance, changes)


def test_another_model_brings_its_own_settings_and_what_was_said_stays() -> None:
    before, after = edited({**DIGITS, "epochs": 3}, {"model": "builtin/resnet18"})
    assert after.spec.epochs == 3
    assert after.provenance["epochs"] == Chosen.USER
    assert after.spec.learning_rate != before.spec.learning_rate
    fresh = catalog.complete({**DIGITS, "epochs": 3, "model": "builtin/resnet18"})
    same = ("learning_rate", "batch_size", "optimizer", "image_size", "num_classes", "augment")
    assert all(getattr(after.spec, n) == getattr(fresh.spec, n) for n in same)


def test_another_optimizer_brings_its_learning_rate_only() -> None:
    before, after = edited({**DIGITS}, {"optimizer": "sgd"})
    assert after.spec.learning_rate != before.spec.learning_rate
    assert "sgd" in after.reasons["learning_rate"]
    kept = ("batch_size", "epochs", "scheduler", "seed", "image_size")
    assert all(getattr(after.spec, n) == getattr(before.spec, n) for n in kept)


def test_a_said_learning_rate_survives_any_edit() -> None:
    _, after = edited(
        {**DIGITS, "learning_rate": 0.123}, {"optimizer": "sgd", "model": "builtin/mlp"}
    )
    assert after.spec.learning_rate == 0.123
    assert after.provenance["learning_rate"] == Chosen.USER


def test_other_data_brings_its_classes() -> None:
    _, after = edited({**DIGITS}, {"dataset": "./photos"})
    assert after.spec.num_classes is None


def test_a_length_in_steps_takes_the_place_of_default_epochs() -> None:
    _, after = edited({**DIGITS}, {"max_steps": 50})
    assert (after.spec.epochs, after.spec.max_steps) == (None, 50)


def test_a_task_the_model_cannot_do_brings_another_model() -> None:
    before = catalog.complete({"dataset": "./photos", "task": "image_classification"})
    spec = before.spec.model_dump(mode="json", exclude_none=True)
    after = catalog.edit(spec, before.provenance, {"task": "object_detection"})
    assert "object_detection" in catalog.model(after.spec.model).tasks
    assert after.provenance["model"] == Chosen.DEFAULT


def test_an_inferred_task_follows_another_model() -> None:
    before = catalog.complete(
        {"model": "builtin/resnet18", "dataset": "./photos", "task": "image_classification"},
        {"task": Chosen.INFERRED},
    )
    spec = before.spec.model_dump(mode="json", exclude_none=True)
    after = catalog.edit(spec, before.provenance, {"model": "ultralytics/yolo11n"})
    assert after.spec.task == "object_detection"


def test_of_a_group_only_what_is_named_changes() -> None:
    fields = {**DIGITS, "overrides": {"dropout": 0.2, "width": 3}, "resources": {"gpus": 0}}
    before = catalog.complete(fields)
    spec = before.spec.model_dump(mode="json", exclude_none=True)
    changes = {"overrides": {"width": None, "label_smoothing": 0.1}, "resources": {"cpus": 1}}
    after = catalog.edit(spec, before.provenance, changes)
    assert after.spec.overrides == {"dropout": 0.2, "label_smoothing": 0.1}
    assert (after.spec.resources.gpus, after.spec.resources.cpus) == (0, 1)


def test_a_method_said_as_a_word_takes_settings_too() -> None:
    fields = {"model": "trl/Qwen/Qwen2.5-0.5B", "task": "sft", "dataset": "./d.jsonl"}
    after = catalog.edit({**fields, "peft": "qlora"}, {}, {"peft": {"r": 8}})
    assert after.spec.peft is not None
    assert (after.spec.peft.method, after.spec.peft.r) == ("qlora", 8)


def test_a_change_may_contradict_itself() -> None:
    with pytest.raises(SpecError):
        catalog.edit(DIGITS, {}, {"gpus": 1, "resources": {"gpus": 2}})


def test_a_field_that_is_taken_back_is_chosen_anew() -> None:
    _, after = edited({**DIGITS, "epochs": 77}, {"epochs": None})
    assert after.spec.epochs == catalog.complete(DIGITS).spec.epochs
    assert after.provenance["epochs"] == Chosen.DEFAULT


said = st.fixed_dictionaries(
    {"model": st.sampled_from(["builtin/lenet5", "builtin/resnet18", "timm/resnet50"])},
    optional={
        "epochs": st.integers(1, 99),
        "batch_size": st.integers(1, 512),
        "learning_rate": st.floats(1e-6, 1),
        "optimizer": st.sampled_from(["adam", "sgd", "rmsprop"]),
        "image_size": st.integers(8, 512),
        "weight_decay": st.floats(0, 1),
    },
)


@given(said, said)
def test_what_was_said_is_never_lost(first: dict[str, Any], second: dict[str, Any]) -> None:
    before = catalog.complete({**first, "dataset": "./photos"})
    spec = before.spec.model_dump(mode="json", exclude_none=True)
    after = catalog.edit(spec, before.provenance, second)
    for name, value in (first | second).items():
        assert getattr(after.spec, name) == value
        assert after.provenance[name] == Chosen.USER
