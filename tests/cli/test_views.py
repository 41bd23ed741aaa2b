import io
import math
import re

import pytest
from rich.console import Console, Group
from rich.text import Text

from trainwright.api.panel.data import is_worth_telling
from trainwright.cli.output import hints, show
from trainwright.cli.program import runnable
from trainwright.cli.views.compare import best_of, compare_view
from trainwright.cli.views.datasets import data_report, dataset_table
from trainwright.cli.views.files import file_table
from trainwright.cli.views.plan import plan_line, plan_view
from trainwright.cli.views.predictions import predictions_view
from trainwright.cli.views.result import next_commands, result_view
from trainwright.cli.views.runs import diagnosis_view, run_table, run_view
from trainwright.cli.views.spec import flat_fields, shown, spec_table
from trainwright.planner import cpu_device, gpu_device, plan
from trainwright.spec import (
    Artifact,
    ClassScores,
    Confusion,
    LabelPrediction,
    MetricSummary,
    Prediction,
    Result,
    RunError,
    RunSpec,
)
from trainwright.spec.api import (
    ArtifactView,
    CheckpointView,
    DatasetView,
    Diagnosis,
    Finding,
    RunComparison,
    RunDetail,
)


def text_of(view, width=100):
    console = Console(record=True, width=width, file=io.StringIO(), color_system=None)
    console.print(view)
    return console.export_text()


def result(**changes):
    labels = ["cat", "dog", "owl"]
    return Result(
        **{
            "run_id": "k3x",
            "name": "pets",
            "status": "completed",
            "model": "builtin/lenet5",
            "dataset": "pets",
            "duration_seconds": 65,
            "metrics": {
                "test/accuracy": MetricSummary(final=0.9, best=0.9),
                "val/accuracy": MetricSummary(final=0.8, best=0.95),
            },
            "per_class": [
                ClassScores(name=n, precision=0.9, recall=0.8, f1=0.847, support=10) for n in labels
            ],
            "confusion": Confusion(labels=labels, matrix=[[9, 1, 0], [3, 7, 0], [0, 0, 10]]),
            "artifacts": [
                Artifact(name="m", path="artifacts/model.safetensors", bytes=2440, sha256="0")
            ],
        }
        | changes
    )


def test_spec_table_says_who_chose_each_value_and_why():
    spec = RunSpec(model="builtin/lenet5", dataset="digits", epochs=5, batch_size=64, gpus=1)
    who = {"model": "user", "dataset": "inferred", "epochs": "user", "batch_size": "default"}
    why = {"dataset": "“digits” is a sample dataset", "batch_size": "recommended for LeNet-5"}
    lines = text_of(spec_table(spec, who | {"gpus": "user"}, why)).splitlines()
    rows = {line.split()[0]: line for line in lines}
    assert rows["epochs"].split()[:3] == ["epochs", "5", "you"]
    assert "inferred" in rows["dataset"] and "sample dataset" in rows["dataset"]
    assert "default" in rows["batch_size"] and "recommended for LeNet-5" in rows["batch_size"]
    assert rows["gpus"].split()[:2] == ["gpus", "1"]
    assert "max_hours" not in rows  # a default nobody has a word on


def test_flat_fields_names_groups_as_they_are_set():
    spec = RunSpec(
        model="builtin/mlp", overrides={"data_dir": "/x"}, supervision={"stall_minutes": 9}
    )
    fields = flat_fields(spec)
    assert fields["overrides.data_dir"] == "/x"
    assert fields["supervision.stall_minutes"] == 9
    assert "supervision.on_stall" not in fields


@pytest.mark.parametrize(
    ("value", "text"),
    [(True, "yes"), ([28, 32], "28, 32"), ({"r": 8}, "r 8"), (0.001, "0.001"), (24.0, "24")],
)
def test_shown(value, text):
    assert shown(value) == text


def test_result_shows_test_figures_classes_confusion_and_files():
    text = text_of(result_view(result(), 100))
    assert "completed pets" in text
    assert "in 1:05" in text
    assert "test/accuracy" in text and "val/accuracy" not in text
    assert "precision" in text and "0.847" in text
    rows = [line.split() for line in text.splitlines()]
    assert ["dog", "3", "7", "·"] in rows
    assert "2.4 kB" in text


