"""What the S3 library reports, a text of many lines each, in words that say what to do."""

from __future__ import annotations

import re

from trainwright.spec.errors import StorageError, TrainwrightError
from trainwright.store.objects.base import missing
from trainwright.store.objects.errors import (
    BucketMissingError,
    ObjectDamagedError,
    ObjectStoreDeniedError,
    ObjectStoreUnreachableError,
)

_CODE = re.compile(r"<Code>(\w+)</Code>")
_STATUS = re.compile(r"status code: (\d{3})")
_CAUSE = re.compile(r'message: "([^"]+)"')
_NO_LOCATION = "incorrectly configured region"
_ELSEWHERE = frozenset({"AuthorizationHeaderMalformed", "PermanentRedirect"})
_DENIED = frozenset(
    {
        "AccessDenied",
        "AccountProblem",
        "ExpiredToken",
        "InvalidAccessKeyId",
        "InvalidToken",
        "RequestTimeTooSkewed",
        "SignatureDoesNotMatch",
    }
)


def plainly(error: Exception, bucket: str, endpoint: str | None, key: str) -> TrainwrightError:
    """The error to raise for one of the library's.

    Args:
        error: What it raised.
        bucket: The bucket that was asked.
        endpoint: Where; `None` for AWS itself.
        key: The object that was asked for, or a prefix.
    """
    from obstore.exceptions import PreconditionError  # noqa: PLC0415 (optional extra)

    text = str(error)
    place = f"the bucket {bucket}" + (f" at {endpoint}" if endpoint else "")
    found, status = _CODE.search(text), _STATUS.search(text)
    code = found[1] if found else None
    if wrong := _wrong_settings(error, text, code, place):
        return wrong
    if isinstance(error, FileNotFoundError):
        return missing(key)
    if isinstance(error, PreconditionError):
        return ObjectDamagedError(f"{key} in {place} was replaced while it was read")
    if code and status and int(status[1]) < 500:
        return StorageError(f"{place} does not take the request for {key}: {code}")
    cause = _CAUSE.search(text)
    reason = cause[1] if cause else text.partition("\n")[0].rpartition(" - ")[2][:200]
    return ObjectStoreUnreachableError(
        f"{place} cannot be reached: {reason}", mend="trainwright doctor"
    )


def _wrong_settings(
    error: Exception, text: str, code: str | None, place: str
) -> TrainwrightError | None:
    """What is wrong with the bucket's name, its region or the key; None when it is neither."""
    from obstore.exceptions import (  # noqa: PLC0415 (optional extra)
        PermissionDeniedError,
        UnauthenticatedError,
    )

    if code == "NoSuchBucket":
        return BucketMissingError(
            f"{place} does not exist",
            expected="a bucket that exists",
            mend="export S3_BUCKET=<an existing bucket>",
        )
    if code in _ELSEWHERE or _NO_LOCATION in text:
        return ObjectStoreDeniedError(
            f"{place} is in another region",
            expected="the region of the bucket",
            mend="export AWS_REGION=<the bucket's region>",
        )
    # the answer to a question about one object has no body, and so no code
    if code in _DENIED or isinstance(error, PermissionDeniedError | UnauthenticatedError):
        return ObjectStoreDeniedError(
            f"{place} refuses these credentials: {code or 'access denied'}",
            expected="a key that may list, read, write and delete there",
            mend="export AWS_ACCESS_KEY_ID=<key> AWS_SECRET_ACCESS_KEY=<secret>",
        )
    return None
