"""Images and labels for the trainer, from wherever they come."""

from __future__ import annotations

from trainwright.frameworks.builtin.data.samples import Samples

__all__ = ["Samples"]
