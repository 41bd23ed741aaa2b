"""Objects: files kept by key on a disk or in S3, behind one small interface."""

from __future__ import annotations

from dataclasses import replace

from trainwright.settings import Settings
from trainwright.store.objects.base import ObjectStore, Stored, fetch
from trainwright.store.objects.local import LocalObjects
from trainwright.store.objects.s3 import Bucket, S3Objects

__all__ = [
    "Bucket",
    "LocalObjects",
    "ObjectStore",
    "S3Objects",
    "Stored",
    "bucket_of",
    "fetch",
    "is_elsewhere",
    "open_objects",
    "prefix_of",
]


def open_objects(settings: Settings, *, patience: float | None = None) -> ObjectStore:
    """Where the platform keeps objects: the bucket of `S3_BUCKET`, else a folder.

    Args:
        settings: What the environment says.
        patience: As in `Bucket`.

    Raises:
        MissingDependencyError: S3 is asked for, and its library is not installed.
    """
    if settings.s3_bucket:
        return S3Objects(bucket_of(settings, settings.s3_bucket, patience=patience))
    return LocalObjects(settings.trainwright_objects or settings.home.objects)


def is_elsewhere(settings: Settings) -> bool:
    """Whether objects outlive the disk of the home: whether they are a mirror."""
    return bool(settings.s3_bucket) or settings.trainwright_objects is not None


def bucket_of(settings: Settings, name: str, *, patience: float | None = None) -> Bucket:
    """A bucket, reached as the environment says; `patience` as in `Bucket`."""
    bucket = Bucket(
        name,
        endpoint=settings.s3_endpoint or None,
        key_id=settings.aws_access_key_id or None,
        secret=settings.aws_secret_access_key or None,
        token=settings.aws_session_token or None,
        region=settings.aws_region,
    )
    return bucket if patience is None else replace(bucket, patience=patience)


def prefix_of(run_id: str) -> str:
    """Below which the objects of a run are."""
    return f"runs/{run_id}/"
