from __future__ import annotations

import gzip
import hashlib
import http.server
import io
import struct
import tarfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from trainwright.frameworks.builtin.data import Samples
from trainwright.frameworks.builtin.data.augment import STRENGTHS, Augment
from trainwright.frameworks.builtin.data.batches import Batches
from trainwright.frameworks.builtin.data.cifar import BATCHES, RECORD, cifar10
from trainwright.frameworks.builtin.data.download import RemoteFile, read_original, unpack
from trainwright.frameworks.builtin.data.idx import parse_idx
from trainwright.frameworks.builtin.data.images import ArrayImages, View, scale_all
from trainwright.frameworks.builtin.data.load import Wanted, load
from trainwright.frameworks.builtin.data.mnist import mnist
from trainwright.frameworks.builtin.data.split import split
from trainwright.frameworks.builtin.discover import register_built_in
from trainwright.frameworks.builtin.prepare import configure, load_data
from trainwright.settings import Home
from trainwright.spec import DataError, RunSpec, UnavailableError
from trainwright.testing.images import TINY, make_messy_folder

CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def built_in() -> None:
    register_built_in()


def idx(array: np.ndarray) -> bytes:
    return (
        bytes([0, 0, 8, array.ndim])
        + struct.pack(f">{array.ndim}I", *array.shape)
        + bytes(array.astype(np.uint8).tobytes())
    )


# --- idx ---


@given(shape=st.lists(st.integers(0, 6), min_size=1, max_size=4), fill=st.integers(0, 255))
def test_idx_round_trip(shape: list[int], fill: int) -> None:
    array = np.full(shape, fill, np.uint8)
    assert np.array_equal(parse_idx(idx(array)), array)


@given(data=st.binary(max_size=64))
def test_idx_of_anything_is_read_or_refused(data: bytes) -> None:
    try:
        parse_idx(data)
    except DataError:
        return
    assert idx(parse_idx(data)) == data


@given(cut=st.integers(1, 40))
def test_idx_cut_off_is_refused(cut: int) -> None:
    with pytest.raises(DataError):
        parse_idx(idx(np.zeros((3, 4, 3)))[:-cut])


def test_gunzip_is_bounded_and_complete() -> None:
    packed = gzip.compress(b"x" * 1000)
    assert unpack(packed, limit=1000, name="f") == b"x" * 1000
    assert unpack(b"raw", limit=10, name="f") == b"raw"
    for data in (packed, packed[:-9], b"\x1f\x8b broken"):
        with pytest.raises(DataError):
            unpack(data, limit=999, name="f")


# --- MNIST and CIFAR from the user's own files ---


def write_mnist(folder: Path, *, packed: bool) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    draw = np.random.default_rng(0)
    for part, count in (("train", 60), ("t10k", 20)):
        arrays = {
            "images-idx3": draw.integers(0, 256, (count, 28, 28)),
            "labels-idx1": np.arange(count) % 10,
        }
        for kind, array in arrays.items():
            name = folder / f"{part}-{kind}-ubyte"
            if packed:
                name.with_name(name.name + ".gz").write_bytes(gzip.compress(idx(array)))
            else:
                name.write_bytes(idx(array))


@pytest.mark.parametrize("packed", [True, False])
def test_mnist_from_original_files(tmp_path: Path, packed: bool) -> None:
    write_mnist(tmp_path / "raw", packed=packed)
    samples = mnist(tmp_path / "unused", data_dir=str(tmp_path))
    assert samples.images.shape == (80, 1, 28, 28)
    assert Counter(samples.split) == {"train": 60, "test": 20}
    assert not (tmp_path / "unused").exists()


def test_missing_original_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"train-images-idx3-ubyte\.gz"):
        mnist(tmp_path, data_dir=str(tmp_path))


def cifar_files() -> dict[str, bytes]:
    draw = np.random.default_rng(1)
    records = draw.integers(0, 256, (10, RECORD), dtype=np.uint8)
    records[:, 0] = np.arange(10)
    return dict.fromkeys(BATCHES, records.tobytes())


