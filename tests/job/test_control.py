"""Stopping: asked once, given its time, and ended only then."""

import signal
from datetime import UTC, datetime, timedelta

import pytest

from trainwright.job import control
from trainwright.job.control import ControlFile, Stopper
from trainwright.job.records import write_record
from trainwright.spec.rundir import Control
from trainwright.testing.trial import until

TERM, KILL = signal.SIGTERM, signal.SIGKILL


def request(kind="stop", *, ago=0.0, **more):
    at = datetime.now(UTC) - timedelta(seconds=ago)
    return Control(attempt=1, request=kind, requested_at=at, **more)


@pytest.fixture
def sent():
    return []


def test_a_trainer_that_saves_gets_its_time(sent):
    stopper = Stopper(sent.append, saves=True)
    asked = request(save_grace_seconds=0.2)
    alert = stopper.act(asked)
    assert (alert.code, "0.2 s" in alert.message) == ("stopping", True)
    assert stopper.saving
    assert stopper.act(asked) is None
    assert sent == [TERM]
    until(lambda: stopper.act(asked) or sent == [TERM, TERM])
    assert not stopper.saving


def test_after_the_second_signal_it_is_killed(sent):
    stopper = Stopper(sent.append, saves=False)
    assert stopper.act(request("pause")).code == "pausing"
    assert sent == [TERM]
    until(lambda: stopper.act(request()) or KILL in sent, seconds=control.TERM_SECONDS + 2)
    assert sent == [TERM, KILL]


def test_now_skips_the_save_even_when_it_has_begun(sent):
    stopper = Stopper(sent.append, saves=True)
    stopper.act(request(save_grace_seconds=60))
    stopper.act(request(save_grace_seconds=60, now=True))
    assert sent == [TERM, TERM]
    assert not stopper.saving


def test_another_agent_does_not_disturb_a_save(sent):
    stopper = Stopper(sent.append, saves=True, asked_before=True)
    assert stopper.act(request(ago=10, save_grace_seconds=60)) is None
    assert sent == []
    assert stopper.saving
    late = Stopper(sent.append, saves=True, asked_before=True)
    late.act(request(ago=100, save_grace_seconds=60))
    late.act(request(ago=100, save_grace_seconds=60))
    assert sent == [TERM]


def test_the_file_is_read_when_it_changes_and_only_for_its_attempt(run):
    file = ControlFile(run.control, 1)
    assert file.read() is None
    write_record(run.control, request().model_copy(update={"attempt": 2}))
    assert file.read() is None
    write_record(run.control, request())
    assert file.read().request == "stop"
    write_record(run.control, request(now=True))
    assert file.read().now
    run.control.write_text("{broken")
    assert file.read() is None
