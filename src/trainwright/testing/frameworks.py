"""What every framework adapter must do, as tests.

An adapter passes by subclassing in a test module, with three fixtures:

    class TestMine(AdapterContract):
        @pytest.fixture
        def adapter(self): return MyAdapter()

        @pytest.fixture
        def spec(self): return RunSpec(...)   # a small training, some seconds long

        @pytest.fixture
        def inputs(self, tmp_path): ...       # paths of inputs for a trained model

Abilities that an adapter lacks (`CanResume`, `CanPredict`, …) are not asked of it. The trainings
are real: they run as processes of their own, as a target would start them.
"""

# ruff: noqa: S101 (a suite of tests)

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from trainwright.files import contained, write_atomic
from trainwright.frameworks.base import (
    Adapter,
    CanEvaluate,
    CanExport,
    CanPredict,
    CanResume,
)
from trainwright.job.report import PREFIX
from trainwright.spec import MetricSummary, NotFoundError, Prediction, RunDir, RunSpec
from trainwright.spec.rundir import Launch

HEAVY = ("torch", "transformers", "timm", "ultralytics", "tensorflow", "jax", "sklearn")
DEADLINE = 150.0
"""Seconds until a training counts as hung."""


def start(run: RunDir, launch: Launch) -> subprocess.Popen[bytes]:
    """Start a trainer on `stdout.log`, in a process group of its own, as the shim does."""
    run.checkpoints.mkdir(parents=True, exist_ok=True)
    run.artifacts.mkdir(parents=True, exist_ok=True)
    for name, text in launch.files.items():
        write_atomic(contained(run.path, name), text)
    own = {
        "TRAINWRIGHT_RUN_DIR": str(run.path),
        "TRAINWRIGHT_RUN_ID": run.run_id,
        "TRAINWRIGHT_ATTEMPT": str(launch.attempt),
        "PYTHONUNBUFFERED": "1",
        "OMP_NUM_THREADS": "1",
    }
    with run.log.open("ab") as log:
        return subprocess.Popen(
            launch.argv,
            cwd=launch.cwd or run.path,
            env={**os.environ, **launch.env, **own},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def finish(process: subprocess.Popen[bytes], run: RunDir) -> None:
    """Wait for a training that must succeed."""
    code = process.wait(DEADLINE)
    assert code == 0, run.log.read_text()[-2000:]


def reported(run: RunDir, kind: str) -> list[dict[str, Any]]:
    """What the trainer has reported of one kind, in order; a line under way is left out."""
    text = run.log.read_text() if run.log.exists() else ""
    lines = text[: text.rfind("\n") + 1].splitlines()
    found = [json.loads(line.removeprefix(PREFIX)) for line in lines if line.startswith(PREFIX)]
    return [record for record in found if record["kind"] == kind]


class AdapterContract:
    """Subclass it; see the module."""

    @pytest.fixture
    def run(self, tmp_path: Path) -> RunDir:
        return RunDir(tmp_path / "runs" / "r0contract")

    @pytest.fixture
    def trained(
        self, adapter: Adapter, spec: RunSpec, run: RunDir, tmp_path_factory: pytest.TempPathFactory
    ) -> RunDir:
        """A run that has been trained to its end: once for all tests, each has its own copy."""
        kept = tmp_path_factory.getbasetemp() / f"trained-{type(self).__qualname__}"
        if not kept.exists():
            launch = adapter.prepare_training_script(spec, run, resume_from=None)
            finish(start(run, launch), run)
            shutil.copytree(run.path, kept)
        else:
            shutil.copytree(kept, run.path)
        return run

    def test_the_light_half_loads_no_training_library(self, adapter: Adapter) -> None:
        kind = type(adapter)
        code = (
            f"import sys, {kind.__module__} as m; a = m.{kind.__qualname__}();"
            "a.availability(); a.list_models(); a.get_config_options();"
            f"print([n for n in {HEAVY!r} if n in sys.modules])"
        )
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60
        )
        assert done.stdout.strip() == "[]", done.stderr

    def test_it_is_an_adapter(self, adapter: Adapter) -> None:
        assert isinstance(adapter, Adapter)
        assert adapter.availability().installed, adapter.availability().reason

    def test_models_are_well_described(self, adapter: Adapter) -> None:
        models = adapter.list_models()
        assert len({m.id for m in models}) == len(models)
        for model in models:
            assert model.id == f"{adapter.name}/{model.name}"
            assert model.tasks
            assert model.description
            assert adapter.load_model(model.name) == model

    def test_an_unknown_model_is_not_found(self, adapter: Adapter) -> None:
        with pytest.raises(NotFoundError):
            adapter.load_model("no-such-model")

    def test_recommended_settings_are_valid(self, adapter: Adapter, spec: RunSpec) -> None:
        for model in adapter.list_models():
            recommended = {k: v for k, v in model.defaults.items() if k in RunSpec.model_fields}
            chosen = RunSpec(model=model.id, dataset=spec.dataset, **recommended)
            assert adapter.check(chosen) == []

    def test_options_are_well_formed(self, adapter: Adapter) -> None:
        groups = adapter.get_config_options()
        assert {"spec", "framework"} <= set(groups)
        assert {f"models.{m.name}" for m in adapter.list_models()} <= set(groups)
        for group, options in groups.items():
            assert len({o.name for o in options}) == len(options), group
            for option in options:
                where = f"{group}.{option.name}"
                assert option.help, where
                assert option.help_ko, where
                assert group != "spec" or option.name in RunSpec.model_fields, where
                assert option.type != "choice" or option.choices, where
                if option.choices and option.default is not None:
                    assert option.default in option.choices, where
                if option.minimum is not None and option.maximum is not None:
                    assert option.minimum < option.maximum, where

    def test_a_good_spec_has_no_faults(self, adapter: Adapter, spec: RunSpec) -> None:
        assert adapter.check(spec) == []

    def test_all_faults_are_found_at_once(self, adapter: Adapter, spec: RunSpec) -> None:
        wrong = spec.replace(
            model=f"{adapter.name}/no-such-model", overrides={"no_such_option": 1, "nor_this": 2}
        )
        fields = {fault.field for fault in adapter.check(wrong)}
        assert {"model", "overrides.no_such_option", "overrides.nor_this"} <= fields

    def test_checking_and_preparing_write_nothing(
        self, adapter: Adapter, spec: RunSpec, run: RunDir
    ) -> None:
        adapter.check(spec)
        adapter.prepare_training_script(spec, run, resume_from=None)
        assert not run.path.exists()

    def test_without_an_end_there_is_no_result(
        self, adapter: Adapter, spec: RunSpec, run: RunDir
    ) -> None:
        run.path.mkdir(parents=True)
        assert adapter.normalize_output(spec, run).metrics == {}
        if isinstance(adapter, CanResume):
            assert adapter.find_resume_point(run) is None

    def test_a_training_comes_to_a_result(
        self, adapter: Adapter, spec: RunSpec, trained: RunDir
    ) -> None:
        result = adapter.normalize_output(spec, trained)
        for name, summary in result.metrics.items():
            MetricSummary.model_validate(summary)
            assert name == "lr" or name.startswith(("train/", "val/", "test/")), name
        for artifact in result.artifacts:
            assert contained(trained.path, artifact).is_file()
        if result.best_checkpoint:
            assert contained(trained.path, result.best_checkpoint).exists()

    def test_stopped_and_resumed_it_comes_to_the_same_end(
        self, adapter: Adapter, spec: RunSpec, run: RunDir
    ) -> None:
        first = adapter.prepare_training_script(spec, run, resume_from=None)
        if not (isinstance(adapter, CanResume) and first.saves_on_stop):
            return
        process = start(run, first)
        deadline = time.monotonic() + DEADLINE
        while not reported(run, "metrics") and process.poll() is None:
            assert time.monotonic() < deadline, run.log.read_text()[-2000:]
            time.sleep(0.02)
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(DEADLINE)
        point = adapter.find_resume_point(run)
        assert point is not None, run.log.read_text()[-2000:]
        second = adapter.prepare_training_script(spec, run, resume_from=point)
        finish(start(run, second.model_copy(update={"attempt": 2})), run)
        assert adapter.normalize_output(spec, run).metrics
        assert len(reported(run, "resumed")) == 1

    def test_a_trained_model_predicts(
        self, adapter: Adapter, trained: RunDir, inputs: list[Path]
    ) -> None:
        if not isinstance(adapter, CanPredict):
            return
        junk = trained.path / "junk.png"
        junk.write_text("not an input")
        requests = [
            {"id": 1, "inputs": [str(path) for path in inputs], "top_k": 2},
            {"id": 2, "inputs": [str(junk)]},
            {"id": 3, "inputs": [str(inputs[0])]},
        ]
        done = subprocess.run(
            adapter.worker_argv(trained),
            input="".join(json.dumps(request) + "\n" for request in requests),
            capture_output=True,
            text=True,
            timeout=DEADLINE,
            check=False,
        )
        hello, *replies = [json.loads(line) for line in done.stdout.splitlines()]
        assert hello["ready"] is True
        assert [reply["id"] for reply in replies] == [1, 2, 3]
        for reply, count in ((replies[0], len(inputs)), (replies[2], 1)):
            found = [Prediction.model_validate(p) for p in reply["predictions"]]
            assert len(found) == count
            assert all(p.model_version == hello["model_version"] for p in found)
        spoilt = [Prediction.model_validate(p) for p in replies[1]["predictions"]]
        assert [bool(p.error and p.error.message) for p in spoilt] == [True]

    def test_a_trained_model_is_evaluated(
        self, adapter: Adapter, spec: RunSpec, trained: RunDir, tmp_path: Path
    ) -> None:
        if not isinstance(adapter, CanEvaluate):
            return
        out = tmp_path / "evaluation.json"
        subprocess.run(adapter.evaluate_argv(trained, None, out), check=True, timeout=DEADLINE)
        measured = json.loads(out.read_text())["metrics"]
        trained_to = adapter.normalize_output(spec, trained).metrics
        for name, value in measured.items():
            assert value == pytest.approx(trained_to[name]["final"], rel=1e-3), name

    def test_a_trained_model_is_exported(
        self, adapter: Adapter, trained: RunDir, tmp_path: Path
    ) -> None:
        if not isinstance(adapter, CanExport):
            return
        for kind in adapter.formats:
            out = tmp_path / f"model.{kind}"
            subprocess.run(adapter.export_argv(trained, kind, out), check=True, timeout=DEADLINE)
            assert out.stat().st_size > 0
        with pytest.raises(NotFoundError):
            adapter.export_argv(trained, "no-such-format", tmp_path / "model")
