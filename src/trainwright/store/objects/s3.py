"""Objects in a bucket of S3, or of anything that speaks its language."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from trainwright.files import sha256_of
from trainwright.spec.errors import MissingDependencyError, NotFoundError, TrainwrightError
from trainwright.store.objects.base import (
    Checked,
    Source,
    Stored,
    as_file,
    check_key,
    check_prefix,
    chunks_of,
    missing,
)
from trainwright.store.objects.failures import plainly

if TYPE_CHECKING:
    from obstore import GetOptions
    from obstore.store import S3Store

PART = 6 << 20
"""Bytes of an upload's part; each of those under way is in memory."""
_PARTS_AT_ONCE = 3  # more would outlast the patience on a line of one megabit
_MOST_PARTS = 9_000
_SHA256 = "sha256"
_RETRIES = 4


@dataclass(frozen=True)
class Bucket:
    """A bucket, and how to reach it.

    Attributes:
        name: Its name.
        endpoint: URL of the server; `None` for AWS itself.
        key_id: `None` asks without signing, which a public bucket answers.
        secret: Of the key.
        token: Of a key that is good for a while only.
        region: Where AWS keeps it; others take any.
        patience: Seconds after which nothing is tried again, and a silent server is given up.
    """

    name: str
    endpoint: str | None = None
    key_id: str | None = None
    secret: str | None = None
    token: str | None = None
    region: str = "us-east-1"
    patience: float = 120.0

    def __repr__(self) -> str:
        return f"Bucket({self.name!r}, endpoint={self.endpoint!r})"


@dataclass(frozen=True)
class Entry:
    """An object as a listing has it; `etag` names its content."""

    key: str
    size: int
    etag: str


