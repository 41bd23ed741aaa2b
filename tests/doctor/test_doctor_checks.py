import json
import os
import re
import socket
from pathlib import Path

import pytest

import trainwright
from trainwright.doctor import Check, Level, examine, fail, ok, warn
from trainwright.doctor.database import database
from trainwright.doctor.environment import environment, known_names
from trainwright.doctor.installation import missing_packages, torch_build
from trainwright.doctor.platform import platform, ports, temporal
from trainwright.doctor.registry import checks
from trainwright.doctor.runs import runs
from trainwright.doctor.storage import home, objects, secrets
from trainwright.settings import Settings
from trainwright.testing.s3 import S3Server


@pytest.fixture
def settings(tmp_path, monkeypatch):
    for name in [n for n in os.environ if n.startswith("TRAINWRIGHT_")]:
        monkeypatch.delenv(name)
    others = ("DATABASE_URL", "TEMPORAL_HOST", "MONGODB_URL", "S3_BUCKET", "S3_ENDPOINT")
    for name in (*others, *(n for n in os.environ if n.startswith("AWS_"))):
        monkeypatch.delenv(name, raising=False)
    return Settings(trainwright_home=tmp_path / "home")


def level(findings):
    order = list(Level)
    return max((f.level for f in findings), key=order.index)


def test_every_check_runs_on_a_fresh_home_and_writes_nothing(settings):
    reports = examine(settings)
    assert {r.check.id for r in reports} >= {"python", "home", "database", "platform", "runs"}
    assert [r for r in reports if r.level == Level.FAIL] == []
    assert not settings.home.path.exists()


def test_ids_are_unique_and_titles_are_there():
    assert len({c.id for c in checks()}) == len(checks())
    assert all(c.title for c in checks())


def test_a_check_that_breaks_does_not_hide_the_others(settings):
    def broken(_):
        yield ok("so far")
        raise ValueError("no good")

    reports = examine(settings, [Check("a", "A", broken), Check("b", "B", lambda _: [warn("hm")])])
    assert "no good" in reports[0].findings[-1].message
    assert [r.level for r in reports] == [Level.FAIL, Level.WARN]


def test_misspelt_and_unused_variables(settings, monkeypatch):
    assert level(environment(settings)) == Level.OK
    monkeypatch.setenv("TRAINWRIGHT_HOEM", "/x")
    monkeypatch.setenv("MONGODB_URL", "mongodb://x")
    messages = [f.message for f in environment(settings)]
    assert "did you mean TRAINWRIGHT_HOME?" in messages[0]
    assert "MONGODB_URL" in messages[1]


def test_only_a_slip_is_taken_for_a_misspelt_setting(settings, monkeypatch):
    monkeypatch.setenv("TEMPORAL_PORT", "7233")  # somebody else's
    assert level(environment(settings)) == Level.OK
    monkeypatch.setenv("TEMPORAL_HOTS", "x:1")
    (finding,) = environment(settings)
    assert "did you mean TEMPORAL_HOST?" in finding.message


def test_variables_given_to_trainers_are_known(settings, monkeypatch):
    monkeypatch.setenv("TRAINWRIGHT_RUN_ID", "k3x")
    assert level(environment(settings)) == Level.OK


def test_every_variable_the_code_reads_is_known():
    source = Path(trainwright.__file__).parent
    text = "".join(p.read_text() for p in source.rglob("*.py") if "doctor" not in p.parts)
    assert set(re.findall(r"TRAINWRIGHT_[A-Z_]+\b", text)) <= known_names()


def test_packages_of_an_extra():
    assert missing_packages("server") == []
    assert missing_packages("no-such-extra") == []


