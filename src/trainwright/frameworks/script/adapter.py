"""A user's own script or program as a trainer: nothing is asked of it."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from trainwright.files import expanded
from trainwright.frameworks.base import Availability
from trainwright.frameworks.overrides import check_overrides
from trainwright.frameworks.results import read_result
from trainwright.job.parsers.patterns import compile_patterns
from trainwright.spec import (
    Fault,
    InvalidRequestError,
    ModelInfo,
    NotFoundError,
    Option,
    RunDir,
    RunSpec,
    Task,
    dump_yaml,
)
from trainwright.spec.rundir import Launch, TrainerResult

TRAINER_SPEC = "trainer.yaml"
SUFFIXES = frozenset({".pt", ".pth", ".ckpt", ".safetensors"})

_ENVIRONMENT_NAME = re.compile(r"^[A-Za-z_][A-Za-z0-9_]*$")

OPTIONS = [
    Option(
        name="args",
        type="list",
        default=[],
        help="Arguments after the script's name.",
        help_ko="스크립트 이름 뒤에 줄 인자.",
    ),
    Option(
        name="python",
        type="str",
        help="Python that runs a .py file; default: the platform's own.",
        help_ko=".py 파일을 실행할 파이썬. 기본값은 플랫폼의 파이썬.",
    ),
    Option(
        name="cwd",
        type="str",
        help="Folder to run in; default: the script's.",
        help_ko="실행할 폴더. 기본값은 스크립트가 있는 폴더.",
    ),
    Option(
        name="env",
        type="list",
        default=[],
        help="Environment variables: a mapping, or a list of NAME=value.",
        help_ko="환경 변수: 매핑 또는 NAME=value 목록.",
    ),
    Option(
        name="metric_patterns",
        type="list",
        default=[],
        help="Regular expressions with groups `name` and `value` that find metrics in its output.",
        help_ko="출력에서 지표를 찾는 정규식. 그룹 `name`과 `value`를 가진다.",
    ),
    Option(
        name="saves_on_stop",
        type="bool",
        default=False,
        help="It saves a checkpoint on SIGTERM, and is given time for it.",
        help_ko="SIGTERM을 받으면 체크포인트를 저장하며, 그럴 시간을 준다.",
    ),
]


class ScriptAdapter:
    """Runs `script/<path of a .py file or program>`.

    The script finds the spec in the file `TRAINWRIGHT_SPEC`, and on a resume its newest checkpoint
    in `TRAINWRIGHT_RESUME_FROM`.
    """

    name = "script"

    def availability(self) -> Availability:
        return Availability(installed=True)

    def list_models(self) -> list[ModelInfo]:
        """None: which scripts there are is the user's to know."""
        return []

    def load_model(self, name: str) -> ModelInfo:
        path = find_program(name)
        if path is None:
            raise NotFoundError(
                f"there is no script or program {name}",
                field="model",
                expected="script/<path of a .py file or an executable>",
            )
        return ModelInfo(
            id=f"script/{name}",
            framework=self.name,
            name=name,
            title=path.name,
            tasks=list(Task),
            options=self.get_config_options()["framework"],
            description=f"Your own {path}",
            description_ko=f"사용자의 {path}",
            installed=True,
        )

    def get_config_options(self) -> dict[str, list[Option]]:
        return {"spec": [], "framework": [o.model_copy(deep=True) for o in OPTIONS]}

    def check(self, spec: RunSpec) -> list[Fault]:
        faults = [*_program_faults(spec)]
        overrides = {k: v for k, v in spec.overrides.items() if k != "env"}
        faults += check_overrides(overrides, OPTIONS)
        try:
            environment(spec.overrides.get("env"))
        except ValueError as error:
            faults.append(
                Fault(
                    field="overrides.env",
                    code="invalid_option",
                    message=str(error),
                    expected="a mapping of names to values, or a list of NAME=value",
                )
            )
        return faults + _pattern_faults(spec.overrides.get("metric_patterns"))

    def prepare_training_script(
        self, spec: RunSpec, run: RunDir, *, resume_from: str | None
    ) -> Launch:
        program = find_program(spec.model_name)
        if program is None:
            raise NotFoundError(f"there is no script or program {spec.model_name}", field="model")
        given = spec.overrides
        argv = [str(program), *map(str, given.get("args") or [])]
        if program.suffix == ".py":
            argv = [given.get("python") or sys.executable, *argv]
        env = environment(given.get("env"))
        env["TRAINWRIGHT_SPEC"] = str(run.path / TRAINER_SPEC)
        if resume_from:
            env["TRAINWRIGHT_RESUME_FROM"] = str(run.path / resume_from)
        return Launch(
            argv=argv,
            cwd=str(expanded(given.get("cwd") or program.parent).absolute()),
            env=env,
            files={TRAINER_SPEC: dump_yaml(spec)},
            saves_on_stop=bool(given.get("saves_on_stop")),
            metric_patterns=list(given.get("metric_patterns") or []),
        )

    def normalize_output(self, spec: RunSpec, run: RunDir) -> TrainerResult:  # noqa: ARG002
        """What the script wrote to `result.json`, if it did."""
        return read_result(run)

    def find_resume_point(self, run: RunDir) -> str | None:
        """The newest checkpoint file below `checkpoints/`."""
        files = [p for p in run.checkpoints.rglob("*") if p.suffix in SUFFIXES and p.is_file()]
        newest = max(files, key=lambda p: p.stat().st_mtime_ns, default=None)
        return newest.relative_to(run.path).as_posix() if newest else None

    def resumes_from(self, checkpoint: str) -> bool:
        """Any file or folder of its own: what is in it is the script's to know."""
        return PurePosixPath(checkpoint).parts[:1] == ("checkpoints",)


