"""What the built-in models and datasets are, from the catalogue: plain data, without torch."""

from __future__ import annotations

from typing import Any

from trainwright import catalog
from trainwright.spec import DatasetInfo, ModelInfo

WEIGHTS = "artifacts/model.safetensors"
"""Where a run keeps its trained model, relative to the run directory."""

DEFAULTS: dict[str, Any] = {
    "epochs": 5,
    "batch_size": 64,
    "learning_rate": 1e-3,
    "optimizer": "adamw",
    "weight_decay": 1e-2,
    "scheduler": "cosine",
    "warmup": 0.05,
    "precision": "auto",
    "gradient_accumulation": 1,
    "augment": "light",
    "seed": 0,
}
"""What the trainer takes where neither the spec nor the model says anything."""

MODELS: dict[str, ModelInfo] = {
    name: catalog.model(f"builtin/{name}")
    for name in ("mlp", "basic_cnn", "lenet5", "resnet18", "resnet34")
}

DATASETS: dict[str, DatasetInfo] = {
    name: catalog.dataset(name)
    for name in ("digits", "mnist", "fashion_mnist", "cifar10", "random")
}
