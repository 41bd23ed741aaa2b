"""Rules that watch the machine: the disk, the GPUs and the memory.

When a disk will be full is projected from the Theil-Sen slope of its free space, which a large file
that comes and goes does not move.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from trainwright.spec.api import AlertRules
from trainwright.spec.events import Gpu, Vitals
from trainwright.store.repositories import Trouble
from trainwright.telemetry.alerts.robust import slope
from trainwright.telemetry.alerts.verdict import Over, Verdict

_SAMPLES = 32
_FEWEST = 8
_SPACING = 20.0
"""Seconds between two samples of the disk that are kept."""

_LEAST_LOSS_GB = 0.5
"""A disk that has lost less than this is not filling."""

_IDLE_PERCENT = 5.0
_ROW = 3
"""Samples in a row before memory counts as nearly full."""

_RELIEF = 5.0
"""Percent below the limit at which memory counts as free again."""


@dataclass
class MachineMemory:
    """What is remembered of the machine.

    Attributes:
        disk: Samples of free space: seconds since 1970, and GB.
        idle_since: When the GPUs went idle.
        gpu_full: Samples in a row with hardly any GPU memory left.
        host_full: Samples in a row with hardly any memory left.
    """

    disk: list[tuple[float, float]] = field(default_factory=list)
    idle_since: float | None = None
    gpu_full: int = 0
    host_full: int = 0


class MachineRules:
    """The rules, over the memory of one run's machine."""

    def __init__(self, memory: MachineMemory, rules: AlertRules) -> None:
        self._memory = memory
        self._rules = rules

    def look(self, vitals: Vitals, at: float, *, has_begun: bool) -> Iterator[Verdict]:
        """What one more sample tells.

        Args:
            vitals: The sample.
            at: When it was taken, in seconds since 1970.
            has_begun: Steps were told of: what comes before uses no GPU.
        """
        if vitals.disk_free_gb is not None:
            yield from self._disk(vitals.disk_free_gb, at)
        if vitals.host_memory_percent is not None:
            yield from self._host(vitals)
        if vitals.gpus:
            yield from self._gpu_memory(vitals.gpus)
            if has_begun:
                yield from self._gpu_use(vitals.gpus, at)

    def _disk(self, free: float, at: float) -> Iterator[Verdict]:
        disk = self._memory.disk
        if not disk or at - disk[-1][0] >= _SPACING:
            disk.append((at, free))
            del disk[:-_SAMPLES]
        lost_a_second = self._lost_a_second()
        left = free / lost_a_second / 3600 if lost_a_second > 0 else None
        facts = {"free_gb": round(free, 2), "limit_gb": self._rules.disk_free_gb}
        hint = "trainwright runs prune --status failed, or move the home to a larger disk"
        if left is not None and left < self._rules.disk_hours:
            minutes = left * 60
            yield Trouble(
                "disk_filling",
                "error",
                f"the run's disk will be full in about {minutes:.0f} minutes: {free:.1f} GB are "
                f"free, and {lost_a_second * 60:.2g} GB go a minute",
                hint,
                facts | {"minutes_left": round(minutes), "gb_a_minute": lost_a_second * 60},
            )
        elif free < self._rules.disk_free_gb:
            yield Trouble(
                "disk_filling",
                "error",
                f"the run's disk is nearly full: {free:.1f} GB are free",
                hint,
                facts,
            )
        elif free > 1.2 * self._rules.disk_free_gb and (
            left is None or left > 2 * self._rules.disk_hours
        ):
            yield Over("disk_filling", f"{free:.1f} GB are free")

    def _lost_a_second(self) -> float:
        """GB a second, as far as the disk is filling at all."""
        disk = self._memory.disk
        if len(disk) < _FEWEST or disk[0][1] - disk[-1][1] < _LEAST_LOSS_GB:
            return 0.0
        return max(0.0, -slope(disk))

    def _host(self, vitals: Vitals) -> Iterator[Verdict]:
        used, limit = vitals.host_memory_percent or 0.0, self._rules.host_memory_percent
        self._memory.host_full = self._memory.host_full + 1 if used >= limit else 0
        if self._memory.host_full >= _ROW:
            yield Trouble(
                "host_memory",
                "error",
                f"{used:.0f} % of the machine's memory is in use, {vitals.memory_gb:.1f} GB by "
                "this training: the kernel may end it",
                "lower batch_size or the number of loader workers",
                {"value": used, "limit": limit, "memory_gb": round(vitals.memory_gb, 2)},
            )
        elif used < limit - _RELIEF:
            yield Over("host_memory", f"{used:.0f} % is in use")

    def _gpu_memory(self, gpus: list[Gpu]) -> Iterator[Verdict]:
        shares = [
            (100 * gpu.memory_used_gb / gpu.memory_total_gb, gpu)
            for gpu in gpus
            if gpu.memory_used_gb is not None and gpu.memory_total_gb
        ]
        if not shares:
            return
        used, gpu = max(shares, key=lambda share: share[0])
        limit = self._rules.gpu_memory_percent
        self._memory.gpu_full = self._memory.gpu_full + 1 if used >= limit else 0
        if self._memory.gpu_full >= _ROW:
            yield Trouble(
                "gpu_memory",
                "warning",
                f"{used:.0f} % of the memory of GPU {gpu.index} is in use "
                f"({gpu.memory_used_gb:.1f} of {gpu.memory_total_gb:.1f} GB)",
                "a larger batch or a longer text may not fit any more",
                {
                    "value": round(used, 1),
                    "limit": limit,
                    "gpu": gpu.index,
                    "used_gb": gpu.memory_used_gb,
                    "total_gb": gpu.memory_total_gb,
                },
            )
        elif used < limit - _RELIEF:
            yield Over("gpu_memory", f"{used:.0f} % is in use")

    def _gpu_use(self, gpus: list[Gpu], at: float) -> Iterator[Verdict]:
        known = [gpu.utilization for gpu in gpus if gpu.utilization is not None]
        if not known:
            return
        used = sum(known) / len(known)
        memory = self._memory
        if used >= _IDLE_PERCENT:
            if memory.idle_since is not None:
                yield Over("gpu_idle", f"{used:.0f} % in use")
            memory.idle_since = None
            return
        memory.idle_since = at if memory.idle_since is None else memory.idle_since
        minutes = (at - memory.idle_since) / 60
        if minutes >= self._rules.gpu_idle_minutes:
            yield Trouble(
                "gpu_idle",
                "warning",
                f"the GPUs of this run have been idle for {minutes:.0f} minutes "
                f"({used:.0f} % in use)",
                "look whether it trains on the CPU, or waits for its data",
                {"value": used, "minutes": round(minutes, 1), "gpus": len(gpus)},
            )
