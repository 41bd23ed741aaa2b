"""`trainwright up`: starts Temporal, the API and the worker, and keeps them alive.

Training belongs to none of these: it is detached and goes on while any of them is down. A
supervisor that was killed leaves its children serving; the next one takes over.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import select
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from filelock import FileLock, Timeout

from trainwright import process
from trainwright.files import storage_error, write_atomic
from trainwright.platform import (
    MARK,
    START_TIMEOUT,
    PlatformRunningError,
    is_healthy,
    parts_left,
    read_platform,
)
from trainwright.server import ground
from trainwright.server.child import GRACE_SECONDS, Child
from trainwright.server.listener import listen
from trainwright.server.rotation import rotate
from trainwright.settings import Home, Settings, load
from trainwright.spec.errors import StorageError, TrainwrightError, UnavailableError
from trainwright.workflows import temporal

_TEMPORAL_PATIENCE = 5.0
_LOG_SECONDS = 10.0


@dataclass
class Supervisor:
    """One platform: holds its home and its port, and keeps its parts alive."""

    settings: Settings
    host: str = "127.0.0.1"
    port: int = 8000
    children: list[Child] = field(default_factory=list)
    temporal_port: int | None = None

    def __post_init__(self) -> None:
        self._listener: socket.socket | None = None
        self._ending = threading.Event()
        self._started_at = datetime.now(UTC).isoformat()

    @property
    def home(self) -> Home:
        """The platform's home."""
        return self.settings.home

    @property
    def url(self) -> str:
        """Where the API is reached from this machine."""
        host = "127.0.0.1" if self.host in ("0.0.0.0", "::", "") else self.host  # noqa: S104
        return f"http://{host}:{self.port}"

    @contextlib.contextmanager
    def hold_home(self) -> Iterator[None]:
        """Keep other platforms away from the home.

        Raises:
            PlatformRunningError: One is running already.
            StorageError: The home cannot be written.
        """
        try:
            self.home.logs.mkdir(parents=True, exist_ok=True)
            self.home.path.chmod(0o700)
            lock = FileLock(self.home.lock, timeout=0)
            lock.acquire()
        except Timeout:
            raise PlatformRunningError(
                f"another platform runs on {self.home.path}",
                expected="one platform to a home",
                mend="trainwright status",
            ) from None
        except OSError as error:
            raise storage_error(self.home.path, error) from error
        try:
            yield
        finally:
            lock.release()

    def start(self) -> None:
        """Start all children and wait until the first page can be served.

        Raises:
            StorageError: The disk is full.
            UnavailableError: The port is taken, or a child does not come up.
        """
        previous = read_platform(self.home) or {}
        process.end(parts_left(self.home), patience=GRACE_SECONDS)
        ground.check_room(self.home)
        # held here, so that nobody takes the port while the API is down; who calls then, waits
        self._listener = listener = listen(self.host, self.port)
        self.port = listener.getsockname()[1]
        host = self.settings.temporal_host
        if host:
            # nobody else would tell that no run ever leaves its first status
            asyncio.run(temporal.connect(host, patience=_TEMPORAL_PATIENCE))
        else:
            self._start_temporal(previous.get("temporal_port"))
            host = f"127.0.0.1:{self.temporal_port}"
        serve = [sys.executable, "-m", "trainwright", "serve"]
        address = ["--host", self.host, "--port", str(self.port), "--fd", str(listener.fileno())]
        env = {"TRAINWRIGHT_API_URL": self.url}
        api = [*serve, "--role", "api", *address]
        self.start_child("api", api, env, pass_fds=[listener.fileno()])
        self.start_child("worker", [*serve, "--role", "worker"], env | {"TEMPORAL_HOST": host})
        self._wait_for_api()
        self._publish()

    def run(self) -> None:
        """Keep the children alive until asked to end."""
        told, looked_at = True, time.monotonic()
        while not self._ending.wait(0.2):
            if time.monotonic() - looked_at > _LOG_SECONDS:
                looked_at = time.monotonic()
                self.rotate_logs()
            revived = [child for child in self.children if child.revive()]
            if revived or not told:
                told = self._try_to_publish()

    def rotate_logs(self) -> None:
        """Put aside what the parts' logs, and its own, have too much of."""
        for log in (*(child.log for child in self.children), self.home.logs / "supervisor.log"):
            rotate(log)

    def end(self, *_: Any) -> None:
        """Have `run` return; also a signal handler."""
        self._ending.set()

    def stop(self) -> None:
        """Stop worker, API, then Temporal; training goes on."""
        if self._listener is not None:
            self._listener.close()  # the API has its own handle on it until it ends
        for child in reversed(self.children):
            child.stop()
        self.home.platform.unlink(missing_ok=True)

    def _start_temporal(self, preferred: int | None) -> None:
        self.temporal_port = temporal.free_port(preferred)
        ground.set_aside_unfinished(self.home.temporal_database)
        argv = temporal.server_argv(self.home, self.temporal_port)
        # nobody waits for it here: the API starts meanwhile, the worker connects when it can
        self.start_child("temporal", argv, {}, self.make_way_for_temporal)

    def make_way_for_temporal(self) -> bool:
        """Put away a database that is damaged; leave a port that another program took first.

        The dev server finds further ports of its own by trying, and may lose one just then.
        """
        if ground.set_aside_damaged(self.home.temporal_database):
            return True
        server = next(child for child in self.children if child.name == "temporal")
        if not temporal.lost_a_port(server.last_words()[0]):
            return False
        port = temporal.free_port(self.temporal_port)
        if port != self.temporal_port:
            self.temporal_port = port
            server.argv = temporal.server_argv(self.home, port)
            for child in self.children:
                if "TEMPORAL_HOST" in child.env:
                    child.env["TEMPORAL_HOST"] = f"127.0.0.1:{port}"
                    child.stop()
                    child.start()
        return True

    def start_child(
        self,
        name: str,
        argv: list[str],
        env: dict[str, str],
        make_way: Callable[[], bool] | None = None,
        pass_fds: Sequence[int] = (),
    ) -> None:
        """Start a part that `run` keeps alive.

        Args:
            name: Of its log, and in the platform's record.
            argv: Its command.
            env: Added to this process's environment.
            make_way: Puts what killed it out of its way, if it finds something.
            pass_fds: Descriptors that it shares with this process.
        """
        marked = env | {MARK: process.real(self.home.path)}
        child = Child(name, argv, marked, self.home.logs / f"{name}.log", make_way, pass_fds)
        child.start()
        self.children.append(child)

    def _wait_for_api(self) -> None:
        deadline = time.monotonic() + START_TIMEOUT
        while time.monotonic() < deadline:
            if is_healthy(self.url):
                return
            for child in self.children:
                if not child.alive and not child.make_way_and_start():
                    words, mend = child.last_words()
                    raise UnavailableError(
                        f"the {child.name} process ended at once: {words}",
                        expected=f"see {child.log}",
                        mend=mend or "trainwright doctor",
                    )
            if self._ending.wait(0.03):
                raise UnavailableError("ended while starting")
        raise UnavailableError("the API is not ready", mend="trainwright doctor")

    def _try_to_publish(self) -> bool:
        """A disk that is full for a while must not end the platform."""
        try:
            self._publish()
        except StorageError:
            return False
        return True

    def _publish(self) -> None:
        record = {
            "url": self.url,
            "home": process.real(self.home.path),
            "supervisor": process.identify(),
            "children": {c.name: who for c in self.children if (who := c.identity())},
            "temporal_port": self.temporal_port,
            "started_at": self._started_at,
        }
        write_atomic(self.home.platform, json.dumps(record, indent=2), mode=0o600)


