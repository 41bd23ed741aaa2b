"""Where there is a language model, it words answers about runs; figures of its own do not pass."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from chat_rig import Talk, completed, newcomer
from server_rig import Api

pytest.importorskip("langchain_openai")


@contextmanager
def model_that_says(pieces: list[str], status: int = 200) -> Iterator[tuple[str, list[Any]]]:
    """A server that streams as OpenAI's do: its address, and what it was asked."""
    asked: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(status)
            self.send_header("Content-Type", "text/event-stream")
            self.end_headers()
            for piece in pieces:
                choice = {"index": 0, "delta": {"role": "assistant", "content": piece}}
                chunk = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m"}
                self.wfile.write(f"data: {json.dumps(chunk | {'choices': [choice]})}\n\n".encode())
            self.wfile.write(b"data: [DONE]\n\n")

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/v1", asked
        server.shutdown()


@pytest.fixture
def talk(api: Api) -> Iterator[Talk]:
    kept = api.services.settings
    yield newcomer(api)
    api.services.settings = kept


def streamed(talk: Talk, url: str, message: str) -> list[tuple[str, Any]]:
    settings = {"openai_base_url": url, "openai_model": "m", "trainwright_llm_timeout": 10.0}
    talk.api.services.settings = talk.api.services.settings.model_copy(update=settings)
    body = {"message": message, "stream": True}
    answer = talk.call("POST", "/api/v1/chat/message", json=body)
    assert answer.status_code == 200, answer.text
    blocks = [block.split("\n") for block in answer.text.strip().split("\n\n")]
    return [(name[7:], json.loads(data[6:])) for name, data in blocks]


def test_an_answer_is_worded_from_the_facts(talk: Talk) -> None:
    run = completed(talk, name="alpha-1", metrics={"test/accuracy": 0.95})
    with model_that_says(["Your run went well: ", "accuracy 0.95.\x07"]) as (url, asked):
        events = streamed(talk, url, "how is alpha-1?")
    assert [name for name, _ in events] == ["words", "words", "reply"]
    reply = events[-1][1]
    assert reply["wording"] == r"Your run went well: accuracy 0.95.\x07"
    assert reply["runs"] == [run.id]
    assert "0.95" in reply["reply"]
    [request] = asked
    assert "tools" not in request
    assert "0.95" in request["messages"][1]["content"]


@pytest.mark.parametrize(
    ("pieces", "status"),
    [(["It reached 0.99."], 200), ([], 200), (["x"], 500), (["a" * 5000], 200)],
)
def test_words_that_do_not_hold_are_replaced(talk: Talk, pieces: list[str], status: int) -> None:
    completed(talk, name="alpha-1", metrics={"test/accuracy": 0.95})
    with model_that_says(pieces, status) as (url, _):
        events = streamed(talk, url, "how is alpha-1?")
    name, told = events[-2]
    reply = events[-1][1]
    assert name in ("instead", "words")
    assert told["text"] == reply["reply"]
    assert reply["wording"] is None


def test_the_model_is_not_asked_to_word_what_is_proposed(talk: Talk) -> None:
    completed(talk, name="alpha-1")
    with model_that_says(["Deleted!"]) as (url, asked):
        events = streamed(talk, url, "delete alpha-1")
    assert events[-1][1]["actions"][0]["type"] == "delete"
    assert events[0][1]["text"] == events[-1][1]["reply"]
    assert asked == []
