"""What is said of a run's troubles."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Sequence
from importlib.resources import files
from typing import Any

import pytest
from server_rig import Api, events_of

from trainwright.server.diagnosis import advice
from trainwright.spec import RunSpec
from trainwright.spec.events import EventData, Gpu, MetricPoint, Metrics, Vitals
from trainwright.spec.result import RunError
from trainwright.spec.status import RunStatus
from trainwright.store.models import Run
from trainwright.store.repositories import Runs

HANGUL = re.compile("[가-힣]")


def diagnosed(api: Api, run: Run, **params: Any) -> dict[str, Any]:
    answer = api.call("GET", f"/api/v1/runs/{run.id}/diagnose", params=params)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def fail(api: Api, run: Run, **error: Any) -> None:
    with api.services.database.session() as session:
        told = RunError(**{"stage": "train", **error})
        Runs(session).set_status(run.id, RunStatus.FAILED, reason=told.message, error=told)


def test_a_failure_is_told_in_korean_with_the_original_words_as_evidence(api: Api) -> None:
    run = api.add_run()
    said = "CUDA out of memory. Tried to allocate 2.00 GiB"
    fail(api, run, code="cuda_oom", message=said, hint="halve batch_size", log_tail=["step 3"])
    english, korean = diagnosed(api, run), diagnosed(api, run, language="ko")
    assert english["findings"][0]["message"] == said
    assert english["summary"] == f"It failed. {said}"
    first = korean["findings"][0]
    assert HANGUL.search(first["message"])
    assert HANGUL.search(first["mend"])
    assert "halve batch_size" in first["mend"]
    assert f"원문: {said}" in first["evidence"]
    assert "step 3" in first["evidence"]
    assert korean["summary"].startswith("실패했습니다. ")
    assert said not in korean["summary"]


def test_what_helps_against_an_alert_or_a_finding_is_told_in_korean(api: Api) -> None:
    run = api.add_run()
    found = {"code": "leak", "severity": "warning", "message": "m", "mend": "keep each in one"}
    with api.services.database.session() as session:
        Runs(session).update_fields(run.id, report={"findings": [found]})
    measured(api, run, *[Vitals(cpu_percent=1, memory_gb=1, disk_free_gb=0.5)])
    for code, english in (("leak", "keep each in one"), ("disk_filling", "trainwright runs prune")):
        assert finding(api, run, code)["mend"].startswith(english)
        assert HANGUL.search(finding(api, run, code, language="ko")["mend"])


def test_an_error_nobody_has_words_for_keeps_its_own(api: Api) -> None:
    run = api.add_run()
    fail(api, run, code="of_a_plugin", message="it {broke}", hint="ask its author")
    found = diagnosed(api, run, language="ko")["findings"][0]
    assert (found["message"], found["mend"]) == ("it {broke}", "ask its author")


def test_every_status_has_words_in_both_languages(api: Api) -> None:
    run = api.add_run()
    assert diagnosed(api, run)["summary"].endswith("Nothing wrong is known.")
    assert HANGUL.search(diagnosed(api, run, language="ko")["summary"])
    assert api.call("GET", f"/api/v1/runs/{run.id}/diagnose?language=fr").status_code == 422


def test_the_words_are_complete_and_hold_the_same_facts() -> None:
    text = files("trainwright.server.diagnosis").joinpath("wording.toml").read_text("utf-8")
    table = tomllib.loads(text)
    assert set(RunStatus) == set(table["status"])
    for section, entries in table.items():
        for key, words in entries.items():
            assert HANGUL.search(words["ko"]), f"{section}.{key}"
            if "en" in words:
                facts = [re.findall(r"\{(\w+)", words[language]) for language in ("en", "ko")]
                assert sorted(facts[0]) == sorted(facts[1]), f"{section}.{key}"


ROAD = ("validating", "preparing", "queued", "allocating", "running")


def measured(api: Api, run: Run, *data: EventData) -> None:
    api.move(run, *ROAD)
    sent = [events_of(run.id, *data)[n : n + 500] for n in range(0, len(data), 500)]
    for events in sent:
        api.services.ingest.apply(run.id, events)


def points(**curves: Sequence[float]) -> Metrics:
    """`train_loss=…` and so on, a point a step."""
    return Metrics(
        points=[
            MetricPoint(name=name.replace("_", "/", 1), value=value, step=10 * step)
            for name, values in curves.items()
            for step, value in enumerate(values)
        ]
    )


def finding(api: Api, run: Run, code: str, **params: Any) -> dict[str, Any]:
    found = diagnosed(api, run, **params)["findings"]
    return next((one for one in found if one["code"] == code), {})


def falling(count: int, end: float = 0.1) -> list[float]:
    return [end + 2.2 * 0.9**n for n in range(count)]


def test_a_loss_that_ran_away_is_the_learning_rates_fault(api: Api) -> None:
    run = api.add_run(learning_rate=0.5, precision="fp16")
    measured(api, run, points(train_loss=[2.3, 2.5, 9.0, math.nan, math.nan]))
    found = finding(api, run, "rate_too_high")
    assert "0.5" in found["message"]
    assert found["edits"] == {"learning_rate": 0.05, "precision": "fp32"}
    assert found["command"] == (
        f"trainwright runs clone {run.id} --set learning_rate=0.05 --set precision=fp32"
    )
    assert any("train/loss is nan at step 30" in line for line in found["evidence"])
    assert any("2.3 at step 0, 9 at step 20" in line for line in found["evidence"])
    assert finding(api, run, "nan_loss") == {}  # said already
    assert HANGUL.search(finding(api, run, "rate_too_high", language="ko")["message"])


@pytest.mark.parametrize(
    ("accuracy", "loss", "code"),
    [
        (0.167, [1e6, 3e6, 1e7], "rate_too_high"),
        (0.12, [2.4, 2.3, 2.3], "like_guessing"),
        (0.6, [2.4, 1.3, 1.1], None),
    ],
)
def test_a_classifier_like_guessing_is_told_of_when_it_ends(
    api: Api, accuracy: float, loss: list[float], code: str | None
) -> None:
    run = api.add_run(learning_rate=1.0, num_classes=10)
    measured(api, run, points(train_loss=loss, val_accuracy=[accuracy] * 3))
    codes = ("rate_too_high", "like_guessing")
    assert [c for c in codes if finding(api, run, c)] == []  # it trains still
    api.move(run, "completed")
    assert [c for c in codes if finding(api, run, c)] == ([code] if code else [])
    if code:
        found = finding(api, run, code)
        assert found["edits"] == {"learning_rate": 0.1}
        assert "guessing gives 0.1" in found["evidence"][0]
        assert HANGUL.search(finding(api, run, code, language="ko")["message"])


def test_a_validation_loss_that_turns_is_overfitting(api: Api) -> None:
    run = api.add_run()
    val = [2.0, 1.2, 0.8, 0.7, 0.9, 1.1, 1.3]
    measured(api, run, points(train_loss=falling(7), val_loss=val))
    found = finding(api, run, "overfitting")
    assert "val/loss: 0.7 at step 30, 1.3 at step 60" in found["evidence"]
    assert found["edits"]["early_stopping"] == 3
    assert found["edits"]["augment"] == "light"


def test_a_gap_of_accuracies_is_overfitting_and_a_small_one_is_not(api: Api) -> None:
    for val, expected in (([0.5, 0.6, 0.65], True), ([0.7, 0.9, 0.94], False)):
        run = api.add_run()
        measured(api, run, points(train_accuracy=[0.5, 0.8, 0.99], val_accuracy=val))
        assert bool(finding(api, run, "overfitting")) is expected


def test_a_loss_that_does_not_move_or_still_falls_is_underfitting(api: Api) -> None:
    flat = api.add_run(learning_rate=1e-6, epochs=5)
    measured(api, flat, points(train_loss=[2.3 - 0.0001 * n for n in range(60)]))
    assert finding(api, flat, "not_learning")["edits"] == {"learning_rate": 5e-6}
    short = api.add_run(epochs=5)
    measured(api, short, points(train_loss=[3 - 0.04 * n for n in range(60)]))
    assert finding(api, short, "still_improving") == {}  # it trains still
    api.move(short, "completed")
    assert finding(api, short, "still_improving")["edits"] == {"epochs": 10}


def test_a_run_as_it_should_be_has_no_findings(api: Api) -> None:
    run = api.add_run()
    curves = points(train_loss=falling(100), val_loss=falling(100, 0.15)[::10])
    measured(api, run, curves, *[vitals(90, 50)] * 12)
    api.move(run, "completed")
    assert diagnosed(api, run)["findings"] == []


def vitals(gpu: float, cpu: float, memory: float = 50) -> Vitals:
    gpus = [Gpu(index=0, utilization=gpu, memory_used_gb=4, memory_total_gb=24)]
    return Vitals(cpu_percent=cpu, memory_gb=2, host_memory_percent=memory, gpus=gpus)


def test_what_the_machine_tells(api: Api) -> None:
    hungry, idle, short = api.add_run(), api.add_run(), api.add_run(batch_size=64)
    measured(api, hungry, *[vitals(20, 100)] * 12)
    found = finding(api, hungry, "data_bottleneck")
    assert found["edits"] == {"overrides.workers": 4}
    assert "GPU 20 %" in found["evidence"][0]
    measured(api, idle, *[vitals(0, 100)] * 12)
    assert finding(api, idle, "gpu_unused")
    measured(api, short, *[vitals(90, 100, 97)] * 12)
    found = finding(api, short, "memory_short")
    assert found["edits"] == {"batch_size": 32, "gradient_accumulation": 2}


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        ({"code": "cuda_oom", "message": "m"}, "--set batch_size=16 --set gradient_accumulation=2"),
        ({"code": "disk_full", "message": "m"}, "runs prune"),
        ({"code": "import_error", "message": "No module named 'x'"}, "doctor"),
        ({"code": "time_limit", "message": "m"}, "--set resources.max_hours=48"),
        ({"code": "stalled", "message": "m"}, "--set supervision.stall_minutes=20"),
        ({"code": "trainer_vanished", "message": "m"}, "runs resume"),
    ],
)
def test_each_way_to_fail_has_a_command_that_helps(
    api: Api, error: dict[str, Any], expected: str
) -> None:
    run = api.add_run(batch_size=32)
    fail(api, run, **error)
    assert expected in diagnosed(api, run)["findings"][0]["command"]


def test_edits_that_are_told_are_edits_that_can_be_made(api: Api) -> None:
    run = api.add_run(batch_size=32, learning_rate=0.1, epochs=2)
    advised = [
        advice.smaller_batch(run),
        advice.lower_rate(run),
        advice.higher_rate(run),
        advice.regularize(run),
        advice.longer(run),
        advice.more_hours(run),
        advice.more_patience(run),
    ]
    for edits in advised:
        assert edits
        changes: dict[str, Any] = {}
        for name, value in edits.items():
            *group, last = name.split(".")
            place = changes.setdefault(group[0], {}) if group else changes
            place[last] = value
        spec = {**run.spec, **{k: v for k, v in changes.items() if not isinstance(v, dict)}}
        spec |= {k: {**run.spec[k], **v} for k, v in changes.items() if isinstance(v, dict)}
        RunSpec.model_validate(spec)


def test_a_kill_is_told_with_its_signal(api: Api) -> None:
    run = api.add_run()
    fail(api, run, code="killed", message="the trainer was killed", signal=9)
    assert "ended by signal 9" in diagnosed(api, run)["findings"][0]["evidence"]
