"""GPUs and model architectures: what the planner reckons with."""

from __future__ import annotations

import re
from functools import cache

from trainwright.catalog.shelf import read_data
from trainwright.spec import NotFoundError, nearest
from trainwright.spec.catalog import Architecture, GpuInfo

_VENDOR = re.compile(r"\b(?:nvidia|geforce|tesla|amd|instinct|graphics|gpu)\b|[-_]")
_SPACES = re.compile(r"\s+")
_SIZE = re.compile(r"\s*\d+\s*gi?b(?: hbm\d\w?)?$")


@cache
def _gpus() -> dict[str, GpuInfo]:
    """By each name, in the form of `_key`."""
    every = [GpuInfo.model_validate(entry) for entry in read_data("hardware.json")["gpus"]]
    return {_key(name): info for info in every for name in (info.name, *info.aliases)}


def _key(name: str) -> str:
    return _SPACES.sub(" ", _VENDOR.sub(" ", name.lower())).strip()


def gpus() -> list[GpuInfo]:
    """Every GPU the catalogue knows."""
    return list({info.name: info for info in _gpus().values()}.values())


def gpu(name: str) -> GpuInfo:
    """A GPU as a driver or a person calls it: `NVIDIA GeForce RTX 3090`, `3090`, `A100 80GB`.

    Raises:
        NotFoundError: None is called that; the nearest names are in `expected`.
    """
    wanted = _key(name)
    known = _gpus()
    info = known.get(wanted) or known.get(_SIZE.sub("", wanted))
    if info is None:
        raise NotFoundError(
            f"the catalogue has no GPU {name!r}",
            field="gpu",
            expected=", ".join(nearest(wanted, list(known))) or "such as RTX 3090 or A100 80GB",
        )
    return info


@cache
def _architectures() -> dict[str, Architecture]:
    entries = read_data("architectures.json")["transformers"]
    return {entry["models"]: Architecture.model_validate(entry) for entry in entries}


def architecture(model_name: str) -> Architecture | None:
    """The architecture of a language model, by its hub name (`Qwen/Qwen3-0.6B`), if known."""
    fits = [start for start in _architectures() if model_name.startswith(start)]
    return _architectures()[max(fits, key=len)] if fits else None


def nearest_architecture(parameters: int) -> Architecture:
    """The known architecture whose size is nearest to `parameters`."""
    return min(
        _architectures().values(),
        key=lambda known: abs(known.parameters / parameters - 1),
    )