def test_result_without_a_test_split_shows_the_best_of_validation():
    only_val = {"val/accuracy": MetricSummary(final=0.8, best=0.95)}
    assert "0.9500" in text_of(result_view(result(metrics=only_val), 100))


def test_failed_result_says_why_and_what_next():
    error = RunError(code="oom", message="out of memory", hint="halve batch_size", log_tail=["x y"])
    failed = result(status="failed", error=error, metrics={}, per_class=None, confusion=None)
    text = text_of(result_view(failed, 100))
    assert "out of memory" in text and "halve batch_size" in text and "x y" in text
    assert "trainwright runs diagnose k3x" in [command for command, _ in next_commands(failed)]


def test_what_was_told_of_a_failure_is_not_told_again():
    error = RunError(code="oom", message="out of memory", hint="halve batch_size", log_tail=["x y"])
    failed = result(status="failed", error=error)
    text = text_of(result_view(failed, told={"out of memory", "halve batch_size", "x y"}))
    assert not any(word in text for word in ("out of memory", "halve", "x y"))


def test_a_result_says_where_its_files_are(tmp_path):
    assert f"in {tmp_path}" in text_of(result_view(result(), 400, folder=tmp_path), 400)


def test_a_platform_that_stays_is_not_to_be_started():
    assert "trainwright up" not in [c for c, _ in next_commands(result(), platform_stays=True)]


def test_next_commands_of_a_good_run():
    commands = " ".join(command for command, _ in next_commands(result()))
    for words in ("predict k3x", "runs show k3x", "export k3x --format onnx", "trainwright up"):
        assert words in commands


def test_next_commands_are_only_what_the_framework_can_do():
    commands = " ".join(c for c, _ in next_commands(result(model="script//x/train.py")))
    assert "runs show k3x" in commands
    assert "predict" not in commands and "export" not in commands
    unknown = next_commands(result(model="somewhere/else"))
    assert [command.split()[1] for command, _ in unknown] == ["runs", "open", "up"]


def test_a_request_that_was_wrong_is_not_to_be_tried_again():
    error = RunError(code="bad_dataset", message="no images", stage="validate")
    failed = result(status="failed", error=error, dataset="/my data/pets")
    commands = [command for command, _ in next_commands(failed)]
    assert commands[0] == "trainwright datasets validate '/my data/pets'"
    assert not any("resume" in command for command in commands)


def test_a_stopped_run_goes_on_rather_than_is_diagnosed():
    commands = [c for c, _ in next_commands(result(status="stopped", best_checkpoint="c.pt"))]
    assert commands[0] == "trainwright runs resume k3x"
    assert not any("diagnose" in command for command in commands)


@pytest.mark.parametrize("width", [60, 80, 120])
def test_a_matrix_too_wide_becomes_its_commonest_mistakes(width):
    n = 60
    matrix = [[50 if i == j else 0 for j in range(n)] for i in range(n)]
    matrix[3][8] = 7
    labels = [f"class{i}" for i in range(n)]
    text = text_of(result_view(result(confusion=Confusion(labels=labels, matrix=matrix)), width))
    assert ["class3", "class8", "7"] in [line.split() for line in text.splitlines()]


def test_ten_classes_fit_a_narrow_terminal():
    labels = [str(i) for i in range(10)]
    matrix = [[35 if i == j else 0 for j in range(10)] for i in range(10)]
    confusion = Confusion(labels=labels, matrix=matrix)
    text = text_of(result_view(result(confusion=confusion), 60), 60)
    assert ["0", "35", *["·"] * 9] in [line.split() for line in text.splitlines()]


def test_many_classes_are_cut_to_the_weakest():
    scores = [
        ClassScores(name=f"c{i}", precision=1, recall=1, f1=i / 99, support=1) for i in range(99)
    ]
    text = text_of(result_view(result(per_class=scores, confusion=None), 100))
    assert "c0 " in text and "c98" not in text and "99 classes" in text


