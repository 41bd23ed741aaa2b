"""Fetching by URL, from real servers on loopback."""

from __future__ import annotations

import ipaddress
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from trainwright.network import is_public
from trainwright.serving.fetch import fetch_image
from trainwright.serving.inputs import TooLargeError
from trainwright.spec import DataError, ForbiddenError, InvalidRequestError


def png() -> bytes:
    stream = BytesIO()
    Image.new("L", (4, 4)).save(stream, "PNG")
    return stream.getvalue()


class Handler(BaseHTTPRequestHandler):
    hits: list[str]

    def do_GET(self) -> None:
        type(self).hits.append(self.path)
        getattr(self, "serve_" + self.path.strip("/").partition("/")[0])()

    def log_message(self, *_: object) -> None:
        """Quiet."""

    def _send(self, body: bytes, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def serve_image(self) -> None:
        self._send(png())

    def serve_text(self) -> None:
        self._send(b"<html>")

    def serve_missing(self) -> None:
        self._send(b"", 404)

    def serve_nowhere(self) -> None:
        self._send(b"", 302)

    def serve_moved(self) -> None:
        self._send(b"", 302, Location="/image")

    def serve_loop(self) -> None:
        self._send(b"", 302, Location="/loop")

    def serve_local_file(self) -> None:
        self._send(b"", 302, Location="file:///etc/passwd")

    def serve_endless(self) -> None:
        self.send_response(200)
        self.end_headers()
        try:
            while True:
                self.wfile.write(b"x" * 10_000)
        except OSError:
            return

    def serve_dripping(self) -> None:
        try:
            while True:
                self.wfile.write(b"H")
                self.wfile.flush()
                time.sleep(0.02)
        except OSError:
            return


@pytest.fixture
def server() -> Iterator[str]:
    handler = type("Recording", (Handler,), {"hits": []})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as http:
        http.daemon_threads = True
        thread = threading.Thread(target=http.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{http.server_address[1]}"
        http.shutdown()
        thread.join()


Fetch = Callable[[str], Path]


@pytest.mark.parametrize("path", ["/image", "/moved"])
def test_an_image_is_fetched(server: str, tmp_path: Path, path: str) -> None:
    assert fetch_image(server + path, tmp_path, allow_private=True).read_bytes() == png()


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]", "0.0.0.0"]
)
def test_private_hosts_are_refused_however_spelt(server: str, tmp_path: Path, host: str) -> None:
    port = server.rpartition(":")[2]
    with pytest.raises((ForbiddenError, DataError)) as error:
        fetch_image(f"http://{host}:{port}/image", tmp_path)
    assert "private" in error.value.message or "not known" in error.value.message
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://example.org/x.png",
        "http://",
        "http://user:password@example.org/x.png",
        "http://example.org/\r\nX-Evil: 1",
        "http://[half/x.png",
        "http://example.org:99999/x.png",
        "photo.png",
        "",
    ],
)
def test_other_urls_are_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(InvalidRequestError, match="not a URL that can be fetched"):
        fetch_image(url, tmp_path, allow_private=True)


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("/text", DataError),
        ("/missing", DataError),
        ("/nowhere", DataError),
        ("/loop", InvalidRequestError),
        ("/local_file", InvalidRequestError),
        ("/endless", TooLargeError),
        ("/dripping", DataError),
    ],
)
def test_servers_that_misbehave(
    server: str, tmp_path: Path, path: str, error: type[Exception]
) -> None:
    started = time.monotonic()
    with pytest.raises(error):
        fetch_image(server + path, tmp_path, allow_private=True, max_bytes=100_000, timeout=1)
    assert time.monotonic() - started < 3
    assert list(tmp_path.iterdir()) == []


def test_nobody_listens(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be fetched"):
        fetch_image("http://127.0.0.1:1/x.png", tmp_path, allow_private=True)


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("2606:4700::1111", True),
        ("::ffff:8.8.8.8", True),
        ("64:ff9b::808:808", True),
        ("10.0.0.1", False),
        ("100.64.0.1", False),
        ("127.0.0.1", False),
        ("169.254.169.254", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("fe80::1", False),
        ("fc00::1", False),
        ("ff02::1", False),
        ("::ffff:10.0.0.1", False),
        ("64:ff9b::a00:1", False),
        ("2002:a00:1::", False),
        ("2002:7f00:1::", False),
    ],
)
def test_which_addresses_are_public(address: str, public: bool) -> None:
    assert is_public(ipaddress.ip_address(address)) is public
