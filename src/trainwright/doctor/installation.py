"""Checks of the Python installation: version, extras, torch against the hardware."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from trainwright.doctor.registry import Finding, check, ok, warn
from trainwright.settings import Settings

_REQUIREMENT = re.compile(
    r"^(?P<name>[A-Za-z0-9._-]+)(?P<rest>[^;]*)(;.*extra == ['\"](?P<extra>[\w-]+)['\"])"
)
_NVIDIA_DRIVER = Path("/proc/driver/nvidia/version")


@check("python", "Python")
def python(settings: Settings) -> Iterator[Finding]:  # noqa: ARG001
    """Which interpreter is in use?"""
    # pip refuses an older one; this names the interpreter that is in use, the usual surprise
    yield ok(f"Python {'.'.join(map(str, sys.version_info[:3]))} at {sys.executable}")


@check("extras", "Installed parts")
def extras(settings: Settings) -> Iterator[Finding]:  # noqa: ARG001
    """Which parts are not installed whole?"""
    purposes = {"server": "the platform", "torch": "training and prediction"}
    for extra, purpose in purposes.items():
        missing = missing_packages(extra)
        if missing:
            yield warn(
                f"{purpose} needs {', '.join(missing)}, not installed",
                mend=f"pip install 'trainwright[{extra}]'",
            )
        else:
            yield ok(f"{extra}: everything {purpose} needs is installed")


def missing_packages(extra: str) -> list[str]:
    """Distributions an extra asks for on this platform that are not installed."""
    wanted = []
    for requirement in metadata.requires("trainwright") or []:
        match = _REQUIREMENT.match(requirement)
        # platform-bound ones (the Temporal binary) have checks of their own
        if match and match["extra"] == extra and "sys_platform" not in requirement:
            wanted.append(match["name"])
    return [name for name in wanted if not _installed(name)]


def _installed(name: str) -> bool:
    try:
        metadata.version(name)
    except metadata.PackageNotFoundError:
        return False
    return True


_TOOLS = {
    "git": "runs are started all the same, but the commit and diff of your code are not recorded",
}
_GIT = "https://git-scm.com/downloads"


@check("tools", "Programs")
def tools(settings: Settings) -> Iterator[Finding]:  # noqa: ARG001
    """Programs that are used where they are there."""
    for name, without in _TOOLS.items():
        if found := shutil.which(name):
            yield ok(found)
        else:
            yield warn(f"there is no {name}: {without} (get it from {_GIT})")


@check("torch-gpu", "PyTorch and the GPU")
def torch_gpu(settings: Settings) -> Iterator[Finding]:  # noqa: ARG001
    """Is torch built for the GPU that is there?"""
    version, accelerator = torch_build()
    if version is None:
        return  # `extras` has said so
    gpu = nvidia_gpu_present()
    if gpu and accelerator is None:
        yield warn(
            f"this machine has an NVIDIA GPU, but torch {version} is built for the CPU only",
            mend="pip install --force-reinstall torch "
            "(pick the CUDA build at https://pytorch.org/get-started/locally/)",
        )
    else:
        yield ok(f"torch {version} ({accelerator or 'CPU'})" + ("" if gpu else ", no NVIDIA GPU"))


def torch_build() -> tuple[str | None, str | None]:
    """Version and accelerator (`CUDA 12.8`, `ROCm 6.4`, or `None`) of torch, without importing it.

    Importing torch takes seconds; its build is written in `torch/version.py` as plain assignments.
    """
    try:
        distribution = metadata.distribution("torch")
    except metadata.PackageNotFoundError:
        return None, None
    try:
        text = Path(str(distribution.locate_file("torch/version.py"))).read_text()
    except OSError:
        text = ""
    for key, label in (("cuda", "CUDA"), ("hip", "ROCm"), ("xpu", "XPU")):
        found = re.search(rf"^{key}\b[^=\n]*=\s*['\"]([^'\"]+)['\"]", text, re.MULTILINE)
        if found:
            return distribution.version, f"{label} {found[1]}"
    return distribution.version, None


def nvidia_gpu_present() -> bool:
    """Whether there is a driver, or its command line."""
    return _NVIDIA_DRIVER.exists() or shutil.which("nvidia-smi") is not None
