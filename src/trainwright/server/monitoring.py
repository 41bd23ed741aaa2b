"""Everything at a glance: what runs, what waits, what is wrong, and what the machine does."""

from __future__ import annotations

from pathlib import Path

from trainwright.server import hardware
from trainwright.server.alert_views import alert_view
from trainwright.server.run_views import run_view
from trainwright.spec.api import Dashboard, Slots, Today
from trainwright.spec.events import utc_now
from trainwright.spec.status import ACTIVE, RunStatus
from trainwright.store import Database
from trainwright.store.repositories import AlertQuery, Alerts, RunQuery, Runs
from trainwright.targets import registry as targets
from trainwright.targets.base import Allocation, Capacity

_SHOWN = 20
_LOCAL = "local"


def dashboard(database: Database, owner_id: str | None, home: Path) -> Dashboard:
    """The dashboard of one owner's runs or of all; slots and machine are everybody's."""
    midnight = utc_now().replace(hour=0, minute=0, second=0, microsecond=0)
    with database.session(write=False) as session:
        runs = Runs(session)
        counts = runs.count_by_status(owner_id)
        active = runs.list(
            RunQuery(status=[*ACTIVE], owner_id=owner_id, limit=_SHOWN, brief=True)
        ).items
        recent = runs.list(RunQuery(owner_id=owner_id, limit=_SHOWN, brief=True)).items
        ended = runs.count_ended_since(midnight, owner_id)
        query = AlertQuery(owner_id=owner_id, state="open", limit=_SHOWN, worst_first=True)
        alerts = Alerts(session).list(query)
        slots = _slots(runs, targets.get(_LOCAL).capacity())
    return Dashboard(
        runs_by_status={str(status): counts[status] for status in RunStatus if status in counts},
        active=[run_view(run) for run in active],
        recent=[run_view(run) for run in recent],
        today=Today(
            since=midnight,
            completed=ended.get(RunStatus.COMPLETED, 0),
            failed=ended.get(RunStatus.FAILED, 0),
            stopped=ended.get(RunStatus.STOPPED, 0),
        ),
        slots=slots,
        vitals=hardware.machine_vitals(home),
        alerts=[alert_view(alert) for alert in alerts.items],
        open_alerts=alerts.total,
        hardware=hardware.read(home),
    )


def _slots(runs: Runs, capacity: Capacity) -> Slots:
    holding = [run for run in runs.holding() if run.target == _LOCAL]
    held = [Allocation.model_validate(run.allocation) for run in holding if run.allocation]
    return Slots(
        cpus=capacity.cpus,
        cpus_held=sum(one.cpus for one in held),
        gpus=capacity.gpus,
        gpus_held=sum(len(one.gpus) for one in held),
        holding=len(holding),
        waiting=sum(run.target == _LOCAL for run in runs.waiting()),
    )