def test_cifar_from_an_archive_and_loose(tmp_path: Path) -> None:
    folder = tmp_path / "loose" / "cifar-10-batches-bin"
    folder.mkdir(parents=True)
    (tmp_path / "tar").mkdir()
    with tarfile.open(tmp_path / "tar" / "cifar-10-binary.tar.gz", "w:gz") as archive:
        for name, data in cifar_files().items():
            (folder / name).write_bytes(data)
            member = tarfile.TarInfo(f"../../escape/{name}")
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    loose = cifar10(tmp_path, data_dir=str(tmp_path / "loose"))
    packed = cifar10(tmp_path, data_dir=str(tmp_path / "tar"))
    assert loose.images.shape == (60, 3, 32, 32)
    assert torch.equal(loose.images, packed.images)
    first = np.frombuffer(cifar_files()["test_batch.bin"], np.uint8)[1 : 1 + 1024]
    assert loose.images[50, 0].flatten().tolist() == first.tolist()
    assert not (tmp_path / "escape").exists()
    cut = tmp_path / "cut"
    cut.mkdir()
    whole = (tmp_path / "tar" / "cifar-10-binary.tar.gz").read_bytes()
    (cut / "cifar-10-binary.tar.gz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DataError, match=r"broken|has no"):
        cifar10(tmp_path, data_dir=str(cut))
    (folder / "data_batch_3.bin").write_bytes(b"short")
    with pytest.raises(DataError, match=r"data_batch_3\.bin"):
        cifar10(tmp_path, data_dir=str(folder))


def test_cifar_as_pickles_is_refused_with_what_is_read_instead(tmp_path: Path) -> None:
    (tmp_path / "cifar-10-batches-py").mkdir()
    with pytest.raises(DataError, match="pickles") as caught:
        cifar10(tmp_path, data_dir=str(tmp_path))
    assert "cifar-10-binary.tar.gz" in (caught.value.mend or "")


# --- downloads ---


class Mirror(http.server.BaseHTTPRequestHandler):
    content = b""
    status = 200
    at_most: int | None = None
    announces = False
    delay = 0.0
    ranges: list[str | None]
    paths: list[str]

    def do_GET(self) -> None:
        wanted = self.headers.get("Range")
        self.ranges.append(wanted)
        self.paths.append(self.path)
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0
        time.sleep(self.delay)
        if self.status != 200:
            self.send_error(self.status)
            return
        if start >= len(self.content):
            self.send_error(416)
            return
        self.send_response(206 if wanted else 200)
        if self.announces:
            self.send_header("Content-Length", str(len(self.content) - start))
        self.end_headers()
        end = None if self.at_most is None else start + self.at_most
        self.wfile.write(self.content[start:end])

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def mirror() -> Iterator[tuple[str, type[Mirror]]]:
    handler = type("OneMirror", (Mirror,), {"ranges": [], "paths": []})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/data/", handler
    server.shutdown()
    server.server_close()


def fetch(content: bytes, folder: Path, base: str) -> bytes:
    file = RemoteFile("file.bin", len(content), hashlib.sha256(content).hexdigest())
    return read_original(file, folder=folder, bases=[], data_dir=None, mirror=base)


def test_a_download_is_kept_and_goes_on(tmp_path: Path, mirror: tuple[str, type[Mirror]]) -> None:
    base, handler = mirror
    handler.content = bytes(range(256)) * 40
    (tmp_path / "file.bin.part").write_bytes(handler.content[:1000])
    assert fetch(handler.content, tmp_path, base) == handler.content
    assert fetch(handler.content, tmp_path, base) == handler.content
    assert handler.ranges == ["bytes=1000-"]


def test_the_mirror_of_all_datasets_has_a_folder_for_each(
    tmp_path: Path, mirror: tuple[str, type[Mirror]], monkeypatch: pytest.MonkeyPatch
) -> None:
    base, handler = mirror
    handler.content = b"content"
    monkeypatch.setenv("TRAINWRIGHT_DATASET_MIRROR", base)
    file = RemoteFile("file.bin", 7, hashlib.sha256(b"content").hexdigest())
    read_original(file, folder=tmp_path / "mnist", bases=[], data_dir=None, mirror=None)
    assert handler.paths == ["/data/mnist/file.bin"]


@pytest.mark.parametrize("served", [b"other bytes", b"right size!" * 99])
def test_a_wrong_or_endless_download_is_refused(
    tmp_path: Path, mirror: tuple[str, type[Mirror]], served: bytes
) -> None:
    base, handler = mirror
    handler.content = served
    with pytest.raises(UnavailableError, match=r"file\.bin"):
        fetch(b"right size!", tmp_path, base)
    assert not (tmp_path / "file.bin").exists()


@pytest.mark.parametrize("status", [404, 403, 503])
def test_a_source_that_has_it_not_is_named_with_its_answer(
    tmp_path: Path, mirror: tuple[str, type[Mirror]], status: int
) -> None:
    base, handler = mirror
    handler.status = status
    with pytest.raises(UnavailableError, match=f"it answered {status}") as caught:
        fetch(b"content", tmp_path, base)
    assert "\n" not in caught.value.message


@pytest.mark.parametrize("announced", [True, False])
def test_a_connection_that_breaks_off_is_taken_up_where_it_ended(
    tmp_path: Path, mirror: tuple[str, type[Mirror]], announced: bool
) -> None:
    base, handler = mirror
    handler.content = bytes(range(256)) * 4
    handler.at_most, handler.announces = 300, announced
    assert fetch(handler.content, tmp_path, base) == handler.content
    assert handler.ranges == [None, "bytes=300-", "bytes=600-", "bytes=900-"]


def test_a_source_whose_file_is_shorter_is_given_up(
    tmp_path: Path, mirror: tuple[str, type[Mirror]]
) -> None:
    base, handler = mirror
    handler.content = b"half"
    with pytest.raises(UnavailableError, match="another checksum"):
        fetch(b"halfhalf", tmp_path, base)
    assert len(handler.ranges) < 5


@pytest.mark.parametrize("left", [b"<html>not it</html>", b"x" * 2000])
def test_a_part_of_something_else_is_begun_anew(
    tmp_path: Path, mirror: tuple[str, type[Mirror]], left: bytes
) -> None:
    base, handler = mirror
    handler.content = bytes(range(256)) * 4
    (tmp_path / "file.bin.part").write_bytes(left)
    assert fetch(handler.content, tmp_path, base) == handler.content


def test_two_at_once_fetch_it_once(tmp_path: Path, mirror: tuple[str, type[Mirror]]) -> None:
    base, handler = mirror
    handler.content = bytes(range(256)) * 400
    handler.delay = 0.5
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: fetch(handler.content, tmp_path, base), range(4)))
    assert found == [handler.content] * 4
    assert len(handler.ranges) == 1


