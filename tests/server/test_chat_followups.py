"""Questions that go on from what was said before, and about what a run was told to do."""

from __future__ import annotations

import pytest
from chat_rig import Talk, completed, failed, newcomer, running, status_of
from server_rig import Api

from trainwright.store.models import Role

REQUEST = "Classify digits with lenet5, 4 epochs"


@pytest.fixture
def talk(api: Api) -> Talk:
    """Somebody with five runs: two models on one dataset, a bad one, and one that failed."""
    talk = newcomer(api)
    digits = {"dataset": "digits"}
    completed(
        talk,
        name="first-1",
        model="builtin/lenet5",
        epochs=2,
        learning_rate=0.004,
        metrics={"test/accuracy": 0.91},
        **digits,
    )
    for name, rate, accuracy in (("small-1", 0.01, 0.56), ("small-2", 0.5, 0.92)):
        metrics = {"test/accuracy": accuracy}
        completed(
            talk,
            name=name,
            model="builtin/basic_cnn",
            learning_rate=rate,
            metrics=metrics,
            **digits,
        )
    failed(talk, name="crash-1", model="builtin/mlp", **digits)
    return talk


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("what lr did small-1 use?", "learning rate 0.01"),
        ("small-2 학습률 얼마였어?", "학습률 0.5"),
        ("how many epochs was the lenet run?", "number of epochs 2"),
        ("르넷 돌린 거 정확도 알려줘", "test/accuracy 0.91"),
        ("which run had the highest learning rate?", "small-2"),
        ("학습률 제일 낮은 실행은?", "first-1"),
        ("what was my first run?", "first-1"),
        ("which run was the worst one?", "small-1"),
        ("where is the model of small-1 saved?", "trainwright runs files"),
        ("how much does it cost?", "TRAINWRIGHT_PRICE_PER_HOUR"),
        ("끝나면 알려줘", "webhooks"),
        ("삭제하면 복구돼?", "runs restore"),
        ("메모리 얼마나 남았어?", "GB"),
        ("한국어로 대답할 수 있어?", "한국어"),
        ("thanks!", "welcome"),
        ("you are useless", "sorry"),
        ("is anything training right now?", "Nothing is running"),
        ("show me yesterday's runs", "No run is like that"),
        ("did any run overfit?", "none overfits"),
        ("rename it to baseline", "runs edit"),
        ("crash-1 로그 보여줘", "runs logs"),
        ("why is small-1's accuracy so low?", "small-1"),
    ],
)
def test_an_ordinary_question_is_answered(talk: Talk, question: str, words: str) -> None:
    reply = talk.say(question)
    assert words in reply["reply"], reply["reply"]
    assert reply["actions"] == []


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("which runs used basic_cnn?", ["small-2", "small-1"]),
        ("basic_cnn 쓴 실행만 보여줘", ["small-2", "small-1"]),
        ("성공한 것만 보여줘", ["small-2", "small-1", "first-1"]),
        ("show me the failures", ["crash-1"]),
        ("how many runs have I done so far?", ["crash-1", "small-2", "small-1", "first-1"]),
    ],
)
def test_lists_are_narrowed_by_what_was_trained(
    talk: Talk, question: str, names: list[str]
) -> None:
    assert [row[1] for row in talk.say(question)["tables"][0]["rows"]] == names


def test_the_next_question_is_about_the_run_just_spoken_of(talk: Talk) -> None:
    assert "small-2" in talk.say("which run was the best one?")["reply"]
    assert "0.5" in talk.say("what learning rate did I use there?")["reply"]
    assert "small-2" in talk.say("정확도가 왜 이렇게 낮아?")["reply"]
    assert "small-2" in talk.say("시간은 얼마나 걸렸어?")["reply"]


def test_runs_are_compared_by_their_models(talk: Talk) -> None:
    reply = talk.say("compare the lenet run with the basic cnn one")
    assert reply["tables"][0]["columns"][1:] == ["first-1", "small-2"]
    assert "They took" in reply["reply"]


def test_of_several_runs_of_a_model_it_is_asked_which(talk: Talk) -> None:
    assert talk.say("delete the lenet run")["actions"][0]["type"] == "delete"
    talk.say("no")
    asked = talk.say("delete the basic cnn run")
    assert asked["actions"] == []
    assert len(asked["runs"]) == 2


def test_of_several_runs_of_a_model_the_one_it_can_be_done_to_is_meant(talk: Talk) -> None:
    run = running(talk, name="delta", model="builtin/lenet5")
    assert [a["run_id"] for a in talk.say("stop the lenet run")["actions"]] == [run.id]
    other = newcomer(talk.api, Role.ADMIN)
    assert other.say("stop the lenet run")["actions"] == []


