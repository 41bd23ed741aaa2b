"""Conversations with a trained language model over HTTP: a real model, a real port."""

from __future__ import annotations

import json
import shutil
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from server_rig import Api, Live

from trainwright.client import Client
from trainwright.client.transport import raise_said
from trainwright.spec.errors import (
    ConflictError,
    InputError,
    InvalidRequestError,
    TrainwrightError,
)
from trainwright.store.models import Run

ASKED, ANSWER = "What colour is the sky?", "The sky is blue."
LINES = {"Accept": "application/x-ndjson"}
MakeRun = Callable[..., Run]


def script_run(api: Api, *moves: str) -> Run:
    run = api.add_run(model="script//bin/true", dataset=None, task=None)
    api.move(run, *moves)
    (api.services.settings.home.runs / run.id).mkdir(parents=True)
    return run


def model_of(api: Api, run: Run) -> Path:
    return api.services.settings.home.runs / run.id / "model"


@pytest.fixture(scope="module")
def tiny(shared_api: Api, tiny_language_model: Path) -> Run:
    """A run that has left a model; its worker stays warm."""
    run = script_run(shared_api, "stopped")
    shutil.copytree(tiny_language_model, model_of(shared_api, run))
    return run


@pytest.fixture(scope="module")
def endless(shared_api: Api, tiny_language_model: Path) -> Run:
    """A run whose model goes on and on."""
    run = script_run(shared_api, "stopped")
    folder = model_of(shared_api, run)
    shutil.copytree(tiny_language_model, folder)
    (folder / "chat_template.jinja").unlink()
    for file in ("config", "generation_config", "tokenizer_config"):
        path = folder / f"{file}.json"
        settings = {k: v for k, v in json.loads(path.read_bytes()).items() if "eos_token" not in k}
        path.write_text(json.dumps(settings | {"max_position_embeddings": 10**7}))
    return run


def body(*words: str, **options: object) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": w} for w in words], "temperature": 0} | options


def chat(api: Api, run: Run, said: object, person: str = "user", **kwargs: Any) -> httpx.Response:
    return api.call("POST", f"/api/v1/inference/{run.id}/chat", person, json=said, **kwargs)


def error_of(answer: httpx.Response) -> dict[str, Any]:
    error: dict[str, Any] = answer.json()["error"]
    return error


def test_abilities_of_runs(api: Api, tiny: Run) -> None:
    def abilities(run: Run) -> dict[str, Any]:
        answer = api.call("GET", f"/api/v1/inference/{run.id}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    assert abilities(tiny) == {
        "run_id": tiny.id,
        "answers": "text",
        "reason": None,
        "chat_template": True,
        "context_length": 128,
    }
    for run, said in (
        (script_run(api), "has no finished model yet"),
        (script_run(api, "failed"), "left no language model"),
        (api.add_run(), "has no finished model yet"),
    ):
        found = abilities(run)
        assert found["answers"] is None
        assert said in found["reason"]


def test_a_conversation_has_an_answer(api: Api, tiny: Run) -> None:
    answer = chat(api, tiny, body(ASKED))
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert (found["text"], found["finish_reason"]) == (ANSWER, "stop")
    assert found["run_id"] == tiny.id
    assert found["model_version"].startswith(f"{tiny.id}@")
    assert 0 < found["first_token_ms"] <= found["inference_time_ms"]


def test_words_come_as_they_are_made(live: Live, tiny: Run) -> None:
    path = f"{live.url}/api/v1/inference/{tiny.id}/chat"
    headers = live.header("user") | LINES
    said = body("하늘은 무슨 색이야?")
    with httpx.stream("POST", path, json=said, headers=headers, timeout=60) as answer:
        assert answer.headers["content-type"] == "application/x-ndjson"
        *pieces, last = [json.loads(line) for line in answer.iter_lines()]
    assert (
        "".join(one["delta"] for one in pieces) == last["answer"]["text"] == "하늘은 파란색입니다."
    )
    assert len(pieces) > 5


