"""A run's log over HTTP: in parts, by lines, by time and by words."""

from datetime import UTC, datetime, timedelta
from typing import Any

from server_rig import Api, batch_of

from trainwright.spec.events import Log, make_event
from trainwright.store.models import Run

START = datetime(2026, 1, 1, tzinfo=UTC)


def get(api: Api, path: str, **params: object) -> Any:
    answer = api.call("GET", f"/api/v1{path}", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


def ship(api: Api, run: Run, *texts: str) -> str:
    """Ship texts a minute apart; all of them together."""
    events, offset = [], 0
    for number, text in enumerate(texts, 1):
        size = len(text.encode())
        log = Log(text=text, offset=offset, size=size)
        events.append(make_event(run.id, 1, number, log, START + timedelta(minutes=number)))
        offset += size
    headers = {"X-Internal-Auth": api.agent_token(run)}
    path = f"/api/v1/internal/runs/{run.id}/events"
    assert api.http.post(path, json=batch_of(events), headers=headers).status_code == 200
    return "".join(texts)


def test_logs_are_read_by_range_and_from_the_end(api: Api) -> None:
    run = api.add_run()
    text = ship(api, run, "".join(f"줄 {n}\n" for n in range(100)))
    path = f"/runs/{run.id}/logs"
    assert get(api, path)["text"] == text
    parts, offset = [], 0
    while True:
        chunk = get(api, path, offset=offset, limit=7)
        parts.append(chunk["text"])
        if chunk["next_offset"] == offset:
            break
        offset = chunk["next_offset"]
    assert "".join(parts) == text
    assert get(api, path, tail=2)["text"] == "줄 98\n줄 99\n"
    plain = api.call("GET", f"/api/v1{path}", params={"format": "text"})
    assert plain.text == text
    assert plain.headers["content-type"].startswith("text/plain")
    assert get(api, path)["ended"] is False
    api.move(run, "stopped")
    assert get(api, path)["ended"] is True


def test_a_run_without_a_log_has_an_empty_one(api: Api) -> None:
    run = api.add_run()
    assert get(api, f"/runs/{run.id}/logs") == {
        "text": "",
        "offset": 0,
        "line": 1,
        "next_offset": 0,
        "size": 0,
        "ended": False,
    }


def test_logs_are_read_by_lines_and_from_a_time_on(api: Api) -> None:
    run = api.add_run()
    ship(api, run, "one\ntwo\n", "three\nfour\n", "five\n")
    path = f"/runs/{run.id}/logs"
    assert get(api, path, **{"from": 2, "lines": 2})["text"] == "two\nthree\n"
    assert get(api, path, **{"from": 4})["text"] == "four\nfive\n"
    assert get(api, path, **{"from": 99})["text"] == ""
    since = (START + timedelta(minutes=2)).isoformat()
    assert get(api, path, since=since)["text"] == "three\nfour\nfive\n"
    later = (START + timedelta(days=1)).isoformat()
    assert get(api, path, since=later)["text"] == ""
    found = get(api, path, since=since, search="o")
    assert [(m["line"], m["text"]) for m in found["matches"]] == [(4, "four")]


def test_a_part_of_a_log_says_in_which_line_it_begins(api: Api) -> None:
    run = api.add_run()
    text = ship(api, run, "".join(f"{n} 줄\n" for n in range(30_000)))
    path = f"/runs/{run.id}/logs"
    assert get(api, path)["line"] == 1
    assert get(api, path, tail=1)["line"] == 30_000
    assert get(api, path, **{"from": 20_001, "lines": 3})["line"] == 20_001
    cut = len("".join(text.splitlines(keepends=True)[:1234]).encode()) + 1
    assert get(api, path, offset=cut)["line"] == 1235
    assert get(api, path, offset=len(text.encode()))["line"] == 30_001


def test_logs_are_searched(api: Api) -> None:
    run = api.add_run()
    text = ship(api, run, "Loss 1\n", "\x1b[31mlo\x1b[0mss nan\n정확도 0.5\nloss 2")
    path = f"/runs/{run.id}/logs"
    found = get(api, path, search="LOSS", limit=2)
    assert found["matches"] == [
        {"line": 1, "offset": 0, "text": "Loss 1"},
        {"line": 2, "offset": 7, "text": "loss nan"},
    ]
    rest = get(api, path, search="LOSS", offset=found["next_offset"])
    assert [m["line"] for m in rest["matches"]] == [4]
    assert (rest["next_offset"], rest["size"], rest["ended"]) == (
        len(text.encode()), len(text.encode()), False,
    )  # fmt: skip
    by_pattern = get(api, path, search=r"loss (nan|\d)$", regex=True)
    assert [m["line"] for m in by_pattern["matches"]] == [1, 2, 4]
    plain = api.call("GET", f"/api/v1{path}", params={"search": "정확도", "format": "text"})
    assert plain.text == "3:정확도 0.5\n"
    for wrong in ({"search": "("}, {"search": "x" * 501}, {"search": ""}):
        answer = api.call("GET", f"/api/v1{path}", params={"regex": True, **wrong})
        assert answer.status_code in (400, 422)
    api.move(run, "stopped")
    assert get(api, path, search="loss")["ended"] is True
    assert api.call("GET", f"/api/v1{path}", "other", params={"search": "x"}).status_code == 404
