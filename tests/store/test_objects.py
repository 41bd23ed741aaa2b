"""Objects on disk and in S3: one suite for both, and what only a server can do wrong."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from obstore.exceptions import GenericError

from trainwright.settings import Settings
from trainwright.spec import InvalidRequestError, TrainwrightError
from trainwright.spec.errors import StorageError
from trainwright.store.objects import (
    LocalObjects,
    ObjectStore,
    S3Objects,
    bucket_of,
    fetch,
    open_objects,
)
from trainwright.store.objects.errors import (
    BucketMissingError,
    ObjectDamagedError,
    ObjectStoreDeniedError,
    ObjectStoreUnreachableError,
)
from trainwright.store.objects.failures import plainly
from trainwright.testing.objects import LARGE, ObjectStoreContract, digest_of
from trainwright.testing.s3 import S3Server

EVERY_CALL: list[Callable[[ObjectStore], object]] = [
    lambda o: o.put("k", b"x"),
    lambda o: o.get("k"),
    lambda o: o.open("k"),
    lambda o: o.delete("k"),
    lambda o: o.delete_prefix("k/"),
    lambda o: list(o.list()),
    lambda o: o.exists("k"),
    lambda o: o.size("k"),
]


class TestLocalObjects(ObjectStoreContract):
    @pytest.fixture
    def objects(self, tmp_path: Path) -> LocalObjects:
        return LocalObjects(tmp_path / "objects")

    def test_a_link_never_leads_outside(self, objects: LocalObjects, tmp_path: Path) -> None:
        (tmp_path / "secret").write_text("s")
        objects.root.mkdir()
        (objects.root / "link").symlink_to(tmp_path)
        with pytest.raises(InvalidRequestError):
            objects.get("link/secret")


@pytest.fixture(scope="module")
def running_server() -> Iterator[S3Server]:
    with S3Server() as server:
        yield server


@pytest.fixture
def server(running_server: S3Server) -> Iterator[S3Server]:
    yield running_server
    running_server.faults.cut_after_parts = running_server.faults.truncate = None
    running_server.faults.seen.clear()


@pytest.fixture
def objects(server: S3Server) -> S3Objects:
    return server.objects()


@pytest.mark.integration
class TestS3Objects(ObjectStoreContract):
    @pytest.fixture
    def objects(self, server: S3Server) -> S3Objects:
        return server.objects()


@pytest.mark.integration
class TestWhoIsLetIn:
    @pytest.mark.parametrize("call", EVERY_CALL)
    @pytest.mark.parametrize(
        "wrong",
        [{"secret": "not the secret"}, {"key_id": "AKIANOBODY"}, {"key_id": None, "secret": None}],
        ids=["secret", "key", "unsigned"],
    )
    def test_wrong_credentials_are_refused(
        self, server: S3Server, wrong: dict[str, str | None], call: Callable[[ObjectStore], object]
    ) -> None:
        settings = server.settings()
        assert settings.s3_bucket
        right = bucket_of(settings, settings.s3_bucket, patience=5)
        S3Objects(right).put("k", b"kept")
        with pytest.raises(ObjectStoreDeniedError) as caught:
            call(S3Objects(replace(right, **wrong)))  # type: ignore[arg-type]
        assert settings.s3_bucket in str(caught.value)
        assert "AWS_SECRET_ACCESS_KEY" in (caught.value.mend or "")
        assert "not the secret" not in f"{caught.value}{caught.value.details}{right}"
        assert S3Objects(right).get("k") == b"kept"

    @pytest.mark.parametrize("call", EVERY_CALL)
    def test_a_missing_bucket_is_named(
        self, server: S3Server, call: Callable[[ObjectStore], object]
    ) -> None:
        with pytest.raises(BucketMissingError, match="bucket no-such-bucket"):
            call(server.objects("no-such-bucket"))

    @pytest.mark.parametrize("call", EVERY_CALL[::3])
    def test_a_server_that_is_gone_is_told_soon(
        self, call: Callable[[ObjectStore], object], server: S3Server
    ) -> None:
        bucket = replace(
            bucket_of(server.settings("b"), "bucket", patience=1), endpoint="http://127.0.0.1:9"
        )
        began = time.monotonic()
        with pytest.raises(ObjectStoreUnreachableError, match="refused") as caught:
            call(S3Objects(bucket))
        assert time.monotonic() - began < 10
        assert caught.value.mend == "trainwright doctor"

    def test_a_download_by_url_needs_no_secret_and_ends(
        self, server: S3Server, objects: S3Objects
    ) -> None:
        objects.put("runs/r1/한글 model.pt", b"weights")
        url = objects.presign("runs/r1/한글 model.pt", 60)
        assert url and "secret" not in url
        assert httpx.get(url).content == b"weights"
        assert httpx.get(url, headers={"Range": "bytes=2-3"}).content == b"ig"
        signature = dict(p.partition("=")[::2] for p in urlsplit(url).query.split("&"))
        assert httpx.get(url.replace(signature["X-Amz-Signature"], "0" * 64)).status_code == 403
        assert httpx.get(url.replace("model.pt", "other.pt")).status_code == 403
        assert httpx.put(url, content=b"mine").status_code == 403
        short = objects.presign("runs/r1/한글 model.pt", 1)
        time.sleep(2.1)  # full seconds count
        assert short and httpx.get(short).status_code == 403


@pytest.mark.integration
class TestWhatGoesWrong:
    def test_an_upload_that_is_cut_leaves_what_was_there(
        self, server: S3Server, objects: S3Objects, tmp_path: Path
    ) -> None:
        path = tmp_path / "model"
        path.write_bytes(bytes(LARGE))
        objects.put("model", b"the first")
        server.faults.cut_after_parts = 1
        with pytest.raises(ObjectStoreUnreachableError):
            objects.put("model", path)
        server.faults.cut_after_parts = None
        assert objects.get("model") == b"the first"
        assert objects.put("model", path).size == LARGE
        assert objects.size("model") == LARGE

    def test_a_passing_trouble_is_waited_out(self, server: S3Server, objects: S3Objects) -> None:
        def mend() -> None:
            server.faults.cut_after_parts = None

        server.faults.cut_after_parts = 1
        timer = threading.Timer(0.3, mend)
        timer.start()
        data = bytes(LARGE)
        assert objects.put("model", data).sha256 == digest_of(data)
        assert objects.get("model", sha256=digest_of(data)) == data
        timer.join()

    def test_what_failed_to_get_through_is_thrown_away(
        self, server: S3Server, objects: S3Objects
    ) -> None:
        with pytest.raises(ObjectDamagedError):
            objects.put("model", bytes(LARGE), sha256="0" * 64)
        assert [seen for seen in server.faults.seen if seen.startswith("DELETE")]

    @pytest.mark.parametrize("after", [0, 1000])
    def test_a_download_that_is_cut_is_no_download(
        self, server: S3Server, objects: S3Objects, tmp_path: Path, after: int
    ) -> None:
        objects.put("model", bytes(100_000))
        server.faults.truncate = after
        into = tmp_path / "model"
        with pytest.raises(ObjectStoreUnreachableError):
            fetch(objects, "model", into)
        assert list(tmp_path.iterdir()) == []

    def test_a_change_behind_our_back_is_seen_by_whoever_reads(self, server: S3Server) -> None:
        bucket = server.make_bucket()
        ours, theirs = server.objects(bucket), server.objects(bucket)
        stored = ours.put("model", b"the model")
        theirs.put("model", b"tampered!")
        with pytest.raises(ObjectDamagedError):
            ours.get("model", sha256=stored.sha256)
        # nor can it be slipped in under the checksum that was kept with it
        import obstore

        obstore.put(theirs._store, "model", b"tampered!", attributes={"sha256": stored.sha256})
        with pytest.raises(ObjectDamagedError):
            ours.get("model")

    def test_a_reader_goes_on_only_with_what_was_listed(
        self, server: S3Server, objects: S3Objects
    ) -> None:
        objects.put("data", b"0123456789")
        (entry,) = objects.entries()
        assert b"".join(objects.resume(entry, 4)) == b"456789"
        assert b"".join(objects.resume(entry, 10)) == b""
        objects.put("data", b"abcdefghij")
        with pytest.raises(ObjectDamagedError):
            b"".join(objects.resume(entry, 4))


@pytest.mark.parametrize(
    ("said", "kind", "mend"),
    [
        (
            "Received redirect without LOCATION, this normally indicates an incorrectly configured "
            "region",
            ObjectStoreDeniedError,
            "export AWS_REGION=",
        ),
        (
            "status code: 400 Bad Request: <Error><Code>AuthorizationHeaderMalformed</Code>",
            ObjectStoreDeniedError,
            "export AWS_REGION=",
        ),
        (
            "non-2xx status code: 400 Bad Request: <Error><Code>EntityTooLarge</Code>",
            StorageError,
            None,
        ),
        (
            "non-2xx status code: 503 Slow Down: <Error><Code>SlowDown</Code>",
            ObjectStoreUnreachableError,
            "trainwright doctor",
        ),
        (
            'elapsed - error sending\n\nDebug source:\n message: "No route to host",',
            ObjectStoreUnreachableError,
            "trainwright doctor",
        ),
    ],
)
def test_what_the_library_reports_is_told_plainly(
    said: str, kind: type[TrainwrightError], mend: str | None
) -> None:
    error = plainly(GenericError(said), "models", "http://s3", "runs/r1/model")
    assert type(error) is kind
    assert "the bucket models at http://s3" in error.message
    assert (error.mend or "").startswith(mend or "")
    assert "Debug" not in error.message


_LARGE_FILE = """
import re, sys
from pathlib import Path
from trainwright.settings import load
from trainwright.store.objects import fetch, open_objects
def peak():
    return int(re.search(r"VmHWM:\\s*(\\d+)", Path("/proc/self/status").read_text())[1]) // 1024
