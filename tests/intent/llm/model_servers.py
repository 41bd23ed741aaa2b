"""Servers on loopback that speak the wire formats language models are reached by."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from trainwright.settings import Settings
from trainwright.spec import ParseResult

Body = dict[str, Any]
KEY = "sk-secret-0123456789"


@dataclass(frozen=True)
class Reply:
    """What a server sends: a filled form, or words, or something broken."""

    form: Body | None = None
    text: str | None = None
    status: int = 200
    raw: bytes | None = None
    refusal: str | None = None
    cut: bool = False
    after: float = 0.0
    drip: float = 0.0


@dataclass
class ModelServer:
    """A language model's server; `replies` are sent in turn, the last one again and again."""

    replies: list[Reply]
    wire: Callable[[Reply, Body], Body]
    takes: tuple[str, ...] = ("json_schema", "tools", "plain")
    served: list[str] | None = None
    requests: list[Body] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    url: str = ""
    model: str = "m"

    def answer(self, body: Body, headers: dict[str, str]) -> tuple[int, bytes, float]:
        """Status, payload and seconds between its bytes."""
        answered = [asked for asked in self.requests if asked_by(asked) in self.takes]
        reply = self.replies[min(len(answered), len(self.replies) - 1)]
        self.requests.append(body)
        self.headers.append(headers)
        if asked_by(body) not in self.takes:
            fault = {"error": {"message": "unsupported", "type": "invalid_request_error"}}
            return 400, json.dumps(fault).encode(), 0.0
        time.sleep(reply.after)
        if reply.raw is not None:
            return reply.status, reply.raw, reply.drip
        if reply.status != 200:
            words = f"refused, as {headers}"  # servers quote keys in their errors
            fault = {"type": "error", "error": {"message": words}}
            return reply.status, json.dumps(fault).encode(), reply.drip
        return reply.status, json.dumps(self.wire(reply, body)).encode(), reply.drip


def asked_by(body: Body) -> str:
    """How a request asks for a form."""
    if "response_format" in body or "output_config" in body:
        return "json_schema"
    return "tools" if body.get("tools") else "plain"


def openai_wire(reply: Reply, body: Body) -> Body:
    """A chat completion."""
    message: Body = {"role": "assistant", "content": reply.text, "refusal": reply.refusal}
    finish = "length" if reply.cut else "stop"
    if reply.form is not None:
        filled = json.dumps(reply.form, ensure_ascii=False)
        if asked_by(body) == "tools":
            name = body["tools"][0]["function"]["name"]
            call = {
                "id": "call_1",
                "type": "function",
                "function": {"name": name, "arguments": filled},
            }
            message["tool_calls"] = [call]
            finish = "tool_calls"
        else:
            message["content"] = (reply.text or "") + filled
    choice = {"index": 0, "message": message, "finish_reason": finish}
    usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": body["model"],
        "choices": [choice],
        "usage": usage,
    }


def anthropic_wire(reply: Reply, body: Body) -> Body:
    """A message; with the form as the use of a tool, where there is one."""
    content: list[Body] = []
    if reply.text:
        content.append({"type": "text", "text": reply.text})
    if reply.form is not None:
        if body.get("tools"):
            name = body["tools"][0]["name"]
            content.append({"type": "tool_use", "id": "toolu_1", "name": name, "input": reply.form})
        else:
            content.append({"type": "text", "text": json.dumps(reply.form)})
    stop = "tool_use" if reply.form is not None and body.get("tools") else "end_turn"
    if reply.cut:
        stop = "max_tokens"
    if reply.refusal:
        stop = "refusal"
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": body["model"],
        "content": content,
        "stop_reason": stop,
        "stop_sequence": None,
        "usage": {"input_tokens": 1, "output_tokens": 1},
    }


class Listener:
    """A port on loopback that speaks for whichever server is `speaker`."""

    def __init__(self) -> None:
        self.speaker: ModelServer | None = None
        self.asked: list[str] = []
        self._listening = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._listening.daemon_threads = True
        serving = threading.Thread(target=self._listening.serve_forever, args=(0.05,), daemon=True)
        serving.start()
        self.url = f"http://127.0.0.1:{self._listening.server_address[1]}"

    def close(self) -> None:
        self._listening.shutdown()
        self._listening.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        listener = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                listener.asked.append(self.path)
                served = listener.speaker.served if listener.speaker else None
                if served is None or not self.path.endswith("/models"):
                    self._send(404, b'{"error": {"message": "not found"}}')
                    return
                listed = {"object": "list", "data": [{"id": name} for name in served]}
                self._send(200, json.dumps(listed).encode())

            def do_POST(self) -> None:
                listener.asked.append(self.path)
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                assert listener.speaker is not None
                status, payload, drip = listener.speaker.answer(body, dict(self.headers.items()))
                self._send(status, payload, drip)

            def _send(self, status: int, payload: bytes, drip: float = 0.0) -> None:
                try:
                    self.send_response(status)
                    self.send_header("Content-Type", "application/json")
                    self.send_header("Content-Length", str(len(payload)))
                    self.end_headers()
                    if not drip:
                        self.wfile.write(payload)
                        return
                    for byte in payload:
                        self.wfile.write(bytes([byte]))
                        time.sleep(drip)
                except OSError:
                    self.close_connection = True  # the reader went away

            def log_message(self, *args: object) -> None:
                pass

        return Handler


Start = Callable[..., ModelServer]


def settings_for(server: ModelServer, **more: Any) -> Settings:
    """Settings that name this server and no other model."""
    ours: dict[str, Any] = dict.fromkeys(
        ("anthropic_api_key", "anthropic_base_url", "openai_api_key", "openai_base_url")
    )
    if server.wire is anthropic_wire:
        ours |= {
            "anthropic_api_key": KEY,
            "anthropic_base_url": server.url,
            "anthropic_model": server.model,
        }
    else:
        ours |= {
            "openai_api_key": KEY,
            "openai_base_url": f"{server.url}/v1",
            "openai_model": server.model,
        }
    return Settings(**(ours | {"trainwright_llm": "auto", "trainwright_llm_timeout": 15} | more))


def same_reading(one: ParseResult, other: ParseResult) -> bool:
    """Whether two results are one reading; a run's own name has the minute in it."""
    apart = {"spec": {"name"}, "reader": True, "reader_note": True}
    return one.model_dump(exclude=apart) == other.model_dump(exclude=apart)
