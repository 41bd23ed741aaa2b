"""The rules by themselves: what they notice, and what they leave alone."""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trainwright.spec.api import AlertRules
from trainwright.spec.events import Gpu, MetricPoint, Vitals
from trainwright.store.repositories import Trouble
from trainwright.telemetry.alerts.losses import MAX_SERIES, WINDOW, LossMemory, LossRules, is_loss
from trainwright.telemetry.alerts.machine import MachineMemory, MachineRules
from trainwright.telemetry.alerts.pace import PaceMemory, PaceRule
from trainwright.telemetry.alerts.verdict import Over, Verdict


def judge(
    values: Sequence[float], name: str = "train/loss", warmup_steps: int = 0, **rules: float
) -> list[tuple[int, Verdict]]:
    """(step, verdict) of a loss with these values."""
    judged = LossRules({}, AlertRules(**rules), warmup_steps)
    return [
        (step, verdict)
        for step, value in enumerate(values)
        if judged.watches(name)
        for verdict in judged.look(MetricPoint(name=name, value=value, step=step))
    ]


def troubles(found: Iterable[tuple[int, Verdict]]) -> list[tuple[int, str]]:
    return [(step, verdict.rule) for step, verdict in found if isinstance(verdict, Trouble)]


def falling(points: int, seed: int = 0, noise: float = 0.1) -> list[float]:
    """A loss as it should be: falling, noisy, with a tail to the right."""
    rng = random.Random(seed)
    return [
        2.3 * math.exp(-n / 300) + 0.3 + noise * rng.lognormvariate(0, 0.5) for n in range(points)
    ]


@pytest.mark.parametrize("seed", range(20))
def test_a_loss_that_falls_with_noise_is_left_alone(seed: int) -> None:
    assert troubles(judge(falling(1500, seed))) == []
    assert troubles(judge(falling(40, seed, noise=0.02)[::4], "val/loss")) == []


@pytest.mark.parametrize("seed", range(5))
def test_a_spike_is_noticed_with_its_evidence_and_is_over_when_the_loss_is_back(seed: int) -> None:
    values = falling(600, seed)
    values[400] = 9.0
    found = judge(values)
    assert troubles(found) == [(400, "loss_spike")]
    spike = found[0][1]
    assert isinstance(spike, Trouble)
    assert spike.facts["value"] == 9.0
    assert spike.facts["median"] < spike.facts["limit"] < 9.0
    assert spike.facts["from_step"] <= 400 == spike.facts["to_step"]
    assert "step 400" in spike.message
    over = [step for step, verdict in found if isinstance(verdict, Over)]
    assert 400 < over[-1] < 440


def test_a_lesser_spike_counts_with_a_second_one_beside_it() -> None:
    values = falling(400, noise=0.02)
    values[200] = 1.8 * values[200]
    assert troubles(judge(values)) == []
    values[201] = 1.8 * values[201]
    assert troubles(judge(values)) == [(201, "loss_spike")]


def test_what_happens_in_warmup_is_no_spike() -> None:
    values = [*falling(10), 60.0, *falling(80)]
    assert troubles(judge(values)) == []
    late = [*falling(60), 60.0, *falling(80)]
    assert troubles(judge(late, warmup_steps=70)) == []
    assert troubles(judge(late)) == [(60, "loss_spike")]


def test_no_number_is_told_with_the_step_it_began_at() -> None:
    found = judge([1.0, 0.9, math.nan, math.inf, math.nan])
    assert {rule for _, rule in troubles(found)} == {"nan_loss"}
    last = found[-1][1]
    assert isinstance(last, Trouble)
    assert (last.facts["step"], last.facts["last"]) == (2, 0.9)
    assert "0.9" in last.message
    jumped = judge([*falling(60), 50.0, math.nan])[-1][1]
    assert isinstance(jumped, Trouble)
    assert "the last finite one was 50" in jumped.message
    back = judge([1.0, math.nan, *[0.5] * 20])
    assert [type(verdict) for _, verdict in back] == [Trouble, Over]
    assert judge([math.nan] * 3, "grad_norm") == []


