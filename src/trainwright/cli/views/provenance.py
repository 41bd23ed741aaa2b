"""How a run came about: code, data, packages, machine."""

from __future__ import annotations

from collections.abc import Mapping
from shlex import join
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from trainwright.cli.output import table
from trainwright.spec import shown

_TOLD = ("torch", "torchvision", "numpy", "timm", "transformers", "ultralytics", "trl", "pydantic")
"""Packages that are shown to people; `--json` has them all."""


def provenance_view(origin: Mapping[str, Any]) -> RenderableType:
    if not origin:
        return Text("nothing is recorded yet: that is done when the run's folder is prepared")
    hardware, git = origin.get("hardware") or {}, origin.get("git") or {}
    packages = origin.get("packages") or {}
    rows = {
        "recorded": origin.get("created_at"),
        "trainwright": origin.get("trainwright"),
        "command": join(origin["command"]) if origin.get("command") else None,
        "in folder": origin.get("cwd"),
        "trainer": join(origin["trainer_command"]) if origin.get("trainer_command") else None,
        "commit": _commit(git),
        "not committed": _changes(git),
        "data": origin.get("data_hash"),
        "seed": origin.get("seed"),
        "python": str(origin.get("python", "")).partition(" ")[0],
        "platform": origin.get("platform"),
        "hardware": _machine(hardware),
        "packages": ", ".join(f"{n} {packages[n]}" for n in _TOLD if n in packages),
    }
    known = {name: str(said) for name, said in rows.items() if said not in (None, "")}
    listed = [(name, Text(shown(said))) for name, said in known.items()]
    return Group(table(("", ""), listed), *_diff(git))


def _commit(git: Mapping[str, Any]) -> str | None:
    return f"{git['commit']} on {git.get('branch') or 'no branch'}" if git.get("commit") else None


def _changes(git: Mapping[str, Any]) -> str | None:
    untracked = git.get("untracked") or []
    said = ["a diff, below"] if git.get("diff") else []
    if untracked:
        said.append(f"new files: {', '.join(untracked[:5])}{'…' if len(untracked) > 5 else ''}")
    return "; ".join(said) or ("nothing" if git.get("commit") else None)


def _machine(hardware: Mapping[str, Any]) -> str:
    said = [hardware.get("device") or hardware.get("processor"), _cores(hardware)]
    if hardware.get("memory_gb"):
        said.append(f"{hardware['memory_gb']} GB memory")
    gpus = (hardware.get("target") or {}).get("gpus")
    return ", ".join([str(one) for one in said if one] + ([f"{gpus} GPU"] if gpus else []))


def _cores(hardware: Mapping[str, Any]) -> str | None:
    return f"{hardware['cores']} cores" if hardware.get("cores") else None


def _diff(git: Mapping[str, Any]) -> list[Text]:
    if not git.get("diff"):
        return []
    out = [Text()]
    for line in str(git["diff"]).splitlines():
        style = {"+": "green", "-": "red", "@": "cyan"}.get(line[:1], "dim")
        out.append(Text(shown(line), style=style))
    return out
