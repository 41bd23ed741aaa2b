"""Every route × who asks. A route that is not in the table fails the test."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from fastapi.routing import iter_route_contexts
from server_rig import Api

from trainwright.server.incoming import Incoming, Upload
from trainwright.spec.events import utc_now
from trainwright.spec.ids import new_id
from trainwright.store.models import Run
from trainwright.store.repositories import (
    Alerts,
    Chats,
    Datasets,
    Notices,
    Projects,
    Shares,
    Tokens,
    Trouble,
    Webhooks,
)
from trainwright.store.repositories.events import lock_run

PEOPLE = ("anonymous", "viewer", "user", "other", "admin")
LET_IN = 0
"""Past the guards; what the route then answers is other tests' business."""

PUBLIC = dict.fromkeys(PEOPLE, LET_IN)
READ = PUBLIC | {"anonymous": 401}
WRITE = READ | {"viewer": 403}
ADMIN = READ | {"viewer": 403, "user": 403, "other": 403}
RUN_READ = READ | {"other": 404}
RUN_WRITE = RUN_READ | {"viewer": 403}
OWN_WEBHOOK = WRITE | {"other": 404}
OWN_UPLOAD = WRITE | {"other": 404, "admin": 404}
OWNER_ONLY = READ | {"viewer": 404, "other": 404, "admin": 404}
SELF_OR_ADMIN = READ | {"viewer": 404, "other": 404}
INTERNAL = dict.fromkeys(PEOPLE, 401)

