"""Questions about the platform are answered from its own state, and change nothing."""

from __future__ import annotations

import re

import pytest
from chat_rig import Talk, completed, failed, newcomer, running, told
from server_rig import Api

from trainwright.server.chat.phrases import table
from trainwright.spec.status import RunStatus
from trainwright.store.repositories import Runs

ESCAPE = "\x1b[31mRuntimeError: out of memory\x1b[0m"


@pytest.fixture
def talk(api: Api) -> Talk:
    return newcomer(api)


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("how is my last run doing?", ("delta", "running", "Epoch 2 of 5", "1 min 15 s left")),
        ("what's the accuracy of the last run?", ("val/accuracy 0.9",)),
        ("마지막 실행 어때?", ("delta", "학습 중", "에폭 2/5", "1분 15초")),
        ("방금 그거 정확도 얼마야?", ("val/accuracy 0.9",)),
        ("delta 언제 끝나?", ("1분 15초",)),
    ],
)
def test_how_a_run_is_doing(talk: Talk, question: str, words: tuple[str, ...]) -> None:
    run = running(talk, name="delta")
    told(talk, run, epoch=2, epochs=5, metrics={"val/accuracy": 0.9}, eta_seconds=75)
    reply = talk.say(question)
    assert reply["topic"] == "status"
    assert reply["runs"] == [run.id]
    assert all(word in reply["reply"] for word in words), reply["reply"]
    assert reply["actions"] == []


def test_a_queued_run_tells_its_place(talk: Talk) -> None:
    run = talk.api.add_run(talk.person, name="waits-1")
    talk.api.move(run, "validating", "preparing", "queued")
    with talk.api.services.database.session() as session:
        Runs(session).set_queue_position(run.id, 3)
    assert "Number 3 in the queue" in talk.say("how is waits-1?")["reply"]
    assert "3번" in talk.say("대기 순번 몇 번이야?")["reply"]


def test_runs_are_listed_and_then_meant_by_their_place(talk: Talk) -> None:
    first = completed(talk, name="alpha-1")
    second = failed(talk, name="beta-2")
    listed = talk.say("list my runs")
    assert listed["runs"] == [second.id, first.id]
    assert [row[1] for row in listed["tables"][0]["rows"]] == ["beta-2", "alpha-1"]
    assert talk.say("how is the second one?")["runs"] == [first.id]
    assert talk.say("첫 번째 거 어때?")["runs"] == [second.id]
    assert talk.say("2")["runs"] == [first.id]
    assert "not that long" in talk.say("how is the third one?")["reply"]


@pytest.mark.parametrize(
    "question",
    ["any failed runs today?", "list failed runs", "실패한 거 보여줘", "몇 개나 실패했어?"],
)
def test_lists_are_narrowed_by_status(talk: Talk, question: str) -> None:
    completed(talk, name="alpha-1")
    bad = failed(talk, name="beta-2")
    assert talk.say(question)["runs"] == [bad.id]


def test_why_it_failed_comes_with_evidence_and_what_to_do(talk: Talk) -> None:
    run = failed(talk, name="beta-2", error={"log_tail": ["step 3", ESCAPE]})
    completed(talk, name="alpha-1")
    for question in ("why did it fail?", "왜 실패했어?", "show me the error", "원인이 뭐야?"):
        reply = talk.say(question)
        assert reply["runs"] == [run.id], question
        assert "CUDA out of memory" in reply["reply"]
        assert "use a smaller batch" in reply["reply"]
        assert "\x1b" not in reply["reply"]
        assert r"\x1b[31m" in reply["reply"]


def test_nothing_is_wrong_with_what_is_fine(talk: Talk) -> None:
    assert talk.say("why did it fail?")["reply"] == "No run has failed."
    completed(talk, name="alpha-1")
    assert "nothing wrong is known" in talk.say("why did alpha-1 fail?")["reply"]


@pytest.mark.parametrize(
    "question",
    [
        "compare the last two",
        "how does alpha-1 do beside beta-2?",
        "최근 두 개 비교해줘",
        "compare alpha-1 and beta-2",
        "alpha-1이랑 beta-2 비교",
    ],
)
def test_two_runs_side_by_side(talk: Talk, question: str) -> None:
    completed(talk, name="alpha-1", epochs=5, metrics={"test/accuracy": 0.95, "lr": 0.1})
    completed(talk, name="beta-2", epochs=9, metrics={"test/accuracy": 0.97, "lr": 0.1})
    reply = talk.say(question)
    settings, metrics = reply["tables"]
    assert ["epochs", "5", "9"] in settings["rows"]
    assert metrics["rows"] == [["test/accuracy", "0.95", "0.97", "+0.02"]]
    assert "beta-2" in reply["reply"]
    assert "0.97" in reply["reply"]
    assert talk.say("which one is better?")["runs"] == reply["runs"]


def test_one_run_cannot_be_compared(talk: Talk) -> None:
    completed(talk, name="alpha-1")
    assert "Two runs are needed" in talk.say("compare the last two")["reply"]


def test_the_best_run_of_each_dataset(talk: Talk) -> None:
    completed(talk, name="alpha-1", metrics={"test/accuracy": 0.95, "test/loss": 0.1})
    best = completed(talk, name="beta-2", metrics={"test/accuracy": 0.97, "test/loss": 0.2})
    other = completed(talk, name="m-1", dataset="mnist", metrics={"test/accuracy": 0.99})
    completed(talk, name="nan-1", metrics={"test/accuracy": float("nan")})
    assert set(talk.say("best run so far")["runs"]) == {best.id, other.id}
    assert talk.say("가장 정확도 높은 실행은?")["runs"] == [other.id, best.id]
    assert talk.say("best run on digits")["runs"] == [best.id]
    assert "alpha-1" in talk.say("which run on digits has the lowest loss?")["reply"]


