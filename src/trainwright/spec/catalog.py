"""Shapes of what the catalogue, the adapters and the faces say about models and datasets."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from trainwright.spec.tasks import Task


class Option(BaseModel):
    """One setting a model, dataset or framework offers; faces build their forms from it."""

    name: str
    type: Literal["int", "float", "bool", "str", "choice", "list"]
    default: Any = None
    choices: list[Any] | None = None
    minimum: float | None = None
    maximum: float | None = None
    unit: str | None = None
    help: str = ""
    help_ko: str = ""


class ModelInfo(BaseModel):
    """A trainable model, as plain data."""

    model_config = ConfigDict(protected_namespaces=())

    id: str = Field(description="`<framework>/<model>`.")
    framework: str
    name: str
    title: str = ""
    tasks: list[Task]
    aliases: list[str] = Field(default_factory=list)
    parameters: int | None = None
    input_size: int | None = Field(default=None, description="Pixels a side, or tokens of context.")
    license: str | None = None
    weights: str | None = Field(default=None, description="Where pretrained weights come from.")
    accuracy: dict[str, Any] = Field(default_factory=dict, description="Published, with `source`.")
    costs: dict[int, tuple[int, int]] = Field(
        default_factory=dict,
        description="By image size (pixels a side): multiply-adds and activations of one image.",
    )
    defaults: dict[str, Any] = Field(default_factory=dict, description="Recommended spec fields.")
    options: list[Option] = Field(default_factory=list)
    description: str = ""
    description_ko: str = ""
    installed: bool = False
    install: str | None = Field(default=None, description="Command that installs its framework.")


class DatasetInfo(BaseModel):
    """A sample dataset, as plain data."""

    id: str
    title: str = ""
    tasks: list[Task]
    aliases: list[str] = Field(default_factory=list)
    num_classes: int | None = None
    class_names: list[str] | None = None
    channels: int | None = None
    image_size: int | None = None
    samples: dict[str, int] = Field(default_factory=dict, description="By split.")
    bundled: bool = Field(default=False, description="Usable with no download.")
    bytes: int | None = None
    license: str | None = None
    source: str | None = None
    sha256: str | None = Field(
        default=None, description="Of the list of its original files, as `sha256sum` prints it."
    )
    defaults: dict[str, Any] = Field(default_factory=dict)
    options: list[Option] = Field(default_factory=list)
    description: str = ""
    description_ko: str = ""


class Needs(BaseModel):
    """The least a recipe was made for."""

    gpus: int = Field(default=0, ge=0)
    memory_gb: float | None = Field(default=None, gt=0, description="GiB of one GPU.")


class Recipe(BaseModel):
    """Settings that are known to work together."""

    model_config = ConfigDict(extra="forbid")

    id: str
    title: str
    title_ko: str
    description: str
    description_ko: str
    tags: list[str] = Field(default_factory=list)
    asks: list[str] = Field(
        default_factory=list, description="Spec fields that must be given with it."
    )
    needs: Needs = Field(default_factory=Needs)
    spec: dict[str, Any] = Field(description="RunSpec fields.")
    expected: dict[str, float] = Field(
        default_factory=dict, description="What it reaches: metric name to value."
    )
    source: str | None = Field(default=None, description="Where settings and figures come from.")


class GpuInfo(BaseModel):
    """A GPU as its data sheet has it."""

    name: str
    memory_gb: float = Field(description="GiB.")
    bandwidth_gbs: float = Field(description="GB/s.")
    fp32_tflops: float
    half_tflops: float = Field(description="fp16 or bf16, dense, 32-bit accumulation.")
    bf16: bool = Field(description="Whether it computes in bf16.")
    aliases: list[str] = Field(default_factory=list)


class Architecture(BaseModel):
    """A decoder-only transformer, as far as memory and time depend on it."""

    layers: int
    hidden: int
    feed_forward: int
    heads: int
    kv_heads: int
    head_dim: int
    vocabulary: int
    tied: bool = Field(description="Whether the output layer is the embedding.")

    @property
    def parameters(self) -> int:
        """Weights of a Llama-like model: gated feed-forward, grouped queries, no biases."""
        attention = self.hidden * self.head_dim * 2 * (self.heads + self.kv_heads)
        layer = attention + 3 * self.hidden * self.feed_forward + 2 * self.hidden
        ends = self.vocabulary * self.hidden * (1 if self.tied else 2) + self.hidden
        return self.layers * layer + ends
