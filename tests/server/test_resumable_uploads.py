"""Archives that come in pieces, by tus 1.0: through breaks, restarts, full disks and strangers."""

from __future__ import annotations

import base64
import io
import os
import shutil
import socket
import time
import zipfile
from datetime import timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from server_rig import Api, Live, api_over

from trainwright.backup import Part, create
from trainwright.server.app import create_app
from trainwright.server.errors import TooManyRequestsError
from trainwright.server.incoming import LIFETIME, MAX_OPEN, Incoming, OffsetError, Piece, Upload
from trainwright.server.uploads import RESERVE
from trainwright.settings import Settings
from trainwright.spec import InvalidRequestError, NotFoundError
from trainwright.spec.errors import DiskFullError
from trainwright.spec.events import utc_now
from trainwright.spec.ids import new_id

PATH = "/api/v1/datasets/uploads"
TUS = {"Tus-Resumable": "1.0.0"}
PIECE = TUS | {"Content-Type": "application/offset+octet-stream"}


def archive(classes: tuple[str, ...] = ("cat", "dog"), ballast: int = 0) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as packed:
        packed.writestr("README", bytes(ballast))
        for label, name in enumerate(classes):
            for n in range(6):
                picture = io.BytesIO()
                Image.new("L", (8, 8), n * 9 + label).save(picture, "PNG")
                packed.writestr(f"photos/{name}/{n}.png", picture.getvalue())
    return stream.getvalue()


GOOD = archive()


def said(**words: str) -> str:
    return ",".join(f"{k} {base64.b64encode(v.encode()).decode()}" for k, v in words.items())


def begin(api: Api, length: int = len(GOOD), person: str = "user", **words: str) -> httpx.Response:
    headers = TUS | {"Upload-Length": str(length), "Upload-Metadata": said(**words)}
    return api.call("POST", PATH, person, headers=headers)


def begun(api: Api, length: int = len(GOOD), **words: str) -> str:
    answer = begin(api, length, **words)
    assert answer.status_code == 201, answer.text
    return str(answer.headers["Location"])


def send(api: Api, place: str, offset: int, data: bytes, person: str = "user") -> httpx.Response:
    return api.call(
        "PATCH", place, person, headers=PIECE | {"Upload-Offset": str(offset)}, content=data
    )


def offset_of(api: Api, place: str, person: str = "user") -> int:
    answer = api.call("HEAD", place, person, headers=TUS)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    return int(answer.headers["Upload-Offset"])


def files_of(api: Api) -> list[str]:
    root = api.services.settings.home.incoming
    return sorted(p.name for p in root.iterdir()) if root.exists() else []


def test_an_archive_in_pieces_becomes_a_dataset(api: Api) -> None:
    place = begun(api, filename="my photos.zip", fingerprint="abc")
    third = len(GOOD) // 3
    for start in range(0, 2 * third, third):
        answer = send(api, place, start, GOOD[start : start + third])
        assert answer.status_code == 204, answer.text
        assert answer.headers["Upload-Offset"] == str(start + third)
        assert answer.headers["Tus-Resumable"] == "1.0.0"
        assert parsedate_to_datetime(answer.headers["Upload-Expires"]) > utc_now()
        assert offset_of(api, place) == start + third
    [listed] = api.call("GET", PATH).json()["items"]
    assert (listed["offset"], listed["length"], listed["state"]) == (
        2 * third,
        len(GOOD),
        "receiving",
    )
    assert (listed["file_name"], listed["fingerprint"]) == ("my photos.zip", "abc")
    assert send(api, place, 2 * third, GOOD[2 * third :]).status_code == 204
    upload_id = place.rpartition("/")[2]
    found = api.call("GET", f"/api/v1/datasets/{upload_id}").json()
    assert found["name"] == "my-photos"
    assert found["samples"] == {"all": 12}
    assert found["uploaded"] is True
    assert offset_of(api, place) == len(GOOD)
    assert api.call("GET", place).json()["state"] == "done"
    finished = api.call("POST", f"{place}/finish")
    assert (finished.status_code, finished.json()["id"]) == (201, upload_id)
    assert send(api, place, len(GOOD), b"").status_code == 204
    home = api.services.settings.home
    assert [p.name for p in (home.uploads / upload_id).iterdir()] == ["my-photos"]
    assert not (home.incoming / upload_id / "archive").exists()
    assert api.call("DELETE", place, headers=TUS).status_code == 204
    assert api.call("GET", f"/api/v1/datasets/{upload_id}").status_code == 200
    assert files_of(api) == []
    api.call("DELETE", f"/api/v1/datasets/{upload_id}?now=true")


