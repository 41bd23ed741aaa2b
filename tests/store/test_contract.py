"""The shipped suite, on every database."""

from trainwright.testing.stores import StoreContract


class TestStore(StoreContract):
    pass
