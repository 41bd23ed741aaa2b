"""Processes without a run are found by pid and start time, and ended only when asked."""

import os
import subprocess
import sys
from datetime import UTC, datetime

import psutil
import pytest

from trainwright.doctor import Level
from trainwright.doctor.runs import runs
from trainwright.job.records import write_record
from trainwright.settings import Settings
from trainwright.spec import RunDir
from trainwright.spec.rundir import Launch, ProcessId, ShimRecord

RUN_ID = "k3x9aa0bcdefg"


@pytest.fixture
def settings(tmp_path, monkeypatch):
    monkeypatch.delenv("DATABASE_URL", raising=False)
    return Settings(trainwright_home=tmp_path / "home")


@pytest.fixture
def orphan(settings):
    """A trainer whose run the platform does not know."""
    directory = RunDir(settings.home.runs / RUN_ID)
    directory.path.mkdir(parents=True)
    child = subprocess.Popen(
        [sys.executable, "-c", "import time; time.sleep(120)"],
        env=os.environ | {"TRAINWRIGHT_RUN_ID": RUN_ID},
        start_new_session=True,
    )
    process = ProcessId(pid=child.pid, started=psutil.Process(child.pid).create_time())
    gone = ProcessId(pid=2**22 + 1, started=0.0)
    write_record(directory.command, Launch(argv=["python"]))
    write_record(
        directory.shim,
        ShimRecord(attempt=1, shim=gone, trainer=process, started_at=datetime.now(UTC)),
    )
    yield child
    child.kill()
    child.wait()


def test_an_orphan_is_told_with_its_pid_and_lives_until_the_fix(settings, orphan):
    (finding,) = runs(settings)
    assert finding.level == Level.WARN
    assert str(orphan.pid) in finding.message
    assert str(orphan.pid) in finding.fix.does
    assert orphan.poll() is None
    finding.fix.apply()
    assert orphan.wait(10) != 0
    assert [f.level for f in runs(settings)] == [Level.OK]
