"""Datasets uploaded as archives, honest and not."""

from __future__ import annotations

import io
import socket
import tarfile
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from filelock import FileLock
from PIL import Image
from server_rig import Api, Live

from trainwright.server.uploads import Uploads, receive
from trainwright.spec import InvalidRequestError
from trainwright.testing.images import make_messy_folder

PATH = "/api/v1/datasets/upload"


def image(shade: int) -> bytes:
    stream = io.BytesIO()
    Image.new("L", (8, 8), shade).save(stream, "PNG")
    return stream.getvalue()


GOOD = {f"photos/{name}/{n}.png": image(n * 9) for name in ("고양이", "dog") for n in range(6)}
JUNK = {"__MACOSX/photos/._0.png": b"\0\5\x16\7", "photos/.DS_Store": b"Bud1", "README": b"hi"}


def zipped(files: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return stream.getvalue()


def tarred(files: dict[str, bytes], mode: str) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode=mode) as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return stream.getvalue()


def upload(
    api: Api, data: bytes, called: str = "my photos.zip", person: str = "user", **fields: str
) -> httpx.Response:
    return api.call("POST", PATH, person, files={"file": (called, data)}, data=fields)


def kept(api: Api) -> list[str]:
    root = api.services.settings.home.uploads
    return sorted(p.name for p in root.iterdir()) if root.exists() else []


@pytest.mark.parametrize(
    ("name", "pack"),
    [
        ("my photos.zip", zipped),
        ("my photos.tar", lambda files: tarred(files, "w")),
        ("my photos.tar.gz", lambda files: tarred(files, "w:gz")),
        ("my photos.tar.xz", lambda files: tarred(files, "w:xz")),
    ],
)
def test_an_archive_becomes_a_dataset(
    api: Api, name: str, pack: Callable[[dict[str, bytes]], bytes]
) -> None:
    answer = upload(api, pack(GOOD | JUNK), name)
    assert answer.status_code == 201, answer.text
    found = answer.json()
    assert found["name"].startswith("my-photos")
    assert found["class_names"] == ["dog", "고양이"]
    assert found["samples"] == {"all": 12}
    assert found["owner_id"] == api.people["user"][0]
    assert [item["path"] for item in found["report"]["left_out"]] == ["README"]
    location = Path(found["location"])
    assert location.parent == api.services.settings.home.uploads / found["id"]
    assert [p.name for p in location.parent.iterdir()] == [location.name]
    assert api.call("POST", f"/api/v1/datasets/{found['id']}/validate").json()["ok"] is True
    assert api.call("DELETE", f"/api/v1/datasets/{found['id']}", "other").status_code == 403
    assert location.is_dir()
    assert api.call("DELETE", f"/api/v1/datasets/{found['id']}?now=true").status_code == 204
    assert kept(api) == []


def test_a_messy_folder_is_told_whole(api: Api, tmp_path: Path) -> None:
    messy = make_messy_folder(tmp_path / "shapes", per_class=12)
    files = {
        f"shapes/{p.relative_to(messy.root).as_posix()}": p.read_bytes()
        for p in messy.root.rglob("*")
        if p.is_file()
    }
    found = upload(api, zipped(files), "shapes.zip", name="shapes of mine").json()
    assert found["name"] == "shapes of mine"
    assert found["class_names"] == messy.class_names
    left_out = {i["path"].removeprefix("shapes/"): i["code"] for i in found["report"]["left_out"]}
    assert left_out == messy.left_out
    assert found["bytes"] == sum(len(data) for data in files.values())
    api.call("DELETE", f"/api/v1/datasets/{found['id']}?now=true")


def test_labels_inside_a_wrapper_are_found(api: Api) -> None:
    rows = "".join(f"{n}.png,{'even' if n % 2 == 0 else 'odd'}\n" for n in range(12))
    files = {f"set/{n}.png": image(n) for n in range(12)} | {
        "set/labels.csv": b"image,label\n" + rows.encode()
    }
    answer = upload(api, zipped(files))
    assert answer.status_code == 201, answer.text
    assert answer.json()["class_names"] == ["even", "odd"]
    api.call("DELETE", f"/api/v1/datasets/{answer.json()['id']}?now=true")


def link_in_tar() -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        info = tarfile.TarInfo("photos/cat")
        info.type, info.linkname = tarfile.SYMTYPE, "/etc"
        archive.addfile(info)
    return stream.getvalue()


def encrypted() -> bytes:
    data = bytearray(zipped({"a.png": image(1)}))
    data[6] |= 1
    data[data.index(b"PK\1\2") + 8] |= 1
    return bytes(data)


