"""What a batch of predictions costs beside the bare model on the same images."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.measure import Row
from benchmarks.measure import ratio as ratio_of
from trainwright.frameworks import registry
from trainwright.serving import Serving, WorkerPool
from trainwright.serving.batch import Batches, from_folder
from trainwright.serving.children import environment
from trainwright.spec import RunDir, RunSpec, dump_yaml

MODELS = {"lenet5": (28, 20_000), "resnet18": (64, 600)}
"""The lightest, beside which every cost shows, and an ordinary one; pixels a side, and images."""

SECONDS = 50.0
"""For one model, from its making on: a machine that is busy measures fewer pairs, at least one."""

BARE = """
import sys, time
from pathlib import Path
import torch
from trainwright.datasets.formats.images import decode
from trainwright.frameworks.builtin.trained import load_trained
from trainwright.settings import Home
from trainwright.spec import RunDir
run, home, folder = map(Path, sys.argv[1:4])
trained = load_trained(RunDir(run), Home(home))
model, view = trained.from_pixels, trained.description.view
@torch.inference_mode()
def look(paths):
    images = torch.stack([view.fit(decode(path)) for path in paths])
    return model(images.float().div_(255)).softmax(1).topk(5)
look(sorted(folder.iterdir())[:64])
for _ in sys.stdin:
    began = time.perf_counter()
    files = sorted(folder.iterdir())
    for start in range(0, len(files), 64):
        look(files[start : start + 64])
    print(time.perf_counter() - began, flush=True)
"""
"""The same folder, the same decoding, the same network in a plain loop; nothing is written."""


def rows(pairs: int = 5) -> Iterator[Row]:
    for model, (side, count) in MODELS.items():
        yield _row(model, side, count, pairs)


def _row(model: str, side: int, count: int, pairs: int) -> Row:
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        spec = RunSpec.model_validate(
            {
                "model": f"builtin/{model}",
                "task": "image_classification",
                "dataset": "random",
                "image_size": side,
                "max_steps": 1,
                "overrides": {"samples": 40},
            }
        )
        _say(f"{model}: a model is made")
        run = _trained(folder, spec)
        images = _images(folder / "images", side, count)
        ours: list[float] = []
        peer: list[float] = []
        with WorkerPool(8 << 30) as pool, _bare(run, folder, images) as bare:
            while not ours or (len(ours) < pairs and time.monotonic() < began + SECONDS):
                peer.append(_once(bare))
                ours.append(_batch(pool, run, spec, images))
                told = f"{peer[-1]:.2f} s bare, {ours[-1]:.2f} s through the platform"
                _say(f"{model}: pair {len(ours)} of {pairs}: {told}")
    # as throughputs, of which more is better
    ratio = 1 / ratio_of(ours, peer)
    return Row(
        f"batch of {count:,} images, builtin/{model} at {side} px (peer: the bare model)",
        count / statistics.median(ours),
        "images/s",
        "ratio ≥ 0.9",
        ratio >= 0.9,
        peer=count / statistics.median(peer),
        ratio=ratio,
    )


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


def _trained(folder: Path, spec: RunSpec) -> RunDir:
    run = RunDir(folder / "runs" / "bench")
    run.path.mkdir(parents=True)
    run.spec.write_text(dump_yaml(spec))
    launch = registry.get("builtin").prepare_training_script(spec, run, resume_from=None)
    for name, text in launch.files.items():
        (run.path / name).write_text(text)
    environment = os.environ | launch.env | {"TRAINWRIGHT_RUN_DIR": str(run.path)}
    subprocess.run(launch.argv, cwd=run.path, env=environment, check=True, capture_output=True)
    return run


def _images(folder: Path, side: int, count: int) -> Path:
    folder.mkdir()
    noise = np.random.default_rng(0).integers(0, 256, (count, side, side), dtype=np.uint8)
    for number, pixels in enumerate(noise):
        Image.fromarray(pixels).save(folder / f"{number:05}.png")
    return folder


def _bare(run: RunDir, home: Path, images: Path) -> subprocess.Popen[str]:
    argv = [sys.executable, "-c", BARE, str(run.path), str(home), str(images)]
    # surroundings are those of a worker, too
    return subprocess.Popen(
        argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment({})
    )


def _once(bare: subprocess.Popen[str]) -> float:
    if bare.stdin is None or bare.stdout is None:
        raise AssertionError("Popen was asked for pipes")
    print("again", file=bare.stdin, flush=True)
    return float(bare.stdout.readline())


def _batch(pool: WorkerPool, run: RunDir, spec: RunSpec, images: Path) -> float:
    """From the request to the last line on disk, its list of inputs included; the model is warm."""
    serving = Serving(lambda _: run, lambda _: registry.get("builtin"), pool)
    pool.warm(run.run_id, serving.recipe(run.run_id, spec))
    batches = Batches(run.path.parent, lambda key: serving.recipe(key, spec), pool)
    batches.start()
    began = time.perf_counter()
    place = batches.new_folder(run.run_id)
    source = from_folder(images, "images")
    batch = batches.create(run.run_id, place, source, owner_id=None, top_k=5)
    while not batches.get(run.run_id, batch.id).status.has_ended:
        time.sleep(0.02)
    took = time.perf_counter() - began
    if batches.get(run.run_id, batch.id).failed:
        raise AssertionError("images could not be read")
    batches.close()
    return took