def test_torch_is_described_without_importing_it():
    import subprocess
    import sys

    code = (
        "import sys\n"
        "from trainwright.doctor.installation import torch_build\n"
        "print(torch_build()[0], 'torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    version, imported = done.stdout.split()
    assert version == torch_build()[0]
    assert imported == "False"


def test_the_home_may_be_in_the_way_or_unwritable(tmp_path):
    file = tmp_path / "file"
    file.write_text("in the way")
    found = list(home(Settings(trainwright_home=file / "home")))
    assert level(found) == Level.FAIL
    assert found[0].mend


def test_a_token_others_can_read_is_found_and_mended(settings):
    settings.home.path.mkdir()
    settings.home.token.write_text("tw_x")
    settings.home.token.chmod(0o644)
    (finding,) = secrets(settings)
    assert finding.level == Level.FAIL
    finding.fix.apply()
    assert settings.home.token.stat().st_mode & 0o777 == 0o600
    assert level(secrets(settings)) == Level.OK


def test_an_empty_database_is_found_and_mended(settings):
    settings.home.path.mkdir()
    settings.home.database.touch()
    (finding,) = database(settings)
    assert finding.level == Level.WARN
    finding.fix.apply()
    assert level(database(settings)) == Level.OK


def test_a_database_that_is_none(settings):
    settings.home.path.mkdir()
    settings.home.database.write_bytes(b"this is not a database" * 100)
    assert level(database(settings)) == Level.FAIL


def test_temporal(settings):
    assert level(temporal(settings)) == Level.OK
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        elsewhere = settings.model_copy(update={"temporal_host": f"127.0.0.1:{port}"})
        assert level(temporal(elsewhere)) == Level.FAIL
        listener.listen()
        assert level(temporal(elsewhere)) == Level.OK


def test_the_record_of_a_platform_that_is_gone_is_removed(settings):
    settings.home.path.mkdir()
    record = {"url": "http://127.0.0.1:9", "supervisor": {"pid": 2**22 + 1, "started": 0.0}}
    settings.home.platform.write_text(json.dumps(record))
    (finding,) = platform(settings)
    assert finding.level == Level.WARN
    finding.fix.apply()
    assert not settings.home.platform.exists()
    assert level(platform(settings)) == Level.OK


def test_a_record_that_cannot_be_read_is_removed(settings):
    settings.home.path.mkdir()
    settings.home.platform.write_text("{torn")
    (finding,) = platform(settings)
    finding.fix.apply()
    assert level(platform(settings)) == Level.OK


def test_a_platform_that_lives_but_does_not_answer(settings):
    import psutil

    settings.home.path.mkdir()
    me = psutil.Process()
    record = {
        "url": "http://127.0.0.1:9",
        "supervisor": {"pid": me.pid, "started": me.create_time()},
    }
    settings.home.platform.write_text(json.dumps(record))
    (finding,) = platform(settings)
    assert finding.level == Level.FAIL
    assert finding.mend == "trainwright down"
    assert finding.fix is None


def test_a_taken_port(settings):
    with socket.socket() as listener:
        try:
            listener.bind(("127.0.0.1", 8000))
        except OSError:
            pass  # somebody else has it: taken all the same
        else:
            listener.listen()
        (finding,) = ports(settings)
    assert finding.level == Level.WARN
    assert "--port 8001" in finding.mend


def test_an_empty_database_knows_no_runs(settings):
    settings.home.path.mkdir()
    settings.home.database.touch()
    assert level(runs(settings)) == Level.OK


def test_levels_are_ordered():
    def mixed(_):
        return [fail("x"), ok("y"), warn("z")]

    assert examine(Settings(), [Check("m", "M", mixed)])[0].level == Level.FAIL


def test_an_object_store_is_tried(settings, tmp_path):
    (finding,) = objects(settings)
    assert finding.level == Level.OK
    share = tmp_path / "share"
    (finding,) = objects(settings.model_copy(update={"trainwright_objects": share}))
    assert (finding.level, list(share.rglob("*"))) == (Level.OK, [])
    with S3Server() as server:
        good = server.settings(trainwright_home=tmp_path / "home")
        (finding,) = objects(good)
        assert finding.level == Level.OK
        assert f"s3://{good.s3_bucket} takes" in finding.message
        assert list(server.objects(good.s3_bucket).list()) == []
        for wrong, told in (
            ({"aws_secret_access_key": "x" * 20}, "refuses these credentials"),
            ({"s3_bucket": "no-such-bucket"}, "no-such-bucket"),
            ({"s3_endpoint": "http://127.0.0.1:9"}, "cannot be reached"),
        ):
            (finding,) = objects(good.model_copy(update=wrong))
            assert finding.level == Level.FAIL
            assert told in finding.message and finding.mend
            assert "x" * 20 not in finding.message


def test_half_of_the_settings_of_an_object_store(settings):
    half = settings.model_copy(update={"s3_endpoint": "http://s3", "aws_access_key_id": "k"})
    told = [f.message for f in objects(half) if f.level == Level.WARN]
    assert [words.partition(" ")[0] for words in told] == ["S3_ENDPOINT", "AWS_SECRET_ACCESS_KEY"]
