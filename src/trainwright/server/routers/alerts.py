"""Alerts: what is wrong with whose run, and that somebody has seen it."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from fastapi import Path as PathParameter

from trainwright.server.alert_rules import change_rules, rules_of
from trainwright.server.alert_views import alert_view
from trainwright.server.auth import Principal, Reader, Writer
from trainwright.server.run_access import OwnRun, VisibleRun
from trainwright.server.services import Platform, Services
from trainwright.spec.api import AlertRules, AlertRulesPatch, AlertView, Page
from trainwright.spec.errors import NotFoundError
from trainwright.store.repositories import AlertQuery, Alerts, Runs

router = APIRouter(prefix="/monitoring", tags=["monitoring"])
rules_router = APIRouter(prefix="/settings/alerts", tags=["settings"])

State = Literal["open", "unseen", "acknowledged", "resolved"]
AlertId = Annotated[str, PathParameter(max_length=64)]
Rule = Annotated[str | None, Query(max_length=64)]
Severities = Annotated[list[Literal["info", "warning", "error"]] | None, Query()]
Limit = Annotated[int, Query(ge=1, le=1000)]
Cursor = Annotated[str | None, Query(max_length=400)]
Scope = Annotated[
    Literal["mine", "project", "platform"], Query(description="Whose thresholds are changed.")
]
Project = Annotated[str | None, Query(max_length=200, description="A project's id or name.")]


def _asked(
    *,
    state: State | None = None,
    rule: Rule = None,
    severity: Severities = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> AlertQuery:
    return AlertQuery(rule=rule, severity=severity or (), state=state, limit=limit, cursor=cursor)


Asked = Annotated[AlertQuery, Depends(_asked)]


@router.get("/alerts")
def list_alerts(user: Reader, services: Platform, asked: Asked) -> Page[AlertView]:
    """Alerts of every run in sight, newest first; `unseen` are open and not acknowledged."""
    return _page(services, replace(asked, owner_id=user.scope))


@router.post("/alerts/{alert_id}/acknowledge")
def acknowledge(alert_id: AlertId, user: Writer, services: Platform) -> AlertView:
    """Note that it was seen, by whom and when; of a run that has ended, it is over thereby."""
    return _acknowledge(services, user, alert_id, run_id=None)


@router.get("/{run_id}/alerts")
def alerts_of_run(run: VisibleRun, services: Platform, asked: Asked) -> Page[AlertView]:
    """The run's alerts, newest first."""
    return _page(services, replace(asked, run_id=run.id))


@router.post("/{run_id}/alerts/{alert_id}/acknowledge")
def acknowledge_of_run(
    run: OwnRun, alert_id: AlertId, user: Writer, services: Platform
) -> AlertView:
    """As `POST /monitoring/alerts/{alert_id}/acknowledge`, of an alert of this run."""
    return _acknowledge(services, user, alert_id, run_id=run.id)


@rules_router.get("")
def show_rules(user: Reader, services: Platform, project: Project = None) -> AlertRules:
    """The thresholds that count for the asker's runs, in a project or in none."""
    return rules_of(services, user, project)


@rules_router.patch("")
def patch_rules(
    *,
    body: AlertRulesPatch,
    user: Writer,
    services: Platform,
    scope: Scope = "mine",
    project: Project = None,
) -> AlertRules:
    """Change thresholds: one's own, a project's (its owner), or the platform's (an admin)."""
    change_rules(services, user, scope, project, body.changes)
    return rules_of(services, user, project)


def _page(services: Services, query: AlertQuery) -> Page[AlertView]:
    with services.database.session(write=False) as session:
        page = Alerts(session).list(query)
    items = [alert_view(shown) for shown in page.items]
    return Page(items=items, next_cursor=page.next_cursor, total=page.total)


def _acknowledge(
    services: Services, user: Principal, alert_id: str, run_id: str | None
) -> AlertView:
    with services.database.session() as session:
        alerts = Alerts(session)
        row = alerts.get(alert_id).row
        run = Runs(session).get(row.run_id)
        if run_id not in (None, run.id) or user.scope not in (None, run.owner_id):
            raise NotFoundError(f"there is no alert {alert_id!r}", mend="trainwright alerts list")
        alerts.acknowledge(alert_id, user.id)
        session.flush()
        shown = alerts.get(alert_id)
    services.hub.wake(run.id)
    return alert_view(shown)