def test_a_fault_is_told_in_a_line_too(api: Api, tiny: Run) -> None:
    answer = chat(api, tiny, body("long " * 300), headers=LINES)
    assert answer.status_code == 200
    [line] = answer.text.splitlines()
    error = json.loads(line)["error"]
    assert error["code"] == "bad_input"
    assert error["details"]["field"] == "messages"
    assert "of 128 that the model can look at" in error["message"]
    assert error["request_id"] == answer.headers["x-request-id"]


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({}, "messages"),
        ({"messages": []}, "messages"),
        ({"messages": [{"role": "user", "content": "x"}] * 201}, "messages"),
        ({"messages": [{"role": "robot", "content": "x"}]}, "messages.0.role"),
        ({"messages": [{"role": "user", "content": "x" * 1_000_001}]}, "messages.0.content"),
        ({"messages": [{"role": "assistant", "content": "x"}]}, ""),
        (body("x", max_tokens=0), "max_tokens"),
        (body("x", max_tokens=8193), "max_tokens"),
        (body("x", temperature=2.1), "temperature"),
        (body("x", top_p=0), "top_p"),
        (body("x", seed=-1), "seed"),
        (body("x", beams=3), "beams"),
    ],
)
def test_what_does_not_fit_is_named(api: Api, tiny: Run, said: object, field: str) -> None:
    answer = chat(api, tiny, said)
    assert answer.status_code == 422
    assert field in [fault["field"] for fault in error_of(answer)["details"]["faults"]]


def test_a_message_of_ten_megabytes_is_not_taken(api: Api, tiny: Run) -> None:
    answer = chat(api, tiny, body("x" * 10_000_000))
    assert answer.status_code == 413
    assert error_of(answer)["code"] == "body_too_large"