objects, path = open_objects(load()), Path(sys.argv[1])
objects.put("small", b"x")
before = peak()
stored = objects.put("large", path)
fetch(objects, "large", path.with_name("copy"), sha256=stored.sha256)
print(peak() - before)
"""


@pytest.mark.integration
@pytest.mark.skipif(sys.platform != "linux", reason="the peak of memory is read from /proc")
def test_two_hundred_megabytes_take_little_memory(server: S3Server, tmp_path: Path) -> None:
    path = tmp_path / "large"
    with path.open("wb") as file:
        for number in range(200):
            file.write(bytes([number]) * (1 << 20))
    done = subprocess.run(
        [sys.executable, "-c", _LARGE_FILE, str(path)],
        env={"PATH": "", "TRAINWRIGHT_HOME": str(tmp_path), **server.environment()},
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(done.stdout) < 60, "megabytes beyond those of a small object"
    assert (tmp_path / "copy").stat().st_size == 200 << 20


class TestWhereObjectsAre:
    def test_in_the_home_unless_something_else_is_said(self, tmp_path: Path) -> None:
        settings = Settings.model_validate({"trainwright_home": tmp_path})
        objects = open_objects(settings)
        assert isinstance(objects, LocalObjects)
        assert objects.root == tmp_path / "objects"
        assert objects.uri("a b") == (tmp_path / "objects" / "a b").as_uri()
        assert objects.presign("a", 60) is None

    def test_secrets_are_never_shown(self, server: S3Server) -> None:
        settings = server.settings("bucket")
        secret = settings.aws_secret_access_key
        assert secret and secret not in f"{settings!r}{bucket_of(settings, 'bucket')!r}"
        assert isinstance(open_objects(settings), S3Objects)

    def test_keys_are_checked_before_anything_is_asked(self) -> None:
        settings = Settings.model_validate({"s3_bucket": "b", "s3_endpoint": "http://127.0.0.1:9"})
        with pytest.raises(TrainwrightError, match="is not a key"):
            open_objects(settings).exists("../x")
