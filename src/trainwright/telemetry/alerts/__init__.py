"""The alert engine: rules that follow a run's events as they are ingested.

Each rule is a small state machine with a bounded memory, fed one event at a time. The memory is
kept in the transaction that applies the events, so that a restart neither forgets nor repeats.
"""

from trainwright.telemetry.alerts.engine import AlertEngine
from trainwright.telemetry.alerts.thresholds import effective_rules

__all__ = ["AlertEngine", "effective_rules"]
