"""Uploads over a line that breaks: what was sent is not sent again."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from server_rig import Live

from trainwright.client import Client, uploads
from trainwright.spec import TrainwrightError
from trainwright.testing.images import make_messy_folder

pytestmark = pytest.mark.integration

SIZE = 6 << 20


class Line:
    """A way to a server that breaks off after so many bytes, as often as it is told."""

    def __init__(self, url: str) -> None:
        where = urlsplit(url)
        self._to = (str(where.hostname), where.port or 80)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.cuts: list[int] = []
        self.is_silent = False
        """Whether the near end learns nothing of a cut."""
        self.carried = 0
        self._left: list[socket.socket] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        for one in (self._listener, *self._left):
            one.close()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                far = socket.create_connection(self._to)
                limit = self.cuts.pop(0) if self.cuts else None
                if limit is not None and self.is_silent:
                    self._left.append(near)
                for way in ((near, far, limit), (far, near, None)):
                    threading.Thread(target=self._carry, args=way, daemon=True).start()

    def _carry(self, source: socket.socket, to: socket.socket, limit: int | None) -> None:
        carried = 0
        with contextlib.suppress(OSError):
            while (limit is None or carried < limit) and (data := source.recv(65_536)):
                to.sendall(data)
                carried += len(data)
                self.carried += len(data)
        for end in (source, to):
            with contextlib.suppress(OSError):
                if end not in self._left:
                    end.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def line(live: Live) -> Iterator[Line]:
    line = Line(live.url)
    yield line
    line.close()


@pytest.fixture
def client(live: Live, line: Line) -> Iterator[Client]:
    with Client(line.url, live.people["user"][1]) as found:
        yield found


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    photos = make_messy_folder(tmp_path / "in" / "photos", per_class=12).root
    (photos / "README").write_bytes(os.urandom(SIZE))
    return Path(shutil.make_archive(str(tmp_path / "mine"), "zip", tmp_path / "in"))


def test_a_broken_line_is_waited_for(client: Client, line: Line, archive: Path) -> None:
    line.cuts = [SIZE // 3, SIZE // 3, 2000]
    told: list[int] = []
    waits: list[TrainwrightError] = []
    dataset = client.upload_dataset(archive, on_progress=told.append, on_wait=waits.append)
    assert dataset.name == "mine"
    assert told[-1] == archive.stat().st_size
    assert waits
    assert line.carried < 2 * archive.stat().st_size
    assert [one.state for one in client.uploads()] == ["done"]


def test_a_line_on_which_nothing_moves_is_given_up(
    client: Client, line: Line, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "STUCK", 0.5)
    line.cuts, line.is_silent = [SIZE // 3], True
    waits: list[TrainwrightError] = []
    assert client.upload_dataset(archive, on_wait=waits.append).name == "mine"
    assert "in time" in waits[0].message


def test_the_same_call_goes_on_where_it_was_ended(client: Client, archive: Path) -> None:
    def end(sent: int) -> None:
        if sent > SIZE // 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        client.upload_dataset(archive, on_progress=end)
    # the line may carry the last of it still
    deadline = time.monotonic() + 10
    while not client.uploads()[0].offset and time.monotonic() < deadline:
        time.sleep(0.02)
    told: list[int] = []
    assert client.upload_dataset(archive, on_progress=told.append).name == "mine"
    assert told[0] > 0
    assert len(client.uploads()) == 1


def test_a_file_that_changes_meanwhile_is_another(client: Client, archive: Path) -> None:
    def write(sent: int) -> None:
        with archive.open("ab") as file:
            file.write(b"more")

    with pytest.raises(TrainwrightError, match="was changed while it was sent"):
        client.upload_dataset(archive, on_progress=write)
    for upload in client.uploads():
        client.cancel_upload(upload.id)
    assert client.uploads() == []