@pytest.mark.parametrize(
    ("question", "most"),
    [
        ("detection models under 10M parameters", 10e6),
        ("1천만 파라미터 이하 검출 모델 뭐 있어?", 10e6),
        ("which detection models have less than 3 million parameters?", 3e6),
    ],
)
def test_models_are_found_by_task_and_size(talk: Talk, question: str, most: float) -> None:
    table = talk.say(question)["tables"][0]
    assert table["rows"]
    units = {"k": 1e3, "M": 1e6, "B": 1e9}
    for _, tasks, size, _ in table["rows"]:
        figure, unit = size.split()
        assert "object_detection" in tasks
        assert float(figure) * units[unit] <= most


def test_what_there_is_to_work_with(talk: Talk) -> None:
    small = talk.say("which models are small?")["tables"][0]["rows"]
    assert small[0][0].startswith("builtin/")
    assert "digits" in str(talk.say("which datasets are there?")["tables"])
    assert "digits-lenet5" in str(talk.say("레시피 보여줘")["tables"])
    assert "CPU" in talk.say("what hardware do we have?")["reply"]
    assert "CPU" in talk.say("gpu 있어?")["reply"]
    assert talk.say("help")["topic"] == "help"
    assert talk.say("뭘 할 수 있어?")["topic"] == "help"


@pytest.mark.parametrize(
    ("question", "word"),
    [
        ("what is early stopping?", "patience"),
        ("조기 종료가 뭐야?", "patience"),
        ("explain gradient accumulation", "batches"),
        ("what does LoRA mean?", "memory"),
        ("학습률이란?", "손실"),
        ("배치 크기가 무슨 뜻이야?", "샘플"),
    ],
)
def test_terms_are_explained(talk: Talk, question: str, word: str) -> None:
    reply = talk.say(question)
    assert reply["topic"] == "glossary"
    assert word in reply["reply"]
    assert reply["actions"] == []


def test_the_spec_under_discussion_is_planned(talk: Talk) -> None:
    assert "Tell me what to train" in talk.say("will it fit?")["reply"]
    talk.say("Classify handwritten digits with LeNet-5, 5 epochs")
    reply = talk.say("how long will it take?")
    assert reply["topic"] == "plan"
    assert "builtin/lenet5" in reply["reply"]
    assert "Time: about" in reply["reply"]
    answer = talk.say("메모리에 들어갈까?")
    assert answer["language"] == "ko"
    # a GPU's name is the same in all languages, what a CPU is called is not
    assert "core" not in answer["reply"]


def test_a_question_in_between_does_not_end_a_request(talk: Talk) -> None:
    assert talk.say("Train an image classifier for 3 epochs")["status"] == "needs_clarification"
    assert talk.say("what is a batch size?")["topic"] == "glossary"
    reply = talk.say("on the digits dataset")
    assert reply["status"] == "complete"
    assert reply["intent"]["epochs"] == 3


def test_people_hear_of_what_they_may_see(talk: Talk) -> None:
    run = running(talk, name="secret-7")
    other = newcomer(talk.api)
    for question in (
        "how is my last run?",
        "list runs",
        "how is secret-7?",
        f"why did {run.id} fail?",
    ):
        reply = other.say(question)
        assert reply["runs"] == []
        assert "running" not in reply["reply"]
    for person in ("viewer", "admin"):
        assert Talk(talk.api, person).say("how is secret-7?")["runs"] == [run.id]


@pytest.mark.parametrize(
    "name",
    ["'; drop table runs; --", "delete all runs", "yes", "<script>alert(1)</script>", "{name}"],
)
def test_a_name_is_only_a_name(talk: Talk, name: str) -> None:
    run = failed(talk, name=name)
    listed = talk.say("list runs")
    assert listed["tables"][0]["rows"][0][1] == name
    reply = talk.say(f'how is run "{name}" doing?')
    assert reply["topic"] == "status"
    assert reply["runs"] == [run.id]
    assert name in reply["reply"]
    assert reply["actions"] == []


def test_a_name_that_is_not_there_is_said_so(talk: Talk) -> None:
    completed(talk, name="alpha-1")
    for question in ("how is run zzz9?", "stop nosuch", "delete run foo", "compare x-1 and x-2"):
        reply = talk.say(question)
        assert "no run" in reply["reply"]
        assert reply["actions"] == []


def test_the_last_three_are_three(talk: Talk) -> None:
    for name in ("a-1", "b-2", "c-3", "d-4"):
        completed(talk, name=name)
    assert len(talk.say("what are my last three runs?")["runs"]) == 3
    assert len(talk.say("compare the last three")["runs"]) == 3
    assert len(talk.say("오늘 돌린 거 있어?")["runs"]) == 4
    assert "No run" in talk.say("list failed runs")["reply"]


def test_the_best_model_is_none_of_the_runs(talk: Talk) -> None:
    completed(talk, name="alpha-1")
    assert talk.say("what's the best model for detection?")["topic"] == "models"
    assert talk.say("how do I delete a run?")["topic"] == "help"


def test_every_phrase_says_the_same_in_both_languages() -> None:
    for name, phrase in table("phrases").items():
        if name not in ("statuses", "columns"):
            places = [set(re.findall(r"{(\w+)}", phrase[language])) for language in ("en", "ko")]
            assert places[1] <= places[0] | {"status"}, name
    assert set(table("phrases")["statuses"]) == {status.value for status in RunStatus}
    names = [name.lower() for term in table("glossary")["term"] for name in term["names"]]
    assert len(names) == len(set(names))
