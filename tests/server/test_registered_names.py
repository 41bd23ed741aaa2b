"""Sentences that name a registered dataset, wherever the platform reads them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from chat_rig import Talk, newcomer
from server_rig import Api

from trainwright.spec import RunStatus
from trainwright.store.repositories import RunQuery, Runs
from trainwright.testing.images import make_messy_folder

SENTENCE = "Classify my helmets dataset with LeNet-5, 2 epochs"


@pytest.fixture
def place(api: Api, tmp_path: Path) -> Iterator[str]:
    make_messy_folder(tmp_path / "helmets", per_class=12)
    body = {"path": str(tmp_path / "helmets"), "name": "helmets"}
    added = api.call("POST", "/api/v1/datasets", json=body)
    assert added.status_code in (200, 201), added.text
    yield added.json()["location"]
    with api.services.database.session() as session:
        # what a run waits for is not deleted
        for run in Runs(session).list(RunQuery(status=RunStatus.CREATED)).items:
            Runs(session).set_status(run.id, RunStatus.STOPPED)
    gone = api.call("DELETE", f"/api/v1/datasets/{added.json()['id']}")
    assert gone.status_code in (204, 404), gone.text


def test_a_sentence_is_read_with_its_name(api: Api, place: str) -> None:
    read = api.call("POST", "/api/v1/chat/parse", json={"sentence": SENTENCE}).json()
    assert read["status"] == "complete"
    assert read["intent"]["dataset"] == "helmets"
    assert read["provenance"]["dataset"] == "user"


def test_a_run_of_a_sentence_trains_where_it_lies(api: Api, place: str) -> None:
    made = api.call("POST", "/api/v1/runs", json={"sentence": SENTENCE})
    assert made.status_code == 201, made.text
    run = made.json()
    assert run["spec"]["dataset"] == place
    assert run["provenance"]["dataset"] == "user"
    assert run["reasons"]["dataset"] == "the registered dataset helmets"


def test_a_misspelt_name_is_answered_with_the_right_one(api: Api, place: str) -> None:
    asked = api.call("POST", "/api/v1/runs", json={"sentence": "LeNet-5 on my helmet dataset"})
    assert asked.status_code == 422
    (fault,) = asked.json()["error"]["details"]["faults"]
    assert (fault["field"], fault["suggestions"][0]) == ("dataset", "helmets")


def test_a_conversation_knows_it_in_every_turn(api: Api, place: str) -> None:
    talk: Talk = newcomer(api)
    first = talk.say(SENTENCE)
    assert first["intent"]["dataset"] == "helmets"
    changed = talk.say("make it 3 epochs")
    assert (changed["status"], changed["intent"]["dataset"]) == ("complete", "helmets")
    edited = talk.call(
        "POST", "/api/v1/chat/edit", json={"session_id": talk.session_id, "changes": {"seed": 5}}
    ).json()
    assert edited["spec"]["seed"] == 5
    started = talk.say("yes")
    run = talk.call("GET", f"/api/v1/runs/{started['run_id']}").json()
    assert run["spec"]["dataset"] == place
    assert run["spec"]["epochs"] == 3


def test_one_in_the_trash_is_known_no_more(api: Api, place: str) -> None:
    assert api.call("DELETE", "/api/v1/datasets/helmets").status_code == 204
    read = api.call("POST", "/api/v1/chat/parse", json={"sentence": SENTENCE}).json()
    assert read["status"] == "needs_clarification"


def test_a_relative_path_is_asked_about_as_the_host_reads_it(api: Api, place: str) -> None:
    talk: Talk = newcomer(api)
    asked = talk.say("train resnet18 on ./photos for 3 epochs")
    assert asked["status"] == "needs_clarification"
    (question,) = asked["questions"]
    assert question["field"] == "dataset"
    assert "./photos" in question["question"]
    assert "machine the platform runs on" in question["question"]
    assert "helmets" in question["suggestions"]
    assert "dataset" not in asked["intent"]
    answered = talk.say(place)
    assert (answered["status"], answered["intent"]["dataset"]) == ("complete", place)
    assert answered["intent"]["epochs"] == 3


def test_a_script_without_a_root_is_asked_about_too(api: Api) -> None:
    asked = newcomer(api).say("train.py를 /data로 학습해줘")
    assert [question["field"] for question in asked["questions"]] == ["model"]
    assert "컴퓨터에서 읽습니다" in asked["questions"][0]["question"]


def test_a_folder_on_the_same_machine_says_where_paths_begin(api: Api, place: str) -> None:
    body = {"message": "train resnet18 on ./helmets", "folder": str(Path(place).parent)}
    read = api.call("POST", "/api/v1/chat/message", json=body).json()
    assert (read["status"], read["spec"]["dataset"]) == ("complete", place)
    assert read["provenance"]["dataset"] == "user"
    wrong = body | {"folder": "somewhere"}
    assert api.call("POST", "/api/v1/chat/message", json=wrong).status_code == 422
