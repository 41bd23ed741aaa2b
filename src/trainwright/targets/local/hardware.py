"""What this machine may give to runs, inside whatever limits it was put under."""

from __future__ import annotations

import math
import os
from pathlib import Path

import psutil

from trainwright.job import nvml

CGROUP = Path("/sys/fs/cgroup")


def cpus(cgroup: Path = CGROUP) -> int:
    """Cores this process may use: affinity and container quota counted."""
    if hasattr(os, "sched_getaffinity"):
        count = len(os.sched_getaffinity(0))
    else:
        count = psutil.cpu_count() or 1
    quota = _cpu_quota(cgroup)
    return count if quota is None else max(1, min(count, math.floor(quota)))


def memory_gb(cgroup: Path = CGROUP) -> float:
    """GiB of memory: the machine's, or the container's when that is less."""
    total = psutil.virtual_memory().total
    limits = (
        _number(cgroup / "memory.max"),
        _number(cgroup / "memory" / "memory.limit_in_bytes"),
    )
    return round(min([total, *(n for n in limits if n)]) / 2**30, 1)


def gpus() -> list[str]:
    """Names of the devices that runs may use, as `CUDA_VISIBLE_DEVICES` takes them.

    Where this process was given only some (`CUDA_VISIBLE_DEVICES` is set), runs get only those.
    """
    seen = nvml.count()
    given = os.environ.get("CUDA_VISIBLE_DEVICES")
    if given is None or seen == 0:
        return [str(index) for index in range(seen)]
    return [name for name in map(str.strip, given.split(",")) if name not in ("", "-1")]


def _cpu_quota(cgroup: Path) -> float | None:
    try:
        quota, period = (cgroup / "cpu.max").read_text().split()
        return None if quota == "max" else int(quota) / int(period)
    except (OSError, ValueError):
        pass
    quota_us = _number(cgroup / "cpu" / "cpu.cfs_quota_us")
    period_us = _number(cgroup / "cpu" / "cpu.cfs_period_us")
    return quota_us / period_us if quota_us and period_us and quota_us > 0 else None


def _number(path: Path) -> int | None:
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return None