class S3Objects:
    """Objects in one bucket.

    The server checks every part by its SHA-256 before it takes it, and an upload that breaks off
    leaves what was there. What is put from a file or from memory carries its checksum along, so
    that a change behind our back is seen even by readers who know none.
    """

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket
        self._store = _connect(bucket)

    def put(self, key: str, source: Source, *, sha256: str | None = None) -> Stored:
        check_key(key)
        if isinstance(source, Path) and source.is_file():
            sha256 = sha256 or sha256_of(source)
        content = Checked(key, chunks_of(source), sha256)
        chunks = iter(content)
        first, is_all = _take(chunks, PART)
        if is_all:
            self._send(key, first, sha256=content.stored.sha256)
        else:
            size = source.stat().st_size if isinstance(source, Path) else 0
            self._send(key, chain([first], chunks), sha256=sha256, size=size)
        return content.stored

    def get(self, key: str, *, sha256: str | None = None) -> bytes:
        with self.open(key, sha256=sha256) as file:
            return file.read()

    def open(self, key: str, *, sha256: str | None = None) -> BinaryIO:
        check_key(key)
        import obstore  # noqa: PLC0415

        with self._told_plainly(key):
            found = obstore.get(self._store, key)
            known = sha256 or found.attributes.get(_SHA256)
            chunks = found.stream(min_chunk_size=1 << 20)
        content = Checked(key, self._received(key, chunks), known, found.meta["size"])
        return as_file(content)

    def resume(self, entry: Entry, offset: int) -> Iterator[bytes]:
        """The content of a listed object from `offset` on, piece by piece.

        Raises:
            ObjectDamagedError: It has been replaced since it was listed.
        """
        if offset >= entry.size:
            return
        import obstore  # noqa: PLC0415

        options: GetOptions = {"range": {"offset": offset}}
        if entry.etag:
            options["if_match"] = entry.etag
        with self._told_plainly(entry.key):
            found = obstore.get(self._store, entry.key, options=options)
            chunks = found.stream(min_chunk_size=1 << 20)
        yield from self._received(entry.key, chunks)

    def delete(self, key: str) -> None:
        check_key(key)
        import obstore  # noqa: PLC0415

        with self._told_plainly(key):
            obstore.delete(self._store, key)

    def delete_prefix(self, prefix: str) -> int:
        check_prefix(prefix)
        import obstore  # noqa: PLC0415

        keys = list(self.list(prefix))
        with self._told_plainly(prefix):
            obstore.delete(self._store, keys)
        return len(keys)

    def list(self, prefix: str = "") -> Iterator[str]:
        yield from sorted(entry.key for entry in self.entries(prefix))

    def entries(self, prefix: str = "") -> Iterator[Entry]:
        """Objects whose keys begin with `prefix`, in no certain order."""
        import obstore  # noqa: PLC0415

        # the library lists whole folders; what is no folder's name is sifted here
        folder = prefix.rpartition("/")[0]
        with self._told_plainly(prefix):
            for page in obstore.list(self._store, folder or None):
                for meta in page:
                    if meta["path"].startswith(prefix):
                        yield Entry(meta["path"], meta["size"], meta["e_tag"] or "")

    def exists(self, key: str) -> bool:
        return self._head(key) is not None

    def size(self, key: str) -> int:
        found = self._head(key)
        if found is None:
            raise missing(key)
        return found.size

    def uri(self, key: str) -> str:
        check_key(key)
        return f"s3://{self._bucket.name}/{key}"

    def presign(self, key: str, seconds: int) -> str | None:
        check_key(key)
        import obstore  # noqa: PLC0415

        if self._bucket.key_id is None:
            return None
        with self._told_plainly(key):
            return obstore.sign(self._store, "GET", key, timedelta(seconds=seconds))

    def find(self, key: str) -> Entry | None:
        """The object of this very key, as a listing would have it."""
        return self._head(key)

    def _head(self, key: str) -> Entry | None:
        check_key(key)
        import obstore  # noqa: PLC0415

        try:
            with self._told_plainly(key):
                meta = obstore.head(self._store, key)
        except NotFoundError:
            # the answer has no body that tells a missing bucket from a missing object
            next(self.entries(f"{key}/"), None)
            return None
        return Entry(key, meta["size"], meta["e_tag"] or "")

    def _send(
        self, key: str, body: bytes | Iterable[bytes], *, sha256: str | None, size: int = 0
    ) -> None:
        import obstore  # noqa: PLC0415

        with self._told_plainly(key):
            obstore.put(
                self._store,
                key,
                body,
                attributes={_SHA256: sha256} if sha256 else None,
                use_multipart=not isinstance(body, bytes),
                chunk_size=max(PART, -(-size // _MOST_PARTS)),
                max_concurrency=_PARTS_AT_ONCE,
            )

    def _received(self, key: str, chunks: Iterable[Any]) -> Iterator[bytes]:
        with self._told_plainly(key):
            for chunk in chunks:
                yield bytes(chunk)

    @contextmanager
    def _told_plainly(self, key: str) -> Iterator[None]:
        """Turn the library's errors into ours."""
        from obstore.exceptions import BaseError  # noqa: PLC0415

        try:
            yield
        except (TrainwrightError, GeneratorExit):
            raise
        except (BaseError, OSError) as error:
            raise plainly(error, self._bucket.name, self._bucket.endpoint, key) from error


def _take(chunks: Iterator[bytes], enough: int) -> tuple[bytes, bool]:
    """The first `enough` bytes or more, and whether that is all there is."""
    taken, size = [], 0
    for chunk in chunks:
        taken.append(chunk)
        size += len(chunk)
        if size >= enough:
            return b"".join(taken), False
    return b"".join(taken), True


def _connect(bucket: Bucket) -> S3Store:
    try:
        from obstore.store import S3Store  # noqa: PLC0415
    except ImportError:
        raise MissingDependencyError(
            "objects in S3 need obstore, which is not installed",
            mend="pip install 'trainwright[s3]'",
        ) from None
    patience = timedelta(seconds=bucket.patience)
    reached: dict[str, Any] = {"skip_signature": True}
    if bucket.key_id:
        reached = {"access_key_id": bucket.key_id, "secret_access_key": bucket.secret or ""}
    if bucket.key_id and bucket.token:
        reached["session_token"] = bucket.token
    if bucket.endpoint:
        reached["endpoint"] = bucket.endpoint
    return S3Store(
        bucket.name,
        region=bucket.region,
        # servers of one's own seldom have a name for every bucket
        virtual_hosted_style_request=bucket.endpoint is None,
        checksum_algorithm="SHA256",
        client_options={
            "allow_http": True,
            "connect_timeout": timedelta(seconds=min(5.0, bucket.patience)),
            # of one read, not of a whole object, which may take hours
            "read_timeout": patience,
            "timeout": timedelta(days=1),
        },
        retry_config={"max_retries": _RETRIES, "retry_timeout": patience},
        **reached,
    )
