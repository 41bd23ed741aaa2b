"""What a run was made of: enough to make it again."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import psutil

from trainwright import __version__
from trainwright.spec.runspec import RunSpec
from trainwright.targets.base import Capacity

_MAX_DIFF = 1_000_000
_GIT_TIMEOUT = 10


def collect(
    spec: RunSpec, *, capacity: Capacity | None, data_hash: str | None, sources: Path | None
) -> dict[str, Any]:
    """The record kept as `provenance.json`.

    Args:
        spec: What was asked.
        capacity: What the target has.
        data_hash: Fingerprint of the dataset, where one was taken.
        sources: Folder of the user's own code, for its git commit and diff.
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
        "hardware": _hardware(capacity),
        "git": git_state(sources) if sources else None,
    }


def _hardware(capacity: Capacity | None) -> dict[str, Any]:
    host = {
        "processor": platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 2**30, 1),
    }
    return host | ({"target": capacity.model_dump()} if capacity else {})


def git_state(folder: Path) -> dict[str, Any] | None:
    """Commit and uncommitted diff of the repository around `folder`; `None` outside one."""
    commit = _git(folder, "rev-parse", "HEAD")
    if commit is None:
        return None
    diff = _git(folder, "diff", "HEAD", "--no-ext-diff", "--no-textconv") or ""
    return {
        "commit": commit.strip(),
        "branch": (_git(folder, "rev-parse", "--abbrev-ref", "HEAD") or "").strip(),
        "dirty": bool(diff),
        "diff": diff[:_MAX_DIFF],
        "diff_cut": len(diff) > _MAX_DIFF,
    }


def _git(folder: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments],  # noqa: S607 (the user's own git)
            capture_output=True,
            timeout=_GIT_TIMEOUT,
            check=True,
            env=os.environ | {"GIT_OPTIONAL_LOCKS": "0"},
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.decode(errors="replace")
