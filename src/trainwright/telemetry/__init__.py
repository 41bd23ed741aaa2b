"""What runs tell: taken in, kept, and handed on live."""

from trainwright.telemetry.deletion import Deletion
from trainwright.telemetry.hub import Hub, Subscription
from trainwright.telemetry.ingest import Applied, Ingest
from trainwright.telemetry.logs import LogGapError, LogStore
from trainwright.telemetry.trash import Trash

__all__ = [
    "Applied",
    "Deletion",
    "Hub",
    "Ingest",
    "LogGapError",
    "LogStore",
    "Subscription",
    "Trash",
]
