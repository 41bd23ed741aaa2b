"""Where the platform's settings come from."""

from __future__ import annotations

from pathlib import Path

import pytest

from trainwright.settings import load


@pytest.mark.parametrize("name", ["TRAINWRIGHT_HOME", "DATABASE_URL", "TEMPORAL_HOST"])
def test_a_variable_that_is_empty_says_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(name, raising=False)
    unset = load()
    monkeypatch.setenv(name, "")
    assert load() == unset
    assert load().home.path != tmp_path
