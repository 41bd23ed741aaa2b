"""What is said of a run's troubles."""

from __future__ import annotations

import re
import tomllib
from importlib.resources import files
from typing import Any

from server_rig import Api

from trainwright.spec.result import RunError
from trainwright.spec.status import RunStatus
from trainwright.store.models import Run
from trainwright.store.repositories import Runs

HANGUL = re.compile("[가-힣]")


def diagnosed(api: Api, run: Run, **params: Any) -> dict[str, Any]:
    answer = api.call("GET", f"/api/v1/runs/{run.id}/diagnose", params=params)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def fail(api: Api, run: Run, **error: Any) -> None:
    with api.services.database.session() as session:
        told = RunError(**{"stage": "train", **error})
        Runs(session).set_status(run.id, RunStatus.FAILED, reason=told.message, error=told)


def test_a_failure_is_told_in_korean_with_the_original_words_as_evidence(api: Api) -> None:
    run = api.add_run()
    said = "CUDA out of memory. Tried to allocate 2.00 GiB"
    fail(api, run, code="cuda_oom", message=said, hint="halve batch_size", log_tail=["step 3"])
    english, korean = diagnosed(api, run), diagnosed(api, run, language="ko")
    assert english["findings"][0]["message"] == said
    assert english["summary"] == f"It failed. {said}"
    first = korean["findings"][0]
    assert HANGUL.search(first["message"])
    assert HANGUL.search(first["mend"])
    assert "halve batch_size" in first["mend"]
    assert f"원문: {said}" in first["evidence"]
    assert "step 3" in first["evidence"]
    assert korean["summary"].startswith("실패했습니다. ")
    assert said not in korean["summary"]


def test_an_error_nobody_has_words_for_keeps_its_own(api: Api) -> None:
    run = api.add_run()
    fail(api, run, code="of_a_plugin", message="it {broke}", hint="ask its author")
    found = diagnosed(api, run, language="ko")["findings"][0]
    assert (found["message"], found["mend"]) == ("it {broke}", "ask its author")


def test_every_status_has_words_in_both_languages(api: Api) -> None:
    run = api.add_run()
    assert diagnosed(api, run)["summary"].endswith("Nothing wrong is known.")
    assert HANGUL.search(diagnosed(api, run, language="ko")["summary"])
    assert api.call("GET", f"/api/v1/runs/{run.id}/diagnose?language=fr").status_code == 422


def test_the_words_are_complete_and_hold_the_same_facts() -> None:
    text = files("trainwright.server.diagnosis").joinpath("wording.toml").read_text("utf-8")
    table = tomllib.loads(text)
    assert set(RunStatus) == set(table["status"])
    for section, entries in table.items():
        for key, words in entries.items():
            assert HANGUL.search(words["ko"]), f"{section}.{key}"
            if "en" in words:
                facts = [re.findall(r"\{(\w+)", words[language]) for language in ("en", "ko")]
                assert sorted(facts[0]) == sorted(facts[1]), f"{section}.{key}"
