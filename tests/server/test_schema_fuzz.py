"""Schemathesis over the whole schema, as each role: no fault of ours, no breach of the contract.

A longer run: `make fuzz`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from schemathesis import Case, HookContext, Response
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import Failure
from schemathesis.engine import events, from_schema
from schemathesis.engine.recorder import ScenarioRecorder
from server_rig import Api, api_over
from sqlalchemy import select

from trainwright.backup import restore
from trainwright.settings import Settings
from trainwright.store.models import Run

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "2"))
"""Of each operation."""
COVERED = {"user"} if EXAMPLES < 10 else {"admin", "user", "viewer", None}
"""Who also sends what covers every keyword of every schema, which takes half a minute each."""
SEED = int(os.environ.get("FUZZ_SEED", "1"))
KEPT = sorted((Path(__file__).parents[1] / "upgrade" / "homes").iterdir())[-1] / "backup.tar.zst"
ALIASES = "/api/v1/(jobs|workflows)"
PUBLIC = "/(api/v1/auth/(token|refresh|sign-in)|api/v1/health|healthz|readyz|api/v1/shared/.*)"

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "unsupported_method",
    "allow_header_conformance",
)

REFUSALS = [400, 401, 403, 404, 405, 406, 409, 412, 413, 415, 422, 428, 429, "5xx"]
"""Of what the schema does not allow; 412 is that of tus for another version of it."""


@contextmanager
def lived_in(path: Path) -> Iterator[Api]:
    """A home with a run that was trained, and one that is paused; both are the user's."""
    restore(Settings(trainwright_home=path, database_url=None), KEPT)
    with api_over(path) as api:
        with api.services.database.session() as session:
            for run in session.scalars(select(Run)):
                run.owner_id = api.people["user"][0]
        yield api


def run_named(api: Api, name: str) -> str:
    with api.services.database.session(write=False) as session:
        return session.scalars(select(Run.id).where(Run.name == name)).one()


schemathesis.serializer.alias("application/offset+octet-stream", "application/octet-stream")


def settings_for(api: Api, person: str | None) -> SchemathesisConfig:
    known = {
        "path.run_id": run_named(api, "finished"),
        "path.user_id": api.people["user"][0],
        "path.recipe_id": "digits-lenet5",
        "path.dataset_id": "digits",
        "path.step": 1,
        "path.name": "local",
        "header.X-Internal-Auth": api.services.secrets.service_token,
        "header.Tus-Resumable": "1.0.0",
    }
    return SchemathesisConfig.from_dict(
        {
            "base-url": str(api.http.base_url),
            "headers": api.header(person),
            "seed": SEED,
            "dictionaries": {name: {"values": [value]} for name, value in known.items()},
            "parameters": {name: {"dictionary": name, "probability": 0.7} for name in known},
            "generation": {
                "max-examples": EXAMPLES,
                "no-shrink": True,
                "with-security-parameters": False,
            },
            # measured and exported once each by other tests: a process with torch every time
            "operations": [
                {
                    "include-path-regex": "/(chat|evaluate|export|predict)$",
                    "parameters": {"path.run_id": run_named(api, "paused")},
                }
            ],
            "checks": {"enabled": False}
            | {name: {"enabled": True} for name in CHECKS}
            | {"negative_data_rejection": {"enabled": True, "expected-statuses": REFUSALS}},
            "phases": {
                "examples": {"enabled": False},
                "coverage": {"enabled": person in COVERED},
                "stateful": {"enabled": False},
            },
        }
    )


def scenarios(api: Api, person: str | None, leave_out: str) -> Iterator[ScenarioRecorder]:
    """Every operation of the schema with what was sent to it and what came back."""
    host = api.http.base_url.netloc.decode()
    schema = schemathesis.openapi.from_asgi(
        "/openapi.json", api.app, config=settings_for(api, person), headers={"Host": host}
    ).exclude(path_regex=leave_out)
    schema.hook("filter_failure")(is_a_breach)
    seen = 0
    for event in from_schema(schema).execute():
        if isinstance(event, events.ScenarioFinished):
            seen += 1
            yield event.recorder
        elif isinstance(event, events.NonFatalError | events.FatalError):
            raise AssertionError(str(event))
    assert seen > 90, "operations were left out"


def is_a_breach(_: HookContext, failure: Failure, case: Case, response: Response) -> bool:
    """Whether it is one.

    Text that reads as what is wanted, as `"5"` for 5, is taken; and headers that nobody knows.
    """
    if is_lost_in_the_address(case):
        return False
    return not failure.message.rstrip().endswith(
        ("Incorrect type", "in header - object with unexpected properties")
    )


def is_lost_in_the_address(case: Case) -> bool:
    """Whether what was wrong is nothing in an address: a mapping is its names, `[]` is left out."""
    wrong = getattr(case.meta.phase.data, "mutations", ()) if case.meta else ()
    sent = [case.query.get(one.parameter) for one in wrong]
    return bool(sent) and all(value == [] or isinstance(value, dict) for value in sent)


def failures(recorder: ScenarioRecorder) -> Iterator[str]:
    for case_id, checks in recorder.checks.items():
        for check in checks:
            if check.failure_info is not None:
                interaction = recorder.interactions[case_id]
                text = interaction.response.content[:300] if interaction.response else b""
                failure = check.failure_info.failure
                yield (
                    f"{recorder.label}: {failure.title}: {failure.message}\n"
                    f"  {check.failure_info.code_sample}\n  {text!r}"
                )


@pytest.mark.parametrize("person", ["admin", "user", "viewer"])
def test_every_answer_is_what_the_schema_says(tmp_path: Path, person: str) -> None:
    with lived_in(tmp_path / "home") as api:
        found = [
            failure
            for recorder in scenarios(api, person, leave_out=ALIASES)
            for failure in failures(recorder)
        ]
    assert not found, "\n".join([f"with FUZZ_SEED={SEED}:", *found])


def test_the_older_names_of_runs_promise_the_same(fresh_api: Api) -> None:
    paths = fresh_api.app.openapi()["paths"]
    for name in ("workflows", "jobs"):
        for path, operations in paths.items():
            if path.startswith("/api/v1/runs"):
                other = paths[path.replace("/runs", f"/{name}", 1)]
                assert without_titles(other) == without_titles(operations)


def without_titles(part: Any) -> Any:
    """A part of a schema without what was made of the path: titles and ids."""
    if isinstance(part, list):
        return [without_titles(item) for item in part]
    if not isinstance(part, dict):
        return part
    made = ("operationId", "title")
    return {key: without_titles(value) for key, value in part.items() if key not in made}


def test_nobody_without_a_token_is_answered(tmp_path: Path) -> None:
    with lived_in(tmp_path / "home") as api:
        wrong = [
            f"{sent.request.method} {sent.request.uri}: {sent.response.status_code}"
            for recorder in scenarios(api, None, leave_out=f"{ALIASES}|{PUBLIC}")
            for sent in recorder.interactions.values()
            if sent.response is not None
            and sent.response.status_code not in (401, 405)
            and not any(name.lower() == "x-internal-auth" for name in sent.request.headers)
        ]
    assert not wrong, "\n".join(wrong)
