"""What to change, as edits of the spec and the command that starts the run again with them."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from typing import Any

from trainwright.store.models import Run

_LEAST_RATE = 1e-7
_MANY_EPOCHS = 1_000_000


def clone(run: Run, edits: Mapping[str, Any]) -> str | None:
    """The command that starts the run again, changed."""
    if not edits:
        return None
    changes = " ".join(f"--set {shlex.quote(f'{name}={_text(edits[name])}')}" for name in edits)
    return f"trainwright runs clone {run.id} {changes}"


def smaller_batch(run: Run) -> dict[str, Any]:
    """Half the batch, the same effective one."""
    batch = run.spec.get("batch_size")
    if not isinstance(batch, int) or batch < 2:
        return {}
    steps = run.spec.get("gradient_accumulation") or 1
    return {"batch_size": batch // 2, "gradient_accumulation": 2 * steps}


def lower_rate(run: Run) -> dict[str, Any]:
    """A tenth of the learning rate; full precision where half was chosen."""
    rate = run.spec.get("learning_rate")
    edits: dict[str, Any] = {}
    if isinstance(rate, (int, float)) and rate > _LEAST_RATE:
        edits["learning_rate"] = float(f"{rate / 10:.3g}")
    if run.spec.get("precision") == "fp16":
        edits["precision"] = "fp32"
    return edits


def higher_rate(run: Run) -> dict[str, Any]:
    rate = run.spec.get("learning_rate")
    if not isinstance(rate, (int, float)) or rate > 1:
        return {}
    return {"learning_rate": float(f"{rate * 5:.3g}")}


def regularize(run: Run) -> dict[str, Any]:
    """Stop when it gets worse; more variety in images."""
    edits: dict[str, Any] = {}
    if not run.spec.get("early_stopping"):
        edits["early_stopping"] = 3
    is_vision = str(run.task or "").startswith(("image_", "object_", "instance_", "semantic_"))
    if is_vision and run.spec.get("augment") in (None, "none"):
        edits["augment"] = "light"
    if not run.spec.get("weight_decay"):
        edits["weight_decay"] = 0.01
    return edits


def longer(run: Run) -> dict[str, Any]:
    """Twice as long."""
    for name in ("epochs", "max_steps"):
        value = run.spec.get(name)
        if isinstance(value, int) and 2 * value <= _MANY_EPOCHS:
            return {name: 2 * value}
    return {}


def more_hours(run: Run) -> dict[str, Any]:
    hours = (run.spec.get("resources") or {}).get("max_hours") or 24
    return {"resources.max_hours": 2 * hours}


def more_patience(run: Run) -> dict[str, Any]:
    minutes = (run.spec.get("supervision") or {}).get("stall_minutes") or 5
    return {"supervision.stall_minutes": 4 * minutes}


def _text(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else json.dumps(value).strip('"')
