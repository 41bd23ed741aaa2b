"""Checking datasets known by name: is the data here, or does it have to be downloaded?"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from trainwright import catalog
from trainwright.datasets.checks.classes import contradictions
from trainwright.datasets.checks.report import Finding, Report
from trainwright.files import expanded
from trainwright.settings import Home
from trainwright.spec import DatasetInfo, NotFoundError, RunSpec, did_you_mean


def check_name(name: str, spec: RunSpec, home: Home) -> Report:
    """Report on a catalogue dataset; one nobody knows is an error with the nearest names."""
    try:
        info = catalog.dataset(name)
    except NotFoundError:
        return Report(dataset=name, kind="catalogue", findings=[_unknown(name)])
    class_names = info.class_names or []
    # what is made up at the start, such as `random`, has as many classes as it is asked for
    made_up = info.bundled and not class_names
    findings = contradictions(class_names, None if made_up else info.num_classes, spec)
    if not info.bundled:
        findings.append(_presence(info, spec, home))
    return Report(
        dataset=info.id,
        kind="catalogue",
        samples=info.samples,
        class_names=class_names,
        fingerprint=_fingerprint(info, spec, made_up=made_up),
        findings=findings,
    )


def _fingerprint(info: DatasetInfo, spec: RunSpec, *, made_up: bool) -> str | None:
    """What the data are known by: their files, or all that they are made up from.

    A folder of one's own may hold other files of the same names: it is known by its listing.
    """
    chosen = {o.name: spec.overrides[o.name] for o in info.options if o.name in spec.overrides}
    if made_up:
        return None if spec.seed is None else _digest(info.id, {"seed": spec.seed, **chosen})
    if (given := chosen.get("data_dir")) is None:
        return info.sha256
    folder = expanded(str(given))
    files = [f for f in (*folder.glob("*"), *folder.glob("raw/*")) if f.is_file()]
    return _digest(info.id, {str(f.relative_to(folder)): f.stat().st_size for f in files})


def _digest(name: str, facts: Mapping[str, Any]) -> str:
    text = json.dumps([name, facts], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def _presence(info: DatasetInfo, spec: RunSpec, home: Home) -> Finding:
    given = spec.overrides.get("data_dir")
    if given is not None:
        return _given(expanded(str(given)), info)
    cached = home.datasets / info.id
    if cached.is_dir() and any(cached.iterdir()):
        return Finding(code="cached", severity="info", message=f"{info.id} is in {cached}")
    size = f" ({info.bytes / 1e6:.0f} MB)" if info.bytes else ""
    return Finding(
        code="download_needed",
        severity="warning",
        message=f"{info.id} is not on this machine; it is downloaded when training begins{size}",
        mend="--data-dir <a folder with the original files>, where there is no network",
    )


def _given(folder: Path, info: DatasetInfo) -> Finding:
    if folder.is_dir():
        return Finding(code="data_dir", severity="info", message=f"{info.id} is read from {folder}")
    return Finding(
        code="folder_missing",
        severity="error",
        message=f"data_dir {folder} is not a folder",
        mend=f"--data-dir <the folder with the original files of {info.id}>",
    )


def _unknown(name: str) -> Finding:
    if Path(name).exists():
        return Finding(
            code="unknown_dataset",
            severity="error",
            message=f"{name!r} is no dataset's name, but there is a folder ./{name}",
            mend=f"write it as ./{name}",
        )
    hint = did_you_mean(name, [info.id for info in catalog.datasets()])
    return Finding(
        code="unknown_dataset",
        severity="error",
        message=f"there is no dataset named {name!r}{hint}",
        mend="trainwright datasets list",
    )
