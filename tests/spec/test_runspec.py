from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainwright.spec import (
    InvalidRequestError,
    RunSpec,
    SpecError,
    Task,
    dump_yaml,
    parse_yaml,
    validate_spec,
)
from trainwright.spec.tasks import LANGUAGE_FIELDS, VISION_FIELDS


def faults(**fields: Any) -> dict[str, Any]:
    with pytest.raises(SpecError) as caught:
        validate_spec(fields)
    return {fault.field: fault for fault in caught.value.faults}


def test_a_whole_spec_is_read() -> None:
    spec = validate_spec(
        {
            "name": "digits",
            "task": "image_classification",
            "model": "builtin/lenet5",
            "dataset": "digits",
            "hyperparameters": {"epochs": 5, "batch_size": 64, "learning_rate": "1e-3"},
            "resources": {"target": "ssh:lab", "gpus": 1, "priority": "high"},
            "early_stopping": 3,
            "image_size": "28x28",
            "augment": True,
            "overrides": {"label_smoothing": 0.1},
        }
    )
    assert spec.task is Task.IMAGE_CLASSIFICATION
    assert (spec.framework, spec.model_name) == ("builtin", "lenet5")
    assert (spec.epochs, spec.batch_size, spec.learning_rate) == (5, 64, 1e-3)
    assert (spec.resources.target, spec.resources.gpus, spec.resources.priority) == (
        "ssh:lab",
        1,
        10,
    )
    assert spec.early_stopping is not None and spec.early_stopping.patience == 3
    assert (spec.image_size, spec.augment) == (28, "light")


@pytest.mark.parametrize("task", list(Task))
def test_every_task_is_a_spec(task: Task) -> None:
    model = (
        "trl/Qwen/Qwen2.5-0.5B-Instruct" if task.is_language else "hf/google/vit-base-patch16-224"
    )
    spec = validate_spec({"task": task, "model": model})
    assert spec.task is task
    assert spec.model_name.count("/") == 1


def test_flat_resources_are_nested() -> None:
    spec = validate_spec({"model": "builtin/mlp", "target": "ray", "gpus": 2})
    assert (spec.resources.target, spec.resources.gpus) == ("ray", 2)


def test_all_faults_are_reported_at_once() -> None:
    found = faults(
        model="lenet5",
        epoch=5,
        batch_size=-1,
        learning_rate="fast",
        optimizer="adm",
        resources={"cpuss": 2},
        epochs=3,
        max_steps=10,
        num_classes=3,
        class_names=["a", "b"],
    )
    assert set(found) == {
        "model", "epoch", "batch_size", "learning_rate", "optimizer", "resources.cpuss",
        "max_steps", "num_classes",
    }  # fmt: skip
    assert found["epoch"].suggestions[0] == "epochs"
    assert found["resources.cpuss"].suggestions[0] == "cpus"
    assert "adam" in found["optimizer"].suggestions
    assert "builtin/lenet5" in (found["model"].expected or "")
    assert "at least 1" in (found["batch_size"].expected or "")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("epochs", 0),
        ("epochs", -5),
        ("learning_rate", 0),
        ("learning_rate", math.nan),
        ("learning_rate", math.inf),
        ("weight_decay", -0.1),
        ("seed", -1),
        ("image_size", 2),
        ("class_names", ["cat", "cat"]),
        ("class_names", []),
        ("precision", "fp8"),
        ("dataset", "  "),
        ("dataset", "ftp://host/data"),
        ("resources", {"target": "ssh:../../etc"}),
        ("resources", {"max_hours": 0}),
        ("supervision", {"on_stall": "explode"}),
    ],
)
def test_a_value_out_of_range_is_named(field: str, value: Any) -> None:
    (name, fault), *rest = faults(model="builtin/mlp", **{field: value}).items()
    assert not rest
    assert name.split(".")[0] == field
    assert fault.message


def test_settings_of_the_other_kind_of_task_are_faults() -> None:
    found = faults(task="sft", model="trl/x", image_size=28, augment="none")
    assert set(found) == {"image_size", "augment"}
    found = faults(task="object_detection", model="hf/x", max_length=512, peft="lora")
    assert set(found) == {"max_length", "peft"}
    assert not VISION_FIELDS & LANGUAGE_FIELDS


def test_a_field_given_twice_is_a_fault() -> None:
    assert "given twice" in str(
        faults(model="builtin/mlp", epochs=3, hyperparameters={"epochs": 4})[""]
    )


def test_replace_validates() -> None:
    spec = RunSpec(model="builtin/mlp", epochs=3)
    assert spec.replace(epochs=None, max_steps=10).max_steps == 10
    with pytest.raises(ValueError, match="epochs and max_steps"):
        spec.replace(max_steps=10)


def test_yaml_says_where_it_is_broken() -> None:
    with pytest.raises(InvalidRequestError, match="line 2"):
        parse_yaml("model: builtin/mlp\nepochs: : 3\n")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "- a list",
        "just words",
        "1: 2",
        "epochs: 3\nepochs: 4",
        "a: &a [1]\nb: *a",
        "a: !!python/object/apply:os.system ['true']",
        "[" * 5000,
        "x" * 1_000_001,
    ],
)
def test_yaml_that_is_not_a_plain_mapping_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequestError):
        parse_yaml(text)


