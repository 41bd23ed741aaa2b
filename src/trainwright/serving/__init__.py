"""Trained models at work: warm worker processes, and the calls that use them."""

from trainwright.serving.pool import WorkerPool, WorkerStatus
from trainwright.serving.service import Serving
from trainwright.serving.worker import Recipe

__all__ = ["Recipe", "Serving", "WorkerPool", "WorkerStatus"]
