"""The tables, as typed SQLAlchemy models."""

from trainwright.store.models.alerts import AlertMemory, AlertRow, Delivery, Webhook
from trainwright.store.models.base import Base
from trainwright.store.models.people import Project, Role, Token, User
from trainwright.store.models.runs import Artifact, Attempt, Checkpoint, Run
from trainwright.store.models.sharing import Share
from trainwright.store.models.telemetry import EventRow, MetricPoint, MetricRollup, MetricSeries
from trainwright.store.models.things import ChatMessage, ChatSession, Dataset, Setting, Target

__all__ = [
    "AlertMemory",
    "AlertRow",
    "Artifact",
    "Attempt",
    "Base",
    "ChatMessage",
    "ChatSession",
    "Checkpoint",
    "Dataset",
    "Delivery",
    "EventRow",
    "MetricPoint",
    "MetricRollup",
    "MetricSeries",
    "Project",
    "Role",
    "Run",
    "Setting",
    "Share",
    "Target",
    "Token",
    "User",
    "Webhook",
]