RUN_ROUTES = {
    ("POST", ""): WRITE,
    ("GET", ""): READ,
    ("GET", "/compare"): READ,
    ("GET", "/{run_id}"): RUN_READ,
    ("PATCH", "/{run_id}"): RUN_WRITE,
    ("DELETE", "/{run_id}"): RUN_WRITE,
    ("POST", "/{run_id}/stop"): RUN_WRITE,
    ("POST", "/{run_id}/pause"): RUN_WRITE,
    ("POST", "/{run_id}/resume"): RUN_WRITE,
    ("POST", "/{run_id}/clone"): RUN_WRITE,
    ("POST", "/{run_id}/restore"): RUN_WRITE,
    ("POST", "/prune"): WRITE,
    ("POST", "/{run_id}/checkpoints/{step}/keep"): RUN_WRITE,
    ("DELETE", "/{run_id}/checkpoints/{step}/keep"): RUN_WRITE,
    ("GET", "/{run_id}/metrics"): RUN_READ,
    ("GET", "/{run_id}/logs"): RUN_READ,
    ("GET", "/{run_id}/events"): RUN_READ,
    ("GET", "/{run_id}/checkpoints"): RUN_READ,
    ("GET", "/{run_id}/artifacts"): RUN_READ,
    ("GET", "/{run_id}/artifacts/{name:path}"): RUN_READ,
    ("GET", "/{run_id}/result"): RUN_READ,
    ("GET", "/{run_id}/diagnose"): RUN_READ,
    ("GET", "/{run_id}/script"): RUN_READ,
    ("GET", "/{run_id}/attempts"): RUN_READ,
    ("POST", "/{run_id}/evaluate"): RUN_WRITE,
    ("GET", "/{run_id}/evaluations"): RUN_READ,
    ("POST", "/{run_id}/export"): RUN_WRITE,
    ("GET", "/{run_id}/report"): RUN_READ,
    ("POST", "/{run_id}/share"): RUN_WRITE,
    ("GET", "/{run_id}/share"): RUN_WRITE,
    ("DELETE", "/{run_id}/share"): RUN_WRITE,
    ("DELETE", "/{run_id}/share/{share_id}"): RUN_WRITE,
}
TABLE = {
    ("GET", "/openapi.json"): PUBLIC,
    ("GET", "/docs"): PUBLIC,
    ("GET", "/docs/start.js"): PUBLIC,
    ("GET", "/docs/assets/{name}"): PUBLIC,
    ("GET", "/redoc"): PUBLIC,
    ("GET", "/healthz"): PUBLIC,
    ("GET", "/readyz"): PUBLIC,
    ("GET", "/metrics"): READ | {"user": 403, "other": 403},
    ("GET", "/api/v1/health"): PUBLIC,
    ("POST", "/api/v1/auth/token"): PUBLIC,
    ("POST", "/api/v1/auth/refresh"): PUBLIC,
    ("POST", "/api/v1/auth/sign-in"): PUBLIC,
    ("POST", "/api/v1/auth/links"): READ,
    ("GET", "/api/v1/auth/me"): READ,
    ("POST", "/api/v1/auth/ticket"): READ,
    ("POST", "/api/v1/auth/session"): READ,
    ("DELETE", "/api/v1/auth/session"): READ,
    ("POST", "/api/v1/chat/parse"): READ,
    ("POST", "/api/v1/chat/message"): READ,
    ("POST", "/api/v1/chat/edit"): OWNER_ONLY,
    ("GET", "/api/v1/chat/sessions"): READ,
    ("GET", "/api/v1/chat/sessions/{session_id}"): OWNER_ONLY,
    ("DELETE", "/api/v1/chat/sessions/{session_id}"): OWNER_ONLY,
    ("GET", "/api/v1/models"): READ,
    ("GET", "/api/v1/models/{model_id:path}"): READ,
    ("GET", "/api/v1/datasets"): READ,
    ("POST", "/api/v1/datasets"): WRITE,
    ("POST", "/api/v1/datasets/upload"): WRITE,
    ("OPTIONS", "/api/v1/datasets/uploads"): READ,
    ("GET", "/api/v1/datasets/uploads"): WRITE,
    ("POST", "/api/v1/datasets/uploads"): WRITE,
    ("GET", "/api/v1/datasets/uploads/{upload_id}"): OWN_UPLOAD,
    ("PATCH", "/api/v1/datasets/uploads/{upload_id}"): OWN_UPLOAD,
    ("DELETE", "/api/v1/datasets/uploads/{upload_id}"): OWN_UPLOAD,
    ("POST", "/api/v1/datasets/uploads/{upload_id}/finish"): OWN_UPLOAD,
    ("GET", "/api/v1/datasets/{dataset_id}"): READ,
    ("GET", "/api/v1/datasets/{dataset_id}/preview"): READ,
    ("GET", "/api/v1/datasets/{dataset_id}/images/{path:path}"): READ,
    ("POST", "/api/v1/datasets/{dataset_id}/validate"): WRITE,
    ("DELETE", "/api/v1/datasets/{dataset_id}"): WRITE | {"other": 403},
    ("POST", "/api/v1/datasets/{dataset_id}/restore"): RUN_WRITE,
    ("POST", "/api/v1/inference/{run_id}/predict"): RUN_WRITE,
    ("POST", "/api/v1/inference/{run_id}/batch"): RUN_WRITE,
    ("GET", "/api/v1/inference/{run_id}/batch"): RUN_READ,
    ("GET", "/api/v1/inference/{run_id}/batch/{job}"): RUN_READ,
    ("GET", "/api/v1/inference/{run_id}/batch/{job}/results"): RUN_READ,
    ("POST", "/api/v1/inference/{run_id}/batch/{job}/cancel"): RUN_WRITE,
    ("POST", "/api/v1/inference/{run_id}/batch/{job}/resume"): RUN_WRITE,
    ("DELETE", "/api/v1/inference/{run_id}/batch/{job}"): RUN_WRITE,
    ("GET", "/api/v1/recipes"): READ,
    ("GET", "/api/v1/recipes/{recipe_id}"): READ,
    ("POST", "/api/v1/recipes/{recipe_id}/apply"): WRITE,
    ("GET", "/api/v1/targets"): READ,
    ("POST", "/api/v1/targets/{name}/test"): WRITE,
    ("GET", "/api/v1/compute/hardware"): READ,
    ("POST", "/api/v1/compute/plan"): READ,
    ("GET", "/api/v1/monitoring/dashboard"): READ,
    ("GET", "/api/v1/monitoring/storage"): READ,
    ("GET", "/api/v1/monitoring/{run_id}/health"): RUN_READ,
    ("GET", "/api/v1/monitoring/{run_id}/alerts"): RUN_READ,
    ("GET", "/api/v1/monitoring/{run_id}/resources"): RUN_READ,
    ("GET", "/api/v1/monitoring/alerts"): READ,
    ("POST", "/api/v1/monitoring/alerts/{alert_id}/acknowledge"): RUN_WRITE,
    ("POST", "/api/v1/monitoring/{run_id}/alerts/{alert_id}/acknowledge"): RUN_WRITE,
    ("GET", "/api/v1/settings/alerts"): READ,
    ("GET", "/api/v1/settings/webhooks"): WRITE,
    ("POST", "/api/v1/settings/webhooks"): WRITE,
    ("PATCH", "/api/v1/settings/webhooks/{webhook_id}"): OWN_WEBHOOK,
    ("DELETE", "/api/v1/settings/webhooks/{webhook_id}"): OWN_WEBHOOK,
    ("POST", "/api/v1/settings/webhooks/{webhook_id}/test"): OWN_WEBHOOK,
    ("GET", "/api/v1/settings/webhooks/{webhook_id}/deliveries"): OWN_WEBHOOK,
    ("POST", "/api/v1/settings/webhooks/{webhook_id}/deliveries/{delivery_id}/retry"): OWN_WEBHOOK,
    ("PATCH", "/api/v1/settings/alerts"): WRITE,
    ("GET", "/api/v1/settings"): READ,
    ("PATCH", "/api/v1/settings"): ADMIN,
    ("GET", "/api/v1/projects"): READ,
    ("POST", "/api/v1/projects"): WRITE,
    ("GET", "/api/v1/projects/{project_id}"): READ,
    ("PATCH", "/api/v1/projects/{project_id}"): WRITE | {"other": 403},
    ("DELETE", "/api/v1/projects/{project_id}"): WRITE | {"other": 403},
    ("GET", "/api/v1/users"): ADMIN,
    ("POST", "/api/v1/users"): ADMIN,
    ("PATCH", "/api/v1/users/{user_id}"): ADMIN,
    ("GET", "/api/v1/users/{user_id}/tokens"): SELF_OR_ADMIN,
    ("POST", "/api/v1/users/{user_id}/tokens"): SELF_OR_ADMIN,
    ("DELETE", "/api/v1/users/{user_id}/tokens/{token_id}"): SELF_OR_ADMIN,
    ("GET", "/api/v1/shared/{token}"): PUBLIC,
    ("GET", "/api/v1/shared/{token}/result"): PUBLIC,
    ("GET", "/api/v1/shared/{token}/checkpoints"): PUBLIC,
    ("GET", "/api/v1/shared/{token}/metrics"): PUBLIC,
    ("GET", "/api/v1/shared/{token}/logs"): PUBLIC,
    ("GET", "/api/v1/shared/{token}/events"): PUBLIC,
    ("GET", "/api/v1/internal/runs/{run_id}/cursor"): INTERNAL,
    ("POST", "/api/v1/internal/runs/{run_id}/events"): INTERNAL,
    ("POST", "/api/v1/internal/wake/{run_id}"): INTERNAL,
} | {
    (method, f"/api/v1/{prefix}{path}"): rule
    for prefix in ("runs", "workflows", "jobs")
    for (method, path), rule in RUN_ROUTES.items()
}
BODIES = {
    "/settings/alerts": {"changes": {"spike_score": 9}},
    "/clone": {"changes": {}},
    "/export": {"format": "no such format"},
    "/chat/parse": {"sentence": "hello"},
    "/chat/message": {"message": "hello"},
    "/compute/plan": {"spec": {"model": "builtin/lenet5"}},
    "/tokens": {"name": "another"},
    "/datasets": {"path": "/no/such/folder"},
}


