"""The API over a home of its own: in process, and on a real port."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import uvicorn
from fastapi import FastAPI
from fastapi.testclient import TestClient

from trainwright.server.app import create_app
from trainwright.server.listener import listen
from trainwright.server.main import server_config
from trainwright.server.passwords import hash_password
from trainwright.server.services import Services
from trainwright.settings import Settings
from trainwright.spec import RunSpec
from trainwright.spec.events import Event, EventData, make_event
from trainwright.spec.status import RunStatus
from trainwright.store.models import Role, Run
from trainwright.store.repositories import Runs, Tokens, Users

PASSWORD = "correct horse battery"


@dataclass
class Api:
    """The application, what it is made of, and people who use it."""

    app: FastAPI
    services: Services
    http: TestClient
    people: dict[str, tuple[str, str]]

    def header(self, person: str | None) -> dict[str, str]:
        if person is None:
            return {}
        return {"Authorization": f"Bearer {self.people[person][1]}"}

    def call(
        self, method: str, path: str, person: str | None = "user", **kwargs: object
    ) -> httpx.Response:
        headers = self.header(person) | kwargs.pop("headers", {})  # type: ignore[operator]
        return self.http.request(method, path, headers=headers, **kwargs)  # type: ignore[arg-type]

    def add_run(self, person: str = "user", **fields: object) -> Run:
        spec = RunSpec.model_validate(
            {"model": "builtin/lenet5", "dataset": "digits", "task": "image_classification"}
            | fields
        )
        with self.services.database.session() as session:
            return Runs(session).add(spec, owner_id=self.people[person][0])

    def move(self, run: Run, *statuses: str) -> None:
        with self.services.database.session() as session:
            for status in statuses:
                Runs(session).set_status(run.id, RunStatus(status))

    def agent_token(self, run: Run) -> str:
        token = f"agent-token-of-{run.id}"
        with self.services.database.session() as session:
            Runs(session).set_agent_token(run.id, token)
        return token


def events_of(run_id: str, *data: EventData, first: int = 1) -> list[Event]:
    return [make_event(run_id, 1, first + n, item) for n, item in enumerate(data)]


def batch_of(events: list[Event]) -> dict[str, object]:
    return {"events": [json.loads(event.model_dump_json()) for event in events]}


@dataclass
class Live(Api):
    """The same on a real port."""

    url: str = ""

    @property
    def ws_url(self) -> str:
        return self.url.replace("http", "ws", 1)


@contextlib.contextmanager
def api_over(home_path: Path) -> Iterator[Api]:
    """The application over a fresh home, with one person of each role."""
    app = create_app(Settings(trainwright_home=home_path, database_url=None, jwt_secret=None))
    services: Services = app.state.services
    people = {}
    with services.database.session() as session:
        for name, role in {
            "admin": Role.ADMIN,
            "user": Role.USER,
            "other": Role.USER,
            "viewer": Role.VIEWER,
        }.items():
            user = Users(session).add(name, role=role)
            people[name] = (user.id, Tokens(session).create(user.id, "test")[1])
        signed_in = Users(session).add("kim", password_hash=hash_password(PASSWORD))
        people["kim"] = (signed_in.id, Tokens(session).create(signed_in.id, "test")[1])
    base_url = "http://127.0.0.1:8000"
    # not entered: its lifespan would close what a real server over the same app still uses
    http = TestClient(app, base_url, raise_server_exceptions=False)
    try:
        yield Api(app, services, http, people)
    finally:
        http.close()
        services.pool.close()
        services.database.dispose()


@contextlib.contextmanager
def serving(app: FastAPI, port: int = 0, config: uvicorn.Config | None = None) -> Iterator[str]:
    """The application behind a real server."""
    listener = listen("127.0.0.1", port)
    server = uvicorn.Server(config or server_config(app, grace_seconds=2))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    deadline = time.monotonic() + 10
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.01)
    assert server.started
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)
        assert not thread.is_alive(), "the server did not end"
        listener.close()
