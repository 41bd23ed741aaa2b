"""A trained model on disk: weights, and everything needed to use them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from pydantic import BaseModel, ConfigDict, ValidationError
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from trainwright.files import sha256_of
from trainwright.frameworks.builtin import registry
from trainwright.frameworks.builtin.checkpoint import load_weights
from trainwright.frameworks.builtin.data.images import Resize, View
from trainwright.frameworks.builtin.discover import register_all
from trainwright.frameworks.builtin.metadata import WEIGHTS
from trainwright.settings import Home
from trainwright.spec import DataError, NotFoundError, RunDir

KEY = "trainwright"


class Description(BaseModel):
    """What a model is and how it sees images; kept in the metadata of its weights file."""

    model_config = ConfigDict(protected_namespaces=())

    run_id: str
    model: str
    model_options: dict[str, object]
    class_names: list[str]
    height: int
    width: int
    channels: int
    resize: Resize
    mean: list[float]
    std: list[float]
    dataset: str
    dataset_options: dict[str, object]
    seed: int
    split_seed: int
    val_fraction: float | None
    test_fraction: float | None

    @property
    def view(self) -> View:
        return View(self.height, self.width, self.channels, self.resize)

    def metadata(self) -> dict[str, str]:
        """As safetensors takes it."""
        return {KEY: self.model_dump_json(), "format": "pt"}


class FromPixels(nn.Module):
    """A model that takes pixels from 0 to 1: normalization and network in one."""

    def __init__(self, network: nn.Module, mean: Sequence[float], std: Sequence[float]) -> None:
        super().__init__()
        self.network = network
        self.mean: Tensor
        self.std: Tensor
        self.register_buffer("mean", torch.tensor(mean).view(1, -1, 1, 1))
        self.register_buffer("std", torch.tensor(std).view(1, -1, 1, 1))

    def forward(self, pixels: Tensor) -> Tensor:
        logits: Tensor = self.network((pixels - self.mean) / self.std)
        return logits


@dataclass(frozen=True)
class TrainedModel:
    """A model ready for use.

    Attributes:
        description: What it is.
        network: Takes normalized images; in evaluation mode, on the CPU.
        version: Run and beginning of the weights' SHA-256.
    """

    description: Description
    network: nn.Module
    version: str

    @property
    def from_pixels(self) -> FromPixels:
        """The same model for pixels from 0 to 1."""
        return FromPixels(self.network, self.description.mean, self.description.std).eval()


def build_network(
    name: str,
    options: dict[str, object],
    *,
    classes: int,
    channels: int,
    image_size: tuple[int, int],
) -> nn.Module:
    """Make a registered model with fresh weights.

    Raises:
        NotFoundError: Nothing is registered by that name.
    """
    entry = registry.find_model(name)
    given = {"num_classes": classes, "channels": channels, "image_size": image_size}
    network: nn.Module = registry.call_builder(entry.build, given, options)
    return network


def load_trained(run: RunDir, home: Home) -> TrainedModel:
    """Read the model that a run has made.

    Raises:
        NotFoundError: The run has none, or it is not one of ours.
        DataError: The weights are damaged, or a plug-in's model has changed since.
    """
    path = run.path / WEIGHTS
    description = _description(path, run.run_id)
    register_all(home, wanted=description.model)
    network = build_network(
        description.model,
        description.model_options,
        classes=len(description.class_names),
        channels=description.channels,
        image_size=(description.height, description.width),
    )
    try:
        network.load_state_dict(load_weights(path))
    except RuntimeError:
        raise DataError(
            f"the weights of run {run.run_id} do not fit builtin/{description.model}: its code has "
            "changed since",
            expected="the plug-in as it was when the model was trained",
            mend=f"trainwright runs clone {run.run_id}",
        ) from None
    version = f"{description.run_id}@{sha256_of(path)[:12]}"
    return TrainedModel(description, network.eval(), version)


def _description(path: Path, run_id: str) -> Description:
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
        return Description.model_validate_json(metadata[KEY])
    except FileNotFoundError:
        raise NotFoundError(
            f"run {run_id} has no trained model", mend=f"trainwright runs show {run_id}"
        ) from None
    except (SafetensorError, KeyError, ValidationError):
        raise NotFoundError(
            f"{path} is not a model of the built-in framework",
            mend=f"trainwright runs resume {run_id}",
        ) from None
