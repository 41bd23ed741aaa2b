"""Webhooks: news of runs posted to addresses that people name."""

from trainwright.server.webhooks.courier import Courier
from trainwright.server.webhooks.gate import ALLOWED_HOSTS, Gate

__all__ = ["ALLOWED_HOSTS", "Courier", "Gate"]