def run_platform(settings: Settings, host: str = "127.0.0.1", port: int = 8000) -> None:
    """Run the platform in the foreground until SIGINT or SIGTERM."""
    _supervise(Supervisor(settings, host, port), on_ready=lambda _: None)


def _supervise(supervisor: Supervisor, on_ready: Callable[[str], object]) -> None:
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # as under nohup
            signal.signal(number, supervisor.end)
    with supervisor.hold_home():
        try:
            supervisor.start()
            on_ready(supervisor.url)
            supervisor.run()
        finally:
            supervisor.stop()


def main() -> None:
    """Entry of the detached supervisor: answers one JSON line, then runs until asked to end."""
    host, port = sys.argv[1], int(sys.argv[2])

    supervisor = Supervisor(load(), host, port)
    answered = threading.Event()

    def answer(record: dict[str, Any]) -> None:
        answered.set()
        with contextlib.suppress(BrokenPipeError):
            print(json.dumps(record), flush=True)
        # whoever started us may go away; nothing more is said on this pipe
        devnull = os.open(os.devnull, os.O_WRONLY)
        os.dup2(devnull, 1)
        os.close(devnull)

    def watch_starter() -> None:
        pipe = select.poll()
        pipe.register(1, 0)
        pipe.poll()  # until nobody reads it any more
        if not answered.is_set():
            supervisor.end()  # whoever wanted a platform is gone before there is one

    threading.Thread(target=watch_starter, daemon=True).start()
    try:
        _supervise(supervisor, on_ready=lambda url: answer({"url": url}))
    except TrainwrightError as error:
        answer({"code": error.code, "message": error.message, **error.details})
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
