from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from hypothesis.strategies import sampled_from

from trainwright.spec import RunStatus, can_move, check_move
from trainwright.spec.status import (
    HOLDS_SLOT,
    RESUMABLE,
    TERMINAL,
    TRANSITIONS,
    IllegalTransitionError,
)

ROAD = ["created", "validating", "preparing", "queued", "allocating", "running"]


def test_the_road_of_the_contract() -> None:
    for here, there in pairwise(ROAD):
        assert can_move(RunStatus(here), RunStatus(there))
    for end in ("completed", "failed", "stopped"):
        assert can_move(RunStatus.RUNNING, RunStatus(end))
    for here, there in [
        ("running", "pausing"), ("pausing", "paused"), ("paused", "queued"),
        ("running", "lost"), ("lost", "running"), ("lost", "failed"), ("lost", "stopped"),
    ]:  # fmt: skip
        assert can_move(RunStatus(here), RunStatus(there))


def test_completed_never_changes() -> None:
    assert not TRANSITIONS[RunStatus.COMPLETED]


def test_bad_data_is_found_before_a_slot_is_waited_for() -> None:
    before = {s for s, following in TRANSITIONS.items() if RunStatus.QUEUED in following}
    assert before == {RunStatus.PREPARING, RunStatus.ALLOCATING} | RESUMABLE


def test_unreachable_is_not_failed() -> None:
    assert not can_move(RunStatus.LOST, RunStatus.COMPLETED)
    assert RunStatus.LOST in HOLDS_SLOT


def test_every_move_is_listed_and_stops_can_come_at_any_time() -> None:
    assert set(TRANSITIONS) == set(RunStatus)
    for status in RunStatus:
        if status not in (RunStatus.COMPLETED, RunStatus.FAILED, RunStatus.STOPPED):
            assert can_move(status, RunStatus.STOPPED)
            assert can_move(status, RunStatus.FAILED)


@pytest.mark.parametrize("here", list(RunStatus))
@pytest.mark.parametrize("there", list(RunStatus))
def test_a_refused_move_says_what_is_allowed(here: RunStatus, there: RunStatus) -> None:
    if can_move(here, there):
        check_move(here, there)
        return
    with pytest.raises(IllegalTransitionError) as caught:
        check_move(here, there)
    assert here in caught.value.message and caught.value.expected


class Life(RuleBasedStateMachine):
    """Any walk along legal moves keeps the promises."""

    status = RunStatus.CREATED
    has_completed = False

    @rule(wanted=sampled_from(list(RunStatus)))
    def move(self, wanted: RunStatus) -> None:
        if can_move(self.status, wanted):
            assert self.status is not RunStatus.COMPLETED
            if self.status in TERMINAL and wanted not in TERMINAL:
                assert self.status.is_resumable
            self.status = wanted

    @invariant()
    def a_slot_is_held_only_on_the_way(self) -> None:
        assert not (self.status.holds_slot and self.status.is_terminal)


TestLife = Life.TestCase
