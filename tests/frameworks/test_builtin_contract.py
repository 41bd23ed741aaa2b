from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from trainwright.frameworks.builtin.adapter import BuiltinAdapter
from trainwright.spec import RunSpec
from trainwright.testing.frameworks import AdapterContract


class TestBuiltin(AdapterContract):
    @pytest.fixture
    def adapter(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> BuiltinAdapter:
        monkeypatch.setenv("TRAINWRIGHT_HOME", str(tmp_path / "home"))
        return BuiltinAdapter()

    @pytest.fixture
    def spec(self) -> RunSpec:
        overrides = {"samples": 600, "side": 16, "classes": 3, "hidden": [16], "report_every": 1}
        overrides |= {"full_model": False}  # the export tests write it
        return RunSpec(
            model="builtin/mlp", dataset="random", epochs=4, batch_size=8, overrides=overrides
        )

    @pytest.fixture
    def inputs(self, tmp_path: Path) -> list[Path]:
        paths = [tmp_path / f"{mode}.png" for mode in ("L", "RGB", "RGBA")]
        for path in paths:
            Image.new(path.stem, (20, 12)).save(path)
        return paths