def find_program(name: str) -> Path | None:
    """The file a model's name means: a `.py` file, an executable file, or a program on PATH."""
    path = expanded(name)
    if path.is_file() and (path.suffix == ".py" or os.access(path, os.X_OK)):
        return path.absolute()
    found = shutil.which(name) if path.name == name else None
    return Path(found).absolute() if found else None


def environment(given: Mapping[str, Any] | list[Any] | None) -> dict[str, str]:
    """Environment variables from a mapping or a list of `NAME=value`.

    Raises:
        ValueError: A name is malformed, or an item has no value.
    """
    if given is None:
        return {}
    if isinstance(given, Mapping):
        pairs = [(str(name), str(value)) for name, value in given.items()]
    elif isinstance(given, list) and all(isinstance(i, str) and "=" in i for i in given):
        pairs = [(i.partition("=")[0], i.partition("=")[2]) for i in given]
    else:
        raise ValueError(f"{given!r} does not fit")
    for name, value in pairs:
        if not _ENVIRONMENT_NAME.match(name) or "\0" in value:
            raise ValueError(f"{name!r} cannot be the name of an environment variable")
    return dict(pairs)


def _program_faults(spec: RunSpec) -> list[Fault]:
    faults = []
    program = find_program(spec.model_name)
    if program is None:
        faults.append(
            Fault(
                field="model",
                code="unknown_model",
                message=f"there is no script or program {spec.model_name}",
                expected="script/<path of a .py file or an executable>",
            )
        )
    cwd = spec.overrides.get("cwd")
    if isinstance(cwd, str) and not expanded(cwd).is_dir():
        faults.append(
            Fault(
                field="overrides.cwd",
                code="missing_folder",
                message=f"there is no folder {cwd}",
                expected="a folder to run in",
            )
        )
    python = spec.overrides.get("python")
    if isinstance(python, str) and shutil.which(python) is None:
        faults.append(
            Fault(
                field="overrides.python",
                code="missing_program",
                message=f"there is no program {python}",
                expected="a Python interpreter",
            )
        )
    return faults


def _pattern_faults(patterns: Any) -> list[Fault]:
    faults = []
    for index, pattern in enumerate(patterns if isinstance(patterns, list) else []):
        try:
            compile_patterns([pattern])
        except (InvalidRequestError, TypeError) as error:
            faults.append(
                Fault(
                    field=f"overrides.metric_patterns.{index}",
                    code="bad_pattern",
                    message=str(error),
                    expected=r"a regular expression such as (?P<name>\w+)=(?P<value>[\d.]+)",
                )
            )
    return faults
