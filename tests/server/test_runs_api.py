"""Runs over HTTP: made from specs and sentences, found, listed, changed, and what they produce."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from server_rig import Api, batch_of, events_of

from trainwright.spec.events import (
    Alert,
    CheckpointSaved,
    EventData,
    MetricPoint,
    Metrics,
    TrainingProgress,
)
from trainwright.spec.result import RunError
from trainwright.spec.rundir import Launch, RunDir
from trainwright.spec.status import RunStatus
from trainwright.store.repositories import Datasets, Projects, Runs
from trainwright.targets import registry as targets
from trainwright.targets.local.target import LocalTarget

DIGITS = {"model": "builtin/lenet5", "dataset": "digits", "epochs": 2}


def create(api: Api, body: dict[str, Any], person: str = "user") -> dict[str, Any]:
    answer = api.call("POST", "/api/v1/runs", person, json=body)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def get(api: Api, path: str, person: str = "user", **params: Any) -> Any:
    answer = api.call("GET", f"/api/v1{path}", person, params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


def error_of(api: Api, body: dict[str, Any]) -> dict[str, Any]:
    answer = api.call("POST", "/api/v1/runs", json=body)
    assert answer.status_code in (400, 404, 422), answer.text
    found: dict[str, Any] = answer.json()["error"]
    return found


def ship(api: Api, run_id: str, *data: EventData, first: int = 1) -> int:
    with api.services.database.session(write=False) as session:
        run = Runs(session).get(run_id)
    headers = {"X-Internal-Auth": api.agent_token(run)}
    path = f"/api/v1/internal/runs/{run_id}/events"
    sent = batch_of(events_of(run_id, *data, first=first))
    answer = api.call("POST", path, None, headers=headers, json=sent)
    assert answer.status_code == 200, answer.text
    return int(answer.json()["last_seq"])


def test_a_spec_becomes_a_whole_run_with_who_chose_what(api: Api) -> None:
    run = create(api, {"spec": DIGITS, "tags": ["first"]})
    assert run["status"] == "created"
    assert run["spec"]["epochs"] == 2
    assert run["spec"]["batch_size"] > 0
    assert run["provenance"]["epochs"] == "user"
    assert run["provenance"]["batch_size"] == "default"
    assert run["reasons"]["batch_size"]
    assert run["tags"] == ["first"]
    assert run["owner_id"] == api.people["user"][0]
    assert get(api, f"/runs/{run['id']}") == run


def test_fields_may_stand_at_the_top_level(api: Api) -> None:
    assert create(api, DIGITS)["spec"]["epochs"] == 2


def test_who_chose_a_value_can_be_said(api: Api) -> None:
    said = {"provenance": {"epochs": "inferred"}, "reasons": {"epochs": "x"}}
    run = create(api, {"spec": DIGITS} | said)
    assert run["provenance"]["epochs"] == "inferred"
    assert run["reasons"]["epochs"] == "x"


def test_a_sentence_becomes_a_run(api: Api) -> None:
    sentence = "Classify handwritten digits with LeNet-5, 5 epochs"
    run = create(api, {"sentence": sentence})
    assert run["sentence"] == sentence
    assert run["spec"]["epochs"] == 5
    assert run["provenance"]["epochs"] == "user"


def test_a_sentence_that_leaves_something_open_is_answered_with_questions(api: Api) -> None:
    error = error_of(api, {"sentence": "train something on my pictures"})
    assert error["code"] == "needs_clarification"
    assert error["details"]["faults"]
    assert error["details"]["parse"]["status"] == "needs_clarification"


def test_small_talk_starts_nothing(api: Api) -> None:
    error = error_of(api, {"sentence": "what is the weather like today?"})
    assert error["details"]["parse"]["status"] == "not_a_training_request"


def test_every_fault_is_reported_at_once_with_the_nearest_names(api: Api) -> None:
    error = error_of(api, {"spec": {"model": "builtin/lenet", "dataset": "digit", "epochs": -3}})
    faults = {fault["field"]: fault for fault in error["details"]["faults"]}
    assert error["code"] == "invalid_spec"
    assert set(faults) == {"model", "dataset", "epochs"}
    assert "builtin/lenet5" in faults["model"]["suggestions"]
    assert faults["dataset"]["suggestions"] == ["digits"]


@pytest.mark.parametrize("body", [{}, {"spec": DIGITS, "no_such": 1}, {"tags": ["x"]}])
def test_a_body_that_asks_for_nothing_or_for_things_unknown_is_refused(
    api: Api, body: dict[str, Any]
) -> None:
    assert error_of(api, body)["code"] == "invalid_request"


def test_a_registered_dataset_is_found_by_name_and_the_run_says_so(
    api: Api, tmp_path: Path
) -> None:
    with api.services.database.session() as session:
        row = Datasets(session).add("my-photos", str(tmp_path))
    for ref in ("my-photos", row.id):
        run = create(api, {"spec": {"model": "builtin/basic_cnn", "dataset": ref}})
        assert run["dataset"] == str(tmp_path)
        assert "my-photos" in run["reasons"]["dataset"]


def test_a_run_goes_to_the_default_target_unless_somebody_says_where(fresh_api: Api) -> None:
    api = fresh_api
    targets.add("elsewhere", LocalTarget)
    try:
        api.call("PATCH", "/api/v1/settings", "admin", json={"default_target": "elsewhere"})
        sentence = "Classify handwritten digits with LeNet-5, 5 epochs"
        for body in ({"spec": DIGITS}, {"sentence": sentence}):
            run = create(api, body)
            assert run["target"] == "elsewhere"
            assert run["provenance"]["target"] == "default"
            assert run["reasons"]["target"] == "the platform's default target"
        for said in ({"target": "local"}, {"resources": {"target": "local"}}):
            assert create(api, {"spec": DIGITS | said})["target"] == "local"
    finally:
        targets._added.pop("elsewhere")


def test_a_clone_may_name_a_registered_dataset(api: Api, tmp_path: Path) -> None:
    with api.services.database.session() as session:
        Datasets(session).add("for-the-clone", str(tmp_path))
    run = api.add_run()
    body = {"changes": {"dataset": "for-the-clone"}}
    answer = api.call("POST", f"/api/v1/runs/{run.id}/clone", json=body)
    assert answer.json()["dataset"] == str(tmp_path)


def test_a_run_can_be_put_into_a_project(api: Api) -> None:
    with api.services.database.session() as session:
        project = Projects(session).add("mine")
    for ref in ("mine", project.id):
        assert create(api, {"spec": DIGITS, "project_id": ref})["project_id"] == project.id
    assert error_of(api, {"spec": DIGITS, "project_id": "nothing"})["code"] == "not_found"


def test_runs_are_found_by_id_prefix_name_and_last(api: Api) -> None:
    run = create(api, DIGITS | {"name": "the one with a name"})
    for ref in (run["id"], run["id"][:-1], "the one with a name", "last"):
        assert get(api, f"/runs/{ref}")["id"] == run["id"]
    assert api.call("GET", "/api/v1/runs/last", "other").status_code == 404


def test_an_ambiguous_name_lists_the_candidates(api: Api) -> None:
    both = {create(api, DIGITS | {"name": "twin"})["id"] for _ in range(2)}
    answer = api.call("GET", "/api/v1/runs/twin")
    assert answer.status_code == 409
    candidates = answer.json()["error"]["details"]["candidates"]
    assert {c["id"] for c in candidates} == both


@pytest.mark.parametrize("alias", ["workflows", "jobs"])
def test_the_other_names_of_runs_answer_alike(api: Api, alias: str) -> None:
    run = create(api, DIGITS)
    assert get(api, f"/{alias}/{run['id']}") == run
    stopped = api.call("POST", f"/api/v1/{alias}/{run['id']}/stop")
    assert stopped.status_code == 202


def test_pages_cover_everything_once(fresh_api: Api) -> None:
    made = [fresh_api.add_run().id for _ in range(7)]
    seen, cursor = [], None
    while True:
        params = {"limit": 3} | ({"cursor": cursor} if cursor else {})
        page = get(fresh_api, "/runs", **params)
        assert page["total"] == 7
        seen += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert sorted(seen) == sorted(made)


def test_lists_filter_sort_and_show_only_what_may_be_seen(fresh_api: Api) -> None:
    api = fresh_api
    one, two = api.add_run(name="b"), api.add_run(name="auto")  # letters no id has
    theirs = api.add_run("other", name="c")
    api.move(one, "stopped")

    def names(person: str = "user", **params: Any) -> list[str]:
        return [item["name"] for item in get(api, "/runs", person, **params)["items"]]

    assert names(sort="name") == ["auto", "b"]
    assert names(sort="-name") == ["b", "auto"]
    assert names(status="stopped") == ["b"]
    assert names(status=["stopped", "created"], sort="name") == ["auto", "b"]
    assert names(q=two.name) == ["auto"]
    assert names("other") == [theirs.name]
    assert names("admin", sort="name") == ["auto", "b", "c"]
    assert names("viewer", sort="name") == ["auto", "b", "c"]


@pytest.mark.parametrize(
    "params",
    [{"limit": 0}, {"limit": 10**6}, {"cursor": "nonsense"}, {"sort": "secret"}, {"status": "x"}],
)
def test_bad_list_parameters_are_named(api: Api, params: dict[str, Any]) -> None:
    answer = api.call("GET", "/api/v1/runs", params=params)
    assert answer.status_code in (400, 422)
    assert next(iter(params)) in answer.text


def test_name_notes_and_tags_can_be_changed_and_nothing_else(api: Api) -> None:
    run = create(api, DIGITS)
    path = f"/api/v1/runs/{run['id']}"
    changed = api.call("PATCH", path, json={"name": "n", "notes": "why", "tags": ["t"]}).json()
    assert (changed["name"], changed["notes"], changed["tags"]) == ("n", "why", ["t"])
    assert api.call("PATCH", path, json={"status": "completed"}).status_code == 422


def test_many_runs_are_tagged_and_moved_at_once(api: Api) -> None:
    runs = [api.add_run() for _ in range(3)]
    ids = [run.id for run in runs]
    api.call("PATCH", f"/api/v1/runs/{ids[0]}", json={"tags": ["a", "b"]})
    project = api.call("POST", "/api/v1/projects", json={"name": "sweeps"}).json()["id"]
    path = "/api/v1/runs/edit"
    asked = {"runs": [*ids, ids[0]], "add_tags": ["b", "c"], "remove_tags": ["a"]}
    before = api.call("POST", path, json=asked | {"project_id": "sweeps"}).json()["before"]
    assert [(b["id"], b["tags"], b["project_id"]) for b in before] == [
        (ids[0], ["a", "b"], None),
        (ids[1], [], None),
        (ids[2], [], None),
    ]
    shown = [get(api, f"/runs/{run_id}") for run_id in ids]
    assert {(tuple(s["tags"]), s["project_id"]) for s in shown} == {(("b", "c"), project)}
    # nothing is left to do, and an absent project is no wish to leave one
    again = api.call("POST", path, json={"runs": ids, "add_tags": ["c"]}).json()
    assert again == {"before": []}
    assert get(api, f"/runs/{ids[0]}")["project_id"] == project
    # one that is not there, or another's, keeps all from it
    foreign = api.add_run("other").id
    for bad in ("nothing-like-it", foreign):
        refused = api.call("POST", path, json={"runs": [ids[0], bad], "add_tags": ["x"]})
        assert refused.status_code == 404
    too_many = {"runs": ids, "add_tags": [f"t{n}" for n in range(49)]}
    assert api.call("POST", path, json=too_many).status_code == 400
    assert get(api, f"/runs/{ids[0]}")["tags"] == ["b", "c"]
    assert api.call("POST", path, json={"runs": ids, "project_id": None}).status_code == 200
    assert get(api, f"/runs/{ids[2]}")["project_id"] is None


def test_actions_that_do_not_fit_the_status_are_conflicts_with_a_mend(api: Api) -> None:
    run = create(api, DIGITS)
    for action in ("pause", "resume"):
        answer = api.call("POST", f"/api/v1/runs/{run['id']}/{action}")
        assert answer.status_code == 409
        assert answer.json()["error"]["details"]["mend"]
    assert api.call("DELETE", f"/api/v1/runs/{run['id']}").status_code == 409


def test_a_run_that_ended_can_be_resumed_cloned_and_deleted(api: Api) -> None:
    run = api.add_run()
    api.move(run, "stopped")
    path = f"/api/v1/runs/{run.id}"
    resumed = api.call("POST", f"{path}/resume")
    assert resumed.status_code == 202
    assert resumed.json()["attempt"] == 2
    api.move(run, "stopped")
    cloned = api.call("POST", f"{path}/clone", json={"changes": {"epochs": 9}})
    assert cloned.status_code == 201
    assert cloned.json()["spec"]["epochs"] == 9
    assert cloned.json()["id"] != run.id
    assert api.call("DELETE", path).status_code == 204
    assert api.call("GET", path).status_code == 404


def test_a_run_goes_on_from_the_checkpoint_that_was_chosen(api: Api) -> None:
    run = api.add_run()
    folder = api.services.settings.home.runs / run.id / "checkpoints"
    folder.mkdir(parents=True)
    saved = []
    for step in (10, 20, 30):
        (folder / f"step-{step}.pt").write_bytes(b"%d" % step)
        digest = hashlib.sha256(b"%d" % step).hexdigest()
        name = f"checkpoints/step-{step}.pt"
        saved.append(CheckpointSaved(path=name, step=step, size=2, sha256=digest))
    ship(api, run.id, *saved)
    (folder / "step-10.pt").unlink()
    api.move(run, "validating", "failed")
    path = f"/runs/{run.id}"
    items = get(api, f"{path}/checkpoints")["items"]
    assert [(i["step"], i["present"], i["resumable"]) for i in items] == [
        (10, False, False),
        (20, True, True),
        (30, True, True),
    ]
    gone = api.call("POST", f"/api/v1{path}/resume", json={"checkpoint": 10})
    assert gone.status_code == 404
    error = gone.json()["error"]
    assert error["details"]["expected"] == "step 20, step 30"
    assert error["details"]["mend"] == f"trainwright runs resume {run.id} --from 30"
    for wrong in ({"checkpoint": -1}, {"checkpoint": ""}, {"checkpoint": [1]}, {"chekpoint": 20}):
        assert api.call("POST", f"/api/v1{path}/resume", json=wrong).status_code == 422
    resumed = api.call("POST", f"/api/v1{path}/resume", json={"checkpoint": 20})
    assert resumed.status_code == 202
    assert resumed.json()["reason"] == "resumed from checkpoints/step-20.pt"
    first, second = get(api, f"{path}/attempts")["items"]
    assert (first["resumed_from"], first["counts_until"]) == (None, None)
    assert (second["number"], second["resumed_from"]) == (2, "checkpoints/step-20.pt")
    api.move(run, "stopped")
    assert api.call("DELETE", f"/api/v1{path}?now=true").status_code == 204


def test_deleting_a_run_frees_the_disk_of_its_files_only(api: Api, tmp_path: Path) -> None:
    run, other = api.add_run(), api.add_run()
    home = api.services.settings.home
    mine = tmp_path / "mine.bin"
    mine.write_bytes(b"mine")
    for run_id in (run.id, other.id):
        folder = home.runs / run_id / "checkpoints"
        folder.mkdir(parents=True)
        (folder / "last.pt").write_bytes(b"x" * 1000)
        (folder / "link.pt").symlink_to(mine)
        api.services.logs.write(run_id, 0, b"loss 1")
    api.move(run, "stopped")
    assert api.call("DELETE", f"/api/v1/runs/{run.id}?now=true").status_code == 204
    assert [p.name for p in home.runs.iterdir()] == [other.id]
    assert [p.stem for p in home.run_logs.iterdir()] == [other.id]
    assert mine.read_bytes() == b"mine"
    assert api.call("DELETE", f"/api/v1/runs/{other.id}").status_code == 409
    assert (home.runs / other.id).exists()


def test_a_clone_with_a_bad_change_is_refused(api: Api) -> None:
    run = api.add_run()
    answer = api.call("POST", f"/api/v1/runs/{run.id}/clone", json={"changes": {"epochs": -1}})
    assert answer.status_code == 422
    assert answer.json()["error"]["details"]["faults"][0]["field"] == "epochs"


def test_what_an_agent_ships_can_be_read(api: Api) -> None:
    run = api.add_run()
    points = [MetricPoint(name="train/loss", value=1 / n, step=n) for n in range(1, 101)]
    nan = float("nan")
    points.append(MetricPoint(name="val/accuracy", value=nan, step=100))
    ship(
        api,
        run.id,
        TrainingProgress(epoch=1, step=100, total=200, metrics={"train/loss": float("inf")}),
        Metrics(points=points),
        CheckpointSaved(path="checkpoints/last.pt", size=3, sha256="0" * 64, metrics={"x": nan}),
    )
    series = {s["name"]: s for s in get(api, f"/runs/{run.id}/metrics")["series"]}
    assert [p["value"] for p in series["train/loss"]["points"]] == [1 / n for n in range(1, 101)]
    assert series["val/accuracy"]["points"][0]["value"] == "NaN"
    folded = get(api, f"/runs/{run.id}/metrics", names="train/loss", buckets=10)["series"]
    assert [s["name"] for s in folded] == ["train/loss"]
    assert len(folded[0]["points"]) == 10
    assert folded[0]["total"] == 100
    assert folded[0]["points"][0] == {
        "step": 10,
        "min_step": 1,
        "epoch": None,
        "attempt": 1,
        "count": 10,
        "value": pytest.approx(sum(1 / n for n in range(1, 11)) / 10),
        "min": 0.1,
        "max": 1.0,
        "first": 1.0,
        "last": 0.1,
        "nan": 0,
        "infinite": 0,
        "timestamp": folded[0]["points"][0]["timestamp"],
    }
    closer = get(
        api, f"/runs/{run.id}/metrics", names="train/loss", buckets=10, from_step=90, to_step=93
    )
    assert [p["step"] for p in closer["series"][0]["points"]] == [90, 91, 92, 93]
    path = f"/runs/{run.id}/metrics"
    assert get(api, path, names="train/loss", after=closer["after"])["series"][0]["points"] == []
    saved = get(api, f"/runs/{run.id}/checkpoints")["items"][0]
    assert (saved["path"], saved["metrics"]) == ("checkpoints/last.pt", {"x": "NaN"})
    shown = get(api, f"/runs/{run.id}")
    assert shown["progress"]["step"] == 100
    assert shown["metrics"] == {"train/loss": "Infinity"}
    events = get(api, f"/runs/{run.id}/events", types="metrics")["items"]
    assert events[0]["data"]["points"][-1]["value"] == "NaN"
    assert get(api, "/runs", q=run.id)["items"][0]["metrics"] == {"train/loss": "Infinity"}


def test_curves_are_read_page_by_page(api: Api) -> None:
    run = api.add_run()
    points = [MetricPoint(name=f"m{n % 3}", value=n, step=n) for n in range(30)]
    ship(api, run.id, Metrics(points=points))
    path, read, cursor = f"/api/v1/runs/{run.id}/metrics", [], None
    while True:
        params = {"limit": 7} | ({"cursor": cursor} if cursor else {})
        page = api.call("GET", path, params=params).json()
        read += [(s["name"], p["step"]) for s in page["series"] for p in s["points"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert read == [(f"m{n}", step) for n in range(3) for step in range(n, 30, 3)]
    found = api.call("GET", path, params={"q": "M1"}).json()["series"]
    assert [s["name"] for s in found] == ["m1"]
    for wrong in ({"cursor": "WzFd"}, {"cursor": "W1tdLDFd"}, {"limit": 0}):
        assert api.call("GET", path, params=wrong).status_code in (400, 422)


def test_a_batch_sent_again_changes_nothing_and_the_cursor_says_where_to_go_on(api: Api) -> None:
    run = api.add_run()
    point = Metrics(points=[MetricPoint(name="train/loss", value=1.0, step=1)])
    assert ship(api, run.id, point, point) == 2
    assert ship(api, run.id, point, point) == 2
    assert ship(api, run.id, point, first=3) == 3
    headers = {"X-Internal-Auth": api.services.secrets.service_token}
    cursor = api.call("GET", f"/api/v1/internal/runs/{run.id}/cursor", None, headers=headers)
    assert cursor.json() == {"last_seq": 3}
    assert get(api, f"/runs/{run.id}/metrics")["series"][0]["total"] == 3


def test_events_are_read_from_any_place_and_by_type(api: Api) -> None:
    run = api.add_run()
    point = Metrics(points=[MetricPoint(name="x", value=1.0)])
    ship(api, run.id, point, Alert(code="a", message="m"), point)
    everything = get(api, f"/runs/{run.id}/events")["items"]
    assert [e["seq"] for e in everything] == [1, 2, 3, 4]
    assert [e["seq"] for e in get(api, f"/runs/{run.id}/events", after=2)["items"]] == [3, 4]
    assert [e["seq"] for e in get(api, f"/runs/{run.id}/events", types="alert")["items"]] == [3]
    first = get(api, f"/runs/{run.id}/events", limit=3)
    assert first["next_cursor"] == "3"


def test_the_command_is_shown_without_the_values_of_its_environment(api: Api) -> None:
    run = api.add_run()
    path = f"/api/v1/runs/{run.id}/script"
    assert api.call("GET", path).status_code == 404
    directory = RunDir(api.services.settings.home.runs / run.id)
    launch = Launch(argv=["python", "train.py", "--name", "a b"], env={"KEY": "hidden value"})
    directory.path.mkdir(parents=True)
    directory.command.write_text(launch.model_dump_json())
    answer = api.call("GET", path)
    assert answer.json()["command"] == "python train.py --name 'a b'"
    assert answer.json()["env_names"] == ["KEY"]
    assert "hidden value" not in answer.text


def test_a_failed_run_is_explained_with_its_last_words_and_alerts(api: Api) -> None:
    run = api.add_run()
    ship(api, run.id, Alert(code="loss_nan", message="NaN", hint="lower the rate"))
    with api.services.database.session() as session:
        runs = Runs(session)
        error = RunError(
            code="oom",
            message="out of memory",
            exit_code=1,
            log_tail=['::trainwright:: {"kind": "note"}', "last line"],
        )
        runs.set_status(run.id, RunStatus.FAILED, reason="out of memory", error=error)
    ship(api, run.id, Alert(code="error", message="out of memory"), first=2)
    found = get(api, f"/runs/{run.id}/diagnose")
    assert found["summary"] == "It failed. out of memory"
    assert found["findings"][0]["evidence"] == ["exit code 1", "last line"]
    assert [f["code"] for f in found["findings"]] == ["oom", "loss_nan"]
    assert found["findings"][1]["mend"] == "lower the rate"
    result = get(api, f"/runs/{run.id}/result")
    assert result["error"]["code"] == "oom"
    assert result["status"] == "failed"


def test_the_newest_of_many_alerts_are_explained(api: Api) -> None:
    run = api.add_run()
    ship(api, run.id, *(Alert(code=f"a{n}", message=f"alert {n}") for n in range(300)))
    codes = [f["code"] for f in get(api, f"/runs/{run.id}/diagnose")["findings"]]
    assert codes == [f"a{n}" for n in range(299, 99, -1)]


def test_prediction_of_a_run_without_a_model_is_a_conflict(api: Api) -> None:
    run = api.add_run()
    image = base64.b64encode(b"not an image").decode()
    path = f"/api/v1/inference/{run.id}/predict"
    assert api.call("POST", path, json={"inputs": [image]}).status_code == 409
    files = {"files": ("x.png", b"not an image")}
    assert api.call("POST", path, files=files).status_code == 409


@pytest.mark.parametrize("body", [{"inputs": []}, {"inputs": ["YQ=="], "top_k": 0}, {}, []])
def test_broken_prediction_requests_are_refused(api: Api, body: Any) -> None:
    run = api.add_run()
    answer = api.call("POST", f"/api/v1/inference/{run.id}/predict", content=json.dumps(body))
    assert answer.status_code in (400, 422)


def test_a_recipe_starts_a_run_with_changes(api: Api) -> None:
    path = "/api/v1/recipes/digits-lenet5/apply"
    made = api.call("POST", path, json={"changes": {"epochs": 2}, "tags": ["try"]})
    assert made.status_code == 201
    run = made.json()
    assert (run["spec"]["epochs"], run["spec"]["model"]) == (2, "builtin/lenet5")
    assert (run["provenance"]["epochs"], run["provenance"]["model"]) == ("user", "default")
    assert run["reasons"]["model"] == "from the recipe digits-lenet5"
    assert api.call("POST", "/api/v1/recipes/own-images/apply", json={}).status_code == 422
    assert api.call("GET", "/api/v1/recipes/nothing-like-it").status_code == 404
    listed = api.call("GET", "/api/v1/recipes?q=lenet").json()["items"]
    assert [recipe["id"] for recipe in listed] == ["digits-lenet5"]
