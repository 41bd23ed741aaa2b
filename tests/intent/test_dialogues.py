"""Several turns: questions are answered, changed or put aside, and nothing said is lost."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trainwright import intent
from trainwright.spec import Chosen, ParseResult


def talk(*turns: str) -> ParseResult:
    result = intent.parse(turns[0])
    for turn in turns[1:]:
        result = intent.parse(turn, result)
    return result


@pytest.mark.parametrize(
    ("turns", "field", "value"),
    [
        (("train a resnet on cifar10", "the second one"), "model", "builtin/resnet34"),
        (("train a resnet on cifar10", "50"), "model", "timm/resnet50"),
        (("train a resnet on cifar10", "resnet34 please"), "model", "builtin/resnet34"),
        (("레즈넷으로 cifar10 학습", "두 번째"), "model", "builtin/resnet34"),
        (("레즈넷으로 cifar10 학습", "18로"), "model", "builtin/resnet18"),
        (("yolo11 on coco128", "s"), "model", "ultralytics/yolo11s"),
        (("yolo11 on coco128", "yolo11m, and 20 epochs"), "epochs", 20),
        (("욜로11로 coco128 학습해줘", "n으로"), "model", "ultralytics/yolo11n"),
        (("train lenet5 on mnist for 0 epochs", "no, 30"), "epochs", 30),
        (("train lenet5 on mnist for 0 epochs", "let's do twelve"), "epochs", 12),
        (("르넷 mnist 0에폭", "스무 번"), "epochs", 20),
        (("르넷 mnist 배치 32 배치 64 학습", "64로"), "batch_size", 64),
        (("르넷 mnist 배치 32 배치 64 학습", "첫 번째"), "batch_size", 32),
        (("train lenet5 on mnist for 5 epochs", "no, 30"), "epochs", 30),
        (("train lenet5 on mnist for 5 epochs", "actually use resnet34"), "epochs", 5),
        (("르넷 mnist 5에폭", "아니 8에폭으로"), "epochs", 8),
        (("르넷 mnist 5에폭", "배치는 64로 바꿔줘"), "batch_size", 64),
        (("train on mnist", "how about lenet5?"), "model", "builtin/lenet5"),
        (("train lenet5 on mnist with dropout 0.5", "yes"), "epochs", None),
        (("train lenet5 on mnist with learning rate 5", "use the default"), "learning_rate", None),
        (("르넷으로 학습해줘", "아무거나"), "dataset", "digits"),
        (("train resnet18", "2"), "dataset", "mnist"),
    ],
)
def test_answers_complete_or_change_the_spec(
    turns: tuple[str, ...], field: str, value: object
) -> None:
    done = talk(*turns)
    assert done.status == "complete", done.questions
    assert done.intent.get(field) == value


def test_a_misspelt_answer_is_asked_about_with_suggestions() -> None:
    asked = talk("train resnet18 for 3 epochs", "minst")
    (question,) = asked.questions
    assert question.suggestions[0] == "mnist"
    assert asked.intent["epochs"] == 3


def test_yes_to_several_suggestions_chooses_none() -> None:
    assert talk("train lenet5 on minst", "yes").status == "needs_clarification"


def test_what_was_asked_and_not_answered_is_asked_again() -> None:
    asked = talk("train a resnet with learning rate 5", "mnist")
    assert {question.field for question in asked.questions} == {"model", "learning_rate"}
    asked = intent.parse("batch size 64", asked)
    assert {question.field for question in asked.questions} == {"model", "learning_rate"}
    asked = intent.parse("resnet18", asked)
    assert [question.field for question in asked.questions] == ["learning_rate"]
    assert intent.parse("0.01", asked).intent == {
        "task": "image_classification",
        "model": "builtin/resnet18",
        "dataset": "mnist",
        "batch_size": 64,
        "learning_rate": 0.01,
    }


@pytest.mark.parametrize("answer", ["no", "not sure", "글쎄요", "모르겠어"])
def test_no_answer_leaves_the_question_open(answer: str) -> None:
    asked = intent.parse("train a resnet on cifar10 for 7 epochs")
    again = intent.parse(answer, asked)
    assert [q.field for q in again.questions] == ["model"]
    assert again.intent["epochs"] == 7


def test_yes_to_a_complete_result_changes_nothing() -> None:
    done = intent.parse("train lenet5 on mnist for 5 epochs")
    assert intent.parse("yes", done).spec == done.spec
    assert intent.parse("네 그렇게 해줘", done).spec == done.spec


@pytest.mark.parametrize("answer", ["never mind", "cancel", "취소", "됐어요", "forget it"])
def test_a_cancelled_request_starts_nothing(answer: str) -> None:
    result = talk("train a resnet on cifar10", answer)
    assert result.status == "not_a_training_request"
    assert "nothing is started" in (result.reply or "")


def test_a_new_request_replaces_the_old_one() -> None:
    new = talk("train lenet5 on mnist for 5 epochs, batch 64", "train yolo11n on coco128")
    assert new.intent == {
        "task": "object_detection",
        "model": "ultralytics/yolo11n",
        "dataset": "coco128",
    }


def test_a_question_about_data_is_no_choice_of_it() -> None:
    asked = intent.parse("train resnet18 for 3 epochs")
    assert intent.parse("what is mnist?", asked).status == "not_a_training_request"
    assert intent.parse("mnist가 뭐야?", asked).status == "not_a_training_request"


SAID = {
    "epochs": ("{} epochs", "{} 에폭", st.integers(1, 500)),
    "batch_size": ("batch size {}", "배치 {}", st.integers(1, 512)),
    "learning_rate": ("lr {}", "학습률 {}", st.sampled_from([0.1, 0.01, 3e-4])),
    "seed": ("seed {}", "시드 {}", st.integers(0, 999)),
    "optimizer": ("{}", "옵티마이저 {}", st.sampled_from(["sgd", "adamw", "rmsprop"])),
    "model": ("{}", "{}로", st.sampled_from(["lenet5", "resnet18", "resnet34"])),
    "dataset": ("on {}", "{} 데이터", st.sampled_from(["mnist", "cifar10", "./photos"])),
}


@settings(max_examples=80, deadline=None)
@given(data=st.data(), korean=st.booleans())
def test_what_was_said_never_changes_in_silence(data: st.DataObject, korean: bool) -> None:
    """A dialogue of random turns: the last word on each field stands, and nobody else's."""
    result: ParseResult | None = None
    last: dict[str, object] = {}
    for _ in range(data.draw(st.integers(2, 6))):
        fields = data.draw(st.lists(st.sampled_from(sorted(SAID)), max_size=3, unique=True))
        values = {name: data.draw(SAID[name][2]) for name in fields}
        words = [SAID[name][korean].format(value) for name, value in values.items()]
        filler = data.draw(st.sampled_from(["", "", "네", "yes", "not sure", "what is dropout?"]))
        turn = ", ".join(words) or filler
        if result is None:
            turn = f"{'학습해줘' if korean else 'train'}, {turn}"
        read = intent.parse(turn, result)
        last |= values
        if read.status != "not_a_training_request":
            result = read
    if result is None:
        return  # nothing was said that asks for a training
    if result.status == "complete" or not result.questions:
        known = {name: value for name, value in result.intent.items() if name in SAID}
        assert {name: str(value).rpartition("/")[2] for name, value in known.items()} == {
            name: str(value).rpartition("/")[2] for name, value in last.items()
        }
        said = {name for name, who in result.provenance.items() if who is Chosen.USER}
        assert said - {"task"} <= set(last)
