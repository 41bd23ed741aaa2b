"""Datasets to look at: pages, classes, boxes, rows; pictures of strangers, shown without harm."""

from __future__ import annotations

import gzip
import io
import json
import os
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from server_rig import Api

PATH = "/api/v1/datasets"
LETTERS = "고양이", "dog"


def picture(path: Path, side: tuple[int, int] = (40, 20), colour: object = "teal") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", side, colour).save(path)  # type: ignore[arg-type]


def registered(api: Api, folder: Path, task: str | None = None) -> str:
    answer = api.call("POST", PATH, json={"path": str(folder), "task": task})
    assert answer.status_code in (200, 201), answer.text
    return str(answer.json()["id"])


def shown(api: Api, dataset: str, **params: Any) -> Any:
    answer = api.call("GET", f"{PATH}/{dataset}/preview", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    for split, count in (("train", 5), ("test", 2)):
        for shade, name in enumerate(LETTERS):
            for n in range(count):
                picture(tmp_path / "photos" / split / name / f"{n}.png", colour=(n * 9, shade, 7))
    return tmp_path / "photos"


def test_pictures_by_class_and_split_page_by_page(api: Api, photos: Path) -> None:
    dataset = registered(api, photos)
    first = shown(api, dataset, limit=4)
    assert first["kind"] == "images"
    assert first["splits"] == {"train": 10, "test": 4}
    assert first["classes"] == {"dog": 7, "고양이": 7}
    assert first["total"] == 14
    assert {one["class_name"] for one in first["images"][:2]} == set(LETTERS)
    met, cursor = list(first["images"]), first["next_cursor"]
    while cursor is not None:
        page = shown(api, dataset, limit=4, cursor=cursor)
        met, cursor = met + page["images"], page["next_cursor"]
    assert len({one["path"] for one in met}) == 14
    only = shown(api, dataset, split="test", **{"class": "고양이"})
    assert [one["path"] for one in only["images"]] == ["test/고양이/0.png", "test/고양이/1.png"]
    assert only["classes"] == {"dog": 2, "고양이": 2}
    assert shown(api, dataset, split="val")["images"] == []
    assert api.call("GET", f"{PATH}/{dataset}/preview?cursor=x").status_code == 400


def test_a_picture_is_small_webp_whatever_it_says_it_is(api: Api, photos: Path) -> None:
    picture(photos / "train" / "dog" / "large.png", (900, 300))
    (photos / "train" / "dog" / "large.png").rename(photos / "train" / "dog" / "large.gif")
    dataset = registered(api, photos)
    where = f"{PATH}/{dataset}/images/train/dog/large.gif"
    answer = api.call("GET", where, params={"side": 90})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/webp"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"].startswith("private")
    with Image.open(io.BytesIO(answer.content)) as found:
        assert (found.format, found.size) == ("WEBP", (90, 30))
    known = {"If-None-Match": answer.headers["etag"]}
    again = api.call("GET", where, params={"side": 90}, headers=known)
    assert (again.status_code, again.content) == (304, b"")
    picture(photos / "train" / "dog" / "other.png", (10, 10))
    os.replace(photos / "train" / "dog" / "other.png", photos / "train" / "dog" / "large.gif")  # noqa: PTH105
    changed = api.call("GET", where, params={"side": 90}, headers=known)
    with Image.open(io.BytesIO(changed.content)) as found:
        assert found.size == (10, 10)
    assert api.call("GET", where, None).status_code == 401


def bomb() -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    data = zlib.compress(bytes(1 << 20))
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    )


