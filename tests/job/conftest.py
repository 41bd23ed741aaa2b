"""A small real platform for agents to ship to, with faults on demand; and run directories."""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from trainwright.spec import RunDir


class PlatformDouble:
    """Applies each event once, as the ingest does. `faults` are used up one a request."""

    def __init__(self):
        self.applied = {}
        self.received = []
        self.requests = []
        self.faults = deque()
        self.token = "secret"
        self.server = None

    def open(self, port=0):
        self.server = ThreadingHTTPServer(("127.0.0.1", port), self._handler())
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def close(self):
        if self.server:
            self.server.shutdown()
            self.server.server_close()
            self.server = None

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    @property
    def last_seq(self):
        return max(self.applied, default=0)

    def numbers(self):
        return sorted(self.applied)

    def _apply(self, events):
        for event in events:
            self.received.append(event["seq"])
            self.applied.setdefault(event["seq"], event)

    def _handler(platform):  # noqa: N805
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                self._answer()

            def do_POST(self):
                self._answer()

            def _answer(self):
                size = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(size)
                platform.requests.append((self.command, self.path, size))
                fault = platform.faults.popleft() if platform.faults else None
                if self.headers["X-Internal-Auth"] != platform.token:
                    return self._send(401, {})
                if isinstance(fault, int):
                    return self._send(fault, {})
                if fault == "nonsense":
                    return self._send(200, {"hello": "I am a printer"})
                time.sleep(0.3 if fault == "delay" else 0)
                if body and fault != "drop":
                    platform._apply(json.loads(body)["events"])
                if fault in ("drop", "drop after"):
                    self.close_connection = True
                    return self.connection.close()
                return self._send(200, {"last_seq": platform.last_seq})

            def _send(self, status, data):
                raw = json.dumps(data).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)

            def log_message(self, *args):
                pass

        return Handler


@pytest.fixture
def platform():
    double = PlatformDouble().open()
    yield double
    double.close()


@pytest.fixture
def run(tmp_path):
    directory = RunDir(tmp_path / "runs" / "r0001")
    directory.checkpoints.mkdir(parents=True)
    return directory
