"""What routers call, made once an application."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

from anyio import CapacityLimiter
from fastapi import Depends
from starlette.requests import HTTPConnection

from trainwright.server.board import Board
from trainwright.server.chat.order import Conversations
from trainwright.server.hosts import Hosts
from trainwright.server.links import Links
from trainwright.server.meter import Meter
from trainwright.server.moments import Moments
from trainwright.server.readiness import Readiness
from trainwright.server.sealed import Sealer
from trainwright.server.secrets_file import Secrets
from trainwright.server.sharing.links import ShareLinks
from trainwright.server.throttle import Throttle
from trainwright.server.tokens import Signer
from trainwright.server.webhooks import Courier
from trainwright.serving import Serving, WorkerPool
from trainwright.serving.batch import Batches
from trainwright.settings import Settings
from trainwright.store import Database
from trainwright.store.mirror import Mirror
from trainwright.telemetry import Hub, Ingest, LogStore
from trainwright.workflows.service import RunService

MODEL_THREADS = 64
"""Requests that wait for models; each model answers those that came together at once."""

WORK_THREADS = 2
"""Evaluations and exports at a time: each is a process that takes what the machine has."""

TALK_THREADS = 16
"""Conversations with language models that are answered, or wait for their model, at a time."""

UPLOAD_THREADS = 8
CHAT_THREADS = 16


@dataclass
class Services:
    settings: Settings
    hosts: Hosts
    database: Database
    moments: Moments
    secrets: Secrets
    signer: Signer
    sealer: Sealer
    courier: Courier
    meter: Meter
    readiness: Readiness
    share_links: ShareLinks
    throttle: Throttle
    runs: RunService
    ingest: Ingest
    hub: Hub
    board: Board
    logs: LogStore
    mirror: Mirror | None
    """Where what runs leave is kept a second time, if anywhere."""
    pool: WorkerPool
    serving: Serving
    batches: Batches
    model_threads: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(MODEL_THREADS))
    """Of their own, so that waiting for models never keeps the API from answering."""
    max_queued: int = 32
    """Requests that wait for one of those threads; each may hold a large form on disk."""
    work_threads: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(WORK_THREADS))
    talk_threads: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(TALK_THREADS))
    upload_threads: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(UPLOAD_THREADS))
    chat_threads: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(CHAT_THREADS))
    conversations: Conversations = field(default_factory=Conversations)
    links: Links = field(default_factory=Links)


def services_of(connection: HTTPConnection) -> Services:
    services: Services = connection.app.state.services
    return services


async def _services(connection: HTTPConnection) -> Services:
    """A coroutine, as a plain function would cost every request the way through a thread."""
    return services_of(connection)


Platform = Annotated[Services, Depends(_services)]
