"""The authorization table: every route, every WebSocket, and who is let in.

A new route needs a row. A new placeholder in a path needs a property of `Things`, which makes what
the user `user` owns; a body that is looked at before rights are needs a line in `BODIES`.
"""

from __future__ import annotations

import re
from datetime import timedelta
from functools import cached_property

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
"""For agents and services: no person's token is of use."""

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
    ("POST", "/edit"): WRITE,
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
    ("GET", "/{run_id}/report"): RUN_READ,
    ("GET", "/{run_id}/attempts"): RUN_READ,
    ("POST", "/{run_id}/evaluate"): RUN_WRITE,
    ("GET", "/{run_id}/evaluations"): RUN_READ,
    ("POST", "/{run_id}/export"): RUN_WRITE,
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
    ("PATCH", "/api/v1/auth/me"): READ,
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
    ("HEAD", "/api/v1/datasets/uploads/{upload_id}"): OWN_UPLOAD,
    ("PATCH", "/api/v1/datasets/uploads/{upload_id}"): OWN_UPLOAD,
    ("DELETE", "/api/v1/datasets/uploads/{upload_id}"): OWN_UPLOAD,
    ("POST", "/api/v1/datasets/uploads/{upload_id}/finish"): OWN_UPLOAD,
    ("GET", "/api/v1/datasets/{dataset_id}"): READ,
    ("GET", "/api/v1/datasets/{dataset_id}/preview"): READ,
    ("GET", "/api/v1/datasets/{dataset_id}/images/{path:path}"): READ,
    ("POST", "/api/v1/datasets/{dataset_id}/validate"): WRITE,
    ("DELETE", "/api/v1/datasets/{dataset_id}"): WRITE | {"other": 403},
    ("POST", "/api/v1/datasets/{dataset_id}/restore"): RUN_WRITE,
    ("GET", "/api/v1/inference/{run_id}"): RUN_READ,
    ("POST", "/api/v1/inference/{run_id}/chat"): RUN_WRITE,
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


SOCKETS = {
    f"{prefix}/ws/{path}": rule
    for prefix in ("", "/api/v1")
    for path, rule in {
        "runs/{run_id}": RUN_READ,
        "workflows/{run_id}": RUN_READ,
        "jobs/{run_id}": RUN_READ,
        "dashboard": READ,
        "shared/{token}": PUBLIC,
    }.items()
}


class Things:
    """What belongs to `user`, each made when a path asks for it.

    Args:
        api: Where.
        template: The path of a route.
    """

    step = 1
    model_id = "builtin/lenet5"
    recipe_id = "digits-lenet5"
    job = "b1"
    path = "a.png"

    def __init__(self, api: Api, template: str) -> None:
        self.api = api
        self.template = template
        self.owner = api.people["user"][0]

    @property
    def address(self) -> str:
        """The path with everything in it."""
        return re.sub(r"{(\w+)(:path)?}", lambda m: str(getattr(self, m[1])), self.template)

    @property
    def body(self) -> dict[str, object]:
        if self.template.endswith("/chat/edit"):
            return {"session_id": self.session_id, "changes": {}}
        return next((b for end, b in BODIES.items() if self.template.endswith(end)), {})

    @cached_property
    def run(self) -> Run:
        run = self.api.add_run("user")
        if self.template.endswith("/restore"):
            self.api.move(run, "stopped")
            self.api.services.runs.delete(run.id)
        return run

    @property
    def run_id(self) -> str:
        return self.run.id

    @cached_property
    def session_id(self) -> str:
        with self.api.services.database.session() as session:
            return Chats(session).start(self.owner).id

    @cached_property
    def project_id(self) -> str:
        with self.api.services.database.session() as session:
            return Projects(session).add(new_id("of-"), owner_id=self.owner).id

    @cached_property
    def dataset_id(self) -> str:
        with self.api.services.database.session() as session:
            stored = Datasets(session)
            dataset = stored.add(new_id("of-"), "/no/such/folder", owner_id=self.owner).id
            if self.template.endswith("/restore"):
                stored.trash(dataset)
        return dataset

    @property
    def user_id(self) -> str:
        return self.owner

    @cached_property
    def token_id(self) -> str:
        with self.api.services.database.session() as session:
            return Tokens(session).create(self.owner, "extra")[0].id

    @cached_property
    def alert_id(self) -> str:
        with self.api.services.database.session() as session:
            alerts = Alerts(session)
            alerts.report(lock_run(session, self.run.id), Trouble("stall", "warning", "no step"))
            return alerts.open_of(self.run.id)["stall"].id

    @cached_property
    def share_id(self) -> str:
        end = utc_now() + timedelta(hours=1)
        with self.api.services.database.session() as session:
            return Shares(session).add(self.run.id, self.owner, expires_at=end, with_log=True).id

    @property
    def token(self) -> str:
        return self.api.services.share_links.token(self.share_id)

    @cached_property
    def _delivery(self) -> tuple[str, str]:
        """Of a webhook that leads nowhere."""
        with self.api.services.database.session() as session:
            sealed = self.api.services.sealer.seal("secret")
            hook = Webhooks(session).add(self.owner, "http://127.0.0.1:9/", ["test"], sealed)
            return hook.id, Notices(session).put(hook, "test", "a test", {}).id

    @property
    def webhook_id(self) -> str:
        return self._delivery[0]

    @property
    def delivery_id(self) -> str:
        return self._delivery[1]

    @cached_property
    def upload_id(self) -> str:
        incoming = Incoming(self.api.services.settings.home.incoming)
        for upload in incoming.of(self.owner):
            incoming.remove(upload)
        upload = Upload(id=new_id("d"), owner_id=self.owner, file_name="a.zip", length=9)
        incoming.begin(upload)
        return upload.id

    @property
    def name(self) -> str:
        return "swagger-ui.css" if "/docs/" in self.template else "local"
