"""What lies beside an exported model, so that it can be used without asking us."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from trainwright import __version__
from trainwright.files import sha256_of
from trainwright.frameworks.builtin.trained import Description

WHOLE = frozenset({"torchscript", "pt2", "onnx"})
"""Formats that hold the whole program; the others hold its weights."""


@dataclass
class Comparison:
    """How near a written model is to the trained one.

    Attributes:
        images: How many real images both were shown, beside noise.
        tolerance: Largest difference of a logit that is let pass, as a share of the largest logit.
        largest_difference: What was found.
    """

    images: int
    tolerance: float
    largest_difference: float = 0.0


def describe(seen: Description, kind: str, out: Path, compared: Comparison) -> dict[str, Any]:
    """A card for programs: the file, its classes, what goes in and comes out.

    Args:
        seen: The model.
        kind: The format.
        out: The file.
        compared: With the trained model.
    """
    whole = kind in WHOLE
    return {
        "format": kind,
        "file": out.name,
        "bytes": out.stat().st_size,
        "sha256": sha256_of(out),
        "created_at": datetime.now(UTC).isoformat(),
        "run_id": seen.run_id,
        "model": f"builtin/{seen.model}",
        "model_options": seen.model_options,
        "dataset": seen.dataset,
        "class_names": seen.class_names,
        "input": {
            "name": "pixels",
            "shape": ["batch", seen.channels, seen.height, seen.width],
            "dtype": "float32",
            "range": [0.0, 1.0],
            "colours": "grey" if seen.channels == 1 else "RGB",
            "other_sizes": seen.resize,
            "normalize": None if whole else {"mean": seen.mean, "std": seen.std},
        },
        "output": {"name": "logits", "shape": ["batch", len(seen.class_names)]},
        "opset": _opset_in(out) if kind == "onnx" else None,
        "compared": asdict(compared),
        "made_with": {"trainwright": __version__} | _versions(kind),
    }


def opset_of(proto: Any) -> int:
    """Version of the standard operators that an ONNX model uses."""
    return next(int(used.version) for used in proto.opset_import if used.domain in ("", "ai.onnx"))


def _opset_in(file: Path) -> int:
    import onnx  # noqa: PLC0415  (optional)

    return opset_of(onnx.load(file))


def _versions(kind: str) -> dict[str, str]:
    wanted = ("torch", "onnx", "onnxscript", "onnxruntime") if kind == "onnx" else ("torch",)
    found = {}
    for name in wanted:
        try:
            found[name] = version(name)
        except PackageNotFoundError:  # built from source, without metadata
            continue
    return found
