"""People who talk with the platform, and runs in every state to talk about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx
from server_rig import Api

from trainwright.spec.ids import new_id
from trainwright.store.models import Role, Run
from trainwright.store.repositories import Runs, Tokens, Users

Reply = dict[str, Any]


@dataclass
class Talk:
    """One conversation of one person."""

    api: Api
    person: str = "user"
    session_id: str | None = None

    def call(self, method: str, path: str, **kwargs: object) -> httpx.Response:
        return self.api.call(method, path, self.person, **kwargs)

    def say(self, message: str) -> Reply:
        body = {"message": message} | ({"session_id": self.session_id} if self.session_id else {})
        answer = self.call("POST", "/api/v1/chat/message", json=body)
        assert answer.status_code == 200, answer.text
        reply: Reply = answer.json()
        self.session_id = reply["session_id"]
        return reply


def newcomer(api: Api, role: Role = Role.USER) -> Talk:
    """Somebody new, who has no runs yet; nobody else's tests are seen by them."""
    name = new_id("p")
    with api.services.database.session() as session:
        user = Users(session).add(name, role=role)
        api.people[name] = (user.id, Tokens(session).create(user.id, "test")[1])
    return Talk(api, name)


def running(talk: Talk, **fields: object) -> Run:
    run = talk.api.add_run(talk.person, **fields)
    talk.api.move(run, "validating", "preparing", "queued", "allocating", "running")
    return run


def told(talk: Talk, run: Run, **progress: object) -> None:
    """A run that has said how far it is."""
    with talk.api.services.database.session() as session:
        Runs(session).get(run.id).progress = {"phase": "epoch", **progress}


def completed(talk: Talk, **fields: object) -> Run:
    """A run that has ended well; `metrics` is what it measured."""
    metrics = fields.pop("metrics", {"test/accuracy": 0.9})
    run = running(talk, **fields)
    talk.api.move(run, "completed")
    summaries = {name: {"final": v, "best": v} for name, v in metrics.items()}  # type: ignore[attr-defined]
    result = {
        "run_id": run.id,
        "name": run.name,
        "status": "completed",
        "model": run.model,
        "dataset": run.dataset,
        "metrics": summaries,
    }
    with talk.api.services.database.session() as session:
        Runs(session).update_fields(run.id, result=result)
    return run


def failed(talk: Talk, **fields: object) -> Run:
    """A run that has failed; `error` is what it died of."""
    error = {"code": "oom", "message": "CUDA out of memory", "hint": "use a smaller batch"}
    error |= fields.pop("error", {})  # type: ignore[arg-type]
    run = talk.api.add_run(talk.person, **fields)
    talk.api.move(run, "validating", "failed")
    with talk.api.services.database.session() as session:
        Runs(session).update_fields(run.id, error=error)
    return run


def status_of(talk: Talk, run: Run) -> str:
    answer = talk.api.call("GET", f"/api/v1/runs/{run.id}", "admin")
    return str(answer.json()["status"]) if answer.status_code == 200 else "gone"


def asked_of(talk: Talk, run: Run) -> str | None:
    """What was asked of a run and has not come true."""
    with talk.api.services.database.session(write=False) as session:
        request = Runs(session).get(run.id).request
    return str(request["kind"]) if request else None


def how_many(talk: Talk) -> int:
    """How many runs a person sees."""
    return int(talk.call("GET", "/api/v1/runs").json()["total"])