def test_what_is_no_picture_of_it_is_not_shown(api: Api, photos: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.png").write_bytes((photos / "train" / "dog" / "0.png").read_bytes())
    (photos / "train" / "dog" / "linked.png").symlink_to(tmp_path / "secret.png")
    (photos / "train" / "dog" / ".hidden.png").write_bytes(b"x")
    (photos / "train" / "dog" / "notes.txt").write_text("secret")
    (photos / "train" / "dog" / "page.png").write_text("<script>alert(1)</script>")
    (photos / "train" / "dog" / "bomb.png").write_bytes(bomb())
    dataset = registered(api, photos)
    for path in (
        "train/dog/linked.png",
        "train/dog/.hidden.png",
        "train/dog/notes.txt",
        "../secret.png",
        "%2e%2e/secret.png",
        "train/dog/../../../secret.png",
        f"{tmp_path}/secret.png",
        "//etc/passwd",
        "train/dog/none.png",
        "train",
    ):
        answer = api.call("GET", f"{PATH}/{dataset}/images/{path}")
        assert answer.status_code in (400, 404), path
    for path in ("train/dog/page.png", "train/dog/bomb.png"):
        answer = api.call("GET", f"{PATH}/{dataset}/images/{path}")
        assert (answer.status_code, answer.json()["error"]["code"]) == (422, "bad_image"), path
    for side in (0, 15, 4000):
        assert api.call("GET", f"{PATH}/{dataset}/images/a.png?side={side}").status_code == 422


def test_boxes_of_yolo(api: Api, tmp_path: Path) -> None:
    root = tmp_path / "helmets"
    for split in ("train", "val"):
        picture(root / "images" / split / "a.jpg")
        (root / "labels" / split).mkdir(parents=True)
    (root / "data.yaml").write_text("names: {0: helmet, 1: head}")
    (root / "labels" / "train" / "a.txt").write_text(
        "0 0.5 0.5 0.2 0.4\n1 0.1 0.1 0.6 0.1 0.6 0.3\nnonsense\n0 nan 0 0 0\n7 2 2 1 1\n"
    )
    found = shown(api, registered(api, root, "object_detection"))
    assert found["kind"] == "boxes"
    assert found["splits"] == {"train": 1, "val": 1}
    assert found["classes"] == {"helmet": 1, "head": 1, "7": 1}
    [train, val] = found["images"]
    first, outline, outside = train["boxes"]
    assert first["label"] == "helmet"
    assert [first[k] for k in ("left", "top", "width", "height")] == pytest.approx(
        [0.4, 0.3, 0.2, 0.4]
    )
    assert [outline[k] for k in ("left", "top", "width", "height")] == pytest.approx(
        [0.1, 0.1, 0.5, 0.2]
    )
    assert 0 <= outside["left"] <= outside["left"] + outside["width"] <= 1
    assert val["boxes"] == []


def test_boxes_of_coco(api: Api, tmp_path: Path) -> None:
    root = tmp_path / "coco"
    picture(root / "train2017" / "1.jpg")
    picture(root / "val2017" / "1.jpg")
    for split in ("train", "val"):
        said = {
            "images": [{"id": 1, "file_name": "1.jpg", "width": 40, "height": 20}],
            "categories": [{"id": 3, "name": "cat"}],
            "annotations": [{"image_id": 1, "category_id": 3, "bbox": [10, 5, 20, 10]}],
        }
        (root / "annotations").mkdir(exist_ok=True)
        (root / "annotations" / f"instances_{split}2017.json").write_text(json.dumps(said))
    (root / "annotations" / "captions.json").write_text("[1, 2]")
    found = shown(api, registered(api, root, "object_detection"))
    assert {(one["path"], one["split"]) for one in found["images"]} == {
        ("train2017/1.jpg", "train"),
        ("val2017/1.jpg", "val"),
    }
    box = found["images"][0]["boxes"][0]
    assert (box["label"], box["left"], box["top"], box["width"], box["height"]) == (
        "cat",
        0.25,
        0.25,
        0.5,
        0.5,
    )


@pytest.mark.parametrize(
    ("name", "text", "columns"),
    [
        ("a.jsonl", '{"q": "왜?", "a": ["x", 1]}\n\nbroken\n{"q": "two"}\n', ["q", "a", ""]),
        ("a.csv", 'q,a\n"왜?","[""x"", 1]"\nbroken\ntwo,\n', ["q", "a"]),
        ("a.tsv", 'q\ta\n왜?\t["x", 1]\nbroken\ntwo\t\n', ["q", "a"]),
    ],
)
def test_rows_of_text(api: Api, tmp_path: Path, name: str, text: str, columns: list[str]) -> None:
    folder = tmp_path / "text"
    folder.mkdir()
    (folder / name).write_text(text, "utf-8")
    dataset = registered(api, folder, "sft")
    found = shown(api, dataset)
    assert (found["kind"], found["file"]) == ("rows", name)
    assert found["columns"] == columns
    assert len(found["rows"]) == 3
    assert found["rows"][0][0] == "왜?"
    page = shown(api, dataset, limit=2)
    assert page["rows"] == [row[: len(page["columns"])] for row in found["rows"][:2]]
    last = shown(api, dataset, limit=2, cursor=page["next_cursor"])
    assert (len(last["rows"]), last["next_cursor"]) == (1, None)


def test_samples_that_are_here_and_those_that_are_not(api: Api) -> None:
    found = shown(api, "digits", **{"class": "7"})
    assert found["is_part"] is True
    assert set(found["classes"]) == set("0123456789")
    assert {one["class_name"] for one in found["images"]} == {"7"}
    one = api.call("GET", f"{PATH}/digits/images/{found['images'][0]['path']}")
    with Image.open(io.BytesIO(one.content)) as digit:
        assert digit.size == (8, 8)
    for name in ("mnist", "imagenet"):
        absent = api.call("GET", f"{PATH}/{name}/preview")
        assert (absent.status_code, absent.json()["error"]["code"]) == (409, "not_here")
        assert "not on this machine" in absent.json()["error"]["message"]


def test_original_files_are_read(fresh_api: Api) -> None:
    folder = fresh_api.services.settings.home.datasets / "mnist"
    folder.mkdir(parents=True)
    for start, count in (("train", 12), ("t10k", 3)):
        images = struct.pack(">IIII", 0x803, count, 28, 28) + bytes(count * 784)
        labels = struct.pack(">II", 0x801, count) + bytes(n % 10 for n in range(count))
        (folder / f"{start}-images-idx3-ubyte.gz").write_bytes(gzip.compress(images))
        (folder / f"{start}-labels-idx1-ubyte.gz").write_bytes(gzip.compress(labels))
    found = shown(fresh_api, "mnist")
    assert found["splits"] == {"train": 12, "test": 3}
    assert found["classes"]["0"] == 3
    broken = fresh_api.services.settings.home.datasets / "fashion_mnist"
    broken.mkdir()
    for file in folder.iterdir():
        (broken / file.name).write_bytes(file.read_bytes()[:-20])
    answer = fresh_api.call("GET", f"{PATH}/fashion_mnist/preview")
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "bad_dataset")


def test_a_folder_that_went_away_is_told(api: Api, photos: Path) -> None:
    dataset = registered(api, photos)
    photos.rename(photos.with_name("moved"))
    answer = api.call("GET", f"{PATH}/{dataset}/preview")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "not_here")
    (photos / "nothing").mkdir(parents=True)
    answer = api.call("GET", f"{PATH}/{dataset}/preview")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "not_here")
