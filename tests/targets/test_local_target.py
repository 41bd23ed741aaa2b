"""The local target, held to the contract of all targets, for real."""

import pytest

from trainwright.settings import Home
from trainwright.spec import RunDir, new_id
from trainwright.targets.local import LocalTarget
from trainwright.testing.targets import TargetContract


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path)


class TestLocalTarget(TargetContract):
    @pytest.fixture
    def target(self, home):
        return LocalTarget(home)

    @pytest.fixture
    def make_run(self, home):
        return lambda: RunDir(home.runs / new_id())