# --- samples, views, loading ---


def test_samples_take_what_people_have() -> None:
    grey = Samples(np.zeros((4, 8, 8)), [0, 1, 0, 1])
    assert grey.images.shape == (4, 1, 8, 8)
    assert grey.images.dtype == torch.uint8
    assert grey.class_names == ["0", "1"]
    assert Samples(np.ones((2, 5, 6, 3), np.uint8), [0, 1]).images.shape == (2, 3, 5, 6)


@pytest.mark.parametrize(
    ("images", "labels", "names", "parts"),
    [
        (np.zeros((2, 4, 4)), [0], None, None),
        (np.zeros((2, 4, 4)), [0, 2], ["a", "b"], None),
        (np.zeros((2, 4, 4)), [0, -1], None, None),
        (np.zeros((2, 4)), [0, 1], None, None),
        (np.zeros((2, 5, 4, 4)), [0, 1], None, None),
        (np.zeros((0, 4, 4)), [], None, None),
        (np.zeros((2, 4, 4)), [0, 1], None, ["train", "valid"]),
    ],
)
def test_samples_that_do_not_fit_are_refused(images, labels, names, parts) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(DataError):
        Samples(images, labels, names, parts)


@pytest.mark.parametrize("resize", ["stretch", "crop", "pad"])
def test_views_keep_what_they_say(resize: str) -> None:
    image = Image.new("L", (40, 20), 200)
    fitted = View(10, 10, 1, resize).fit(image)  # type: ignore[arg-type]
    assert fitted.shape == (1, 10, 10)
    assert (fitted == 0).any() == (resize == "pad")