def test_of_a_log_people_see_what_was_printed(talk: Talk) -> None:
    run = running(talk, name="delta")
    lines = 'reading 12 files\n::trainwright:: {"kind": "progress"}\nTraceback\n'
    talk.api.services.logs.write(run.id, 0, lines.encode())
    told = talk.say("show me the log of delta")["reply"].splitlines()
    assert told[1:] == ["reading 12 files", "Traceback"]


def test_what_would_be_started_is_told_and_changed(talk: Talk) -> None:
    talk.say(REQUEST)
    assert "optimizer adamw" in talk.say("what optimizer will it use?")["reply"]
    assert "learning rate" in talk.say("what's the learning rate?")["reply"]
    assert talk.say("what about lr 0.001?")["spec"]["learning_rate"] == 0.001
    talk.say("배치는?")
    assert talk.say("64로")["spec"]["batch_size"] == 64
    assert talk.say("name it baseline")["spec"]["name"] == "baseline"
    assert [done["type"] for done in talk.say("yes")["done"]] == ["start_training"]


@pytest.mark.parametrize("words", ["취소할게", "아니 취소", "cancel that", "ok cancel"])
def test_a_request_that_is_still_open_is_dropped(talk: Talk, words: str) -> None:
    running(talk, name="delta")
    talk.say("train a cat vs dog classifier")
    assert talk.say(words)["actions"] == []
    assert "data" not in talk.say("go ahead and start")["reply"]


@pytest.mark.parametrize(
    ("order", "changes"),
    [
        ("use the same settings but 1 epoch", {"epochs": 1}),
        ("retry it with mnist instead of digits", {"dataset": "mnist"}),
    ],
)
def test_a_copy_is_asked_for_in_other_words(
    talk: Talk, order: str, changes: dict[str, object]
) -> None:
    talk.say("how is first-1?")
    assert talk.say(order)["actions"][0]["changes"] == changes


@pytest.mark.parametrize("order", ["small-1 이름을 숫자왕으로 바꿔줘", "small-1은?"])
def test_a_runs_name_is_no_request_for_its_model(talk: Talk, order: str) -> None:
    reply = talk.say(order)
    assert reply["actions"] == []
    assert reply["topic"] in ("rename", "status")


def test_the_best_one_is_meant_wherever_it_is_spoken_of(talk: Talk) -> None:
    assert "0.5" in talk.say("what learning rate did the best one use?")["reply"]
    assert "small-2" in talk.say("제일 정확한 모델 다운로드하고 싶은데")["reply"]
    compared = talk.say("그거랑 제일 나쁜 거 비교해줘")
    assert {*compared["tables"][0]["columns"][1:]} == {"small-1", "small-2"}


def test_the_beginning_of_a_name_is_enough(talk: Talk) -> None:
    failed(talk, name="broken-run-20261123-0844", model="builtin/mlp")
    assert "broken-run-2026" in talk.say("why did broken-run fail?")["reply"]


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("resnet18은 파라미터가 몇 개야?", "11.7 M"),
        ("how big is lenet5?", "61.7 k"),
        ("tell me more about digits", "10 classes"),
        ("can I use my own photos?", "folder"),
        ("can I export it to onnx?", "trainwright export"),
        ("how much RAM?", "CPU cores"),
        ("what happens to the model if I stop?", "resume"),
    ],
)
def test_models_data_and_what_can_be_done(talk: Talk, question: str, words: str) -> None:
    assert words in talk.say(question)["reply"]


def test_a_start_before_all_is_known_says_what_is_missing(talk: Talk) -> None:
    talk.say("train lenet5")
    assert "data" in talk.say("go ahead and start")["reply"]
    assert "data" in talk.say("how long will it take?")["reply"]


def test_a_copy_takes_another_number(talk: Talk) -> None:
    talk.say("run small-1 again with lr 0.1")
    changed = talk.say("make it 0.001 instead")
    assert changed["actions"][0]["changes"] == {"learning_rate": 0.001}


def test_whether_it_was_deleted_is_no_order_to_delete(talk: Talk) -> None:
    talk.say("crash-1 지워줘")
    talk.say("네")
    for question in ("지워졌어?", "undo that", "is it gone?"):
        reply = talk.say(question)
        assert "runs restore" in reply["reply"], question
        assert reply["actions"] == []


@pytest.mark.parametrize("words", ["don't stop it", "delta 멈추지 마", "leave it running"])
def test_what_is_not_to_be_done_is_not_offered(talk: Talk, words: str) -> None:
    run = running(talk, name="delta")
    reply = talk.say(words)
    assert (reply["actions"], reply["topic"]) == ([], "keep")
    assert status_of(talk, run) == "running"


def test_two_orders_are_not_mixed_up(talk: Talk) -> None:
    running(talk, name="delta")
    assert talk.say("stop delta and delete crash-1")["actions"] == []


def test_when_it_ends_is_asked_of_what_is_at_work(talk: Talk) -> None:
    talk.say("how is crash-1?")
    running(talk, name="delta")
    assert "delta" in talk.say("학습 언제 끝나?")["reply"]
