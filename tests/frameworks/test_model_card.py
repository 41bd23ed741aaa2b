"""The model card and the picture say what was trained, whatever its classes are called."""

from __future__ import annotations

import re
from pathlib import Path
from xml.dom import minidom

import pytest
import torch

from trainwright.frameworks.builtin.discover import register_built_in
from trainwright.frameworks.builtin.metrics import Scores
from trainwright.frameworks.builtin.model_card import model_card
from trainwright.frameworks.builtin.prepare import configure
from trainwright.frameworks.builtin.svg import confusion_svg
from trainwright.frameworks.builtin.trained import Description
from trainwright.settings import Home
from trainwright.spec import MetricSummary, RunSpec

NAMES = ["\x1b[2Jred", "line\nbreak", "a|b", "<img src=x>", "고양이 😀"]
SIZES = {"train": 1234, "val": 56, "test": 15}


@pytest.fixture
def scores() -> Scores:
    return Scores(1.0, torch.eye(len(NAMES), dtype=torch.int64) * 3)


def card(tmp_path: Path, dataset: str, scores: Scores) -> str:
    register_built_in()
    spec = RunSpec(model="builtin/mlp", dataset=dataset)
    description = Description(
        run_id="r1",
        model="mlp",
        model_options={},
        class_names=NAMES,
        height=28,
        width=28,
        channels=1,
        resize="stretch",
        mean=[0.5],
        std=[0.5],
        dataset=dataset,
        dataset_options={},
        seed=0,
        split_seed=0,
        val_fraction=None,
        test_fraction=None,
    )
    metrics = {"test/accuracy": MetricSummary(final=0.9371, best=0.9371)}
    config = configure(spec, Home(tmp_path))
    return model_card(config, description, SIZES, metrics, test=scores, notes=["left <b>out</b>"])


def test_it_names_the_data_its_licence_and_how_much_there_was(
    tmp_path: Path, scores: Scores
) -> None:
    text = card(tmp_path, "digits", scores)
    assert "| licence | CC BY 4.0 |" in text
    assert "| dataset | Digits |" in text
    assert "| training images | 1,234 |" in text
    assert "| held-out images | 15 |" in text
    assert "| test/accuracy | 0.9371 | 0.9371 |" in text


def test_of_a_folder_it_does_not_invent_a_licence(tmp_path: Path, scores: Scores) -> None:
    assert "| licence | not known to the trainer |" in card(tmp_path, "./photos", scores)


def test_names_of_classes_are_text_and_nothing_else(tmp_path: Path, scores: Scores) -> None:
    text = card(tmp_path, "./photos", scores)
    assert "\x1b" not in text
    assert not re.search(r"(?<!\\)<", text)
    table = text.partition("## On held-out images\n\n")[2].partition("\n\n")[0].splitlines()
    assert len(table) == 2 + len(NAMES)
    assert {len(re.split(r"(?<!\\)\|", line)) for line in table} == {7}
    assert "고양이 😀" in text


def test_the_picture_is_sound_xml(scores: Scores) -> None:
    picture = minidom.parseString(confusion_svg(scores.matrix(NAMES)))
    shown = [e.firstChild.data for e in picture.getElementsByTagName("text") if e.firstChild]
    assert r"\x1b[2Jred" in shown
    assert "<img src=x>" in shown