specs = st.builds(
    RunSpec,
    model=st.sampled_from(["builtin/lenet5", "timm/resnet50", "hf/google/vit-base-patch16-224"]),
    dataset=st.none() | st.sampled_from(["digits", "./photos", "s3://bucket/key", "hf://org/name"]),
    epochs=st.none() | st.integers(1, 1000),
    batch_size=st.none() | st.integers(1, 4096),
    learning_rate=st.none() | st.floats(1e-8, 1),
    weight_decay=st.none() | st.floats(0, 1),
    image_size=st.none()
    | st.integers(8, 1024)
    | st.tuples(st.integers(8, 64), st.integers(65, 99)),
    early_stopping=st.none() | st.integers(1, 20),
    class_names=st.none() | st.lists(st.text(min_size=1), min_size=1, unique=True),
    resources=st.fixed_dictionaries(
        {}, optional={"gpus": st.integers(0, 8), "target": st.just("ray")}
    ),
)


@given(specs)
def test_a_spec_survives_yaml_and_json(spec: RunSpec) -> None:
    assert validate_spec(parse_yaml(dump_yaml(spec))) == spec
    assert RunSpec.model_validate_json(spec.model_dump_json(exclude_none=True)) == spec


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda children: (
        st.lists(children, max_size=3) | st.dictionaries(st.text(), children, max_size=3)
    ),
    max_leaves=8,
)


@given(
    st.dictionaries(
        st.sampled_from([*RunSpec.model_fields, "target", "gpus", "hyperparameters"]) | st.text(),
        json_values,
    )
)
def test_anything_is_a_spec_or_a_list_of_faults(data: dict[str, Any]) -> None:
    try:
        spec = validate_spec(data)
    except SpecError as error:
        assert error.faults
        assert all(fault.message for fault in error.faults)
        assert len({(f.field, f.message) for f in error.faults}) == len(error.faults)
    else:
        assert isinstance(spec, RunSpec)


@given(st.text(max_size=300))
def test_any_text_as_yaml_is_a_mapping_or_a_clear_error(text: str) -> None:
    try:
        assert isinstance(parse_yaml(text), dict)
    except InvalidRequestError as error:
        assert error.message


@pytest.mark.parametrize("field", ["epochs", "learning_rate", "batch_size", "seed", "warmup"])
def test_yes_is_no_number(field: str) -> None:
    assert field in faults(model="builtin/mlp", **{field: True})
    assert "resources.gpus" in faults(model="builtin/mlp", gpus=True)
    assert RunSpec(model="builtin/mlp", early_stopping=True, pretrained=True, augment=False)


@pytest.mark.parametrize("name", ["한글 이름 😀", "👩‍🔬 run", "a/b", "<b>", "lasting", "x" * 200])
def test_names_a_run_may_have(name: str) -> None:
    assert RunSpec(model="builtin/lenet5", name=name).name == name


@pytest.mark.parametrize(
    "name",
    ["", " ", "\u3000", "a\nb", "a\r", "\x1b[31mred", "a\0", "\x9b0m", "a\u2028b", "\u202eabc",
     "last", "LAST", "x" * 201],
)  # fmt: skip
def test_names_that_would_lie_or_break_a_screen(name: str) -> None:
    with pytest.raises(SpecError) as caught:
        validate_spec({"model": "builtin/lenet5", "name": name})
    assert [fault.field for fault in caught.value.faults] == ["name"]


@pytest.mark.parametrize("depth", [17, 300, 5_000])
def test_overrides_are_not_bottomless(depth: int) -> None:
    deep: Any = 1
    for _ in range(depth):
        deep = {"a": deep} if depth % 2 else [deep]
    with pytest.raises(SpecError) as caught:
        validate_spec({"model": "builtin/lenet5", "overrides": {"a": deep}})
    assert "deep" in str(caught.value)


def test_a_long_mapping_is_read_in_no_time() -> None:
    text = "".join(f"k{i}: 1\n" for i in range(20_000))
    assert len(parse_yaml(text)) == 20_000
    with pytest.raises(InvalidRequestError, match="k7' is given twice"):
        parse_yaml(text + "k7: 2\n")


@pytest.mark.parametrize(
    "value", ["2024-02-30", "9" * 5_000, "!!float abc", "!!timestamp z", "!!int z"]
)
def test_values_that_yaml_cannot_make_anything_of(value: str) -> None:
    with pytest.raises(InvalidRequestError, match="broken YAML at line 2"):
        parse_yaml(f"model: builtin/lenet5\nname: {value}\n")


@pytest.mark.parametrize("field", ["name", "epochs", "resources", "target"])
def test_a_bottomless_value_is_a_fault(field: str) -> None:
    deep: Any = 16**5_000
    for _ in range(500):
        deep = [deep]
    with pytest.raises(SpecError) as caught:
        validate_spec({"model": "builtin/lenet5", field: deep})
    assert any(fault.field.endswith(field) for fault in caught.value.faults)
