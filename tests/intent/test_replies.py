"""What is answered to those who ask for no training."""

from __future__ import annotations

import re

import click
import pytest

from trainwright import intent
from trainwright.cli.main import cli
from trainwright.intent.rules.vocabulary import load

COMMAND = re.compile(r"`trainwright ([a-z]+(?: [a-z]+)*)")


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("stop the current run", "runs stop"),
        ("delete run 42", "runs delete"),
        ("list my runs", "runs list"),
        ("어떤 모델들이 있어요?", "models list"),
        ("which datasets are available", "datasets list"),
        ("왜 내 학습은 실패했어? 로그 좀 보여줘", "runs diagnose"),
        ("GPU 지금 몇 장 비어 있어?", "targets list"),
        ("evaluate yolo11n on coco128", "evaluate"),
        ("학습 잠깐 멈춰줘", "runs pause"),
        ("export the best checkpoint to onnx", "export"),
        ("방금 학습한 모델로 ./test/cat.jpg 예측해줘", "predict"),
        ("compare run 3 and run 5", "runs compare"),
        ("what's the best learning rate for resnet50 on cifar10?", "parse"),
        ("대시보드 열어줘", "up"),
    ],
)
def test_the_reply_names_the_command_that_helps(text: str, command: str) -> None:
    read = intent.parse(text)
    assert read.status == "not_a_training_request"
    assert f"`trainwright {command}" in (read.reply or "")


@pytest.mark.parametrize("topic", load("topics")["topic"], ids=lambda topic: topic["words"][0][:30])
def test_commands_that_replies_name_exist(topic: dict[str, str]) -> None:
    for language in ("en", "ko"):
        for words in COMMAND.findall(topic[language]):
            command: click.Command | None = cli
            for word in words.split():
                if isinstance(command, click.Group):
                    command = command.get_command(click.Context(command), word)
                    assert command is not None, words
