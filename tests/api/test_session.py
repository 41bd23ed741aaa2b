"""What a session says of the platform it found."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

import trainwright as tw
from trainwright import __version__
from trainwright.api.session import current, open_session


@pytest.fixture
def platform_of(request: pytest.FixtureRequest) -> Iterator[str]:
    """A server that answers as a platform of a certain version does when asked for its health."""
    body = json.dumps({"status": "ok", "version": request.param}).encode()

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize("platform_of", ["0.0.1"], indirect=True)
def test_a_platform_of_another_version_is_told_but_not_refused(platform_of: str) -> None:
    with open_session(platform_of, "token") as session:
        assert session.warning
        assert "0.0.1" in session.warning and __version__ in session.warning
        assert "trainwright down" in session.warning


@pytest.mark.parametrize("platform_of", [__version__], indirect=True)
def test_a_platform_of_this_version_needs_no_words(platform_of: str) -> None:
    with open_session(platform_of, "token") as session:
        assert session.warning is None


@pytest.mark.parametrize("platform_of", [__version__], indirect=True)
def test_a_session_that_was_closed_is_replaced_by_the_next_call(
    platform_of: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRAINWRIGHT_URL", platform_of)
    with tw.connect() as first:
        assert current() is first
    with current() as second:
        assert second is not first
        assert second.client.health().version == __version__
        with tw.connect(platform_of, "token") as third:
            assert current() is third
            # runs that came from the second go on using it
            assert second.client.health().version == __version__


@pytest.mark.parametrize("platform_of", [__version__], indirect=True)
def test_threads_share_one_session(platform_of: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRAINWRIGHT_URL", platform_of)
    tw.connect().close()
    with ThreadPoolExecutor(8) as pool:
        sessions = list(pool.map(lambda _: current(), range(8)))
    assert len({id(session) for session in sessions}) == 1
    sessions[0].close()