def test_what_is_spoken_is_told(api: Api) -> None:
    answer = api.call("OPTIONS", PATH)
    assert answer.status_code == 204
    assert answer.headers["Tus-Version"] == "1.0.0"
    assert set(answer.headers["Tus-Extension"].split(",")) == {
        "creation",
        "expiration",
        "termination",
    }
    assert int(answer.headers["Tus-Max-Size"]) == 16 << 30


def test_what_is_no_tus_is_refused(api: Api) -> None:
    place = begun(api)
    length = {"Upload-Length": "10"}
    answers = {
        412: [
            api.call("POST", PATH, headers=length),
            api.call("POST", PATH, headers=length | {"Tus-Resumable": "0.2.2"}),
            api.call("HEAD", place),
            api.call("PATCH", place, headers={"Upload-Offset": "0"}, content=b"x"),
            api.call("DELETE", place),
        ],
        400: [
            api.call("POST", PATH, headers=TUS),
            api.call("POST", PATH, headers=TUS | {"Upload-Defer-Length": "1"}),
            api.call("POST", PATH, headers=TUS | {"Upload-Length": "0"}),
            api.call("POST", PATH, headers=TUS | {"Upload-Length": "-5"}),
            api.call("POST", PATH, headers=TUS | {"Upload-Length": "1e3"}),
            api.call("POST", PATH, headers=TUS | length | {"Upload-Metadata": "name ?"}),
            api.call("POST", PATH, headers=TUS | length | {"Upload-Metadata": "name /w=="}),
            api.call("PATCH", place, headers=PIECE, content=b"x"),
            send(api, place, 0, GOOD + b"more"),
        ],
        413: [begin(api, (16 << 30) + 1)],
        415: [api.call("PATCH", place, headers=TUS | {"Upload-Offset": "0"}, content=b"x")],
        409: [send(api, place, 7, b"x")],
        422: [begin(api, name="line\nbreak")],
    }
    for status, refused in answers.items():
        assert [a.status_code for a in refused] == [status] * len(refused), [
            a.text for a in refused
        ]
    assert answers[412][0].headers["Tus-Version"] == "1.0.0"
    assert answers[409][0].headers["Tus-Resumable"] == "1.0.0"
    assert answers[409][0].json()["error"]["details"]["offset"] == 0
    assert offset_of(api, place) == 0
    api.call("DELETE", place, headers=TUS)
    assert files_of(api) == []


def test_an_upload_is_its_senders_alone(api: Api) -> None:
    place = begun(api)
    for person in ("other", "admin"):
        assert api.call("HEAD", place, person, headers=TUS).status_code == 404
        assert api.call("GET", place, person).status_code == 404
        assert send(api, place, 0, GOOD, person).status_code == 404
        assert api.call("POST", f"{place}/finish", person).status_code == 404
        assert api.call("DELETE", place, person, headers=TUS).status_code == 404
        assert api.call("GET", PATH, person).json()["items"] == []
    assert begin(api, person="viewer").status_code == 403
    assert api.call("GET", place, None).status_code == 401
    assert api.call("POST", f"{place}/finish").status_code == 409
    assert offset_of(api, place) == 0
    api.call("DELETE", place, headers=TUS)
    assert api.call("HEAD", place, headers=TUS).status_code == 404


@pytest.mark.parametrize("name", ["..", "%2e%2e%2fuploads", "d" + "0" * 14, "d0000000000000", "x"])
def test_ids_lead_nowhere(api: Api, name: str) -> None:
    assert api.call("HEAD", f"{PATH}/{name}", headers=TUS).status_code in (404, 405)
    with pytest.raises(NotFoundError):
        Incoming(api.services.settings.home.incoming).find(name, api.people["user"][0])


