"""RunSpec: everything asked of one training run."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from trainwright.spec.errors import Fault
from trainwright.spec.labels import RunName
from trainwright.spec.refs import DatasetRef, ModelRef
from trainwright.spec.tasks import LANGUAGE_FIELDS, VISION_FIELDS, Task

Optimizer = Literal[
    "adam", "adamw", "sgd", "rmsprop", "adagrad", "nadam", "radam", "adafactor", "lamb", "lion"
]
Scheduler = Literal[
    "constant", "linear", "cosine", "step", "exponential", "onecycle", "polynomial", "plateau"
]
Precision = Literal["auto", "fp32", "fp16", "bf16"]
StallAction = Literal["alert", "stop", "restart"]

_PRIORITIES = {"low": -10, "normal": 0, "high": 10, "urgent": 50}
_DEEPEST = 16
_TARGET = re.compile(r"^(ssh:)?[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    @field_validator("*", mode="before")
    @classmethod
    def _refuse_truth_as_number(cls, value: Any, info: ValidationInfo) -> Any:
        """`epochs: yes` is a slip, and pydantic would read it as 1."""
        kinds = get_args(cls.model_fields[info.field_name or ""].annotation) or (
            cls.model_fields[info.field_name or ""].annotation,
        )
        if isinstance(value, bool) and {int, float} & set(kinds) and bool not in kinds:
            raise ValueError("a number is needed")
        return value


class EarlyStopping(_Strict):
    """Stop when a metric has not improved for `patience` epochs."""

    patience: int = Field(default=5, ge=1, le=10_000)
    metric: str | None = Field(default=None, description="Default: the task's main metric.")
    min_delta: float = Field(default=0.0, ge=0)


class PeftConfig(_Strict):
    """Parameter-efficient fine-tuning: LoRA (Hu et al. 2021) or QLoRA (Dettmers et al. 2023)."""

    method: Literal["none", "lora", "qlora"] = "none"
    r: int = Field(default=16, ge=1, le=1024)
    alpha: float = Field(default=32, gt=0)
    dropout: float = Field(default=0.0, ge=0, lt=1)


def _priority(value: Any) -> Any:
    return _PRIORITIES.get(value.lower(), value) if isinstance(value, str) else value


def _check_target(value: str) -> str:
    if not _TARGET.match(value):
        raise ValueError(
            "expected local, ssh:<name>, ray, kubernetes or a registered target's name"
        )
    return value


class Resources(_Strict):
    """What the run may use. `None` leaves the choice to the target."""

    target: Annotated[str, AfterValidator(_check_target)] = "local"
    gpus: int | None = Field(default=None, ge=0, le=4096)
    cpus: int | None = Field(default=None, ge=1, le=4096)
    memory_gb: float | None = Field(default=None, gt=0)
    max_hours: float = Field(
        default=24, gt=0, le=24 * 365, description="Hours of training, then failed."
    )
    priority: Annotated[int, BeforeValidator(_priority)] = Field(
        default=0, ge=-100, le=100, description="Higher first; or low, normal, high, urgent."
    )


STALL_RESTARTS = 3
"""A run that is to be restarted when it stalls gets so many resumes even without `max_retries`."""


class Supervision(_Strict):
    """How the run is watched over."""

    stall_minutes: float = Field(default=5, gt=0, description="Silence before a stall alert.")
    on_stall: StallAction = Field(
        default="alert",
        description=f"alert, stop, or restart: resumed `max_retries` times, at least "
        f"{STALL_RESTARTS}, then failed.",
    )
    save_grace_seconds: float = Field(
        default=60, ge=0, le=60, description="Time to save at a stop."
    )
    max_retries: int = Field(
        default=0, ge=0, le=100, description="Automatic resumes of a dead trainer."
    )


def _early_stopping(value: Any) -> Any:
    if value is True:
        return EarlyStopping()
    if value is False:
        return None
    if isinstance(value, int):
        return {"patience": value}
    return value


def _peft(value: Any) -> Any:
    return {"method": value} if isinstance(value, str) else value


def _augment(value: Any) -> Any:
    if isinstance(value, bool):
        return "light" if value else "none"
    return value


def _image_size(value: Any) -> Any:
    """`28`, `[28, 28]` and `"28x28"` are one thing; height comes before width."""
    if isinstance(value, str) and (match := re.fullmatch(r"\s*(\d+)\s*[x×]\s*(\d+)\s*", value)):
        value = (int(match[1]), int(match[2]))
    if isinstance(value, (list, tuple)) and len(value) == 2 and value[0] == value[1]:
        return value[0]
    return value


def _lower(value: Any) -> Any:
    return value.strip().lower() if isinstance(value, str) else value


Side = Annotated[int, Field(ge=8, le=8192)]


class RunSpec(_Strict):
    """One training run. `None` means not said: completion fills it from catalogue and data."""

    name: RunName | None = None
    task: Task | None = None
    model: str = Field(description="`<framework>/<model>`, such as `builtin/lenet5`.")
    dataset: str | None = Field(
        default=None, description="Catalogue name, dataset id, path, `s3://…` or `hf://org/name`."
    )

    epochs: int | None = Field(default=None, ge=1, le=1_000_000)
    max_steps: int | None = Field(default=None, ge=1, le=1_000_000_000)
    batch_size: int | None = Field(default=None, ge=1, le=1_048_576)
    learning_rate: float | None = Field(default=None, gt=0, le=100)
    optimizer: Annotated[Optimizer, BeforeValidator(_lower)] | None = None
    weight_decay: float | None = Field(default=None, ge=0, le=10)
    scheduler: Annotated[Scheduler, BeforeValidator(_lower)] | None = None
    warmup: float | None = Field(
        default=None, ge=0, description="Below 1, a share of all steps; otherwise steps."
    )
    precision: Annotated[Precision, BeforeValidator(_lower)] | None = None
    gradient_accumulation: int | None = Field(default=None, ge=1, le=65_536)
    early_stopping: Annotated[EarlyStopping | None, BeforeValidator(_early_stopping)] = None
    seed: int | None = Field(default=None, ge=0, le=2**32 - 1)

    image_size: Annotated[Side | tuple[Side, Side], BeforeValidator(_image_size)] | None = Field(
        default=None, description="Pixels: one side of a square, or height and width."
    )
    pretrained: bool | None = None
    num_classes: int | None = Field(default=None, ge=1, le=1_000_000)
    class_names: list[str] | None = Field(default=None, min_length=1)
    augment: (
        Annotated[Literal["none", "light", "medium", "strong"], BeforeValidator(_augment)] | None
    ) = None

    max_length: int | None = Field(default=None, ge=8, le=10_000_000, description="Tokens.")
    peft: Annotated[PeftConfig, BeforeValidator(_peft)] | None = None
    beta: float | None = Field(default=None, ge=0)
    kl_coef: float | None = Field(default=None, ge=0)
    num_generations: int | None = Field(default=None, ge=2, le=4096)
    reward: str | None = None

    resources: Resources = Field(default_factory=Resources)
    supervision: Supervision = Field(default_factory=Supervision)
    overrides: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _unnest(cls, data: Any) -> Any:
        return unnest(data) if isinstance(data, dict) else data

    @field_validator("model")
    @classmethod
    def _check_model(cls, value: str) -> str:
        return str(ModelRef.parse(value))

    @field_validator("dataset")
    @classmethod
    def _check_dataset(cls, value: str | None) -> str | None:
        if value is None:
            return None
        DatasetRef.parse(value)
        return value.strip()

    @field_validator("class_names")
    @classmethod
    def _check_class_names(cls, value: list[str] | None) -> list[str] | None:
        if value is not None and len(set(value)) != len(value):
            raise ValueError("class names must be unique")
        return value

    @field_validator("overrides", mode="before")
    @classmethod
    def _check_depth(cls, value: Any) -> Any:
        level, depth = [value], 0
        while level := [inner for outer in level for inner in _inside(outer)]:
            depth += 1
            if depth > _DEEPEST:
                raise ValueError(f"nested more than {_DEEPEST} deep")
        return value

    @model_validator(mode="after")
    def _check_together(self) -> Self:
        if faults := cross_faults(self.model_dump(exclude_none=True)):
            raise ValueError("; ".join(map(str, faults)))
        return self

    def replace(self, **changes: Any) -> Self:
        """A validated copy with some fields changed; `None` clears a field."""
        return type(self).model_validate(self.model_dump(exclude_none=True) | changes)

    @property
    def framework(self) -> str:
        return ModelRef.parse(self.model).framework

    @property
    def model_name(self) -> str:
        return ModelRef.parse(self.model).name


def _inside(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return list(value) if isinstance(value, (list, tuple)) else []


def cross_faults(data: Mapping[str, Any]) -> list[Fault]:
    """Faults between fields, found even while single fields are still wrong."""
    faults: list[Fault] = []
    if data.get("epochs") is not None and data.get("max_steps") is not None:
        faults.append(
            Fault(
                field="max_steps",
                code="contradiction",
                message="epochs and max_steps are both given",
                expected="one of them",
            )
        )
    names, count = data.get("class_names"), data.get("num_classes")
    if isinstance(names, list) and isinstance(count, int) and count != len(names):
        faults.append(
            Fault(
                field="num_classes",
                code="contradiction",
                message=f"num_classes is {count} but class_names has {len(names)}",
                expected=str(len(names)),
            )
        )
    if data.get("task") in list(Task):
        task = Task(data["task"])
        foreign = VISION_FIELDS if task.is_language else LANGUAGE_FIELDS
        kind = "vision" if task.is_language else "language"
        faults += [
            Fault(
                field=name,
                code="foreign_field",
                message=f"{name} is for {kind} tasks, and this is {task}",
                expected=f"no {name}",
            )
            for name in sorted(foreign)
            if data.get(name) is not None
        ]
    return faults


def unnest(data: Mapping[str, Any]) -> dict[str, Any]:
    """The canonical nesting: hyperparameters flat, resources nested; other spellings are moved.

    Raises:
        ValueError: A group is not a mapping, or a field is given twice with two values.
    """
    data = dict(data)
    hyper = data.pop("hyperparameters", None)
    if hyper is not None:
        if not isinstance(hyper, dict):
            raise ValueError("hyperparameters must be a mapping")
        _merge(data, hyper)
    flat = {k: data.pop(k) for k in list(data) if k in Resources.model_fields}
    if flat:
        nested = data.get("resources") or {}
        if isinstance(nested, Resources):
            nested = nested.model_dump(exclude_unset=True)
        if not isinstance(nested, dict):
            raise ValueError("resources must be a mapping")
        nested = dict(nested)
        _merge(nested, flat)
        data["resources"] = nested
    return data


def _merge(into: dict[str, Any], more: dict[str, Any]) -> None:
    for key, value in more.items():
        if key in into and into[key] != value:
            raise ValueError(f"{key} is given twice: {into[key]!r} and {value!r}")
        into[key] = value
