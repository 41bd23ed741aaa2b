"""The report of a run: what it says, what becomes no markup, and that it asks for nothing."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from server_rig import Api, batch_of, events_of

from trainwright.server.report.charts import Line, line_chart, matrix_chart
from trainwright.server.report.markup import page, tag
from trainwright.server.report.numbers import duration, metric
from trainwright.server.routers.report import spoken
from trainwright.spec.events import EventData, MetricPoint, Metrics
from trainwright.store.models import Run
from trainwright.store.repositories import Runs

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>\u202e&lt;{0}"
ALLOWED = set(
    re.findall(
        r"\w+",
        "html head meta title style body main header section div span p h1 h2 h3 ul li dl dt dd "
        "table thead tbody tr th td figure figcaption pre code strong b small i footer "
        "details summary svg path circle line rect text",
    )
)


class Read(HTMLParser):
    """What a browser makes of a page: elements, their attributes, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._in_style = False
        self.feed(text)

    def handle_starttag(self, name: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append((name, dict(attributes)))
        self._in_style = name == "style"

    def handle_data(self, data: str) -> None:
        if not self._in_style:
            self.text += data


def ended(api: Api, status: str = "completed", **fields: Any) -> Run:
    run = api.add_run()
    ways = {
        "completed": ("validating", "preparing", "queued", "allocating", "running", "completed"),
        "failed": ("validating", "failed"),
    }
    api.move(run, *ways[status])
    with api.services.database.session() as session:
        row = Runs(session).get(run.id)
        for name, value in fields.items():
            setattr(row, name, value)
    return run


def ship(api: Api, run: Run, *data: EventData) -> None:
    headers = {"X-Internal-Auth": api.agent_token(run)}
    path = f"/api/v1/internal/runs/{run.id}/events"
    sent = batch_of(events_of(run.id, *data))
    assert api.call("POST", path, None, headers=headers, json=sent).status_code == 200


def report(api: Api, run: Run, query: str = "", **headers: str) -> tuple[Read, Any]:
    answer = api.call("GET", f"/api/v1/runs/{run.id}/report{query}", headers=headers)
    assert answer.status_code == 200, answer.text
    return Read(answer.text), answer


def result_of(run: Run, **more: Any) -> dict[str, Any]:
    found = {"run_id": run.id, "name": run.name, "status": "completed", "model": run.model}
    return found | more


def test_it_tells_results_curves_classes_settings_and_where_it_came_from(api: Api) -> None:
    run = api.add_run()
    ship(
        api,
        run,
        *(
            Metrics(
                points=[
                    MetricPoint(name="val/accuracy", value=0.5 + step / 10, step=step),
                    MetricPoint(name="train/loss", value=1 / step, step=step),
                ]
            )
            for step in (1, 2, 3)
        ),
    )
    with api.services.database.session() as session:
        Runs(session).get(run.id).result = result_of(
            run,
            metrics={
                "val/accuracy": {"final": 0.8, "best": 0.8, "best_step": 3},
                "lr": {"final": 0.001, "best": 0.123, "best_step": 7},
            },
            per_class=[{"name": "cat", "precision": 1, "recall": 0.5, "f1": 0.6667, "support": 4}],
            confusion={"labels": ["cat", "dog"], "matrix": [[2, 2], [0, 4]]},
        )
    read, answer = report(api, run)
    for words in ("Key results", "best 0.8 at step 3", "66.7%", "Confusion matrix", "Settings"):
        assert words in read.text
    assert len([1 for name, at in read.tags if at.get("class") == "chart"]) == 2
    assert answer.headers["Content-Disposition"].startswith("inline")
    assert "0.123" not in read.text  # of a learning rate no value is the best


def test_nothing_of_anybody_becomes_markup(api: Api) -> None:
    run = ended(api, "failed", notes=HOSTILE, sentence=HOSTILE, tags=[HOSTILE])
    with api.services.database.session() as session:
        row = Runs(session).get(run.id)
        row.name = HOSTILE
        row.reasons = {"epochs": HOSTILE, HOSTILE: HOSTILE}
        row.spec = row.spec | {"class_names": [HOSTILE], "overrides": {HOSTILE: {HOSTILE: HOSTILE}}}
        row.error = {"code": HOSTILE, "message": HOSTILE, "hint": HOSTILE, "log_tail": [HOSTILE]}
        row.report = {"findings": [{"code": "x", "severity": "error", "message": HOSTILE}]}
        row.result = result_of(
            run,
            status="failed",
            metrics={HOSTILE: {"final": 1, "best": 1}},
            per_class=[{"name": HOSTILE, "precision": 1, "recall": 1, "f1": 1, "support": 1}],
            confusion={"labels": [HOSTILE], "matrix": [[1]]},
        )
    read, answer = report(api, run)
    assert {name for name, _ in read.tags} <= ALLOWED
    assert not [at for _, found in read.tags for at in found if at.startswith("on") or at == "src"]
    assert "\u202e" not in answer.text
    assert read.text.count("<script>alert(1)</script>") >= 8


def test_it_asks_for_nothing_and_may_not(api: Api) -> None:
    read, answer = report(api, ended(api))
    names = [name for name, _ in read.tags]
    assert not {"script", "link", "img", "iframe", "object"} & set(names)
    assert not re.search(r"url\(|@import|https?://", answer.text)
    assert not [1 for _, attributes in read.tags if "style" in attributes]
    served = answer.headers["Content-Security-Policy"]
    assert served.startswith("default-src 'none'; style-src 'sha256-")
    own = next(at["content"] for name, at in read.tags if "http-equiv" in at and name == "meta")
    assert own is not None
    assert served.startswith(own)


def test_a_failure_has_its_diagnosis_and_the_end_of_the_log(api: Api) -> None:
    run = ended(
        api,
        "failed",
        error={
            "code": "out_of_memory",
            "message": "the GPU has no memory left for '/home/kim/x y'",
            "stage": "train",
            "log_tail": ["step 1", "\x1b[31mCUDA out of memory\x1b[0m", "::trainwright:: {}"],
        },
    )
    read, _ = report(api, run)
    assert "Failed after" in read.text
    assert "CUDA out of memory" in read.text
    assert "while training" in read.text
    assert "::trainwright::" not in read.text
    assert "/home/kim" not in read.text
    assert "x1b" not in read.text
    korean, _ = report(api, run, "?language=ko")
    assert re.search(r"후 실패했습니다: 메모리가 부족했습니다\.", korean.text)
    assert "the GPU has no memory left" in korean.text


@pytest.mark.parametrize(
    ("query", "header", "language"),
    [
        ("", "ko-KR,ko;q=0.9,en;q=0.8", "ko"),
        ("", "en-GB,en;q=0.9,ko;q=0.8", "en"),
        ("", "fr", "en"),
        ("?language=ko", "en", "ko"),
        ("?language=en", "ko", "en"),
    ],
)
def test_it_speaks_the_readers_language(api: Api, query: str, header: str, language: str) -> None:
    read, answer = report(api, ended(api), query, **{"Accept-Language": header})
    assert ("설정" in read.text) == (language == "ko")
    assert answer.headers["Content-Language"] == language


def test_a_language_nobody_speaks_here_is_refused(api: Api) -> None:
    run = ended(api)
    answer = api.call("GET", f"/api/v1/runs/{run.id}/report?language=fr")
    assert answer.status_code == 422


@given(st.text(max_size=200))
def test_any_header_names_a_language(header: str) -> None:
    assert spoken(header) in ("en", "ko")


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text_stays_text(text: str, more: str) -> None:
    read = Read(page(tag("p", text, tag("b", more), text, title=more)))
    assert [name for name, _ in read.tags] == ["p", "b"]


Number = st.floats(allow_nan=True, allow_infinity=True, width=32)


@given(st.lists(st.tuples(st.integers(0, 10**9), Number), max_size=30))
def test_any_curve_is_drawn_within_its_picture(points: list[tuple[int, float]]) -> None:
    line = Line(1, [(float(x), y, y, y) for x, y in points])
    for node in line_chart([line], "x").iter():
        for name in ("cx", "cy", "x1", "y1", "d"):
            for place in re.findall(r"-?\d+\.\d+", node.get(name, "")):
                assert -1 <= float(place) <= 461
        assert "nan" not in node.get("d", "")


@given(st.lists(st.text(max_size=30), min_size=1, max_size=8), st.integers(0, 10**6))
def test_any_matrix_is_drawn(labels: list[str], count: int) -> None:
    drawn = matrix_chart(labels, [[count] * len(labels)] * len(labels), "x")
    assert len([1 for node in drawn if "cell" in node.get("class", "")]) == len(labels) ** 2


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.98765, "0.9877"),
        (97.4, "97.4"),
        (12345.678, "12,346"),
        (1.2e-5, "1.2e-5"),
        (0.0, "0"),
        (float("nan"), "–"),
        (float("-inf"), "−∞"),
        (-0.5, "-0.5"),
        (3.4e7, "3.4e7"),
        (100.0, "100"),
    ],
)
def test_values_are_written_in_the_digits_that_tell(value: float, text: str) -> None:
    assert metric(value) == text


def test_durations_have_two_units() -> None:
    assert duration(4.25, "en") == "4.2 s"
    assert duration(125, "ko") == "2분 5초"
    assert duration(7200, "en") == "2 h"
    assert duration(90_061, "en") == "1 d 1 h"
    assert duration(None, "en") == "–"