ATTACKS = {
    "upwards": (zipped({"../../evil.png": b"x"}), "unsafe name"),
    "absolute": (zipped({"/tmp/evil.png": b"x"}), "unsafe name"),
    "link": (link_in_tar(), "link or a device"),
    "bomb": (zipped({"a/zeros.png": bytes(200 << 20)}), "bombs"),
    "cut": (zipped(GOOD)[:-200], "broken, or cut off"),
    "encrypted": (encrypted(), "encrypted"),
    "zip in a zip": (zipped({"inner.zip": zipped(GOOD)}), "inner.zip"),
    "empty": (zipped({}), "no image"),
    "nothing": (b"", "neither a zip nor a tar"),
    "text": (b"just words", "neither a zip nor a tar"),
    "one class": (zipped({"cat/1.png": image(3)}), "one class"),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_what_cannot_be_used_is_refused_by_name_and_leaves_nothing(api: Api, name: str) -> None:
    data, words = ATTACKS[name]
    before = api.call("GET", "/api/v1/datasets").json()["total"]
    answer = upload(api, data, "mine.zip")
    assert answer.status_code == 422, answer.text
    message = answer.json()["error"]["message"]
    assert message.startswith("mine.zip")
    assert words in message
    assert str(api.services.settings.home.path) not in answer.text
    assert kept(api) == []
    assert api.call("GET", "/api/v1/datasets").json()["total"] == before


def test_a_taken_name_leaves_nothing(api: Api) -> None:
    first = upload(api, zipped(GOOD), name="taken").json()
    assert upload(api, zipped(GOOD), name="taken").status_code == 409
    assert kept(api) == [first["id"]]
    api.call("DELETE", f"/api/v1/datasets/{first['id']}?now=true")


def test_forms_that_are_not_understood(api: Api) -> None:
    good = zipped(GOOD)
    two = [("file", ("a.zip", good)), ("file", ("b.zip", good))]
    boundary = {"Content-Type": "multipart/form-data; boundary=b"}
    start = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.zip"\r\n\r\nPK'
    answers = [
        api.call("POST", PATH, json={"file": "x"}),
        api.call("POST", PATH, files={"name": (None, "x")}),
        api.call("POST", PATH, files=two),
        api.call("POST", PATH, files={"name": (None, "x" * 100_000), "file": ("a.zip", good)}),
        api.call("POST", PATH, content=start, headers=boundary),
        api.call("POST", PATH, content=b"junk", headers=boundary),
        api.call("POST", PATH, content=b"", headers=boundary),
    ]
    assert [a.status_code for a in answers] == [400] * 7, [a.text for a in answers]
    assert upload(api, good, name="line\nbreak").status_code == 422
    assert upload(api, good, nmae="typo").status_code == 422
    assert upload(api, good, person="viewer").status_code == 403
    assert kept(api) == []


def test_a_form_of_many_small_fields_is_not_kept_in_memory(tmp_path: Path) -> None:
    taken = 0

    def chunks() -> Iterator[bytes]:
        nonlocal taken
        for number in range(100_000):
            taken += 1
            head = f'--b\r\nContent-Disposition: form-data; name="f{number}"\r\n\r\n'
            yield head.encode() + b"x" * 100 + b"\r\n"

    with pytest.raises(InvalidRequestError, match="too long"):
        receive(chunks(), "multipart/form-data; boundary=b", tmp_path / "file", 1 << 30)
    assert taken < 1000


@pytest.mark.parametrize(
    "name", ["../../evil.zip", "/etc/evil.zip", "..\\evil.zip", "...", "x" * 300]
)
def test_the_files_name_is_only_a_label(api: Api, name: str) -> None:
    found = upload(api, zipped(GOOD), called=name).json()
    location = Path(found["location"])
    assert location.parent == api.services.settings.home.uploads / found["id"]
    api.call("DELETE", f"/api/v1/datasets/{found['id']}?now=true")
    assert kept(api) == []


def test_a_dataset_in_use_is_not_deleted(api: Api) -> None:
    found = upload(api, zipped(GOOD)).json()
    run = api.add_run(dataset=found["location"])
    path = f"/api/v1/datasets/{found['id']}"
    answer = api.call("DELETE", path)
    assert answer.status_code == 409
    assert run.id in answer.json()["error"]["details"]["mend"]
    api.move(run, "stopped")
    assert api.call("DELETE", path).status_code == 204
    assert Path(found["location"]).is_dir()
    assert api.call("POST", f"{path}/restore").json()["missing"] is False
    assert api.call("DELETE", f"{path}?now=true").status_code == 204
    assert not Path(found["location"]).exists()


@pytest.mark.integration
def test_an_upload_that_is_cut_in_the_middle_leaves_nothing(live: Live) -> None:
    host = urlsplit(live.url)
    head = (
        f"POST {PATH} HTTP/1.1\r\nHost: {host.netloc}\r\nContent-Length: 9000000\r\n"
        f"Authorization: Bearer {live.people['user'][1]}\r\n"
        "Content-Type: multipart/form-data; boundary=b\r\n\r\n"
        '--b\r\nContent-Disposition: form-data; name="file"; filename="a.zip"\r\n\r\nPK'
    )
    with socket.create_connection((str(host.hostname), host.port or 0)) as connection:
        connection.sendall(head.encode() + bytes(1_000_000))
        deadline = time.monotonic() + 10
        while not kept(live) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert kept(live)
    while kept(live) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert kept(live) == []


def test_what_a_crash_left_goes_at_the_next_upload(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path / "uploads")
    for name in ("d-dead", "d-busy"):
        (uploads.root / name).mkdir(parents=True)
        (uploads.root / f".{name}.lock").touch()
    (uploads.root / "d-whole").mkdir()
    with FileLock(uploads.root / ".d-busy.lock"), uploads.incoming("d-new") as folder:
        (folder / "file").touch()
    assert sorted(p.name for p in uploads.root.iterdir() if not p.name.startswith(".")) == [
        "d-busy",
        "d-new",
        "d-whole",
    ]


def test_a_failure_while_filling_leaves_nothing(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path / "uploads")
    with pytest.raises(InvalidRequestError), uploads.incoming("d-new") as folder:
        (folder / "file").touch()
        raise InvalidRequestError("no")
    assert list(uploads.root.iterdir()) == []
