"""Conversations: a reply is what was understood, and what can be done with it."""

from __future__ import annotations

from typing import Any

from server_rig import Api

REQUEST = "Classify handwritten digits with LeNet-5, 5 epochs"


def say(api: Api, message: str, session_id: str | None = None) -> dict[str, Any]:
    body = {"message": message} | ({"session_id": session_id} if session_id else {})
    answer = api.call("POST", "/api/v1/chat/message", json=body)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_request_comes_back_as_a_spec_that_starts_a_run(api: Api) -> None:
    reply = say(api, REQUEST)
    assert reply["status"] == "complete"
    actions = {action["type"]: action for action in reply["actions"]}
    assert set(actions) == {"start_training", "edit"}
    run = api.call("POST", "/api/v1/runs", json={"spec": actions["start_training"]["spec"]})
    assert run.status_code == 201
    assert run.json()["spec"]["epochs"] == 5


def test_an_answer_is_read_together_with_the_question_before_it(api: Api) -> None:
    first = say(api, "Train an image classifier for 3 epochs")
    assert first["status"] == "needs_clarification"
    assert first["actions"] == []
    second = say(api, "on the digits dataset", first["session_id"])
    assert second["session_id"] == first["session_id"]
    assert second["status"] == "complete"
    assert second["intent"]["epochs"] == 3
    assert second["intent"]["dataset"] == "digits"


def test_a_finished_request_can_still_be_changed(api: Api) -> None:
    first = say(api, REQUEST)
    second = say(api, "make it 9 epochs", first["session_id"])
    assert second["status"] == "complete"
    assert second["intent"]["epochs"] == 9
    assert second["intent"]["model"] == "builtin/lenet5"


def test_a_korean_request_is_answered_in_korean(api: Api) -> None:
    reply = say(api, "손글씨 숫자를 LeNet-5로 5 에폭 학습해줘")
    assert reply["language"] == "ko"
    assert reply["intent"]["epochs"] == 5
    assert reply["actions"][0]["label"] == "학습 시작"


def test_a_conversation_is_kept_until_it_is_deleted(api: Api) -> None:
    session_id = say(api, REQUEST)["session_id"]
    path = f"/api/v1/chat/sessions/{session_id}"
    shown = api.call("GET", path).json()
    assert [m["role"] for m in shown["messages"]] == ["user", "assistant"]
    assert shown["messages"][0]["text"] == REQUEST
    assert shown["messages"][1]["result"]["status"] == "complete"
    listed = api.call("GET", "/api/v1/chat/sessions").json()["items"]
    assert session_id in [item["id"] for item in listed]
    assert api.call("DELETE", path).status_code == 204
    assert api.call("GET", path).status_code == 404


def test_nobody_answers_in_somebody_elses_conversation(api: Api) -> None:
    session_id = say(api, REQUEST)["session_id"]
    body = {"message": "more", "session_id": session_id}
    assert api.call("POST", "/api/v1/chat/message", "other", json=body).status_code == 404
    assert api.call("POST", "/api/v1/chat/message", "admin", json=body).status_code == 404


def test_parsing_alone_keeps_nothing(api: Api) -> None:
    before = len(api.call("GET", "/api/v1/chat/sessions", "viewer").json()["items"])
    answer = api.call("POST", "/api/v1/chat/parse", "viewer", json={"sentence": REQUEST})
    assert answer.json()["spec"]["model"] == "builtin/lenet5"
    assert len(api.call("GET", "/api/v1/chat/sessions", "viewer").json()["items"]) == before