def test_scaling_at_once_gives_the_same_pixels_as_one_by_one() -> None:
    generator = torch.Generator().manual_seed(0)
    images = torch.randint(0, 256, (20, 1, 8, 8), dtype=torch.uint8, generator=generator)
    view = View(28, 28, 1)
    slow = torch.stack([ArrayImages(images, view)[i] for i in range(20)])
    apart = (scale_all(images, view).int() - slow.int()).abs()
    assert apart.max() <= 2  # each rounds twice, after rows and after columns
    assert apart.float().mean() < 0.1


def test_a_messy_folder_is_read_and_what_is_left_out_is_told(tmp_path: Path, home: Home) -> None:
    messy = make_messy_folder(tmp_path / "shapes")
    data = load(Wanted(str(messy.root)), home)
    assert sorted(data.class_names) == sorted(messy.class_names)
    assert len(data.labels) == sum(messy.usable.values())
    assert data.view.channels == 3
    told = "\n".join(data.notes)
    assert all(name in told for name in messy.left_out)
    parts = data.split(seed=0)
    tiny = data.class_names.index(TINY.folder)
    assert (data.labels[parts.train] == tiny).sum() == 1
    assert (data.labels[parts.test] == tiny).sum() == 1


@pytest.mark.parametrize(
    ("dataset", "words"),
    [("digitz", "did you mean digits"), ("./missing", "missing"), ("one", "1 class"), ("no", "no")],
)
def test_data_that_cannot_be_trained_on(
    tmp_path: Path, home: Home, dataset: str, words: str
) -> None:
    (tmp_path / "one" / "only").mkdir(parents=True)
    (tmp_path / "no" / "a").mkdir(parents=True)
    Image.new("RGB", (9, 9)).save(tmp_path / "one" / "only" / "a.png")
    path = dataset if dataset == "digitz" else str(tmp_path / dataset)
    config = configure(RunSpec(model="builtin/mlp", dataset=path), home)
    with pytest.raises(DataError, match=words):
        load_data(config, home)


# --- splits ---


@given(
    counts=st.lists(st.integers(1, 30), min_size=1, max_size=6),
    seed=st.integers(0, 2**32 - 1),
    val=st.floats(0.01, 0.5),
    test=st.floats(0.01, 0.5),
)
def test_a_split_loses_and_repeats_nothing(
    counts: list[int], seed: int, val: float, test: float
) -> None:
    labels = torch.cat([torch.full((n,), i) for i, n in enumerate(counts)])
    parts = split(labels, seed=seed, val_fraction=val, test_fraction=test)
    together = torch.cat([parts.train, parts.val, parts.test])
    assert together.sort().values.tolist() == list(range(len(labels)))
    for label, count in enumerate(counts):
        assert (labels[parts.train] == label).any()
        assert (labels[parts.test] == label).any() == (count > 1)
        assert (labels[parts.val] == label).any() == (count > 2)
    again = split(labels, seed=seed, val_fraction=val, test_fraction=test)
    assert torch.equal(parts.train, again.train)


@given(
    labels=st.lists(st.integers(0, 2), min_size=1, max_size=40),
    images=st.data(),
    seed=st.integers(0, 99),
)
def test_copies_stay_in_one_part(labels: list[int], images: st.DataObject, seed: int) -> None:
    content = [images.draw(st.integers(0, 12)) for _ in labels]
    groups = [[i for i, c in enumerate(content) if c == one] for one in set(content)]
    parts = split(torch.tensor(labels), seed=seed, copies=groups)
    where = {i: n for n in ("train", "val", "test") for i in getattr(parts, n).tolist()}
    assert sorted(where) == list(range(len(labels)))
    for group in groups:
        for label in set(labels):
            assert len({where[i] for i in group if labels[i] == label}) <= 1
    for label in set(labels):
        assert "train" in {where[i] for i in where if labels[i] == label}


