"""Shared by all tests: a home of their own, and no thread storms."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

os.environ.setdefault("OMP_NUM_THREADS", "1")


@pytest.fixture
def home_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fresh `$TRAINWRIGHT_HOME`, and no settings leaking in from the machine."""
    for name in ("DATABASE_URL", "TEMPORAL_HOST", "REDIS_URL", "TRAINWRIGHT_API_URL", "JWT_SECRET"):
        monkeypatch.delenv(name, raising=False)
    home = tmp_path / "home"
    monkeypatch.setenv("TRAINWRIGHT_HOME", str(home))
    return home