@pytest.mark.parametrize("raw", [b'"\\ud800"', b'"\\u0000 \\u202e"', '"👩🏽‍💻"'.encode()])
def test_odd_letters_are_no_fault_of_ours(api: Api, tiny: Run, raw: bytes) -> None:
    content = b'{"messages": [{"role": "user", "content": ' + raw + b'}], "max_tokens": 3}'
    path = f"/api/v1/inference/{tiny.id}/chat"
    answer = api.call("POST", path, content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code in (200, 422), answer.text


def test_who_may_talk(api: Api, tiny: Run) -> None:
    assert chat(api, tiny, body("x"), "viewer").status_code == 403
    assert chat(api, tiny, body("x"), "other").status_code == 404
    assert api.call("GET", f"/api/v1/inference/{tiny.id}", "viewer").status_code == 200
    assert api.call("GET", f"/api/v1/inference/{tiny.id}", "other").status_code == 404


def test_runs_without_a_language_model_cannot_talk(api: Api) -> None:
    refused = chat(api, script_run(api, "stopped"), body("hello"))
    assert refused.status_code == 409
    assert error_of(refused)["code"] == "no_language_model"
    running = chat(api, script_run(api), body("hello"))
    assert running.status_code == 409
    pictures = api.add_run()
    api.move(pictures, "stopped")
    answer = chat(api, pictures, body("hello"))
    assert answer.status_code == 400
    assert f"trainwright predict {pictures.id}" in error_of(answer)["details"]["mend"]


def test_texts_are_predicted(api: Api, tiny: Run) -> None:
    path = f"/api/v1/inference/{tiny.id}/predict"
    found = api.call("POST", path, json={"inputs": [ASKED, "고마워!", "x " * 999]}).json()
    answers = [[one["text"] for one in result["predictions"]] for result in found["results"]]
    assert answers == [[ANSWER], ["천만에요. 😊"], []]
    assert found["predictions"] == [{"text": ANSWER, "finish_reason": "stop"}]
    assert found["results"][0]["input"] == ASKED
    assert "tokens long" in found["results"][2]["error"]["message"]
    cut = api.call("POST", path, json={"inputs": [ASKED], "max_tokens": 1}).json()
    assert cut["predictions"][0]["finish_reason"] == "length"
    alone = api.call("POST", path, json={"inputs": ["x " * 999]})
    assert (alone.status_code, error_of(alone)["code"]) == (422, "bad_input")


def test_a_picture_is_no_text(api: Api, tiny: Run) -> None:
    path = f"/api/v1/inference/{tiny.id}/predict"
    answer = api.call("POST", path, files=[("files", ("a.png", b"pixels"))])
    assert answer.status_code == 422
    assert "answers texts" in error_of(answer)["message"]


@pytest.mark.parametrize(
    ("method", "path", "said"),
    [
        ("POST", "/api/v1/runs/{}/evaluate", {}),
        ("POST", "/api/v1/runs/{}/export", {"format": "onnx"}),
        ("POST", "/api/v1/inference/{}/batch", {"inputs": ["hello"]}),
    ],
)
def test_what_a_language_model_cannot_says_what_it_can(
    api: Api, tiny: Run, method: str, path: str, said: object
) -> None:
    answer = api.call(method, path.format(tiny.id), json=said)
    assert answer.status_code == 400, answer.text
    assert "left a language model" in error_of(answer)["message"]
    assert error_of(answer)["details"]["mend"] == f"trainwright chat --model {tiny.id}"


def test_who_hangs_up_frees_the_model(live: Live, endless: Run) -> None:
    path = f"{live.url}/api/v1/inference/{endless.id}/chat"
    headers = live.header("user")
    with httpx.stream(
        "POST", path, json=body("a", max_tokens=8192), headers=headers | LINES, timeout=60
    ) as answer:
        lines = answer.iter_lines()
        assert [list(json.loads(next(lines))) for _ in range(3)] == [["delta"]] * 3
    until(lambda: live.services.serving.talks.present(endless.id) == 0)
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(path, json=body("a", max_tokens=8192), headers=headers, timeout=1)
    until(lambda: live.services.serving.talks.present(endless.id) == 0)
    assert chat(live, endless, body("a", max_tokens=2)).json()["completion_tokens"] == 2


def test_who_hangs_up_while_waiting_leaves_the_queue(live: Live, endless: Run) -> None:
    talks = live.services.serving.talks
    path = f"{live.url}/api/v1/inference/{endless.id}/chat"
    headers = live.header("user") | LINES
    long = body("a", max_tokens=8192)
    with httpx.stream("POST", path, json=long, headers=headers, timeout=60) as first:
        lines = first.iter_lines()
        next(lines)
        with pytest.raises(httpx.ReadTimeout):
            httpx.post(path, json=long, headers=headers, timeout=0.5)
        until(lambda: talks.present(endless.id) == 1)
    until(lambda: talks.present(endless.id) == 0)


def test_two_talk_at_once_and_both_are_answered(live: Live, tiny: Run) -> None:
    with Client(live.url, live.people["user"][1]) as client, ThreadPoolExecutor(4) as threads:
        said = [{"role": "user", "content": ASKED}]
        answers = [
            threads.submit(lambda: client.generate(tiny.id, said, temperature=0).wait().text)
            for _ in range(4)
        ]
        assert [answer.result(60) for answer in answers] == [ANSWER] * 4


def test_the_client_listens_and_may_stop(live: Live, tiny: Run, endless: Run) -> None:
    with Client(live.url, live.people["user"][1]) as client:
        assert client.abilities(tiny.id).answers == "text"
        answer = client.generate(
            tiny.id, [{"role": "user", "content": ASKED}], temperature=0, seed=None
        )
        assert "".join(answer) == ANSWER
        assert answer.result is not None
        assert answer.result.text == ANSWER
        going = client.generate(
            endless.id, [{"role": "user", "content": "a"}], max_tokens=8192, temperature=0
        )
        next(iter(going))
        going.close()
        until(lambda: live.services.serving.talks.present(endless.id) == 0)
        with pytest.raises(InputError, match="tokens long"):
            client.generate(tiny.id, [{"role": "user", "content": "x " * 999}]).wait()
        with pytest.raises(ConflictError):
            client.generate(script_run(live).id, [{"role": "user", "content": "x"}]).wait()
        [found] = client.predict_text(tiny.id, [ASKED], max_tokens=40)
        assert found.predictions[0].model_dump()["text"] == ANSWER


def test_a_fault_in_a_line_is_the_requests_only_where_it_says_so() -> None:
    for code, asked_wrongly in (("melted", False), ("bad_input", True)):
        said = {"error": {"code": code, "message": "no", "request_id": "r"}}
        with pytest.raises(TrainwrightError) as fault:
            raise_said(said, httpx.Response(200))
        assert isinstance(fault.value, InvalidRequestError) is asked_wrongly
        assert fault.value.code == code


def until(condition: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        threading.Event().wait(0.02)
