"""An S3 server for tests, which checks signatures and can be made to break off.

The objects are kept by moto; what moto lets pass is checked in front of it: every request must be
signed, in its headers or its URL, with the one secret there is, and its body must have the SHA-256
that was signed.
"""

from __future__ import annotations

import hashlib
import hmac
import io
import logging
import re
import socket
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from moto.s3.models import s3_backends
from werkzeug.serving import make_server

from trainwright.settings import Settings
from trainwright.spec import new_id
from trainwright.store.objects import S3Objects, bucket_of

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication

KEY_ID = "AKIATRAINWRIGHTTESTS"
SECRET = "a secret/of+tests"  # noqa: S105
_REGION = "us-east-1"
_UNSIGNED = "UNSIGNED-PAYLOAD"

Environ = dict[str, Any]


@dataclass
class Faults:
    """What is to go wrong.

    Attributes:
        cut_after_parts: Parts of uploads that are still taken; then the server is gone.
        away: Every connection is hung up.
        truncate: Downloads end after so many bytes, whatever was announced.
        seen: Requests so far, as `METHOD /path?query`.
    """

    cut_after_parts: int | None = None
    away: bool = False
    truncate: int | None = None
    seen: list[str] = field(default_factory=list)


class S3Server:
    """Serves on a free port of the loopback until `close`; a context manager too."""

    def __init__(self) -> None:
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        self.faults = Faults()
        store: WSGIApplication = DomainDispatcherApplication(create_backend_app)
        self._server = make_server("127.0.0.1", 0, _Gate(store, self.faults), threaded=True)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def __enter__(self) -> S3Server:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        """Its endpoint."""
        return f"http://127.0.0.1:{self._server.port}"

    def environment(self, bucket: str | None = None) -> dict[str, str]:
        """The variables of a platform that uses this server; without a bucket, one is made."""
        return {
            "S3_ENDPOINT": self.url,
            "S3_BUCKET": bucket or self.make_bucket(),
            "AWS_ACCESS_KEY_ID": KEY_ID,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_REGION": _REGION,
        }

    def settings(self, bucket: str | None = None, **others: Any) -> Settings:
        """Settings of a platform that uses this server."""
        named = {k.lower(): v for k, v in self.environment(bucket).items()}
        return Settings.model_validate(named | others)

    def make_bucket(self) -> str:
        """A new, empty bucket; its name."""
        name = new_id("b").replace("_", "-").lower()
        s3_backends[DEFAULT_ACCOUNT_ID]["aws"].create_bucket(name, _REGION)
        return name

    def objects(self, bucket: str | None = None, *, patience: float = 5.0) -> S3Objects:
        """A client of one bucket."""
        settings = self.settings(bucket)
        assert settings.s3_bucket  # noqa: S101
        return S3Objects(bucket_of(settings, settings.s3_bucket, patience=patience))


class _Gate:
    """Lets signed requests through to `store`, and breaks them off where that is asked for."""

    def __init__(self, store: WSGIApplication, faults: Faults) -> None:
        self._store = store
        self._faults = faults
        self._gone = False

    def __call__(self, environ: Environ, start: StartResponse) -> Iterable[bytes]:
        self._faults.seen.append(f"{environ['REQUEST_METHOD']} {environ['REQUEST_URI']}")
        if self._is_cut(environ):
            _hang_up(environ)
            return []
        length = int(environ.get("CONTENT_LENGTH") or 0)
        body = environ["wsgi.input"].read(length) if length else b""
        environ["wsgi.input"] = io.BytesIO(body)
        if code := _objection(environ, body):
            return _refuse(code, start)
        answer = self._store(environ, start)
        if self._faults.truncate is not None and environ["REQUEST_METHOD"] == "GET":
            return _truncated(environ, answer, self._faults.truncate)
        return answer

    def _is_cut(self, environ: Environ) -> bool:
        if self._faults.cut_after_parts is None:
            self._gone = False
            return self._faults.away
        if "partNumber=" in environ["QUERY_STRING"]:
            self._gone |= self._faults.cut_after_parts == 0
            self._faults.cut_after_parts = max(0, self._faults.cut_after_parts - 1)
        return self._gone


def _hang_up(environ: Environ) -> None:
    connection: socket.socket = environ["werkzeug.socket"]
    connection.shutdown(socket.SHUT_RDWR)


def _truncated(environ: Environ, answer: Iterable[bytes], after: int) -> Iterable[bytes]:
    content = b"".join(answer)
    yield content[:after]
    if len(content) > after:
        _hang_up(environ)


def _refuse(code: str, start: StartResponse) -> Iterable[bytes]:
    status = HTTPStatus.BAD_REQUEST if code == "XAmzContentSHA256Mismatch" else HTTPStatus.FORBIDDEN
    start(f"{status.value} {status.phrase}", [("Content-Type", "application/xml")])
    return [f"<Error><Code>{code}</Code><Message>refused</Message></Error>".encode()]


def _objection(environ: Environ, body: bytes) -> str | None:
    """The code of the error with which S3 refuses such a request; None when it is all right."""
    query = dict(parse_qsl(environ["QUERY_STRING"], keep_blank_values=True))
    if "X-Amz-Signature" in query:
        if _is_expired(query):
            return "AccessDenied"
        given, payload = query.pop("X-Amz-Signature"), _UNSIGNED
        signed, credential, date = (
            query[f"X-Amz-{name}"] for name in ("SignedHeaders", "Credential", "Date")
        )
    else:
        header = environ.get("HTTP_AUTHORIZATION", "")
        parts = dict(re.findall(r"(Credential|SignedHeaders|Signature)=([^,\s]+)", header))
        if len(parts) < 3:
            return "AccessDenied"
        given, signed, credential = parts["Signature"], parts["SignedHeaders"], parts["Credential"]
        date, payload = environ["HTTP_X_AMZ_DATE"], environ["HTTP_X_AMZ_CONTENT_SHA256"]
    key_id, _, scope = credential.partition("/")
    if key_id != KEY_ID:
        return "InvalidAccessKeyId"
    canonical = _canonical(environ, query, signed, payload)
    if not hmac.compare_digest(given, _signature(canonical, date, scope)):
        return "SignatureDoesNotMatch"
    if payload != _UNSIGNED and payload != hashlib.sha256(body).hexdigest():
        return "XAmzContentSHA256Mismatch"
    return None


def _is_expired(query: Mapping[str, str]) -> bool:
    began = datetime.strptime(query["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    return datetime.now(UTC) > began + timedelta(seconds=int(query["X-Amz-Expires"]))


def _canonical(environ: Environ, query: Mapping[str, str], signed: str, payload: str) -> str:
    pairs = sorted((quote(k, safe="-_.~"), quote(v, safe="-_.~")) for k, v in query.items())
    names = signed.split(";")
    headers = "".join(f"{name}:{_header(environ, name)}\n" for name in names)
    return "\n".join(
        [
            environ["REQUEST_METHOD"],
            environ["REQUEST_URI"].partition("?")[0],
            "&".join(f"{k}={v}" for k, v in pairs),
            headers,
            signed,
            payload,
        ]
    )


def _header(environ: Environ, name: str) -> str:
    key = name.upper().replace("-", "_")
    plain = key in ("CONTENT_TYPE", "CONTENT_LENGTH")
    return " ".join(environ.get(key if plain else f"HTTP_{key}", "").split())


def _signature(canonical: str, date: str, scope: str) -> str:
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    key = f"AWS4{SECRET}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    text = f"AWS4-HMAC-SHA256\n{date}\n{scope}\n{digest}"
    return hmac.digest(key, text.encode(), "sha256").hex()