def test_what_is_unfit_is_refused_at_the_end_as_ever_and_forgotten(api: Api) -> None:
    for data, words in (
        (b"just words", "neither a zip nor a tar"),
        (GOOD[:-100], "broken, or cut off"),
        (archive(("cat",)), "one class"),
    ):
        place = begun(api, len(data), filename="mine.zip")
        answer = send(api, place, 0, data)
        assert answer.status_code == 422, answer.text
        message = answer.json()["error"]["message"]
        assert message.startswith("mine.zip")
        assert words in message
        assert str(api.services.settings.home.path) not in answer.text
        assert api.call("HEAD", place, headers=TUS).status_code == 404
    assert files_of(api) == []


def test_a_taken_name_is_told_before_a_byte_is_sent_and_again_at_the_end(api: Api) -> None:
    first = begun(api, name="taken")
    second = begun(api, name="taken")
    assert send(api, first, 0, GOOD).status_code == 204
    assert begin(api, name="taken").status_code == 409
    assert begin(api, name="digits").status_code == 409
    refused = send(api, second, 0, GOOD)
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "conflict")
    # nothing of it is lost: once the name is free, it can be finished
    assert api.call("GET", second).json()["state"] == "received"
    dataset = first.rpartition("/")[2]
    api.call("DELETE", f"/api/v1/datasets/{dataset}?now=true")
    assert api.call("POST", f"{second}/finish").json()["name"] == "taken"
    assert api.call("POST", f"{first}/finish").status_code == 409
    for place in (first, second):
        api.call("DELETE", place, headers=TUS)
    api.call("DELETE", f"/api/v1/datasets/{second.rpartition('/')[2]}?now=true")


def test_what_came_outlasts_the_server(tmp_path: Path) -> None:
    with api_over(tmp_path / "home") as api:
        place, token = begun(api, name="mine"), api.people["user"]
        send(api, place, 0, GOOD[:100])
        home = api.services.settings.home
        # as a server leaves it that was killed while it unpacked
        upload_id = place.rpartition("/")[2]
        (home.uploads / upload_id / ".mine.half").mkdir(parents=True)
        (home.uploads / f".{upload_id}.lock").touch()
    settings = Settings(trainwright_home=tmp_path / "home", database_url=None, jwt_secret=None)
    app = create_app(settings)
    with TestClient(app, "http://127.0.0.1:8000") as http:
        again = Api(app, app.state.services, http, {"user": token})
        assert offset_of(again, place) == 100
        assert send(again, place, 100, GOOD[100:]).status_code == 204
        assert again.call("GET", f"/api/v1/datasets/{upload_id}").json()["name"] == "mine"


def test_a_dataset_that_was_made_before_a_crash_is_not_made_twice(fresh_api: Api) -> None:
    place = begun(fresh_api)
    assert send(fresh_api, place, 0, GOOD).status_code == 204
    incoming = Incoming(fresh_api.services.settings.home.incoming)
    upload = incoming.find(place.rpartition("/")[2], fresh_api.people["user"][0])
    # as if the server had died between the two
    incoming.data(upload).write_bytes(GOOD)
    record = incoming.root / upload.id / "upload.json"
    record.write_text(upload.model_copy(update={"done": False}).model_dump_json())
    assert fresh_api.call("GET", place).json()["state"] == "received"
    assert fresh_api.call("POST", f"{place}/finish").json()["id"] == upload.id
    assert fresh_api.call("GET", place).json()["state"] == "done"


@pytest.mark.integration
def test_what_came_before_the_line_broke_is_kept(live: Live) -> None:
    data = archive(ballast=3 << 20)
    place = begun(live, len(data))
    host = urlsplit(live.url)
    head = (
        f"PATCH {place} HTTP/1.1\r\nHost: {host.netloc}\r\nContent-Length: {len(data)}\r\n"
        f"Authorization: Bearer {live.people['user'][1]}\r\nTus-Resumable: 1.0.0\r\n"
        "Upload-Offset: 0\r\nContent-Type: application/offset+octet-stream\r\n\r\n"
    )
    sent = len(data) - 1000
    with socket.create_connection((str(host.hostname), host.port or 0)) as connection:
        connection.sendall(head.encode() + data[:sent])
    deadline = time.monotonic() + 10
    while offset_of(live, place) < sent and time.monotonic() < deadline:
        time.sleep(0.01)
    assert offset_of(live, place) == sent
    assert send(live, place, sent, data[sent:]).status_code == 204
    live.call("DELETE", f"/api/v1/datasets/{place.rpartition('/')[2]}?now=true")
    live.call("DELETE", place, headers=TUS)