def routes(api: Api) -> set[tuple[str, str]]:
    return {
        (method, route.path)
        for route in iter_route_contexts(api.app.routes)
        for method in (route.methods or ())
        if method != "HEAD"
    }


def test_every_route_is_in_the_table(api: Api) -> None:
    assert routes(api) == set(TABLE)


def an_alert(api: Api, run: Run) -> str:
    with api.services.database.session() as session:
        alerts = Alerts(session)
        alerts.report(lock_run(session, run.id), Trouble("stall", "warning", "no step"))
        return alerts.open_of(run.id)["stall"].id


def a_link(api: Api, run: Run) -> str:
    end = utc_now() + timedelta(hours=1)
    with api.services.database.session() as session:
        shares = Shares(session)
        return shares.add(run.id, api.people["user"][0], expires_at=end, with_log=True).id


def a_delivery(api: Api) -> tuple[str, str]:
    """Of a webhook that leads nowhere."""
    with api.services.database.session() as session:
        sealed = api.services.sealer.seal("secret")
        hook = Webhooks(session).add(api.people["user"][0], "http://127.0.0.1:9/", ["test"], sealed)
        return hook.id, Notices(session).put(hook, "test", "a test", {}).id


def an_upload(api: Api) -> str:
    incoming = Incoming(api.services.settings.home.incoming)
    for upload in incoming.of(api.people["user"][0]):
        incoming.remove(upload)
    upload = Upload(id=new_id("d"), owner_id=api.people["user"][0], file_name="a.zip", length=9)
    incoming.begin(upload)
    return upload.id


