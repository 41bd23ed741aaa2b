"""Write a trained model in a format others read, and prove that it still answers the same.

    python -m trainwright.frameworks.builtin.export RUN_DIR --format FORMAT --out FILE

`torchscript`, `pt2` and `onnx` are whole programs: pixels from 0 to 1, `[batch, channels, height,
width]`, in; logits `[batch, classes]` out. `safetensors` and `pth` hold the weights. Beside it,
`FILE.json` says what goes in and comes out, and on what the two were compared.
"""

from __future__ import annotations

import argparse
import io
import json
import logging
import os
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor

from trainwright import settings
from trainwright.files import storage_error, write_atomic
from trainwright.frameworks.builtin.checkpoint import save_weights
from trainwright.frameworks.builtin.evaluate import held_out_images
from trainwright.frameworks.builtin.export_card import Comparison, describe, opset_of
from trainwright.frameworks.builtin.failures import exit_with_words
from trainwright.frameworks.builtin.trained import KEY, TrainedModel, load_trained
from trainwright.spec import (
    InvalidRequestError,
    MissingDependencyError,
    RunDir,
    RunFailedError,
    TrainwrightError,
)

TOLERANCE = 1e-4
"""Largest difference of a logit, as a share of the largest logit."""

CHECK_BATCHES = (1, 3)


class ExportError(RunFailedError):
    """The model cannot be written in this format, or answers differently there."""

    code = "export_failed"


Answer = Callable[[Tensor], Any]
"""A written model, read again: pixels in, logits out."""


def write_safetensors(model: TrainedModel, out: Path) -> None:
    save_weights(out, model.network.state_dict(), model.description.metadata())
    _same_weights(model, load_file(out))


def write_pth(model: TrainedModel, out: Path) -> None:
    buffer = io.BytesIO()
    torch.save(dict(model.network.state_dict()), buffer)
    write_atomic(out, buffer.getvalue())
    _same_weights(model, torch.load(out, weights_only=True))


def write_pt2(model: TrainedModel, out: Path) -> Answer:
    """`torch.export`: loads without our code and runs none of its own."""
    batch = torch.export.Dim("batch", min=1, max=65_536)
    program = torch.export.export(
        model.from_pixels, (noise(model, 2),), dynamic_shapes={"pixels": {0: batch}}
    )
    extra = {f"{KEY}.json": model.description.model_dump_json()}
    _write_whole(out, lambda path: torch.export.save(program, path, extra_files=extra))
    return torch.export.load(out).module()


def write_torchscript(model: TrainedModel, out: Path) -> Answer:
    with warnings.catch_warnings():
        # torch advises torch.export instead, which is what pt2 is for
        warnings.simplefilter("ignore")
        program = torch.jit.trace(  # type: ignore[no-untyped-call]
            model.from_pixels, noise(model, 2)
        )
        extra = {f"{KEY}.json": model.description.model_dump_json()}
        _write_whole(out, lambda path: torch.jit.save(program, path, _extra_files=extra))
        loaded: Answer = torch.jit.load(str(out))  # type: ignore[no-untyped-call]
    return loaded


def write_onnx(model: TrainedModel, out: Path, opset: int | None = None) -> Answer:
    try:
        import onnx  # noqa: PLC0415  (optional)
        import onnxruntime  # type: ignore[import-untyped]  # noqa: PLC0415
        import onnxscript  # noqa: F401, PLC0415
    except ImportError as error:
        raise MissingDependencyError(
            f"export to ONNX needs {error.name}", mend="pip install 'trainwright[onnx]'"
        ) from None
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    program = torch.onnx.export(
        model.from_pixels,
        (noise(model, 2),),
        opset_version=opset,
        input_names=["pixels"],
        output_names=["logits"],
        dynamic_shapes={"pixels": {0: torch.export.Dim("batch", min=1, max=65_536)}},
        dynamo=True,
        verbose=False,
    )
    if program is None:
        raise ExportError("torch.onnx made no program of this model")
    proto = program.model_proto
    made = opset_of(proto)
    if opset not in (None, made):
        raise ExportError(
            f"the model needs opset {made}, and cannot be written in opset {opset}",
            expected=f"opset {made} or later",
        )
    onnx.helper.set_model_props(proto, {KEY: model.description.model_dump_json()})
    write_atomic(out, proto.SerializeToString())
    session = onnxruntime.InferenceSession(str(out), providers=["CPUExecutionProvider"])

    def answer(pixels: Tensor) -> Tensor:
        return torch.from_numpy(session.run(None, {"pixels": pixels.numpy()})[0])

    return answer


