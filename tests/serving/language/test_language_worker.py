"""The worker of a language model as a real process, and those who talk to it."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from trainwright.serving import WorkerPool
from trainwright.serving.errors import AbandonedError, BusyError, ModelError
from trainwright.serving.language import ModelFolder, Talks, continued, find_model
from trainwright.serving.language.talks import recipe_of
from trainwright.spec.api import GenerateRequest
from trainwright.spec.errors import InputError, MissingDependencyError

Variant = Callable[..., Path]


@pytest.fixture(scope="module")
def warm() -> Iterator[WorkerPool]:
    with WorkerPool(2**32) as pool:
        yield pool


@pytest.fixture(scope="module")
def tiny(tiny_language_model: Path) -> ModelFolder:
    return find_model(tiny_language_model)


def asked(words: str, **options: object) -> GenerateRequest:
    said = {"messages": [{"role": "user", "content": words}], "temperature": 0}
    return GenerateRequest.model_validate(said | options)


def pids(pool: WorkerPool) -> list[int]:
    return [status.pid for status in pool.status()]


def test_an_answer_with_its_figures(warm: WorkerPool, tiny: ModelFolder) -> None:
    told: list[str] = []
    found = Talks(warm).answer("r1", tiny, asked("고마워!"), tell=told.append)
    assert found.text == "".join(told) == "천만에요. 😊"
    assert found.run_id == "r1"
    assert found.model_version.startswith("r1@")


def test_texts_are_answered_in_order_and_one_that_does_not_fit_is_told_of(
    warm: WorkerPool, tiny: ModelFolder
) -> None:
    def answer(request: GenerateRequest) -> object:
        return Talks(warm).answer("r1", tiny, request)

    texts = ["Thank you!", "long " * 500, "What colour is the sky?"]
    found = continued(answer, texts, max_tokens=50, temperature=0.0)  # type: ignore[arg-type]
    assert [len(one.predictions) for one in found] == [1, 0, 1]
    assert found[2].predictions[0].text == "The sky is blue."  # type: ignore[union-attr]
    assert "of 128 that the model can look at" in str(found[1].error)
    with pytest.raises(InputError):
        continued(answer, texts[1:2], max_tokens=50, temperature=0.0)  # type: ignore[arg-type]


def test_who_goes_away_frees_the_worker(warm: WorkerPool, endless: Path) -> None:
    model, told = find_model(endless), list[str]()
    with pytest.raises(AbandonedError):
        warm.converse(
            "endless",
            recipe_of("endless", model),
            asked("Who").model_dump() | {"max_tokens": 10**6},  # of which it would talk for hours
            tell=told.append,
            gone=lambda: len(told) > 3,
            timeout=60,
        )
    before = pids(warm)
    assert Talks(warm).answer("endless", model, asked("Who", max_tokens=2)).completion_tokens == 2
    assert pids(warm) == before


def test_too_many_conversations_are_refused(warm: WorkerPool, endless: Path) -> None:
    talks, model = Talks(warm, max_waiting=2), find_model(endless)
    begun, end = threading.Event(), threading.Event()

    def talk() -> None:
        with pytest.raises(AbandonedError):
            talks.answer(
                "endless",
                model,
                asked("Who", max_tokens=8192),
                tell=lambda _: begun.set(),
                gone=end.is_set,
            )

    with ThreadPoolExecutor(2) as threads:
        both = [threads.submit(talk) for _ in range(2)]
        assert begun.wait(60)
        while talks.present("endless") < 2:
            time.sleep(0.01)
        with pytest.raises(BusyError, match="2 conversations"):
            talks.answer("endless", model, asked("Who"))
        end.set()
        for one in both:
            one.result(20)
    assert talks.present("endless") == 0


def test_a_worker_killed_in_the_middle_of_an_answer(warm: WorkerPool, endless: Path) -> None:
    talks, model, begun = Talks(warm), find_model(endless), threading.Event()
    with ThreadPoolExecutor(1) as threads:
        answer = threads.submit(
            talks.answer,
            "endless",
            model,
            asked("Who", max_tokens=8192),
            tell=lambda _: begun.set(),
        )
        assert begun.wait(60)
        [pid] = [status.pid for status in warm.status() if status.key == "endless"]
        psutil.Process(pid).kill()
        with pytest.raises(ModelError, match="signal 9"):
            answer.result(20)


def test_what_is_not_installed_is_named(
    warm: WorkerPool, tiny: ModelFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(MissingDependencyError, match="need transformers") as error:
        Talks(warm).answer("r1", tiny, asked("hello"))
    assert error.value.mend == "pip install 'trainwright[llm]'"