def test_copies_in_a_folder_are_not_learnt_and_then_measured(tmp_path: Path, home: Home) -> None:
    for shade, name in enumerate(("cat", "dog")):
        (tmp_path / "data" / name).mkdir(parents=True)
        for i in range(30):
            image = Image.new("RGB", (8, 8), (i // 3 * 20, shade * 200, 0))
            image.save(tmp_path / "data" / name / f"{i}.png")
    data = load(Wanted(str(tmp_path / "data")), home)
    parts = data.split(seed=0)
    seen = {data.images[i].numpy().tobytes() for i in parts.train.tolist()}  # type: ignore[index]
    held = {data.images[i].numpy().tobytes() for i in parts.test.tolist()}  # type: ignore[index]
    assert held
    assert not seen & held


def test_given_parts_are_kept() -> None:
    labels = torch.arange(40) % 2
    given_parts = ["train"] * 30 + ["test"] * 10
    parts = split(labels, given_parts, seed=1)
    assert parts.test.tolist() == list(range(30, 40))
    assert len(parts.val) == 4
    whole = split(labels, ["train"] * 20 + ["val"] * 10 + ["test"] * 10, seed=1)
    assert whole.train.tolist() == list(range(20))


# --- batches and augmentation ---


class Lazy:
    def __init__(self, images: torch.Tensor) -> None:
        self.images = images

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> torch.Tensor:
        return self.images[index]


@pytest.mark.parametrize("workers", [0, 1])
def test_decoded_and_remembered_images_come_in_the_same_order(workers: int) -> None:
    images = torch.randint(0, 256, (50, 1, 4, 4), dtype=torch.uint8)
    labels, positions = torch.arange(50) % 5, torch.arange(5, 45)
    kinds = [
        Batches(i, labels, positions, batch_size=7, device=CPU, shuffle_seed=4, workers=workers)
        for i in (images, Lazy(images))
    ]
    for epoch, start in ((0, 0), (1, 3)):
        first, second = (list(k.epoch(epoch, start=start)) for k in kinds)
        assert len(first) == len(second) == 6 - start
        for (a, la), (b, lb) in zip(first, second, strict=True):
            assert torch.equal(a, b)
            assert torch.equal(la, lb)


def test_an_epoch_shows_each_image_once_but_no_single_last_one() -> None:
    images = torch.arange(9, dtype=torch.uint8).view(9, 1, 1, 1)
    batches = Batches(images, torch.zeros(9), torch.arange(9), batch_size=4, device=CPU)
    assert [len(b) for b, _ in batches.epoch()] == [4, 4, 1]
    shuffled = Batches(
        images, torch.zeros(9), torch.arange(9), batch_size=4, device=CPU, shuffle_seed=0
    )
    seen = torch.cat([b.flatten() for b, _ in shuffled.epoch()])
    assert len(shuffled) == 2
    assert len(set(seen.tolist())) == 8
    assert not torch.equal(seen, torch.cat([b.flatten() for b, _ in shuffled.epoch(1)]))


@pytest.mark.parametrize("strength", STRENGTHS)
def test_augmentation_repeats_itself_exactly_and_stays_in_range(strength: str) -> None:
    images = torch.rand(6, 3, 12, 20)
    augment = Augment(STRENGTHS[strength], flip=True, seed=5)
    once, again = (augment(images, epoch=2, batch=3) for _ in range(2))
    assert torch.equal(once, again)
    assert once.shape == images.shape
    assert once.min() >= 0
    assert once.max() <= 1
    if strength != "none":
        assert not torch.equal(once, augment(images, epoch=2, batch=4))


def test_only_flipping_mirrors() -> None:
    image = torch.zeros(64, 1, 8, 8)
    image[..., :4] = 1
    light = Augment(STRENGTHS["light"], flip=False, seed=0)(image, epoch=0, batch=0)
    assert (light[..., :4].mean(dim=(1, 2, 3)) > 0.5).all()
    flipped = Augment(STRENGTHS["light"], flip=True, seed=0)(image, epoch=0, batch=0)
    assert (flipped[..., :4].mean(dim=(1, 2, 3)) < 0.5).any()
