from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainwright import intent
from trainwright.spec import Chosen


@pytest.mark.parametrize(
    ("first", "answer", "field", "value"),
    [
        ("train resnet18 for 3 epochs", "cifar10", "dataset", "cifar10"),
        ("train resnet18 for 3 epochs", "the second one", "dataset", "mnist"),
        ("train lenet5 on mnist for -1 epochs", "12", "epochs", 12),
        ("lenet5로 mnist를 0 에폭 학습", "열 번", "epochs", 10),
        ("mnist lenet5 배치 32 배치 64", "64로", "batch_size", 64),
        ("lenet5로 mnist 5에폭, 100스텝 학습", "5 epochs", "epochs", 5),
        ("train resnot18 on cifar10", "resnet18", "model", "builtin/resnet18"),
        ("train resnot18 on cifar10", "the first", "model", "builtin/resnet18"),
    ],
)
def test_an_answer_completes_the_spec(first: str, answer: str, field: str, value: object) -> None:
    asked = intent.parse(first)
    assert asked.status == "needs_clarification"
    done = intent.parse(answer, asked)
    assert done.status == "complete", done.questions
    assert done.intent[field] == value
    assert done.language == asked.language
    kept = {k: v for k, v in asked.intent.items() if k not in (field, "task")}
    assert kept.items() <= done.intent.items()


def test_questions_are_answered_one_after_the_other() -> None:
    asked = intent.parse("모델 학습해줘")
    asked = intent.parse("이미지 분류", asked)
    assert [q.field for q in asked.questions] == ["dataset"]
    done = intent.parse("mnist", asked)
    assert done.status == "complete"
    assert done.intent == {"task": "image_classification", "dataset": "mnist"}


def test_an_edit_keeps_what_the_person_said() -> None:
    done = intent.parse("train lenet5 on mnist for 5 epochs")
    edited = intent.parse("make it 8 epochs with resnet34", done)
    assert edited.intent["epochs"] == 8
    assert edited.intent["model"] == "builtin/resnet34"
    assert edited.intent["dataset"] == "mnist"
    assert edited.provenance["epochs"] is Chosen.USER


def test_small_talk_between_changes_nothing() -> None:
    asked = intent.parse("train resnet18")
    assert intent.parse("what is the weather?", asked).status == "not_a_training_request"


@given(st.text(max_size=60))
def test_no_answer_raises(text: str) -> None:
    intent.parse(text, intent.parse("train resnot18 for 0 epochs"))
