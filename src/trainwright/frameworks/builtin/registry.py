"""The door through which models and datasets come in, built-in or a user's own.

Importable without torch: decorators keep the builder and read its options from its signature.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from trainwright.frameworks.builtin.metadata import DATASETS, MODELS
from trainwright.spec import DatasetInfo, ModelInfo, NotFoundError, Option, Task, did_you_mean

Builder = TypeVar("Builder", bound=Callable[..., Any])
OptionType = Literal["int", "float", "bool", "str", "choice", "list"]

PLUGIN_INPUT_SIZE = 32
"""Pixels a side for a model that does not say; it trains quickly without weights to start from."""

MODEL_ARGUMENTS = frozenset({"num_classes", "channels", "image_size"})
DATASET_ARGUMENTS = frozenset({"seed", "folder"})
"""Arguments the trainer gives; every other one of a builder is an option."""

_NAME = re.compile(r"^[a-z0-9][a-z0-9_.-]{0,63}$")
_BUILT_IN = "trainwright.frameworks.builtin."
_TYPES: dict[Any, OptionType] = {
    int: "int",
    float: "float",
    bool: "bool",
    str: "str",
    list: "list",
    tuple: "list",
    Sequence: "list",
}


@dataclass(frozen=True)
class Setting:
    """What an annotation cannot say about an option: `Annotated[float, Setting(maximum=0.9)]`.

    Attributes:
        help: One line, in English.
        help_ko: The same in Korean.
        minimum: Smallest value allowed, of a number.
        maximum: Largest value allowed, of a number.
        choices: The only values allowed.
        unit: Of a number, such as `px`.
    """

    help: str = ""
    help_ko: str = ""
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[Any, ...] | None = None
    unit: str | None = None


@dataclass(frozen=True)
class ModelEntry:
    info: ModelInfo
    build: Callable[..., Any]


@dataclass(frozen=True)
class DatasetEntry:
    info: DatasetInfo
    build: Callable[..., Any]


models: dict[str, ModelEntry] = {}
datasets: dict[str, DatasetEntry] = {}


def find_model(name: str) -> ModelEntry:
    """A registered model.

    Raises:
        NotFoundError: There is none of that name; the nearest ones are in the message.
    """
    if name not in models:
        known = [f"builtin/{model}" for model in sorted(models)]
        hint = did_you_mean(f"builtin/{name}", known)
        raise NotFoundError(
            f"there is no model builtin/{name}{hint}", field="model", expected=", ".join(known)
        )
    return models[name]


def register_model(
    name: str,
    *,
    title: str = "",
    description: str = "",
    description_ko: str = "",
    aliases: Iterable[str] = (),
    defaults: Mapping[str, Any] | None = None,
    input_size: int | None = None,
    license: str | None = None,  # noqa: A002
) -> Callable[[Builder], Builder]:
    """Offer an image classifier as `builtin/<name>`.

    The decorated class or function is called with `num_classes`, `channels` and `image_size`
    (height, width) as far as it takes them, and with its options. It returns an `nn.Module` that
    maps float images `[batch, channels, height, width]` to logits `[batch, num_classes]`.

    Raises:
        ValueError: The name is malformed or taken, or an option's type is not understood.
    """

    def decorate(builder: Builder) -> Builder:
        known = _claim(name, builder, MODELS, {n: e.build for n, e in models.items()})
        info = known or ModelInfo(
            id=f"builtin/{name}",
            framework="builtin",
            name=name,
            title=title or name,
            tasks=[Task.IMAGE_CLASSIFICATION],
            aliases=list(aliases),
            defaults={"pretrained": False, **(defaults or {})},
            input_size=input_size or PLUGIN_INPUT_SIZE,
            license=license,
            options=options_of(builder, MODEL_ARGUMENTS),
            description=description or _first_line(builder),
            description_ko=description_ko,
            installed=True,
        )
        models[name] = ModelEntry(info, builder)
        return builder

    return decorate


def register_dataset(
    name: str,
    *,
    title: str = "",
    description: str = "",
    description_ko: str = "",
    aliases: Iterable[str] = (),
    class_names: Iterable[str] | None = None,
    defaults: Mapping[str, Any] | None = None,
    license: str | None = None,  # noqa: A002
) -> Callable[[Builder], Builder]:
    """Offer a dataset as `<name>`.

    The decorated function is called with `seed` and `folder` (where it may keep downloads) as far
    as it takes them, and with its options. It returns a `builtin.data.Samples`.

    Raises:
        ValueError: The name is malformed or taken, or an option's type is not understood.
    """

    def decorate(builder: Builder) -> Builder:
        known = _claim(name, builder, DATASETS, {n: e.build for n, e in datasets.items()})
        names = list(class_names) if class_names is not None else None
        info = known or DatasetInfo(
            id=name,
            title=title or name,
            tasks=[Task.IMAGE_CLASSIFICATION],
            aliases=list(aliases),
            class_names=names,
            num_classes=len(names) if names else None,
            license=license,
            defaults=dict(defaults or {}),
            options=options_of(builder, DATASET_ARGUMENTS),
            description=description or _first_line(builder),
            description_ko=description_ko,
        )
        datasets[name] = DatasetEntry(info, builder)
        return builder

    return decorate


Info = TypeVar("Info", ModelInfo, DatasetInfo)


def _claim(
    name: str, builder: Any, built_in: Mapping[str, Info], taken: Mapping[str, Any]
) -> Info | None:
    if not _NAME.match(name):
        raise ValueError(f"{name!r} is not a name: lower-case letters, digits, `_`, `.` and `-`")
    ours = builder.__module__.startswith(_BUILT_IN)
    if name in built_in and not ours:
        raise ValueError(f"{name!r} is the name of a built-in; choose another")
    other = taken.get(name)
    if other is not None and (other.__module__, other.__qualname__) != (
        builder.__module__,
        builder.__qualname__,
    ):
        raise ValueError(f"{name!r} is already registered by {other.__module__}")
    return built_in[name] if ours else None


def _first_line(builder: Any) -> str:
    return (inspect.getdoc(builder) or "").partition("\n")[0]


def options_of(builder: Any, given: frozenset[str]) -> list[Option]:
    """The options of a builder, from its signature.

    Args:
        builder: A class or function.
        given: Arguments that the trainer gives, which are no options.

    Raises:
        ValueError: An argument has no annotation that is understood.
    """
    function = builder.__init__ if inspect.isclass(builder) else builder
    hints = get_type_hints(function, include_extras=True)
    options = []
    for name, parameter in inspect.signature(builder).parameters.items():
        if name in given or parameter.kind in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL):
            continue
        default = None if parameter.default is parameter.empty else parameter.default
        options.append(_option(name, hints.get(name), default))
    return options


def _option(name: str, hint: Any, default: Any) -> Option:
    setting = Setting()
    if get_origin(hint) is Annotated:
        hint, *extras = get_args(hint)
        setting = next((e for e in extras if isinstance(e, Setting)), setting)
    if get_origin(hint) in (Union, UnionType):
        inner = [a for a in get_args(hint) if a is not NoneType]
        hint = inner[0] if len(inner) == 1 else None
    choices = list(get_args(hint)) if get_origin(hint) is Literal else None
    if setting.choices is not None:
        choices = list(setting.choices)
    kind = "choice" if choices else _TYPES.get(get_origin(hint) or hint)
    if kind is None:
        raise ValueError(
            f"option {name!r} needs an annotation: int, float, bool, str, list or Literal[…]"
        )
    return Option(
        name=name,
        type=kind,
        default=list(default) if isinstance(default, tuple) else default,
        choices=choices,
        minimum=setting.minimum,
        maximum=setting.maximum,
        unit=setting.unit,
        help=setting.help,
        help_ko=setting.help_ko,
    )


def call_builder(builder: Callable[..., Any], given: Mapping[str, Any], options: Any) -> Any:
    """Call a builder with those of the `given` arguments that it takes, and its options."""
    parameters = inspect.signature(builder).parameters
    takes_all = any(p.kind is p.VAR_KEYWORD for p in parameters.values())
    fitting = {k: v for k, v in given.items() if takes_all or k in parameters}
    return builder(**fitting, **options)
