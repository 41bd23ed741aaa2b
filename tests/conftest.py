"""Shared by all tests: a home of their own, and no thread storms."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

os.environ.setdefault("OMP_NUM_THREADS", "1")

# a busy machine is slow now and then; and the tests make their files anew for each example
settings.register_profile(
    "trainwright",
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.load_profile("trainwright")


@pytest.fixture
def home_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fresh `$TRAINWRIGHT_HOME`, and no settings leaking in from the machine."""
    for name in ("DATABASE_URL", "TEMPORAL_HOST", "REDIS_URL", "TRAINWRIGHT_API_URL", "JWT_SECRET"):
        monkeypatch.delenv(name, raising=False)
    home = tmp_path / "home"
    monkeypatch.setenv("TRAINWRIGHT_HOME", str(home))
    return home