@pytest.mark.parametrize("person", PEOPLE)
def test_everyone_reaches_what_is_theirs_and_nothing_else(api: Api, person: str) -> None:
    wrong = []
    for (method, template), rule in TABLE.items():
        run = api.add_run("user")
        alert = an_alert(api, run)
        webhook, delivery = a_delivery(api)
        share = a_link(api, run)
        if template.endswith("/restore"):
            api.move(run, "stopped")
            api.services.runs.delete(run.id)
        owner = api.people["user"][0]
        with api.services.database.session() as session:
            chat = Chats(session).start(owner).id
            project = Projects(session).add(f"of-{run.id}", owner_id=owner).id
            token = Tokens(session).create(owner, "extra")[0].id
            dataset = Datasets(session).add(f"of-{run.id}", "/no/such/folder", owner_id=owner).id
            if template.endswith("/restore"):
                Datasets(session).trash(dataset)
        path = template.replace(":path", "").format(
            run_id=run.id,
            step=1,
            session_id=chat,
            dataset_id=dataset,
            path="a.png",
            upload_id=an_upload(api) if "{upload_id}" in template else "",
            model_id="builtin/lenet5",
            recipe_id="digits-lenet5",
            job="b1",
            project_id=project,
            user_id=owner,
            token_id=token,
            alert_id=alert,
            webhook_id=webhook,
            delivery_id=delivery,
            share_id=share,
            token=api.services.share_links.token(share),
            name="swagger-ui.css" if "/docs/" in template else "local",
        )
        body = next((b for end, b in BODIES.items() if path.endswith(end)), {})
        if path.endswith("/chat/edit"):
            body = {"session_id": chat, "changes": {}}
        who = None if person == "anonymous" else person
        sent = {} if method in ("GET", "DELETE") else {"json": body}
        answer = api.call(method, path, who, **sent)
        if (problem := judge(answer.status_code, answer.text, rule[person])) is not None:
            wrong.append(f"{method} {template}: {problem}")
    assert not wrong, "\n".join(wrong)


def judge(status: int, text: str, expected: int) -> str | None:
    if status >= 500:
        return f"{status} {text}"
    if expected != LET_IN:
        return None if status == expected else f"{status}, not {expected}: {text}"
    if status in (401, 403):
        return f"refused with {status}: {text}"
    if status == 404 and re.search("there is no (run|user|alert|webhook|dataset)", text):
        return f"it is not seen: {text}"
    return None
