"""Where runs may execute, and what this machine has."""

from __future__ import annotations

import time
from contextlib import suppress

from fastapi import APIRouter

from trainwright import catalog, planner
from trainwright.server import hardware
from trainwright.server.auth import Reader, Writer
from trainwright.server.creation import DEFAULT_TARGET, registered_dataset
from trainwright.server.paging import WHOLE, Limit, Start, page_of
from trainwright.server.services import Platform
from trainwright.spec.api import Hardware, Page, PlanRequest, TargetTest, TargetView
from trainwright.spec.errors import TrainwrightError
from trainwright.spec.plan import Plan
from trainwright.store.models import Dataset
from trainwright.store.repositories import Settings
from trainwright.targets import registry
from trainwright.targets.local.device import device

targets = APIRouter(prefix="/targets", tags=["targets"])
compute = APIRouter(prefix="/compute", tags=["compute"])


@targets.get("")
def list_targets(
    user: Reader,  # noqa: ARG001 (only for the signed in)
    services: Platform,
    limit: Limit = WHOLE,
    cursor: Start = None,
) -> Page[TargetView]:
    """Targets, and which of them runs go to when none is named."""
    with services.database.session(write=False) as session:
        default = Settings(session).get(DEFAULT_TARGET, "local")
    page = page_of(registry.names(), limit, cursor)
    views = [_view(name, default=name == default) for name in page.items]
    return Page(items=views, next_cursor=page.next_cursor, total=page.total)


@targets.post("/{name}/test")
def test(name: str, user: Writer) -> TargetTest:  # noqa: ARG001 (it may open a connection)
    """Try to reach a target, and say what it has."""
    target = registry.get(name)
    start = time.perf_counter()
    try:
        capacity = target.capacity()
    except TrainwrightError as error:
        return TargetTest(name=name, ok=False, message=error.message, duration_ms=_since(start))
    return TargetTest(
        name=name,
        ok=True,
        message="it can be reached",
        duration_ms=_since(start),
        gpus=capacity.gpus,
        cpus=capacity.cpus,
        memory_gb=capacity.memory_gb,
    )


@compute.get("/hardware")
def show_hardware(user: Reader, services: Platform) -> Hardware:  # noqa: ARG001
    """What the platform's own machine has."""
    return hardware.read(services.settings.home.path)


@compute.post("/plan")
def plan(body: PlanRequest, user: Reader, services: Platform) -> Plan:  # noqa: ARG001 (as above)
    """Whether a run would fit and how long it would take; nothing is started."""
    fields, samples = body.spec, body.samples
    if row := registered_dataset(services, fields.get("dataset")):
        fields, samples = fields | {"dataset": row.uri}, samples or _training_samples(row)
    spec = catalog.complete(fields).spec
    gpus = spec.resources.gpus
    if body.gpu is None:
        return planner.plan(spec, device(gpus), samples)
    place = planner.gpu_device(body.gpu, body.gpu_memory_gb, max(1, gpus or 1))
    return planner.plan(spec, place, samples)


def _training_samples(row: Dataset) -> int | None:
    """Those that were counted when it was last looked through."""
    by_split: dict[str, int] = row.info.get("samples", {})
    return by_split.get("train") or sum(by_split.values()) or None


def _view(name: str, *, default: bool) -> TargetView:
    """A target with what it has, as far as it can be reached now."""
    capacity: dict[str, float] = {}
    with suppress(TrainwrightError):
        capacity = registry.get(name).capacity().model_dump()
    return TargetView(name=name, kind=name, default=default, **capacity)


def _since(start: float) -> float:
    return round((time.perf_counter() - start) * 1000, 1)
