"""Variants of the tiny language model that `examples/tiny_chat.py` trains."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Variant = Callable[..., Path]


@pytest.fixture(scope="session")
def variant(tiny_language_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Variant:
    """Makes a copy of the model with other settings in its JSON files, as a run's directory."""

    def make(template: str | None = "", **files: dict[str, Any]) -> Path:
        run = tmp_path_factory.mktemp("run")
        folder = run / "model"
        shutil.copytree(tiny_language_model, folder)
        if template is None:
            (folder / "chat_template.jinja").unlink()
        elif template:
            (folder / "chat_template.jinja").write_text(template)
        for file, changes in files.items():
            path = folder / f"{file}.json"
            path.write_text(json.dumps(json.loads(path.read_bytes()) | changes))
        return run

    return make


@pytest.fixture(scope="session")
def endless(variant: Variant) -> Path:
    """A run whose model never comes to an end by itself, and has room for hours of words."""
    return variant(
        template=None,
        config={"eos_token_id": None, "max_position_embeddings": 10**7},
        generation_config={"eos_token_id": None},
        tokenizer_config={"eos_token": None},
    )
