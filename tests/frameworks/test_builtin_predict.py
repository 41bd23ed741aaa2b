"""The worker's answers beside a plain loop over the same model."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from trainwright.datasets.formats.images import decode
from trainwright.frameworks.builtin.ahead import ahead
from trainwright.frameworks.builtin.models.lenet import LeNet5
from trainwright.frameworks.builtin.predict import Predictor, replies
from trainwright.frameworks.builtin.trained import Description, TrainedModel

SIDE = 28
CLASSES = ["cat", 'a "dog"', "猫"]


@pytest.fixture(scope="module")
def model() -> TrainedModel:
    torch.manual_seed(3)
    network = LeNet5(num_classes=3, channels=1, image_size=(SIDE, SIDE))
    description = Description(
        run_id="r1",
        model="lenet5",
        model_options={},
        class_names=CLASSES,
        height=SIDE,
        width=SIDE,
        channels=1,
        resize="stretch",
        mean=[0.5],
        std=[0.25],
        dataset="random",
        dataset_options={},
        seed=0,
        split_seed=0,
        val_fraction=None,
        test_fraction=None,
    )
    return TrainedModel(description, network.eval(), "r1@0")


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """More than are looked at together, among them one cut off, one that is gone, one no image."""
    folder = tmp_path_factory.mktemp("images")
    noise = np.random.default_rng(1).integers(0, 256, (600, SIDE, SIDE), dtype=np.uint8)
    paths = [folder / f"{number:03}.png" for number in range(len(noise))]
    for path, pixels in zip(paths, noise, strict=True):
        Image.fromarray(pixels).save(path)
    paths[3].write_bytes(paths[3].read_bytes()[:200])
    paths[300].unlink()
    paths[599].write_text("no image")
    return [str(path) for path in paths]


BROKEN = (3, 300, 599)


def _asked(model: TrainedModel, *requests: dict[str, Any]) -> list[dict[str, Any]]:
    return list(replies(Predictor(model), map(json.dumps, requests)))


@torch.inference_mode()
def _plainly(model: TrainedModel, path: str) -> list[float]:
    pixels = model.description.view.fit(decode(Path(path))).unsqueeze(0).float() / 255
    found: list[float] = model.from_pixels(pixels).softmax(1)[0].tolist()
    return found


def test_every_image_has_its_own_answer_in_order(model: TrainedModel, images: list[str]) -> None:
    (reply,) = _asked(model, {"id": 1, "inputs": images, "top_k": 2})
    found = reply["predictions"]
    assert [one["input"] for one in found] == [Path(path).name for path in images]
    for place in (0, 2, 4, 255, 256, 299, 301, 511, 512, 598):
        bare = _plainly(model, images[place])
        first, second = found[place]["predictions"]
        assert first["confidence"] >= second["confidence"]
        for label in (first, second):
            assert label["class"] == CLASSES[label["class_id"]]
            assert label["confidence"] == pytest.approx(bare[label["class_id"]], abs=1e-5)
        assert found[place]["inference_time_ms"] > 0


def test_what_is_no_image_harms_nobody(model: TrainedModel, images: list[str]) -> None:
    both = _asked(
        model,
        {"id": 1, "inputs": images},
        {"id": 2, "inputs": [images[place] for place in BROKEN]},
    )
    found, alone = (reply["predictions"] for reply in both)
    faults = {place: one["error"] for place, one in enumerate(found) if "error" in one}
    assert tuple(faults) == BROKEN
    assert {fault["code"] for fault in faults.values()} == {"bad_input"}
    assert "No such file" in faults[300]["message"]
    assert all(not found[place]["predictions"] for place in BROKEN)
    assert all(one["error"] for one in alone)


def test_images_worth_it_are_decoded_by_several(model: TrainedModel, tmp_path: Path) -> None:
    large = np.random.default_rng(2).integers(0, 256, (1600, 1600), dtype=np.uint8)
    paths = [str(tmp_path / f"{number}.png") for number in range(6)]
    for number, path in enumerate(paths):
        Image.fromarray(np.roll(large, number * 100)).save(path)
    # what the first took decides about the second
    for reply in _asked(model, *({"id": n, "inputs": paths, "top_k": 3} for n in range(2))):
        for path, one in zip(paths, reply["predictions"], strict=True):
            bare = _plainly(model, path)
            for label in one["predictions"]:
                assert label["confidence"] == pytest.approx(bare[label["class_id"]], abs=1e-5)


NONSENSE = (
    "",
    "[]",
    "{",
    '{"id": 1, "inputs": "a.png"}',
    '{"id": 1, "inputs": [1]}',
    '{"id": 1, "inputs": ["a"], "top_k": 0}',
)


def test_requests_are_answered_one_by_one_whatever_they_are(
    model: TrainedModel, images: list[str]
) -> None:
    fine = json.dumps({"id": 5, "inputs": images[:2]})
    none = '{"id": 7, "inputs": []}'
    lines = [line for nonsense in NONSENSE for line in (fine, nonsense, none)]
    found = list(replies(Predictor(model), lines))
    assert [len(reply["predictions"]) for reply in found[::3]] == [2] * len(NONSENSE)
    assert {reply["error"]["code"] for reply in found[1::3]} == {"invalid_request"}
    assert found[2::3] == [{"id": 7, "predictions": []}] * len(NONSENSE)


class _Moody(nn.Module):
    """Cannot stand bright images."""

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        if images.max() > 2:
            raise ValueError("too bright")
        return images.mean((2, 3)).expand(-1, 3)


def test_an_error_of_the_model_is_the_reply_to_that_request_alone(
    model: TrainedModel, tmp_path: Path
) -> None:
    moody = TrainedModel(
        model.description.model_copy(update={"mean": [0.0], "std": [0.25]}), _Moody(), "r1@0"
    )
    paths = {}
    for name, value in (("dark", 10), ("bright", 250)):
        paths[name] = str(tmp_path / f"{name}.png")
        Image.new("L", (SIDE, SIDE), value).save(paths[name])
    dark, bright, again = _asked(
        moody,
        {"id": 1, "inputs": [paths["dark"]] * 300},
        {"id": 2, "inputs": [paths["bright"]] * 600},
        {"id": 3, "inputs": [paths["dark"]]},
    )
    assert (len(dark["predictions"]), len(again["predictions"])) == (300, 1)
    assert "too bright" in bright["error"]["message"]
    assert "predictions" not in bright


def test_what_reading_raises_is_raised_in_its_place() -> None:
    def numbers() -> Iterator[int]:
        yield 1
        yield 2
        raise KeyError("gone")

    made = ahead(numbers(), 1)
    assert [next(made), next(made)] == [1, 2]
    with pytest.raises(KeyError, match="gone"):
        next(made)