def test_an_alert_is_over_when_no_loss_of_the_run_is_in_trouble() -> None:
    rules = LossRules({}, AlertRules())

    def look(name: str, *values: float) -> list[type]:
        points = [MetricPoint(name=name, value=value) for value in values]
        return [type(verdict) for point in points for verdict in rules.look(point)]

    assert look("train/loss", math.nan) == [Trouble]
    assert look("val/loss", math.nan) == [Trouble]
    assert look("val/loss", *[1.0] * 40) == []
    assert look("train/loss", *[1.0] * 40) == [Over]


def test_a_loss_that_climbs_for_long_diverges_once_it_is_far_above_its_best() -> None:
    values = [*falling(300), *[0.9 + n / 40 for n in range(300)]]
    found = troubles(judge(values))
    first = next(step for step, rule in found if rule == "loss_diverging")
    assert 300 < first < 450
    assert troubles(judge([*falling(300), *[0.9] * 10, *falling(300)[100:]])) == []


def test_near_zero_a_loss_may_multiply_without_diverging() -> None:
    values = [2.3 * math.exp(-n / 20) for n in range(200)] + [0.002, 0.004, 0.01] * 60
    assert "loss_diverging" not in {rule for _, rule in troubles(judge(values))}


def test_a_plateau_is_noted_once_and_ends_with_progress() -> None:
    values = [*falling(500, noise=0), *[0.8] * 400, *[0.5] * 200]
    found = judge(values, plateau_points=300)
    plateau = [(step, v) for step, v in found if v.rule == "loss_plateau"]
    assert [type(v) for _, v in plateau] == [Trouble, Over]
    (_, noted), _ = plateau
    assert isinstance(noted, Trouble)
    assert noted.facts["points"] == 300


def test_only_so_many_losses_are_watched_with_bounded_memory() -> None:
    memories: dict[str, LossMemory] = {}
    rules = LossRules(memories, AlertRules())
    for step in range(200):
        for number in range(MAX_SERIES + 5):
            if rules.watches(name := f"loss/{number}"):
                list(rules.look(MetricPoint(name=name, value=1.0, step=step)))
    assert len(memories) == MAX_SERIES
    assert all(len(memory.window) == WINDOW for memory in memories.values())


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("loss", True),
        ("train/loss", True),
        ("val/loss_bbox", True),
        ("train/box_loss", True),
        ("grad_norm", False),
        ("lossless/accuracy", False),
        ("train/accuracy", False),
    ],
)
def test_losses_are_known_by_their_names(name: str, expected: bool) -> None:
    assert is_loss(name) is expected


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.floats(allow_nan=True, allow_infinity=True),
            st.none() | st.integers(-(1 << 70), 1 << 70),
        ),
        max_size=120,
    )
)
def test_no_values_whatever_break_the_rules(points: list[tuple[float, int | None]]) -> None:
    rules = LossRules({}, AlertRules(spike_warmup=5, diverging_points=5, plateau_points=50))
    for value, step in points:
        for verdict in rules.look(MetricPoint(name="loss", value=value, step=step)):
            assert verdict.rule


def pace_of(steps: Sequence[tuple[int, float]], **rules: float) -> PaceRule:
    rule = PaceRule(PaceMemory(), AlertRules(**rules))
    for step, at in steps:
        assert list(rule.moved(step, at)) == []
    return rule


def test_steps_that_stop_coming_are_a_stall_until_the_next_one() -> None:
    rule = pace_of([(n, n * 2.0) for n in range(50)], stall_seconds=10)
    assert list(rule.waited(98 + 19)) == []
    (stalled,) = rule.waited(98 + 21)
    assert isinstance(stalled, Trouble)
    assert stalled.facts["usual_seconds"] == 2
    assert "step 49" in stalled.message
    (over,) = rule.moved(50, 98 + 300)
    assert isinstance(over, Over)
    # a stall is no measure of what is usual
    assert [type(v) for v in rule.waited(98 + 300 + 30)] == [Trouble]


