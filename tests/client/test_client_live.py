"""The client against the real API on a real port."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import websockets.sync.server
from server_rig import Api, Live, api_over, batch_of, events_of, serving

from trainwright.api.conversation import Conversation
from trainwright.client import Client, find_address
from trainwright.settings import Home
from trainwright.spec import (
    ConflictError,
    ForbiddenError,
    InvalidRequestError,
    NotFoundError,
    RunSpec,
    RunStatus,
    SpecError,
    TrainwrightError,
    UnauthorizedError,
    UnavailableError,
)
from trainwright.spec.events import Log, MetricPoint, Metrics
from trainwright.spec.result import Artifact
from trainwright.store.repositories import Artifacts, NewPoint, Projects
from trainwright.store.repositories import Metrics as StoredMetrics
from trainwright.store.repositories.metrics import PAGE_POINTS

SPEC = {"model": "builtin/lenet5", "dataset": "digits", "epochs": 2}


@pytest.fixture
def client(live: Live) -> Iterator[Client]:
    with Client(live.url, live.people["user"][1]) as found:
        yield found


def ship(api: Api, run_id: str, first: int, *data: object) -> None:
    with api.services.database.session(write=False):
        events = events_of(run_id, *data, first=first)  # type: ignore[arg-type]
    headers = {"X-Internal-Auth": api.services.secrets.service_token}
    path = f"/api/v1/internal/runs/{run_id}/events"
    assert api.call("POST", path, None, headers=headers, json=batch_of(events)).status_code == 200


def test_the_client_finds_the_homes_platform_and_token(live: Live) -> None:
    home = live.services.settings.home
    with pytest.raises(UnavailableError, match="no platform is running") as none:
        Client(home=home)
    assert none.value.mend == "trainwright up"
    home.platform.write_text(json.dumps({"url": live.url}))
    with Client(home=home) as client:
        assert client.url == live.url
        assert client.me().name == "owner"


def test_the_homes_token_is_not_sent_to_strangers(live: Live) -> None:
    home = live.services.settings.home
    home.platform.write_text(json.dumps({"url": live.url}))
    assert find_address("http://stranger.example").token is None
    assert find_address(live.url).token is not None


def test_runs_from_specs_and_sentences(client: Client) -> None:
    made = [
        client.create_run(SPEC),
        client.create_run(RunSpec.model_validate(SPEC), tags=["t"], reasons={"epochs": "because"}),
        client.create_run(sentence="Classify handwritten digits with LeNet-5, 2 epochs"),
    ]
    assert [run.spec["epochs"] for run in made] == [2, 2, 2]
    assert made[1].tags == ["t"]
    assert made[1].reasons["epochs"] == "because"
    assert {run.id for run in client.runs()} >= {run.id for run in made}


def test_listing_goes_on_over_the_pages(live: Live, client: Client) -> None:
    made = {live.add_run().id for _ in range(5)}
    page = client.runs_page(limit=2)
    assert page.total == 5
    assert len(page.items) == 2
    seen = [run.id for run in client.runs(limit=2)]
    assert sorted(seen) == sorted(made)
    assert [run.id for run in client.runs(status=["running", "failed"])] == []


def test_runs_are_told_apart_by_project_and_a_filter_nobody_knows_is_refused(
    live: Live, client: Client
) -> None:
    with live.services.database.session() as session:
        project = Projects(session).add("birds")
    mine = client.create_run(SPEC, project="birds")
    client.create_run(SPEC)
    for ref in ("birds", project.id):
        assert [run.id for run in client.runs(project=ref)] == [mine.id]
    with pytest.raises(NotFoundError, match="no project"):
        next(client.runs(project="fish"))
    with pytest.raises(TypeError, match="tag"):
        next(client.runs(tag="x"))


def test_changing_a_run(live: Live, client: Client) -> None:
    run = client.create_run(SPEC)
    assert client.edit_run(run.id, name="a/b", tags=[]).name == "a/b"
    assert client.run("a/b").id == run.id
    assert client.stop(run.id, now=True).id == run.id
    live.move(run, "stopped")  # type: ignore[arg-type]
    assert client.resume(run.id).attempt == 2
    copy = client.clone(run.id, {"epochs": 7})
    assert copy.spec["epochs"] == 7
    with pytest.raises(ConflictError):
        client.pause(copy.id)
    live.move(copy, "stopped")  # type: ignore[arg-type]
    client.delete(copy.id)
    assert client.restore(copy.id).trashed_at is None
    client.delete(copy.id, now=True)
    with pytest.raises(NotFoundError):
        client.run(copy.id)


def test_errors_keep_class_message_mend_and_faults(live: Live, client: Client) -> None:
    with pytest.raises(SpecError) as spec_error:
        client.create_run({"model": "builtin/lenet", "epochs": -1})
    assert {fault.field for fault in spec_error.value.faults} == {"model", "epochs"}
    assert [f.suggestions[0] for f in spec_error.value.faults if f.suggestions]
    assert spec_error.value.exit_code == 2
    with pytest.raises(NotFoundError) as not_found:
        client.run("nothing")
    assert not_found.value.mend == "trainwright runs list"
    assert not_found.value.extra["request_id"].startswith("req_")
    with pytest.raises(InvalidRequestError) as question:
        client.create_run(sentence="train something on my pictures")
    assert question.value.code == "needs_clarification"
    with pytest.raises(UnauthorizedError):
        Client(live.url, "tw_wrong").me()
    with pytest.raises(ForbiddenError):
        Client(live.url, live.people["viewer"][1]).create_run(SPEC)


def test_a_platform_that_is_gone_is_said_so_with_its_mend() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(UnavailableError) as gone:
        Client(url, "tw_x").health()
    assert gone.value.mend == "trainwright up"


def test_events_follow_a_run_to_its_end(live: Live, client: Client) -> None:
    run = live.add_run()
    seen = []

    def work() -> None:
        for n in range(20):
            ship(live, run.id, n + 1, Metrics(points=[MetricPoint(name="x", value=float(n))]))
        live.move(run, "stopped")

    worker = threading.Thread(target=work)
    for event in client.events(run.id):
        if not seen:
            worker.start()
        seen.append(event)
    worker.join()
    assert [event.seq for event in seen] == list(range(1, 23))
    assert seen[-1].type == "status_changed"
    assert [e.seq for e in client.events(run.id, after=20)] == [21, 22]
    assert [e.seq for e in client.events(run.id, follow=False)] == list(range(1, 23))
    assert list(client.events(run.id, after=22)) == []


def test_a_stream_goes_on_when_the_api_was_away(home_path: Path) -> None:
    with api_over(home_path) as api:
        run = api.add_run()
        port = 0
        seen: list[int] = []
        ended = threading.Event()

        def watch(url: str) -> None:
            client = Client(url, api.people["user"][1])
            seen.extend(event.seq for event in client.events(run.id))
            ended.set()

        with serving(api.app) as url:
            port = int(url.rpartition(":")[2])
            threading.Thread(target=watch, args=(url,), daemon=True).start()
            deadline = time.monotonic() + 10
            while run.id not in api.services.hub._channels and time.monotonic() < deadline:
                time.sleep(0.01)
        ship(api, run.id, 1, Metrics(points=[MetricPoint(name="x", value=1.0)]))
        with serving(api.app, port):
            ship(api, run.id, 2, Metrics(points=[MetricPoint(name="x", value=2.0)]))
            api.move(run, "stopped")
            assert ended.wait(20)
        assert seen == [1, 2, 3, 4]


def test_a_broken_connection_neither_loses_nor_repeats(live: Live, client: Client) -> None:
    """A server that sends twice what was seen, and hangs up after every other event."""
    run = live.add_run()
    ship(live, run.id, 1, *[Metrics(points=[MetricPoint(name="x", value=1.0)])] * 9)
    live.move(run, "stopped")
    stored = list(client.events(run.id, follow=False))
    asked: list[int] = []

    def misbehave(connection: websockets.sync.server.ServerConnection) -> None:
        assert connection.request is not None
        after = int(connection.request.path.rpartition("after=")[2])
        asked.append(after)
        for event in stored[max(0, after - 1) : after + 2]:
            connection.send(event.model_dump_json())

    from trainwright.client.locate import Address
    from trainwright.client.stream import stream_events

    with websockets.sync.server.serve(misbehave, "127.0.0.1", 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = Address(f"http://127.0.0.1:{server.socket.getsockname()[1]}", None)
        found = stream_events(address, run.id, after=0, done=lambda seq: seq >= len(stored))
        assert [e.seq for e in found] == [e.seq for e in stored]
        server.shutdown()
    assert len(asked) > 1


def test_a_run_that_may_not_be_read_ends_the_stream_at_once(live: Live) -> None:
    run = live.add_run()
    with pytest.raises(NotFoundError):
        list(Client(live.url, live.people["other"][1]).events(run.id))


def test_the_dashboard_is_followed(live: Live, client: Client) -> None:
    messages = client.dashboard()
    assert next(messages)["runs_by_status"] == {}
    run = live.add_run()
    assert next(messages)["runs_by_status"] == {"created": 1}
    assert next(messages)["run"]["id"] == run.id
    stranger = Client(live.url, "tw_of_nobody")
    with pytest.raises(UnauthorizedError):
        next(stranger.dashboard())


def test_logs_are_followed_to_the_end(live: Live, client: Client) -> None:
    run = live.add_run()
    text = "안녕\n" * 10
    ship(live, run.id, 1, Log(text=text, offset=0, size=len(text.encode())))
    assert "".join(client.logs(run.id)) == text
    end = "end\n"

    def finish() -> None:
        ship(live, run.id, 2, Log(text=end, offset=len(text.encode()), size=len(end)))
        live.move(run, "stopped")

    worker = threading.Timer(0.5, finish)
    worker.start()
    assert "".join(client.logs(run.id, follow=True)) == text + end
    worker.join()


def test_lines_are_found_as_they_come(live: Live, client: Client) -> None:
    run = live.add_run()
    parts = ("start\nlo", "ss 1\nother\n", "Loss 2", "2\nend\n")
    offset = 0

    def send(number: int) -> None:
        nonlocal offset
        text = parts[number]
        ship(live, run.id, number + 1, Log(text=text, offset=offset, size=len(text)))
        offset += len(text)

    send(0)
    assert list(client.search_logs(run.id, "loss")) == []

    def go_on() -> None:
        for number in range(1, len(parts)):
            time.sleep(0.4)
            send(number)
        live.move(run, "stopped")

    worker = threading.Thread(target=go_on)
    worker.start()
    lines = [(m.line, m.text) for m in client.search_logs(run.id, "loss", follow=True)]
    worker.join()
    assert [line for line, _ in lines] == [2, 4]
    assert [m.text for m in client.search_logs(run.id, r"^loss \d+$", regex=True)] == [
        "loss 1",
        "Loss 22",
    ]
    assert client.log_chunk(run.id, from_line=3, lines=1).text == "other\n"


def test_waiting_for_a_run(live: Live, client: Client) -> None:
    run = live.add_run()
    with pytest.raises(UnavailableError, match="not ended in time: it is created"):
        client.wait(run.id, timeout=0.1)
    live.move(run, "failed")
    assert client.wait(run.id, timeout=5).status is RunStatus.FAILED


def test_an_artifact_is_saved_whole_or_not_at_all(
    live: Live, client: Client, tmp_path: Path
) -> None:
    run = live.add_run()
    directory = live.services.settings.home.runs / run.id
    (directory / "artifacts").mkdir(parents=True)
    (directory / "artifacts" / "model.pth").write_bytes(b"w" * 300_000)
    with live.services.database.session() as session:
        found = [Artifact(name="model.pth", path="artifacts/model.pth", bytes=1, sha256="0" * 64)]
        Artifacts(session).put(run.id, found)
    assert client.artifacts(run.id)[0].name == "model.pth"
    assert client.download_artifact(run.id, "model.pth", tmp_path) == tmp_path / "model.pth"
    assert client.download_artifact(run.id, "artifacts/model.pth", tmp_path / "x").exists()
    assert (tmp_path / "model.pth").read_bytes() == b"w" * 300_000
    with pytest.raises(NotFoundError):
        client.download_artifact(run.id, "nothing", tmp_path / "y")
    assert sorted(p.name for p in tmp_path.iterdir() if p.is_file()) == ["model.pth", "x"]


def test_what_can_be_trained_is_listed(client: Client) -> None:
    assert client.model("builtin/lenet5").id == "builtin/lenet5"
    assert all(m.framework == "builtin" for m in client.models(framework="builtin"))
    assert client.dataset("digits").bundled
    assert "digits" in [d.id for d in client.datasets(task="image_classification")]
    with pytest.raises(NotFoundError):
        client.model("builtin/nothing")


def test_a_folder_is_registered_once(client: Client, tmp_path: Path) -> None:
    (tmp_path / "photos" / "cats").mkdir(parents=True)
    first = client.add_dataset(tmp_path / "photos")
    assert first.source == "registered"
    assert client.add_dataset(tmp_path / "photos").id == first.id
    assert client.dataset("photos").id == first.id
    report = client.validate_dataset(first.id)
    assert not report.ok
    with pytest.raises(InvalidRequestError, match="not a folder"):
        client.add_dataset(tmp_path / "nothing")


def test_the_platform_is_described(client: Client) -> None:
    assert client.health().status == "ok"
    assert client.hardware().cpus >= 1
    assert [t.name for t in client.targets() if t.default] == ["local"]
    assert client.test_target("local").ok
    assert client.parse("Train LeNet-5 on digits").spec is not None


def test_importing_the_client_loads_nothing_heavy() -> None:
    code = (
        "import sys, trainwright.client as c; "
        "print([m for m in ('httpx', 'pydantic', 'websockets', 'sqlalchemy') if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


@pytest.mark.parametrize(("status", "said"), [(502, "502"), (200, "is no platform")])
def test_a_foreign_answer_is_no_crash(status: int, said: str) -> None:
    """Something else listens where the platform should be."""
    import http.server

    class Other(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(b"<html>a page</html>")

        def log_message(self, *_: object) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Other) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with pytest.raises(TrainwrightError, match=said):
            Client(f"http://127.0.0.1:{server.server_port}", "x", Home(Path("/nowhere"))).health()
        server.shutdown()


def test_a_nan_survives_the_way(live: Live, client: Client) -> None:
    run = live.add_run()
    value = float("nan")
    ship(live, run.id, 1, Metrics(points=[MetricPoint(name="x", value=value)]))
    event = next(client.events(run.id, after=1, follow=False))
    assert event.type == "metrics"
    assert str(event.data.points[0].value) == "nan"


def test_long_curves_come_whole_from_their_pages(live: Live, client: Client) -> None:
    run = live.add_run()
    points = [NewPoint("a", step / 2, step, None, 1) for step in range(PAGE_POINTS + 10)]
    with live.services.database.session() as session:
        StoredMetrics(session).write(run.id, 1, [*points, NewPoint("b", 1.0, 1, None, 1)])
    a, b = client.metrics(run.id).series
    assert [p.step for p in a.points] == [*range(PAGE_POINTS + 10)]
    assert (a.name, a.total, b.name, b.total) == ("a", PAGE_POINTS + 10, "b", 1)


def test_a_conversation_is_held_and_forgotten(live: Live, client: Client) -> None:
    with pytest.raises(NotFoundError):
        client.chat_session("last")
    talk = Conversation(client)
    assert talk.say("Classify handwritten digits with LeNet-5, 5 epochs").spec is not None
    assert talk.edit(epochs=7).spec.epochs == 7  # type: ignore[union-attr]
    run_id = talk.say("yes").run_id
    assert client.run(str(run_id)).spec["epochs"] == 7
    again = Conversation(client, "last")
    assert again.id == talk.id
    assert again.say("how is it doing?").runs == [run_id]
    assert [one.id for one in client.chat_sessions()] == [talk.id]
    client.delete_chat("last")
    assert list(client.chat_sessions()) == []


def test_a_link_signs_a_browser_in_and_leads_to_a_page(live: Live) -> None:
    client = Client(live.url, live.people["user"][1])
    link = httpx.URL(client.sign_in_link("/runs/a b"))
    assert (link.path, link.params["next"]) == ("/sign-in", "/runs/a b")
    assert "?" not in client.sign_in_link()
    code = link.fragment.removeprefix("code=")
    answer = httpx.post(f"{live.url}/api/v1/auth/sign-in", json={"code": code})
    assert answer.json()["name"] == "user"
