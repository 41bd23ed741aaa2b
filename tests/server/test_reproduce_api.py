"""How runs came about, side by side, and what people say of them."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from server_rig import Api, Live

from trainwright.client import Client
from trainwright.store.repositories import Projects, Runs


def test_who_asked_is_kept_with_a_run_and_with_its_clone(
    live: Live, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = ["-c", "user.name=a", "-c", "user.email=a@b"]
    (tmp_path / "train.py").write_text("print(1)\n")
    for command in (["init", "-b", "main"], ["add", "."], [*who, "commit", "-m", "one"]):
        subprocess.run(["git", "-C", str(tmp_path), *command], check=True, capture_output=True)
    (tmp_path / "train.py").write_text("print(2)\n")
    (tmp_path / "new.py").write_text("")
    monkeypatch.chdir(tmp_path)
    with Client(live.url, live.people["user"][1]) as client:
        made = client.create_run({"model": "builtin/mlp", "dataset": "digits", "epochs": 1})
        cloned = client.clone(made.id, {"epochs": 2})
    for run_id in (made.id, cloned.id):
        with live.services.database.session(write=False) as session:
            caller = dict(Runs(session).get(run_id).caller or {})
        assert caller["cwd"] == str(tmp_path)
        assert caller["git"]["branch"] == "main"
        assert "+print(2)" in caller["git"]["diff"]
        assert caller["git"]["untracked"] == ["new.py"]
        assert caller["command"]


def test_runs_are_compared_by_settings_provenance_and_metrics(api: Api) -> None:
    runs = [api.add_run(epochs=epochs) for epochs in (1, 2, 2)]
    for run, torch in zip(runs, ("2.4", "2.4", "2.5"), strict=True):
        folder = api.services.settings.home.runs / run.id
        folder.mkdir(parents=True)
        record = {"data_hash": "h", "packages": {"torch": torch}, "created_at": run.id}
        (folder / "provenance.json").write_text(json.dumps(record))
        (folder / "command.json").write_text(json.dumps({"argv": ["python", "-m", "x"]}))
    query = "&".join(f"run={run.id}" for run in runs)
    found = api.call("GET", f"/api/v1/runs/compare?{query}").json()
    assert [one["id"] for one in found["runs"]] == [run.id for run in runs]
    assert found["settings"] == {"epochs": [1, 2, 2]}
    assert found["provenance"] == {"packages.torch": ["2.4", "2.4", "2.5"]}
    shown = api.call("GET", f"/api/v1/runs/{runs[0].id}").json()["origin"]
    assert shown["trainer_command"] == ["python", "-m", "x"]
    assert api.call("GET", f"/api/v1/runs/compare?run={runs[0].id}").status_code == 422
    assert api.call("GET", f"/api/v1/runs/compare?{query}", "other").status_code == 404


def test_runs_are_edited_and_found_by_tags_notes_and_project(live: Live) -> None:
    first, second = live.add_run(), live.add_run()
    with Client(live.url, live.people["user"][1]) as client:
        project = client.add_project("shapes")
        client.edit_run(first.id, tags=["paper", "50%_off", "b"], notes="a lucky seed")
        client.edit_run(second.id, tags=["papers"], project="shapes")

        def ids(**filters: object) -> list[str]:
            return [run.id for run in client.runs(**filters)]

        assert ids(tags=["paper"]) == [first.id]
        assert ids(tags=["50%_off", "b"]) == [first.id]
        assert ids(tags=["paper", "papers"]) == []
        assert ids(q="lucky") == [first.id]
        assert ids(project="shapes") == ids(project=project.id) == [second.id]
        assert client.project("shapes").runs == 1
        assert client.edit_project("shapes", name="forms").name == "forms"
        assert client.edit_run(second.id, project="").project_id is None
        assert [(one.name, one.runs) for one in client.projects() if one.id == project.id] == [
            ("forms", 0)
        ]
        client.delete_project("forms")
        assert project.id not in [one.id for one in client.projects()]
        # what was not said stays
        kept = client.edit_run(first.id, name="another")
        assert (kept.name, kept.tags, kept.notes) == (
            "another",
            ["paper", "50%_off", "b"],
            "a lucky seed",
        )


def test_a_projects_name_is_nobody_elses(api: Api) -> None:
    with api.services.database.session() as session:
        for name in ("one", "two"):
            Projects(session).add(name, owner_id=api.people["user"][0])
    answer = api.call("PATCH", "/api/v1/projects/one", json={"name": "two"})
    assert answer.status_code == 409
    assert api.call("PATCH", "/api/v1/projects/none", json={"name": "x"}).status_code == 404
    run = api.add_run()
    path = f"/api/v1/runs/{run.id}"
    assert api.call("PATCH", path, json={"project_id": "none"}).status_code == 404
