from __future__ import annotations

import re
from pathlib import Path

import pytest

from trainwright.frameworks import registry
from trainwright.frameworks.builtin.adapter import BuiltinAdapter
from trainwright.spec import ConflictError, NotFoundError, RunDir, RunSpec


@pytest.fixture
def adapter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> BuiltinAdapter:
    monkeypatch.setenv("TRAINWRIGHT_HOME", str(tmp_path))
    return BuiltinAdapter()


def test_both_frameworks_come_through_entry_points() -> None:
    assert {"builtin", "script"} <= set(registry.names())
    assert registry.get("builtin").name == "builtin"


def test_its_models_and_datasets(adapter: BuiltinAdapter) -> None:
    assert [m.id for m in adapter.list_models()] == [
        "builtin/mlp",
        "builtin/basic_cnn",
        "builtin/lenet5",
        "builtin/resnet18",
        "builtin/resnet34",
    ]
    datasets = [d.id for d in adapter.list_datasets()]
    assert datasets == ["digits", "mnist", "fashion_mnist", "cifar10", "random"]
    hangul = re.compile(r"[가-힣]")
    assert all(hangul.search(m.description_ko) for m in adapter.list_models())


def test_a_misspelt_model_gets_the_nearest_names(adapter: BuiltinAdapter) -> None:
    with pytest.raises(NotFoundError, match="lenet5"):
        adapter.load_model("lenet")


def test_what_is_given_out_cannot_be_spoilt(adapter: BuiltinAdapter) -> None:
    adapter.load_model("lenet5").defaults["learning_rate"] = -1
    adapter.get_config_options()["framework"][0].help = ""
    assert adapter.load_model("lenet5").defaults["learning_rate"] > 0
    assert adapter.get_config_options()["framework"][0].help


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"task": "object_detection"}, "task"),
        ({"optimizer": "lion"}, "optimizer"),
        ({"pretrained": True}, "pretrained"),
        ({"dataset": "hf://org/name"}, "dataset"),
        ({"max_length": 512}, "max_length"),
        ({"early_stopping": {"metric": "val/los"}}, "early_stopping.metric"),
        ({"overrides": {"labelsmoothing": 0.1}}, "overrides.labelsmoothing"),
        ({"overrides": {"label_smoothing": 1.5}}, "overrides.label_smoothing"),
        ({"overrides": {"tf32": 1}}, "overrides.tf32"),
        ({"overrides": {"checkpoint_steps": True}}, "overrides.checkpoint_steps"),
        ({"overrides": {"resize": "stretsh"}}, "overrides.resize"),
        ({"overrides": {"hidden": [256, "x"]}}, "overrides.hidden"),
        ({"overrides": {"activation": "relu"}}, "overrides.activation"),
        ({"overrides": {"nesterov": True, "momentum": 0}}, "overrides.nesterov"),
    ],
)
def test_each_fault_names_its_field_and_what_is_right(
    adapter: BuiltinAdapter, fields: dict[str, object], wrong: str
) -> None:
    spec = RunSpec(**{"model": "builtin/mlp", "dataset": "digits"} | fields)
    (fault,) = adapter.check(spec)
    assert fault.field == wrong
    assert fault.expected


def test_options_of_the_dataset_count_only_with_it(adapter: BuiltinAdapter) -> None:
    overrides = {"data_dir": "/data/mnist"}
    assert not adapter.check(RunSpec(model="builtin/mlp", dataset="mnist", overrides=overrides))
    assert adapter.check(RunSpec(model="builtin/mlp", dataset="digits", overrides=overrides))


def test_a_launch_is_an_argument_list_that_saves_on_stop(
    adapter: BuiltinAdapter, tmp_path: Path
) -> None:
    run = RunDir(tmp_path / "a run; rm -rf")
    spec = RunSpec(model="builtin/mlp", dataset="digits", seed=7)
    launch = adapter.prepare_training_script(spec, run, resume_from="checkpoints/last.pt")
    assert str(run.path) in launch.argv
    assert launch.argv[-2:] == ["--resume", "checkpoints/last.pt"]
    assert launch.saves_on_stop
    assert "seed: 7" in launch.files["trainer.yaml"]
    assert "TRAINWRIGHT_HOME" in launch.env_names


def test_only_a_whole_checkpoint_is_a_resume_point(adapter: BuiltinAdapter, tmp_path: Path) -> None:
    import zipfile

    run = RunDir(tmp_path / "run")
    run.checkpoints.mkdir(parents=True)
    last, previous = run.checkpoints / "last.pt", run.checkpoints / ".last.prev.pt"
    for path in (last, previous):
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("data", b"x" * 1000)
    assert adapter.find_resume_point(run) == "checkpoints/last.pt"
    last.write_bytes(last.read_bytes()[:-30])
    assert adapter.find_resume_point(run) == "checkpoints/.last.prev.pt"
    previous.write_bytes(previous.read_bytes().replace(b"xxxx", b"xxyx", 1))
    assert adapter.find_resume_point(run) is None


def test_a_run_without_a_model_is_told_as_that_before_anything_starts(
    adapter: BuiltinAdapter, tmp_path: Path
) -> None:
    run = RunDir(tmp_path / "run")
    for use in (
        lambda: adapter.worker_argv(run),
        lambda: adapter.evaluate_argv(run, None, tmp_path / "out.json"),
        lambda: adapter.export_argv(run, "onnx", tmp_path / "out.onnx"),
    ):
        with pytest.raises(ConflictError, match="has no trained model") as caught:
            use()
        assert caught.value.mend == "trainwright runs resume run"
