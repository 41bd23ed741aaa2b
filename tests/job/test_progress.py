"""Progress is shown not too often, with the time that is left; silence is noticed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainwright.job.parsers import Progress
from trainwright.job.progress import ProgressMeter, fraction
from trainwright.job.stall import StallWatch


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def batch(step, total=100, **more):
    return Progress(end=0, step=step, total=total, **more)


def test_batches_are_shown_five_times_a_second_at_most(clock):
    meter, shown = ProgressMeter(clock), []
    for step in range(100):
        clock.now += 0.01
        shown += [e for e in (meter.take(batch(step)), meter.due()) if e]
    assert 4 <= len(shown) <= 6
    clock.now += 1
    assert meter.due().step == 99, "what was held back is shown in the end"
    assert meter.due() is None


def test_the_end_of_an_epoch_is_always_shown(clock):
    meter = ProgressMeter(clock)
    ends = [meter.take(Progress(end=0, phase="epoch", epoch=e, epochs=9)) for e in range(5)]
    assert [e.epoch for e in ends] == list(range(5))


def test_the_time_left(clock):
    meter = ProgressMeter(clock)
    for step in range(51):
        clock.now += 1
        event = meter.take(batch(step))
    assert event.eta_seconds == pytest.approx(50, rel=0.05)
    clock.now += 1
    assert meter.take(batch(52, eta_seconds=7.0)).eta_seconds == 7
    clock.now += 1
    assert meter.take(batch(100)).eta_seconds == 0


def test_the_time_left_over_epochs(clock):
    meter = ProgressMeter(clock)
    for epoch in range(1, 4):
        for step in range(0, 10, 2):
            clock.now += 2
            event = meter.take(batch(step, 10, epoch=epoch, epochs=10))
    done = (2 + 8 / 10) / 10
    assert event.eta_seconds == pytest.approx(10 * 10 * (1 - done), rel=0.1)


@given(
    st.builds(
        Progress,
        end=st.just(0),
        phase=st.sampled_from(["batch", "epoch"]),
        epoch=st.none() | st.integers(0, 20),
        epochs=st.none() | st.integers(0, 20),
        step=st.none() | st.integers(0, 1000),
        total=st.none() | st.integers(0, 1000),
    )
)
def test_a_fraction_is_one(item):
    done = fraction(item)
    assert done is None or 0 <= done <= 1


def test_steps_counted_over_the_run_or_anew_in_each_epoch():
    assert fraction(batch(150, 400, epoch=2, epochs=4)) == 150 / 400
    assert fraction(batch(90, 100, epoch=2, epochs=4)) == pytest.approx(0.475)
    assert fraction(Progress(end=0, phase="epoch", epoch=2, epochs=4)) == 0.5


def test_a_stall_is_said_once_and_its_end_once(clock):
    watch = StallWatch(5, clock=clock)
    said = []
    for minute in range(20):
        clock.now += 60
        if alert := watch.check(sign_of_life=minute == 12):
            said.append((minute, alert.code))
    assert said == [(4, "stall"), (12, "stall_over"), (17, "stall")]
    assert watch.stalled


def test_another_agent_does_not_say_it_again(clock):
    watch = StallWatch(5, stalled=True, clock=clock)
    clock.now += 10_000
    assert watch.check(sign_of_life=False) is None
    assert watch.check(sign_of_life=True).code == "stall_over"
