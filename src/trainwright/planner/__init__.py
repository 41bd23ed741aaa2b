"""Whether a run will fit and how long it will take, reckoned before any compute is taken."""

from trainwright.planner.device import Device, cpu_device, gpu_device
from trainwright.planner.plan import fit_batch, plan

__all__ = ["Device", "cpu_device", "fit_batch", "gpu_device", "plan"]