def test_two_at_once_do_not_mix(api: Api) -> None:
    place = begun(api)
    incoming = Incoming(api.services.settings.home.incoming)
    upload = incoming.find(place.rpartition("/")[2], api.people["user"][0])
    with incoming.held(upload):
        answer = send(api, place, 0, GOOD)
    assert (answer.status_code, answer.json()["error"]["code"]) == (423, "locked")
    assert offset_of(api, place) == 0
    api.call("DELETE", place, headers=TUS)


def an_upload(length: int, owner: str = "u1") -> Upload:
    return Upload(id=new_id("d"), owner_id=owner, file_name="a.zip", length=length)


def test_what_does_not_fit_beside_the_others_is_refused(tmp_path: Path) -> None:
    incoming = Incoming(tmp_path / "incoming")
    tmp_path.joinpath("incoming").mkdir()
    half = (shutil.disk_usage(tmp_path).free - RESERVE) * 2 // 3
    incoming.begin(an_upload(half))
    with pytest.raises(DiskFullError) as refused:
        incoming.begin(an_upload(half))
    assert (refused.value.code, refused.value.status) == ("disk_full", 507)
    assert len(list(incoming.root.iterdir())) == 1


def test_nobody_begins_without_end(tmp_path: Path) -> None:
    incoming = Incoming(tmp_path / "incoming")
    for _ in range(MAX_OPEN):
        incoming.begin(an_upload(10))
    with pytest.raises(TooManyRequestsError):
        incoming.begin(an_upload(10))
    incoming.begin(an_upload(10, owner="u2"))
    assert len(incoming.of("u1")) == MAX_OPEN


def test_what_nothing_comes_of_goes_after_a_day(tmp_path: Path) -> None:
    incoming = Incoming(tmp_path / "incoming")
    old, new, busy = (an_upload(10) for _ in range(3))
    for upload in (old, new, busy):
        incoming.begin(upload)
    crashed = incoming.root / new_id("d")
    crashed.mkdir()
    long_ago = (utc_now() - LIFETIME).timestamp() - 60
    with incoming.held(busy):
        for folder in (incoming.root / old.id, incoming.root / busy.id, crashed):
            for path in (*folder.iterdir(), folder):
                os.utime(path, (long_ago, long_ago))
        with pytest.raises(NotFoundError):
            incoming.find(old.id, "u1")
        incoming.sweep()
        assert {p.name for p in incoming.root.iterdir()} == {new.id, busy.id}
    incoming.sweep(utc_now() + LIFETIME + timedelta(minutes=1))
    assert list(incoming.root.iterdir()) == []


@settings(max_examples=40, deadline=None)
@given(st.binary(min_size=1, max_size=200), st.lists(st.integers(1, 60), max_size=8))
def test_however_it_is_cut_it_is_the_same_file(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, sizes: list[int]
) -> None:
    root = tmp_path_factory.mktemp("cut")
    upload = an_upload(len(data))
    Incoming(root).begin(upload)
    for size in (*sizes, len(data)):
        incoming = Incoming(root)
        at = incoming.offset(upload)
        with Piece(incoming, upload, at) as piece:
            piece.write(data[at : at + size])
            assert piece.sync() == min(at + size, len(data))
    assert incoming.data(upload).read_bytes() == data
    with Piece(incoming, upload, len(data)) as piece, pytest.raises(InvalidRequestError):
        piece.write(b"more")
    with pytest.raises(OffsetError):
        Piece(incoming, upload, len(data) + 1)


def test_a_backup_leaves_them_out(fresh_api: Api, tmp_path: Path) -> None:
    begun(fresh_api)
    create(fresh_api.services.settings, tmp_path / "copy", set(Part))
    assert (tmp_path / "copy" / "manifest.json").exists()
    assert not list((tmp_path / "copy").rglob("incoming"))
