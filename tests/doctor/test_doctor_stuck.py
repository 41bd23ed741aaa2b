"""Faults that are really there: broken installs, stuck runs, what a crash left."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from filelock import FileLock

from trainwright import process
from trainwright.doctor import Level
from trainwright.doctor.environment import environment
from trainwright.doctor.imports import imports
from trainwright.doctor.installation import tools
from trainwright.doctor.leftovers import leftovers
from trainwright.doctor.waiting import waiting
from trainwright.platform import MARK
from trainwright.server.uploads import Uploads
from trainwright.settings import Settings
from trainwright.spec import RunSpec, RunStatus
from trainwright.spec.events import utc_now
from trainwright.store import Database
from trainwright.store.models import Run
from trainwright.store.repositories import Runs


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    for name in ("DATABASE_URL", "REDIS_URL", "MILVUS_URI", MARK):
        monkeypatch.delenv(name, raising=False)
    return Settings(trainwright_home=tmp_path / "home")


def test_a_library_that_is_installed_but_does_not_load(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, body in {
        "torchvision": "raise RuntimeError('operator torchvision::nms does not exist')",
        "timm": "import os; os._exit(3)",
    }.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text(body)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.syspath_prepend(str(tmp_path))
    found = {f.mend: f for f in imports(settings) if f.level is Level.FAIL}
    broken = found["pip install --force-reinstall torchvision"]
    assert "nms does not exist" in broken.message
    assert "timm is installed, but cannot be loaded" in (
        found["pip install --force-reinstall timm"].message
    )


def test_a_program_that_is_missing(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert [f.level for f in tools(settings)] == [Level.WARN]
    (tmp_path / "git").write_text("#!/bin/sh\n")
    (tmp_path / "git").chmod(0o755)
    assert [f.level for f in tools(settings)] == [Level.OK]


@pytest.mark.parametrize("name", ["REDIS_URL", "MILVUS_URI"])
def test_settings_without_any_effect(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "somewhere")
    (finding,) = environment(settings)
    assert finding.mend == f"unset {name}"


def test_settings_that_are_said_to_have_no_effect_have_none() -> None:
    root = Path(__file__).parents[2] / "src" / "trainwright"
    used = [
        path.name
        for path in root.rglob("*.py")
        if any(word in path.read_text("utf-8") for word in (".redis_url", ".milvus_uri"))
    ]
    assert used == []


def add_run(settings: Settings, status: RunStatus, **fields: object) -> Run:
    settings.home.path.mkdir(exist_ok=True)
    database = Database(settings.database)
    database.upgrade()
    spec = RunSpec(model="builtin/mlp", dataset="digits", name=f"a-{status}")
    with database.session() as session:
        run = Runs(session).add(spec)
        run.status = status
        for name, value in fields.items():
            setattr(run, name, value)
        session.flush()
    database.dispose()
    return run


class _Healthy(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def platform(settings: Settings) -> Iterator[None]:
    """Something that answers, with this process as its supervisor."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Healthy)
    Thread(target=server.serve_forever, daemon=True).start()
    settings.home.path.mkdir(exist_ok=True)
    record = {
        "url": f"http://127.0.0.1:{server.server_address[1]}",
        "home": process.real(settings.home.path),
        "supervisor": process.identify(os.getpid()),
    }
    settings.home.platform.write_text(json.dumps(record))
    yield
    server.shutdown()
    server.server_close()


def test_runs_that_wait_for_a_platform_that_is_not_there(settings: Settings) -> None:
    assert [f.level for f in waiting(settings)] == [Level.OK]
    add_run(settings, RunStatus.QUEUED)
    (finding,) = waiting(settings)
    assert finding.mend == "trainwright up"
    assert "a-queued" in finding.message


@pytest.mark.usefixtures("platform")
def test_runs_that_are_stuck(settings: Settings) -> None:
    now = utc_now()
    add_run(settings, RunStatus.RUNNING, last_seen_at=now, started_at=now)
    assert [f.level for f in waiting(settings)] == [Level.OK]
    old = now - timedelta(hours=2)
    silent = add_run(settings, RunStatus.RUNNING, last_seen_at=old)
    long = add_run(settings, RunStatus.VALIDATING, updated_at=old)
    found = {f.mend: f.message for f in waiting(settings)}
    assert "last heard of 2 h 0 min ago" in found[f"trainwright runs diagnose {silent.id}"]
    assert "validating for 2 h" in found[f"trainwright runs diagnose {long.id}"]


def test_parts_of_a_killed_platform_are_ended_when_it_is_allowed(settings: Settings) -> None:
    settings.home.path.mkdir()
    part = subprocess.Popen(
        [sys.executable, "-c", "import time; time.sleep(120)"],
        env=os.environ | {MARK: process.real(settings.home.path)},
        start_new_session=True,
    )
    try:
        (finding,) = leftovers(settings)
        assert str(part.pid) in finding.message
        assert finding.fix is not None
        assert part.poll() is None
        finding.fix.apply()
        assert part.wait(10) != 0
        assert [f.level for f in leftovers(settings)] == [Level.OK]
    finally:
        part.kill()
        part.wait()


def test_a_lock_that_is_held_though_nobody_answers(settings: Settings) -> None:
    settings.home.path.mkdir()
    with FileLock(settings.home.lock):
        (finding,) = leftovers(settings)
        assert finding.mend == "trainwright down"
    assert [f.level for f in leftovers(settings)] == [Level.OK]


def test_uploads_that_were_cut_off_are_deleted_when_it_is_allowed(settings: Settings) -> None:
    uploads = Uploads(settings.home.uploads)
    with uploads.incoming("d1") as folder:
        (folder / "part").write_bytes(b"x" * 1000)
        # one that is being received now is nobody's business
        assert [f.level for f in leftovers(settings)] == [Level.OK]
    mark = settings.home.uploads / ".d2.lock"
    mark.touch()
    (settings.home.uploads / "d2").mkdir()
    (finding,) = leftovers(settings)
    assert "d2" in finding.message
    assert finding.fix is not None
    finding.fix.apply()
    assert sorted(path.name for path in settings.home.uploads.iterdir()) == ["d1"]
