import io
from datetime import UTC, datetime

import pytest
from rich.console import Console
from rich.text import Text

from trainwright.api.panel.follow import erase_reflowed, show, until
from trainwright.api.panel.plain import PlainLines
from trainwright.api.panel.state import LiveRun
from trainwright.api.panel.view import panel
from trainwright.spec.events import (
    Alert,
    MetricPoint,
    Metrics,
    StatusChanged,
    TrainingError,
    TrainingProgress,
    make_event,
)
from trainwright.spec.status import RunStatus

RUN_ID = "k3x9aa0bcdefg"


def numbered(data, attempt=1, after=0):
    at = datetime(2026, 3, 1, 12, 0, tzinfo=UTC).timestamp()
    return [
        make_event(RUN_ID, attempt, i, one, datetime.fromtimestamp(at + i, UTC))
        for i, one in enumerate(data, after + 1)
    ]


def live(data):
    run = LiveRun(RUN_ID, "digits")
    for event in numbered(data):
        run.apply(event)
    return run


def drawn(run, width=80):
    console = Console(record=True, width=width, file=io.StringIO(), color_system=None)
    console.print(panel(run, width))
    return console.export_text()


def test_state_follows_the_events(begun):
    run = live(begun)
    assert run.status == RunStatus.RUNNING
    assert run.values("train/loss") == [1.0, 0.5]
    assert run.latest["val/accuracy"] == 0.75
    assert run.fraction == pytest.approx(2 / 3)
    assert run.checkpoints == 1
    assert run.seconds == len(begun) - 5


def test_an_event_seen_twice_changes_nothing(begun):
    run = LiveRun(RUN_ID, "digits")
    for event in [*numbered(begun), *numbered(begun)]:
        run.apply(event)
    assert run.checkpoints == 1
    assert len(run.alerts) == 1


def test_an_alert_is_shown_until_it_is_over_or_seen():
    opened = Alert(code="loss_spike", message="it jumped", id="al1", state="opened")
    over = Alert(code="loss_spike", severity="info", message="over: it is calm", state="resolved")
    seen = over.model_copy(update={"message": "seen by kim", "state": "acknowledged"})
    assert [alert.message for alert in live([opened]).alerts] == ["it jumped"]
    for end in (over, seen):
        assert live([opened, end]).alerts == []
        lines = PlainLines(LiveRun(RUN_ID, "digits"))
        said = [line for event in numbered([opened, end]) for line in lines.feed(event)]
        assert said == ["warning: it jumped", f"note: loss_spike: {end.message}"]


def test_what_the_status_says_is_not_said_as_an_alert_too():
    failed = Alert(code="failed", severity="error", message="out of memory", state="opened")
    assert live([failed]).alerts == []
    assert list(PlainLines(LiveRun(RUN_ID, "digits")).feed(numbered([failed])[0])) == []


def test_progress_keeps_totals_that_later_reports_leave_out():
    run = live(
        [
            TrainingProgress(phase="epoch", epoch=1, epochs=4, step=10, total=40, eta_seconds=9),
            TrainingProgress(step=15),
        ]
    )
    assert (run.progress.step, run.progress.total, run.progress.epochs) == (15, 40, 4)
    assert run.progress.eta_seconds is None


def test_series_are_in_the_order_of_their_steps():
    points = [MetricPoint(name="train/loss", value=v, step=s) for s, v in ((20, 0.5), (10, 0.9))]
    assert live([Metrics(points=points)]).values("train/loss") == [0.9, 0.5]


def resumed(begun):
    """A run that was paused and is queued again."""
    s = RunStatus
    paused = [
        StatusChanged(status=s.PAUSING),
        TrainingError(code="x", message="boom"),
        StatusChanged(status=s.PAUSED),
    ]
    run = live([*begun, *paused])
    for event in numbered([StatusChanged(status=s.QUEUED)], 2, run.last_seq + 1000):
        run.apply(event)
    return run


def test_what_an_earlier_attempt_warned_of_is_forgotten_at_resume(begun):
    before, run = live(begun), resumed(begun)
    assert before.alerts
    assert run.alerts == []
    assert run.error is None
    assert run.progress.eta_seconds is None
    assert run.values("train/loss") == before.values("train/loss")


def test_the_trainer_of_a_later_attempt_starts_like_the_first(begun):
    run = resumed(begun)
    running, step = StatusChanged(status=RunStatus.RUNNING), TrainingProgress(step=21)
    run.apply(numbered([running], 2, run.last_seq)[0])
    assert "starting the trainer, attempt 2" in drawn(run)
    run.apply(numbered([step], 2, run.last_seq)[0])
    assert "training, attempt 2" in drawn(run)


def test_a_pause_is_not_time_in_training(begun):
    assert resumed(begun).seconds == live(begun).seconds + 3


