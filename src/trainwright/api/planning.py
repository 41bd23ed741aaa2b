"""What a run would need on a machine: nothing is started, and no platform is needed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trainwright.api.request import read_request
from trainwright.files import expanded

if TYPE_CHECKING:
    from trainwright.spec import RunSpec
    from trainwright.spec.plan import Plan


def plan(
    what: str | Path | RunSpec | Mapping[str, Any] | None = None,
    *,
    gpu: str | None = None,
    gpu_memory_gb: float | None = None,
    samples: int | None = None,
    **changes: Any,
) -> Plan:
    """Reckon memory and time of a run, in closed form.

    Args:
        what: A sentence, the path of a YAML spec, a spec, a mapping of spec fields, or nothing
            when every field is given by name.
        gpu: Plan for this GPU, such as `RTX 3090`. Default: what this machine has.
        gpu_memory_gb: GiB it has; needed for a GPU that the catalogue does not know.
        samples: Training samples. Default: counted where the data is a folder here, or known.
        **changes: Spec fields that win over what `what` says.

    Raises:
        ClarificationNeededError: The sentence leaves a question open.
        SpecError: With every fault of the spec.
    """
    spec = read_request(what, changes).spec
    return plan_spec(spec, gpu=gpu, gpu_memory_gb=gpu_memory_gb, samples=samples)


def plan_spec(
    spec: RunSpec,
    *,
    gpu: str | None = None,
    gpu_memory_gb: float | None = None,
    samples: int | None = None,
) -> Plan:
    """The plan of a completed spec; arguments as of `plan`."""
    from trainwright import planner  # noqa: PLC0415 (kept out of `import trainwright`)
    from trainwright.targets.local.device import device  # noqa: PLC0415

    gpus = spec.resources.gpus
    place = planner.gpu_device(gpu, gpu_memory_gb, max(1, gpus or 1)) if gpu else device(gpus)
    return planner.plan(spec, place, samples or _count(spec))


def _count(spec: RunSpec) -> int | None:
    """Images of a folder that would be trained on; their content is not looked at."""
    from trainwright.datasets.formats import image_folder  # noqa: PLC0415
    from trainwright.spec import DatasetKind, DatasetRef, Task, TrainwrightError  # noqa: PLC0415

    if spec.dataset is None or spec.task is not Task.IMAGE_CLASSIFICATION:
        return None
    ref = DatasetRef.parse(spec.dataset)
    if ref.kind is not DatasetKind.PATH:
        return None
    try:
        found = image_folder.scan(expanded(ref.value), verify=False)
    except TrainwrightError:
        return None  # the checks of a run say what is wrong with it
    return sum(sample.split in (None, "train") for sample in found.samples) or None