def test_a_pause_seen_before_is_no_stall() -> None:
    steps = [(n, n + 60.0 * (n // 20)) for n in range(60)]  # a validation after 20 steps
    rule = pace_of(steps, stall_seconds=10)
    assert list(rule.waited(steps[-1][1] + 100)) == []
    assert len(list(rule.waited(steps[-1][1] + 130))) == 1


def test_the_last_step_is_followed_by_no_further_one() -> None:
    rule = PaceRule(PaceMemory(), AlertRules(stall_seconds=10))
    for step in range(11):
        list(rule.moved(step, float(step), total=10))
    assert list(rule.waited(1e6)) == []


def machine(samples: Iterable[tuple[float, Vitals]], **rules: float) -> list[Verdict]:
    rule = MachineRules(MachineMemory(), AlertRules(**rules))
    return [v for at, vitals in samples for v in rule.look(vitals, at, has_begun=True)]


def disk(free: Iterable[float], seconds: float = 30) -> list[tuple[float, Vitals]]:
    return [
        (n * seconds, Vitals(cpu_percent=1, memory_gb=1, disk_free_gb=f))
        for n, f in enumerate(free)
    ]


def test_a_disk_that_fills_is_told_with_the_time_left() -> None:
    found = [v for v in machine(disk(50 - n for n in range(20))) if isinstance(v, Trouble)]
    assert found[0].rule == "disk_filling"
    # 2 GB a minute
    assert found[-1].facts["minutes_left"] == pytest.approx(31 / 2, abs=1)
    assert found[-1].facts["gb_a_minute"] == pytest.approx(2)


@pytest.mark.parametrize(
    "free",
    [
        [50 - n * 0.01 for n in range(40)],  # slow
        [500 - n for n in range(40)],  # much is left
        [50 - 20 * (n == 20) for n in range(40)],  # a large file came and went
        [50 + n for n in range(40)],
    ],
)
def test_a_disk_with_hours_left_is_left_alone(free: list[float]) -> None:
    assert not [v for v in machine(disk(free)) if isinstance(v, Trouble)]


def test_a_disk_that_is_nearly_full_is_told_at_once_and_is_over_with_room() -> None:
    found = machine(disk([1.5, 1.9, 5]))
    assert [type(v) for v in found] == [Trouble, Trouble, Over]


def gpu(use: float, held: float) -> Gpu:
    return Gpu(index=0, utilization=use, memory_used_gb=held, memory_total_gb=24)


def test_idle_and_full_gpus_and_full_memory() -> None:
    samples = [
        (n * 60.0, Vitals(cpu_percent=1, memory_gb=1, host_memory_percent=97, gpus=[gpu(1, 23.9)]))
        for n in range(12)
    ]
    told = {v.rule: v for v in machine(samples) if isinstance(v, Trouble)}
    assert told.keys() == {"gpu_idle", "gpu_memory", "host_memory"}
    held = told["gpu_memory"].facts
    assert (held["gpu"], held["used_gb"], held["total_gb"]) == (0, 23.9, 24)
    busy = [
        (n * 60.0, Vitals(cpu_percent=1, memory_gb=1, host_memory_percent=50, gpus=[gpu(80, 12)]))
        for n in range(12)
    ]
    assert not [v for v in machine(busy) if isinstance(v, Trouble)]


ANY = st.none() | st.floats(allow_nan=True, allow_infinity=True)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.floats(-1e12, 1e12), ANY, ANY, ANY, ANY, ANY, st.integers(-(1 << 70), 1 << 70)
        ),
        max_size=40,
    )
)
def test_no_samples_whatever_break_the_rules(samples: list[tuple]) -> None:
    machine_rules = MachineRules(MachineMemory(), AlertRules())
    pace = PaceRule(PaceMemory(), AlertRules(stall_seconds=5))
    for at, disk_free, host, used, held, total, step in samples:
        gpu = Gpu(index=0, utilization=used, memory_used_gb=held, memory_total_gb=total)
        vitals = Vitals(
            cpu_percent=1, memory_gb=1, disk_free_gb=disk_free, host_memory_percent=host, gpus=[gpu]
        )
        for verdict in (
            *machine_rules.look(vitals, at, has_begun=True),
            *pace.moved(step, at),
            *pace.waited(at + 1e6),
        ):
            assert verdict.rule
