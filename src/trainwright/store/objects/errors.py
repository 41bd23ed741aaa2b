"""What goes wrong with places for objects."""

from __future__ import annotations

from trainwright.spec.errors import StorageError, UnavailableError


class ObjectStoreUnreachableError(UnavailableError):
    """Nobody answers at the object store's address, or what answers breaks off."""

    code = "object_store_unreachable"


class ObjectStoreDeniedError(UnavailableError):
    """The object store refuses the credentials, or what they may do."""

    code = "object_store_denied"


class BucketMissingError(UnavailableError):
    """There is no such bucket."""

    code = "bucket_missing"


class ObjectDamagedError(StorageError):
    """What the object store gave, or was about to be given, is not what it should be."""

    code = "object_damaged"
