"""What a run was made of: enough to make it again."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import psutil

from trainwright import __version__
from trainwright.caller import git_state
from trainwright.planner import Device
from trainwright.spec.runspec import RunSpec
from trainwright.targets.base import Capacity


def collect(
    spec: RunSpec,
    *,
    capacity: Capacity | None,
    data_hash: str | None,
    sources: Path | None,
    caller: Mapping[str, Any] | None = None,
    device: Device | None = None,
) -> dict[str, Any]:
    """The record kept as `provenance.json`.

    Args:
        spec: What was asked.
        capacity: What the target has.
        data_hash: Fingerprint of the dataset, where one was taken.
        sources: Folder of the user's own training script, for its git commit and diff.
        caller: What was typed to start it, where, and the code there.
        device: What the target computes on.
    """
    return {
        "trainwright": __version__,
        "created_at": datetime.now(UTC).isoformat(),
        "spec": spec.model_dump(mode="json", exclude_none=True),
        "seed": spec.seed,
        "data_hash": data_hash,
        "python": sys.version,
        "platform": platform.platform(),
        "packages": dict(sorted((d.name, d.version) for d in distributions() if d.name)),
        "hardware": _hardware(capacity, device),
        "command": caller.get("command") if caller else None,
        "cwd": caller.get("cwd") if caller else None,
        # a training script's own repository tells more than the folder it was started from
        "git": (git_state(sources) if sources else None) or (caller or {}).get("git"),
    }


def _hardware(capacity: Capacity | None, device: Device | None) -> dict[str, Any]:
    host = {
        "processor": platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 2**30, 1),
    }
    named = {"device": device.name} if device else {}
    return host | named | ({"target": capacity.model_dump()} if capacity else {})
