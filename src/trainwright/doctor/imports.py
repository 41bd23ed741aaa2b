"""Checks of what is installed: does it load?"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec

from trainwright.doctor.registry import Finding, check, fail, ok
from trainwright.settings import Settings

_SECONDS = 120
_HEAVY = {
    "torch": "torch",
    "torchvision": "torchvision",
    "timm": "timm",
    "transformers": "transformers",
    "onnxruntime": "onnxruntime",
    "sklearn": "scikit-learn",
}
"""Module → package. Others are loaded by whoever uses the command line, or fail at once."""


@check("imports", "Training libraries")
def imports(settings: Settings) -> Iterator[Finding]:  # noqa: ARG001
    """Do they load? One that was built for another one does not, though it is installed."""
    found = [module for module in _HEAVY if find_spec(module) is not None]
    started = {module: _importing(module) for module in found}
    broken = False
    for module, child in started.items():
        why = _why_not(child)
        if why is not None:
            broken = True
            package = _HEAVY[module]
            yield fail(
                f"{package} is installed, but cannot be loaded: {why}",
                mend=f"pip install --force-reinstall {package}",
            )
    if found and not broken:
        yield ok(f"{', '.join(_HEAVY[module] for module in found)} can be loaded")


def _importing(module: str) -> subprocess.Popen[bytes]:
    # in processes of their own, at once: a library that ends its process must not end the doctor
    return subprocess.Popen(
        [sys.executable, "-c", f"import {module}"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


def _why_not(child: subprocess.Popen[bytes]) -> str | None:
    try:
        _, said = child.communicate(timeout=_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.communicate()
        return f"it takes longer than {_SECONDS} s"
    if child.returncode == 0:
        return None
    lines = said.decode(errors="replace").strip().splitlines()
    ended = f"signal {-child.returncode}" if child.returncode < 0 else "an error"
    return lines[-1][:300] if lines else f"it ended with {ended}"
