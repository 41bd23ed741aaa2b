"""Styles that other packages bring."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

STYLE = """
from trainwright.job.parsers.draft import Draft

def read(line, context):
    return Draft(points={"train/zap": float(line[4:])}) if line.startswith("ZAP ") else None
"""
CODE = """
from trainwright.job.parsers import parse_text
print([(p.name, p.value) for p in parse_text("ZAP 3\\nloss: 0.5\\n")])
"""


def _install(folder: Path, entry: str) -> None:
    info = folder / "zap-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: zap\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[trainwright.parsers]\nzap = {entry}\n")
    (folder / "zap_style.py").write_text(STYLE)


def _run(folder: Path) -> subprocess.CompletedProcess[str]:
    env = os.environ | {"PYTHONPATH": str(folder)}
    return subprocess.run(
        [sys.executable, "-c", CODE], env=env, capture_output=True, text=True, check=True
    )


def test_a_plug_in_is_asked_first(tmp_path: Path) -> None:
    _install(tmp_path, "zap_style:read")
    assert _run(tmp_path).stdout.strip() == "[('train/zap', 3.0), ('train/loss', 0.5)]"


def test_a_broken_plug_in_is_left_out_with_a_warning(tmp_path: Path) -> None:
    _install(tmp_path, "zap_style:missing")
    done = _run(tmp_path)
    assert done.stdout.strip() == "[('train/loss', 0.5)]"
    assert "parser 'zap' is left out" in done.stderr
