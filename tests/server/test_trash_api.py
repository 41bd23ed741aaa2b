"""Deleting a run through the API, and taking it back."""

import time
from datetime import timedelta

from server_rig import Api

from trainwright.server.dataset_trash import DatasetTrash
from trainwright.server.incoming import Incoming
from trainwright.server.upkeep import Upkeep
from trainwright.spec.events import utc_now
from trainwright.store.models import Run
from trainwright.telemetry.retention import Retention

RUNS = "/api/v1/runs"


def ended(api: Api, person: str = "user") -> Run:
    run = api.add_run(person)
    api.move(run, "stopped")
    return run


def ids(api: Api, query: str = "", person: str = "user") -> list[str]:
    return [run["id"] for run in api.call("GET", f"{RUNS}{query}", person).json()["items"]]


def test_a_deleted_run_is_in_the_trash_and_can_be_restored(fresh_api: Api) -> None:
    api = fresh_api
    run, other = ended(api), ended(api)
    assert api.call("DELETE", f"{RUNS}/{run.id}").status_code == 204
    assert (ids(api), ids(api, "?trashed=true")) == ([other.id], [run.id])
    refused = api.call("GET", f"{RUNS}/{run.id}")
    assert refused.status_code == 404
    assert refused.json()["error"]["details"]["mend"] == f"trainwright runs restore {run.id}"
    shown = api.call("GET", f"{RUNS}/{run.id}?trashed=true").json()
    assert shown["trashed_at"] is not None
    assert api.call("DELETE", f"{RUNS}/{run.id}").status_code == 404
    restored = api.call("POST", f"{RUNS}/{run.id}/restore")
    assert (restored.status_code, restored.json()["trashed_at"]) == (200, None)
    assert set(ids(api)) == {run.id, other.id}
    assert api.call("POST", f"{RUNS}/{run.id}/restore").status_code == 404


def test_now_deletes_for_good_also_from_the_trash(fresh_api: Api) -> None:
    api = fresh_api
    run = ended(api)
    api.call("DELETE", f"{RUNS}/{run.id}")
    assert api.call("DELETE", f"{RUNS}/{run.id}?now=true").status_code == 204
    assert ids(api, "?trashed=true") == []
    assert api.call("POST", f"{RUNS}/{run.id}/restore").status_code == 404


def test_the_trash_is_private(fresh_api: Api) -> None:
    api = fresh_api
    run = ended(api)
    api.call("DELETE", f"{RUNS}/{run.id}")
    assert ids(api, "?trashed=true", "other") == []
    assert api.call("POST", f"{RUNS}/{run.id}/restore", "other").status_code == 404
    assert api.call("DELETE", f"{RUNS}/{run.id}?now=true", "other").status_code == 404
    assert api.call("POST", f"{RUNS}/{run.id}/restore", "viewer").status_code == 403
    assert ids(api, "?trashed=true", "admin") == [run.id]


def test_the_days_are_a_setting_of_an_admin(fresh_api: Api) -> None:
    api = fresh_api
    settings = "/api/v1/settings"
    assert api.call("GET", settings).json()["trash_days"] == 7
    for wrong in (-1, 1.5, "many", 100_000):
        answer = api.call("PATCH", settings, "admin", json={"trash_days": wrong})
        assert answer.status_code == 422, wrong
    assert api.call("PATCH", settings, "user", json={"trash_days": 0}).status_code == 403
    changed = api.call("PATCH", settings, "admin", json={"trash_days": 0}).json()
    assert (changed["trash_days"], changed["default_target"]) == (0, "local")
    run = ended(api)
    api.call("DELETE", f"{RUNS}/{run.id}")
    assert ids(api, "?trashed=true") == []


def test_upkeep_empties_what_is_old_and_only_that(fresh_api: Api) -> None:
    api = fresh_api
    old, young = ended(api), ended(api)
    for run in (old, young):
        api.call("DELETE", f"{RUNS}/{run.id}")
    with api.services.database.session() as session:
        row = session.get(Run, old.id)
        assert row is not None
        row.deleted_at = utc_now() - timedelta(days=8)
    retention = Retention(api.services.database, api.services.settings.home)
    datasets = DatasetTrash(api.services.database, api.services.settings)
    incoming = Incoming(api.services.settings.home.incoming)
    upkeep = Upkeep(api.services.runs, datasets, retention, incoming, every=0.05)
    upkeep.start()
    for _ in range(100):
        if ids(api, "?trashed=true") == [young.id]:
            break
        time.sleep(0.05)
    upkeep.stop()
    assert ids(api, "?trashed=true") == [young.id]
