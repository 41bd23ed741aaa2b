"""The application: services made, middleware put on, routers mounted."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

import psutil
from fastapi import APIRouter, Depends, FastAPI
from starlette.concurrency import run_in_threadpool

from trainwright import __version__
from trainwright.frameworks import registry as frameworks
from trainwright.frameworks.base import Adapter
from trainwright.server import docs_pages, errors, web_pages
from trainwright.server.auth import current_user, refusal
from trainwright.server.board import Board
from trainwright.server.dataset_trash import DatasetTrash
from trainwright.server.hosts import Hosts
from trainwright.server.incoming import Incoming
from trainwright.server.meter import Meter
from trainwright.server.middleware import BodyLimit, HostCheck, RequestContext
from trainwright.server.moments import Moments
from trainwright.server.owner import ensure_owner
from trainwright.server.readiness import Readiness
from trainwright.server.routers import (
    alerts,
    auth,
    batches,
    chat,
    datasets,
    health,
    inference,
    internal,
    language,
    live,
    models,
    monitoring,
    people,
    places,
    projects,
    recipes,
    report,
    run_data,
    run_edits,
    run_files,
    run_logs,
    run_metrics,
    runs,
    settings_page,
    shared,
    sharing,
    storage,
    webhooks,
)
from trainwright.server.sealed import Sealer
from trainwright.server.secrets_file import load_secrets
from trainwright.server.services import Services
from trainwright.server.sharing.links import ShareLinks
from trainwright.server.throttle import Throttle
from trainwright.server.tokens import Signer
from trainwright.server.trained import EXPORTS
from trainwright.server.upkeep import Upkeep
from trainwright.server.webhooks import Courier
from trainwright.serving import Serving, WorkerPool
from trainwright.serving.batch import Batches
from trainwright.settings import Settings
from trainwright.spec.api import ErrorResponse
from trainwright.spec.rundir import RunDir
from trainwright.spec.runspec import RunSpec
from trainwright.store import Database
from trainwright.store.mirror import open_mirror
from trainwright.store.objects import open_objects
from trainwright.store.repositories import Runs
from trainwright.telemetry import Hub, Ingest, LogStore
from trainwright.telemetry.retention import Retention
from trainwright.workflows.service import RunService

API = "/api/v1"
_MODEL_MEMORY_SHARE = 0.25
_DESCRIPTION = (
    "Say what you want to train; get back a model you can test, compare and serve. "
    "Errors are `{error: {code, message, details, request_id}}`; lists page with `limit` and "
    "`cursor`; times are ISO 8601 in UTC."
)
_ERRORS: dict[int | str, dict[str, object]] = {
    "4XX": {"model": ErrorResponse, "description": "What was wrong, and what would be right"},
    "5XX": {"model": ErrorResponse, "description": "The platform's own fault"},
}


def create_app(
    settings: Settings, *, host: str = "127.0.0.1", allowed_hosts: Iterable[str] = ()
) -> FastAPI:
    """The API over a home: upgrades its database, and makes owner, token and secrets at need.

    Args:
        settings: Where the home and the database are.
        host: Address it will be bound to; a wildcard lets any IP address in as `Host`.
        allowed_hosts: More names it answers to.

    Raises:
        StorageError: The home or the database cannot be written.
        UnavailableError: The database cannot be reached.
    """
    services = make_services(settings, Hosts.bound_to(host, allowed_hosts))

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        upkeep = Upkeep(
            services.runs,
            DatasetTrash(services.database, services.settings),
            Retention(services.database, services.settings.home),
            Incoming(services.settings.home.incoming),
        )
        upkeep.start()
        services.batches.start()
        services.courier.start()
        try:
            yield
        finally:
            upkeep.stop()
            await run_in_threadpool(services.courier.close)
            await services.hub.close()
            services.batches.close()
            services.pool.close()
            services.database.dispose()

    app = FastAPI(
        title="Trainwright",
        version=__version__,
        description=_DESCRIPTION,
        openapi_url="/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
    )
    app.state.services = services
    errors.install(app, refusal)
    docs_pages.install(app)
    _mount(app)
    web_pages.install(app, settings.trainwright_web)
    # the last one added is the first one met
    app.add_middleware(BodyLimit, refusal=refusal)
    app.add_middleware(HostCheck, hosts=services.hosts)
    app.add_middleware(RequestContext, count=services.meter.count)
    return app


def make_services(settings: Settings, hosts: Hosts) -> Services:
    """Everything routers call."""
    home = settings.home
    secrets = load_secrets(settings)
    database = Database(settings.database)
    database.upgrade()
    ensure_owner(home, database)
    pool = WorkerPool(int(psutil.virtual_memory().total * _MODEL_MEMORY_SHARE))
    mirror = open_mirror(settings, database)

    def whole(run_id: str) -> RunDir:
        if mirror is not None:
            mirror.bring_back(run_id, but=f"{EXPORTS}/")
        return RunDir(home.runs / run_id)

    serving = Serving(whole, _adapter_of, pool)
    sealer = Sealer(secrets.service_token, "webhooks")
    return Services(
        settings=settings,
        hosts=hosts,
        database=database,
        moments=Moments(database),
        secrets=secrets,
        signer=Signer(
            secrets.jwt_secret,
            settings.jwt_algorithm,
            settings.access_token_expire_minutes * 60,
        ),
        sealer=sealer,
        courier=Courier(database, sealer),
        meter=Meter(database),
        readiness=Readiness(settings, database),
        share_links=ShareLinks(secrets.jwt_secret),
        throttle=Throttle(),
        runs=RunService(database, home, open_objects(settings)),
        ingest=Ingest(database, home),
        hub=Hub(database, home),
        board=Board(database, home.path),
        logs=LogStore(home.run_logs),
        mirror=mirror,
        pool=pool,
        serving=serving,
        batches=Batches(
            home.runs,
            lambda run_id: serving.recipe(run_id, _spec_of(database, run_id)),
            pool,
            allow_private=settings.trainwright_fetch_private,
        ),
    )


def _spec_of(database: Database, run_id: str) -> RunSpec:
    with database.session(write=False) as session:
        return Runs(session).get(run_id).run_spec


def _adapter_of(spec: RunSpec) -> Adapter:
    return frameworks.get(spec.framework)


def _mount(app: FastAPI) -> None:
    public = APIRouter(prefix=API, responses=_ERRORS)
    public.include_router(health.api_router)
    public.include_router(auth.public)
    public.include_router(internal.router)
    public.include_router(shared.router)

    # a route mounted here needs a token even if it forgets to ask who is there
    signed_in = APIRouter(prefix=API, responses=_ERRORS, dependencies=[Depends(current_user)])
    for prefix in ("/runs", "/workflows", "/jobs"):
        for part in (runs, run_metrics, run_logs, run_files, run_data, sharing, report):
            signed_in.include_router(part.router, prefix=prefix)
        signed_in.include_router(inference.run_router, prefix=prefix)
        signed_in.include_router(storage.run_router, prefix=prefix)
        signed_in.include_router(run_edits.run_router, prefix=prefix)
    for router in (
        auth.router,
        chat.router,
        models.router,
        recipes.router,
        datasets.router,
        inference.router,
        language.router,
        batches.router,
        places.targets,
        places.compute,
        alerts.router,
        alerts.rules_router,
        monitoring.router,
        storage.router,
        settings_page.router,
        webhooks.router,
        projects.router,
        people.router,
    ):
        signed_in.include_router(router)

    app.include_router(health.router)
    app.include_router(public)
    app.include_router(signed_in)
    for socket in (live.router, shared.live):
        app.include_router(socket)
        app.include_router(socket, prefix=API)
