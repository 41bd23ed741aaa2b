"""Making room through the API: what would go, and what goes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from server_rig import Api

from trainwright.spec.events import CheckpointSaved, utc_now
from trainwright.store.models import Run
from trainwright.store.repositories import Checkpoints, Runs

ROAD = ("validating", "preparing", "queued", "allocating", "running")


def ended(api: Api, person: str = "user", *, days: float = 0, accuracy: float | None = None) -> str:
    run = api.add_run(person)
    status = "failed" if accuracy is None else "completed"
    api.move(run, *ROAD, status)
    folder = api.services.settings.home.runs / run.id
    folder.mkdir(parents=True)
    (folder / "spec.yaml").write_bytes(b"x" * 100)
    with api.services.database.session() as session:
        row = session.get(Run, run.id)
        assert row is not None
        row.ended_at = utc_now() - timedelta(days=days)
        if accuracy is not None:
            metrics = {"test/accuracy": {"final": accuracy, "best": accuracy}}
            row.result = {"metrics": metrics}
    return run.id


def prune(api: Api, person: str = "user", **body: object) -> dict[str, object]:
    answer = api.call("POST", "/api/v1/runs/prune", person, json=body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def ids(pruned: dict[str, object]) -> set[str]:
    return {run["run_id"] for run in pruned["runs"]}  # type: ignore[index, attr-defined]


def test_it_says_what_would_go_before_it_goes(fresh_api: Api) -> None:
    api = fresh_api
    old, new, others = ended(api, days=31), ended(api), ended(api, "other", days=31)
    asked = prune(api, older_than_days=30)
    assert (ids(asked), asked["bytes"], asked["dry_run"]) == ({old}, 100, True)
    assert api.call("GET", f"/api/v1/runs/{old}").status_code == 200
    gone = prune(api, older_than_days=30, dry_run=False)
    assert (ids(gone), gone["trash_days"]) == ({old}, 7)
    assert api.call("GET", f"/api/v1/runs/{old}").status_code == 404
    assert api.call("GET", f"/api/v1/runs/{new}").status_code == 200
    assert api.call("GET", f"/api/v1/runs/{others}", "other").status_code == 200
    emptied = prune(api, trashed=True, dry_run=False)
    assert (ids(emptied), emptied["trash_days"]) == ({old}, 0)
    assert not (api.services.settings.home.runs / old).exists()
    assert ids(prune(api, "admin")) == {new, others}


def test_the_best_are_spared(fresh_api: Api) -> None:
    api = fresh_api
    good, bad, worse = (ended(api, accuracy=value) for value in (0.9, 0.5, float("nan")))
    assert ids(prune(api, status=["completed"], keep_best=1)) == {bad, worse}
    gone = prune(api, status=["completed"], keep_best=1, now=True, dry_run=False)
    assert (ids(gone), gone["trash_days"]) == ({bad, worse}, 0)
    assert api.call("GET", f"/api/v1/runs/{good}").status_code == 200
    assert api.call("GET", "/api/v1/runs?trashed=true").json()["items"] == []


@pytest.mark.parametrize(
    "body",
    [
        {"status": ["running"]},
        {"status": ["none"]},
        {"older_than_days": -1},
        {"keep_best": 1.5},
        {"dry_run": "no"},
        {"unknown": 1},
    ],
)
def test_a_wrong_request_deletes_nothing(api: Api, body: dict[str, object]) -> None:
    answer = api.call("POST", "/api/v1/runs/prune", json={"dry_run": False} | body)
    assert answer.status_code in (400, 422), answer.text


def test_checkpoints_are_pinned_and_pruned(fresh_api: Api) -> None:
    api = fresh_api
    run_id = ended(api)
    folder = api.services.settings.home.runs / run_id / "checkpoints"
    folder.mkdir()
    for step in range(1, 7):
        (folder / f"{step}.pt").write_bytes(b"x" * 50)
        saved = CheckpointSaved(
            path=f"checkpoints/{step}.pt", sha256=f"{step:064x}", size=50, step=step
        )
        with api.services.database.session() as session:
            Checkpoints(session).save(run_id, 1, saved)
    path = f"/api/v1/runs/{run_id}/checkpoints"
    kept = api.call("POST", f"{path}/1/keep").json()["items"]
    assert [(one["step"], one["kept"]) for one in kept] == [(1, True)]
    assert api.call("POST", f"{path}/99/keep").status_code == 404
    views = api.call("GET", path).json()["items"]
    assert [one["step"] for one in views if one["kept"]] == [1]
    asked = prune(api, checkpoints=True)
    assert (asked["checkpoints"], asked["bytes"], ids(asked)) == (2, 100, {run_id})
    assert len([*folder.iterdir()]) == 6
    assert prune(api, "other", checkpoints=True, dry_run=False)["checkpoints"] == 0
    assert prune(api, checkpoints=True, dry_run=False)["checkpoints"] == 2
    assert sorted(one.name for one in folder.iterdir()) == ["1.pt", "4.pt", "5.pt", "6.pt"]
    with api.services.database.session(write=False) as session:
        assert Runs(session).get(run_id).deleted_at is None
    released = api.call("DELETE", f"{path}/1/keep").json()["items"]
    assert [one["kept"] for one in released] == [False]


def test_what_takes_space(fresh_api: Api) -> None:
    api = fresh_api
    mine = ended(api)
    ended(api, "other")
    report = api.call("GET", "/api/v1/monitoring/storage").json()
    assert [run["run_id"] for run in report["runs"]] == [mine]
    assert report["kinds"]["runs"] == 100
    everything = api.call("GET", "/api/v1/monitoring/storage?limit=1", "admin").json()
    assert (everything["runs_total"], len(everything["runs"])) == (2, 1)
    assert everything["kinds"]["database"] > 0
