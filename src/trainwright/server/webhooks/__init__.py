"""Webhooks: news of runs posted to addresses that people name."""

from trainwright.server.webhooks.courier import LEASE, Courier
from trainwright.server.webhooks.gate import ALLOWED_HOSTS, Gate

__all__ = ["ALLOWED_HOSTS", "LEASE", "Courier", "Gate"]