WRITERS: dict[str, Callable[[TrainedModel, Path], Answer | None]] = {
    "safetensors": write_safetensors,
    "pth": write_pth,
    "torchscript": write_torchscript,
    "pt2": write_pt2,
    "onnx": write_onnx,
}


def write(
    model: TrainedModel,
    kind: str,
    out: Path,
    *,
    opset: int | None = None,
    images: Tensor | None = None,
) -> Comparison:
    """Write the model to `out`; a file that does not answer as the model does is not left there.

    Args:
        model: What to write.
        kind: One of `WRITERS`.
        out: The file.
        opset: Of ONNX; default: what the exporter takes.
        images: Real ones to compare the answers on, uint8; beside them, and without them, noise.

    Returns:
        What the written model was compared on; weights are compared value by value.

    Raises:
        InvalidRequestError: Only ONNX has an opset.
        ExportError: The format cannot hold this model, or not in this opset.
        MissingDependencyError: The format needs a package that is not installed.
        StorageError: The file cannot be written.
    """
    if opset is not None and kind != "onnx":
        raise InvalidRequestError(
            f"{kind} has no opset", field="opset", expected="an opset with onnx only"
        )
    try:
        answer = write_onnx(model, out, opset) if opset else WRITERS[kind](model, out)
        return _compare(model, answer, out, images)
    except TrainwrightError:
        raise
    # torch's exporters raise whatever their tracing of a stranger's model ran into
    except Exception as error:
        first = str(error).strip().partition("\n")[0]
        raise ExportError(
            f"the model cannot be written as {kind}: {first}",
            mend="export it as safetensors, which every model has",
        ) from error


def _write_whole(out: Path, save: Callable[[str], Any]) -> None:
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}.") as folder:
            # torch.export insists on the ending
            fresh = Path(folder) / f"model{out.suffix}"
            save(str(fresh))
            os.replace(fresh, out)  # noqa: PTH105
    except OSError as error:
        raise storage_error(out, error) from error


def noise(model: TrainedModel, batch: int) -> Tensor:
    """Pixels that are always the same ones."""
    seen = model.description.view
    generator = torch.Generator().manual_seed(0)
    return torch.rand(batch, seen.channels, seen.height, seen.width, generator=generator)


@torch.no_grad()
def _compare(
    model: TrainedModel, answer: Answer | None, out: Path, images: Tensor | None
) -> Comparison:
    found = Comparison(images=0 if images is None else len(images), tolerance=TOLERANCE)
    if answer is None:  # weights, which were compared as they are
        return found
    batches = [noise(model, batch) for batch in CHECK_BATCHES]
    if images is not None:
        batches.append(images.float().div(255))
    for pixels in batches:
        expected, got = model.from_pixels(pixels), answer(pixels)
        scale = max(1.0, float(expected.abs().max()))
        difference = float((expected - got).abs().max()) / scale
        if not difference <= TOLERANCE:
            out.unlink()
            raise ExportError(
                f"the written model answers differently, by {difference * scale:g}",
                expected=f"at most {TOLERANCE * scale:g}",
            )
        found.largest_difference = max(found.largest_difference, difference)
    return found


def _same_weights(model: TrainedModel, written: dict[str, Tensor]) -> None:
    for name, tensor in model.network.state_dict().items():
        if not torch.equal(tensor, written[name]):
            raise ExportError(f"{name} was not written as it is")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("run_dir", type=Path)
    parser.add_argument("--format", required=True, choices=sorted(WRITERS))
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--opset", type=int)
    args = parser.parse_args()
    with exit_with_words():
        home, out = settings.load().home, args.out.absolute()
        model = load_trained(RunDir(args.run_dir.absolute()), home)
        compared = write(
            model, args.format, out, opset=args.opset, images=held_out_images(model, home)
        )
        beside = out.with_name(f"{out.name}.json")
        about = describe(model.description, args.format, out, compared)
        write_atomic(beside, json.dumps(about, indent=2, ensure_ascii=False))


if __name__ == "__main__":
    main()