@pytest.mark.parametrize("width", [40, 80, 200])
def test_panel_tells_all_that_matters_at_any_width(begun, width):
    text = drawn(live(begun), width)
    for words in ("training", "epoch 2/3", "67%", "ETA 4 s", "loss", "accuracy", "0.75", "cpu 98"):
        assert words in text
    assert max(map(len, text.splitlines())) <= min(width, 100)


def test_panel_shows_curves_checkpoint_and_alert(begun):
    text = drawn(live(begun))
    assert "█▁" in text  # the loss falls
    assert "▁█" in text  # the accuracy rises
    assert "checkpoint at step 20, 245 kB, the best so far" in text
    assert "reading data is slow (cache it)" in text


def test_panel_of_a_waiting_run_gives_its_place():
    text = drawn(live([StatusChanged(status=RunStatus.QUEUED, queue_position=3)]))
    assert "place 3 in the queue" in text


def test_panel_of_a_failed_run_says_why():
    error = TrainingError(code="oom", message="out of memory", exit_code=1)
    run = live([error, StatusChanged(status=RunStatus.FAILED, reason="out of memory")])
    text = drawn(run)
    assert text.count("out of memory") == 1
    assert "out of memory (exit code 1)" in text


def test_an_exit_code_is_told_once():
    error = TrainingError(code="x", message="the trainer ended with exit code 3", exit_code=3)
    assert drawn(live([error])).count("exit code 3") == 1


def test_metric_names_are_text_and_not_markup():
    points = [MetricPoint(name="train/[red]x[/red]", value=1.0, step=1)]
    assert "[red]x[/red]" in drawn(live([Metrics(points=points)]))


def test_plain_lines_tell_each_thing_once(ended):
    lines = PlainLines(LiveRun(RUN_ID, "digits"))
    said = [line for event in numbered(ended) for line in lines.feed(event)]
    assert said[:5] == [
        "checking the spec and the data",
        "preparing the run",
        "waiting for a free slot (place 2 in the queue)",
        "taking a slot",
        "starting the trainer",
    ]
    epochs = [line for line in said if line.startswith("epoch")]
    assert [line.split(" · ")[0] for line in epochs] == ["epoch 1/3", "epoch 2/3", "epoch 3/3"]
    assert "train loss 0.5000 accuracy 0.7400" in epochs[1]
    assert "warning: reading data is slow (cache it)" in said
    assert said[-1] == "completed"


def test_plain_lines_of_steps_come_every_five_seconds():
    steps = [TrainingProgress(step=i, total=100) for i in range(1, 13)]
    lines = PlainLines(LiveRun(RUN_ID, "digits"))
    said = [line for event in numbered(steps) for line in lines.feed(event)]
    assert said == ["step 1/100", "step 6/100", "step 11/100"]


def test_without_a_terminal_plain_lines_are_written(ended):
    out = io.StringIO()
    run = LiveRun(RUN_ID, "digits")
    show(numbered(ended), run, Console(file=out, force_terminal=False, width=40))
    assert "completed" in out.getvalue().splitlines()
    assert "\x1b" not in out.getvalue()


def test_on_a_terminal_the_last_frame_stays(ended):
    out = io.StringIO()
    run = LiveRun(RUN_ID, "digits")
    show(numbered(ended), run, Console(file=out, force_terminal=True, width=80, height=30))
    last = out.getvalue().split("digits")[-1]
    assert "completed" in last
    assert "100%" in last


def test_looking_ends_at_the_deadline(ended):
    assert len(list(until(numbered(ended), deadline=0.0))) == 1
    assert len(list(until(numbered(ended), deadline=None))) == len(ended)


def test_what_was_left_out_is_told_once_the_data_is_checked(begun):
    run = LiveRun(RUN_ID, "photos")
    lines = PlainLines(run)
    run.report = {
        "samples": {"all": 37},
        "class_names": ["a", "b"],
        "left_out": [{"path": "a/x.txt", "code": "not_an_image", "reason": "it is not an image"}],
        "left_out_count": 1,
    }
    said = [line for event in numbered(begun) for line in lines.feed(event)]
    assert said[1:3] == [
        "data: 37 samples in 2 classes, 1 file left out",
        "  left out: a/x.txt: it is not an image",
    ]
    assert "37 samples in 2 classes, 1 file left out" in drawn(run)


@pytest.mark.parametrize(("wide", "narrow", "up"), [(80, 40, 2), (80, 30, 4), (80, 80, 0)])
def test_a_frame_that_a_narrower_terminal_broke_is_erased_whole(wide, narrow, up):
    console = Console(file=io.StringIO(), force_terminal=True, width=narrow)
    erase_reflowed(console, Text("x" * 80 + "\n" + "한" * 40 + "\nshort"), wide)
    assert console.file.getvalue().count("\x1b[1A\x1b[2K") == up