def test_data_report_says_what_is_left_out_and_why():
    report = {
        "samples": {"all": 40},
        "class_names": ["a", "b"],
        "findings": [
            {"severity": "warning", "message": "class b has two images", "mend": "add more"}
        ],
        "left_out": [
            {"path": "a/bad.png", "code": "unreadable", "reason": "the file is truncated"},
            {"path": "a/notes.txt", "code": "not_an_image", "reason": "it is not an image"},
            {"path": "a/also.png", "code": "unreadable", "reason": "the file is truncated"},
        ],
        "left_out_count": 3,
    }
    text = text_of(data_report(report))
    assert "data: 40 samples in 2 classes, 3 files left out" in text
    assert "! class b has two images" in text
    assert "left out: a/bad.png and 1 more: the file is truncated" in text
    assert "left out: a/notes.txt: it is not an image" in text
    assert is_worth_telling(report)
    assert not is_worth_telling({"samples": {"all": 40}, "findings": []})


def test_paths_in_a_spec_are_not_broken_at_80_columns(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    spec = RunSpec(model=f"script/{tmp_path}/src/train.py", dataset="/srv/data/photos/of-pets")
    text = text_of(spec_table(spec, {"model": "user", "dataset": "user"}, {}, 80), 80)
    assert "script/src/train.py" in text
    assert "/srv/data/photos/of-pets" in text


@pytest.mark.parametrize("width", [40, 60, 80, 100])
def test_nothing_of_a_spec_is_cut_off(width):
    name = "resnet50-on-a-dataset-20261122-0019"
    why = {"name": "made of model, dataset and time (UTC)"}
    spec = RunSpec(model="timm/resnet50", name=name, dataset="digits")
    rows = text_of(spec_table(spec, {"model": "inferred"}, why, width), width).splitlines()
    rest = " ".join(rows[1:]).split()
    assert "inferred" in rest
    if "why" in rows[0]:
        assert set(why["name"].split()) <= set(rest)


@pytest.mark.parametrize("width", [80, 120, 160])
def test_a_run_takes_one_line_and_its_id_is_whole(width):
    runs = [
        detail(f"1ng48bx0k3{n:03}").model_copy(
            update={"name": "basic_cnn-digits-20261121-2301-" * 2, "status": status}
        )
        for n, status in enumerate(("completed", "running", "validating"))
    ]
    lines = text_of(run_table(runs, width), width).splitlines()
    assert [line.split()[0] for line in lines[1:]] == [run.id for run in runs]
    for run, line in zip(runs, lines[1:], strict=True):
        assert f" {run.status} " in line


def test_datasets_fit_80_columns():
    many = [
        DatasetView(
            id="fashion_mnist",
            name="Fashion-MNIST",
            source="catalogue",
            location="x",
            tasks=["image_classification"],
            num_classes=10,
            samples={"train": 60000, "test": 10000},
        )
    ]
    lines = text_of(dataset_table(many, 80), 80).splitlines()
    assert " ".join(lines[1].split()) == "fashion_mnist catalogue 10 70000 image classification"


def test_registered_datasets_are_listed_by_name_in_80_columns():
    own = DatasetView(id="d1ng6t55hfabjk", name="내 photos", source="registered", location="/x")
    shown = text_of(dataset_table([own], 80), 80)
    assert "내 photos" in shown
    assert own.id in shown


def test_a_checkpoint_that_is_written_again_is_listed_once():
    checkpoints = [
        CheckpointView(id=str(n), path="checkpoints/last.pt", step=n, size=10, sha256="0")
        for n in (1, 2, 3)
    ]
    text = text_of(run_view(detail("a"), result(), checkpoints, 100))
    assert [row.split()[1] for row in text.splitlines() if "last.pt" in row] == ["3"]


@pytest.mark.parametrize("inside", [False, True])
@pytest.mark.parametrize("width", [30, 60, 200])
def test_a_suggested_command_is_never_broken(width, inside, monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", str(width))
    commands = next_commands(result())
    view = hints(commands)
    show(Group(Text(), view) if inside else view)
    lines = capsys.readouterr().out.splitlines()
    for command, _ in commands:
        assert any(runnable(command) in line for line in lines)


def detail(run_id, **changes):
    spec = {"model": "builtin/lenet5", "dataset": "digits", "epochs": 5} | changes
    return RunDetail(
        id=run_id,
        name=f"run-{run_id}",
        status="completed",
        model=spec["model"],
        created_at="2026-03-01T12:00:00Z",
        metrics={"val/accuracy": 0.9},
        spec=spec,
    )


def test_comparison_shows_what_differs_and_marks_the_best():
    compared = RunComparison(
        runs=[
            {"id": one, "name": f"run-{one}", "status": "completed", "model": "m"} for one in "ab"
        ],
        settings={"epochs": [5, None]},
        provenance={f"packages.p{n}": ["1", "2"] for n in range(20)},
        metrics={"val/accuracy": [0.9, 0.95], "lr": [0.1, 0.2]},
    )
    text = text_of(compare_view(compared))
    assert re.search(r"epochs +5 +–", text)
    assert "run-a" in text
    assert "lr" not in text.split()
    assert "and 8 more" in text


@pytest.mark.parametrize(
    ("name", "values", "place"),
    [
        ("val/accuracy", [0.1, 0.9, None], 1),
        ("val/loss", [0.1, 0.9], 0),
        ("val/loss", [0.1, None], None),
        ("val/loss", [0.5, 0.5], None),
        ("lr", [0.1, 0.2], None),
        ("train/samples_per_second", [10.0, 20.0], None),
        ("val/loss", [math.nan, 0.5, 0.7], 1),
    ],
)
def test_best_of(name, values, place):
    assert best_of(name, values) == place


def test_run_table_and_diagnosis():
    assert "accuracy 0.9000" in text_of(run_table([detail("a")]))
    assert "builtin/lenet5" in text_of(run_table([detail("a")], 140), 140)
    finding = Finding(
        code="oom",
        severity="error",
        message="out of memory",
        evidence=["CUDA out of memory"],
        mend="--set batch_size=16",
    )
    diagnosis = Diagnosis(run_id="a", status="failed", summary="It failed.", findings=[finding])
    text = text_of(diagnosis_view(diagnosis))
    told = diagnosis.model_copy(update={"summary": "It failed. out of memory"})
    assert text_of(diagnosis_view(told)).count("out of memory") == 2  # the evidence says it too
    assert "CUDA out of memory" in text and "--set batch_size=16" in text
    twice = diagnosis.model_copy(update={"findings": [finding, finding]})
    assert text_of(diagnosis_view(twice)).count("--set batch_size=16") == 1


def test_predictions_name_each_input():
    prediction = Prediction(
        predictions=[LabelPrediction(class_name="7", class_id=7, confidence=0.981)],
        inference_time_ms=1.5,
        model_version="v1",
    )
    named = [prediction.model_copy(update={"input": name}) for name in ("a.png", "b.png")]
    text = text_of(predictions_view(named))
    assert "b.png" in text and "98.1%" in text and "3.0 ms" in text


def test_names_of_classes_are_shown_escaped_and_leave_room_for_figures():
    names = ["x" * 200, "\x1b[2Jred", "line\nbreak"]
    scores = [ClassScores(name=n, precision=0.125, recall=0.5, f1=0.5, support=3) for n in names]
    confusion = Confusion(labels=names, matrix=[[1, 2, 3]] * 3)
    text = text_of(result_view(result(per_class=scores, confusion=confusion)))
    assert "\x1b" not in text
    assert r"\x1b[2Jred" in text
    assert r"line\nbreak" in text
    assert text.count("0.125") == 3


def test_a_plan_shows_what_takes_the_memory_and_what_would_help():
    spec = RunSpec(
        model="trl/Qwen/Qwen2.5-7B-Instruct", task="sft", batch_size=4, max_length=1024, epochs=1
    )
    made = plan(spec, gpu_device("RTX 4090"), 5000)
    text = text_of(plan_view(made))
    assert "it does not fit on NVIDIA GeForce RTX 4090" in text
    assert all(part in text for part in ("weights", "gradients", "optimizer", "logits", "time"))
    assert "--set peft=qlora" in text
    assert plan_line(made).startswith("it does not fit, ")


def test_a_plan_of_an_unknown_program_says_so():
    made = plan(RunSpec(model="script/train.py"), cpu_device(4, 8))
    assert "whether it fits is not known" in text_of(plan_view(made))


def test_files_and_where_the_mirror_has_them():
    assert "no files" in text_of(file_table([]))
    here = ArtifactView(name="model.pt", path="artifacts/model.pt", bytes=2048)
    assert "mirrored" not in text_of(file_table([here]))
    there = here.model_copy(update={"uri": "s3://models/runs/r1/artifacts/model.pt"})
    lines = text_of(file_table([here, there])).splitlines()
    assert "not yet" in lines[1]
    assert there.uri in lines[2]
