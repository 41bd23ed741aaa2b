from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from trainwright.spec import RunDir

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device"),
]


@pytest.mark.parametrize("precision", ["auto", "fp32", "fp16", "bf16"])
@pytest.mark.parametrize("in_memory", ["always", "never"])
def test_digits_on_the_gpu(
    tmp_path: Path, train: Callable[..., Any], precision: str, in_memory: str
) -> None:
    run = RunDir(tmp_path / "r0gpu")
    overrides = {"device": "cuda", "full_model": False, "in_memory": in_memory}
    fields = {"epochs": 5, "precision": precision, "image_size": 32, "overrides": overrides}
    train(run, model="builtin/lenet5", dataset="digits", **fields)
    metrics = json.loads(run.result.read_text())["metrics"]
    assert metrics["test/accuracy"]["final"] >= 0.95
