"""Whose process is it? By pid and start time, or by the run's mark; never by name."""

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime

import psutil
import pytest

from trainwright import process as named
from trainwright.job import lock, process
from trainwright.spec.rundir import ProcessId, ShimRecord
from trainwright.testing.trial import until

SLEEP = [sys.executable, "-c", "print(1, flush=True); import time; time.sleep(60)"]


@pytest.fixture
def start():
    started = []

    def popen(command=SLEEP, **more):
        child = subprocess.Popen(command, stdout=subprocess.PIPE, **more)
        child.stdout.readline()
        started.append(child)
        return child

    yield popen
    for child in started:
        child.kill()
        child.wait()
        child.stdout.close()


def marked(run_id):
    return {**os.environ, process.MARK: run_id}


def record(trainer, shim=None):
    shim = shim or ProcessId(pid=2**22 + 1, started=1)
    return ShimRecord(attempt=1, shim=shim, trainer=trainer, started_at=datetime.now(UTC))


def test_this_process_is_living():
    assert process.living(process.identify()).pid == os.getpid()


def test_a_reused_pid_is_somebody_else(start):
    child = start()
    who = process.identify(child.pid)
    assert process.living(who)
    for changes in ({"birth": "this boot:0"}, {"birth": None, "started": who.started - 1000}):
        stranger = who.model_copy(update=changes)
        assert process.living(stranger) is None
        process.signal_group(stranger, signal.SIGKILL)
        assert process.family(record(stranger), "r1") == []
        assert child.poll() is None


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere creation times do not move")
def test_a_clock_that_was_set_hides_no_process(start):
    child = start()
    who = process.identify(child.pid)
    shifted = who.model_copy(update={"started": who.started + 3600})
    assert process.living(shifted).pid == child.pid


def test_a_frozen_trainer_hears_that_it_shall_end(start):
    child = start(start_new_session=True)
    who = process.identify(child.pid)
    os.kill(child.pid, signal.SIGSTOP)
    process.signal_group(who, signal.SIGTERM)
    assert child.wait(5) == -signal.SIGTERM


def test_a_zombie_is_dead(start):
    child = start()
    who = process.identify(child.pid)
    child.kill()
    until(lambda: psutil.Process(child.pid).status() == psutil.STATUS_ZOMBIE)
    assert process.living(who) is None
    assert process.living(None) is None


def test_the_family_is_the_session_and_whoever_is_marked(start):
    spawn = "import subprocess, sys; print(subprocess.Popen(['sleep', '60']).pid, flush=True)"
    leader = subprocess.Popen(
        [sys.executable, "-c", spawn], stdout=subprocess.PIPE, start_new_session=True, text=True
    )
    who = process.identify(leader.pid)
    orphan = int(leader.stdout.readline())
    leader.wait()
    leader.stdout.close()
    away = start(env=marked("r1"), start_new_session=True)
    shim = start(env=marked("r1"))
    start(env=marked("another"))
    start()
    members = process.family(record(who, process.identify(shim.pid)), "r1")
    assert {p.pid for p in members} == {orphan, away.pid}
    assert process.end(members, patience=1) == []
    assert process.family(record(who, process.identify(shim.pid)), "r1") == []
    assert shim.poll() is None


def test_a_lock_is_free_when_its_holder_is_dead(run, start):
    script = "import sys; from pathlib import Path; from trainwright.job import lock; "
    script += "lock.take(Path(sys.argv[1])); print(1, flush=True); sys.stdin.read()"
    assert not lock.held(run.lock)
    holder = start([sys.executable, "-c", script, str(run.lock)], stdin=subprocess.PIPE)
    assert lock.held(run.lock)
    assert lock.take(run.lock, tries=1) is None
    holder.kill()
    until(lambda: not lock.held(run.lock))
    fd = lock.take(run.lock)
    assert fd is not None
    os.close(fd)
    assert not lock.held(run.lock)


def test_what_names_no_process_is_none():
    for nonsense in ({}, {"pid": "x"}, {"pid": 2**70, "started": 0}, {"pid": os.getpid()}):
        assert named.living(nonsense | {"birth": None}) is None


def test_parts_are_found_by_their_mark(start):
    child = start(env={**os.environ, "A_MARK": "one"})
    start(env={**os.environ, "A_MARK": "two"})
    assert [p.pid for p in named.marked("A_MARK", "one")] == [child.pid]


def test_the_age_of_a_process(start):
    tick = 0.02  # births are counted in hundredths of a second
    before = time.monotonic()
    child = psutil.Process(start().pid)
    after = time.monotonic()
    until(lambda: time.monotonic() - after > 0.2)
    assert 0.2 - tick < named.age(child) < time.monotonic() - before + tick
