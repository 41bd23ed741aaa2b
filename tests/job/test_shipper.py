"""Shipping to a real HTTP server that fails, delays, drops, forgets and moves."""

import json
import random

import pytest

from trainwright.job.address import Address
from trainwright.job.records import write_record
from trainwright.job.shipper import Position, Shipper
from trainwright.job.spool import Entry, Spool
from trainwright.spec.events import Alert, Log
from trainwright.spec.rundir import AgentConfig
from trainwright.testing.trial import until


def spool_with(run, count, *, size=10):
    spool = Spool(run.events, run.run_id)
    for start in range(0, count, 7):
        entries = [
            Entry(Log(text="x" * size, offset=i, size=1))
            for i in range(start, min(count, start + 7))
        ]
        spool.append(1, entries, {"log": start})
    return spool


def configure(run, url, **more):
    config = AgentConfig(run_id=run.run_id, api_url=url, token="secret", **more)
    write_record(run.agent, config, mode=0o600)


def shipper_for(run, spool):
    shipper = Shipper(run, spool)
    shipper.start()
    return shipper


def test_ships_everything_in_order_without_the_cursor(run, platform):
    configure(run, platform.url)
    spool = spool_with(run, 2500)
    shipper = shipper_for(run, spool)
    until(lambda: shipper.done)
    assert shipper.shipped_seq == 2500
    assert platform.numbers() == list(range(1, 2501))
    assert platform.received == sorted(platform.received)
    assert "cursor" not in platform.applied[1]
    assert platform.requests[0][:2] == ("GET", f"/api/v1/internal/runs/{run.run_id}/cursor")
    posts = [r for r in platform.requests if r[0] == "POST"]
    assert len(posts) == 3
    assert posts[0][1] == f"/api/v1/internal/runs/{run.run_id}/events"


def test_what_a_power_cut_could_take_back_is_not_shipped(run):
    spool = spool_with(run, 7)
    spool.sync(at_once=True)
    shipper = Shipper(run, spool)
    spool.append(1, [Entry(Log(text="later", offset=7, size=5))], {"log": 7})
    events, end = shipper._gather(Position(0, 0))
    assert len(events) == end.seq >= 7
    assert end.offset <= spool.synced
    spool.sync(at_once=True)
    assert shipper._gather(end)[1] == Position(spool.size, 8)


def test_batches_stay_under_a_mebibyte(run, platform):
    configure(run, platform.url)
    shipper = shipper_for(run, spool_with(run, 100, size=60_000))
    until(lambda: shipper.done)
    assert max(size for _, _, size in platform.requests) <= 1 << 20
    assert platform.numbers() == list(range(1, 101))


def test_goes_on_after_what_the_platform_has(run, platform):
    configure(run, platform.url)
    spool = spool_with(run, 50)
    platform.applied.update({n: {} for n in range(1, 31)})
    shipper = shipper_for(run, spool)
    until(lambda: shipper.done)
    assert platform.received == list(range(31, 51))


def test_new_events_follow_at_once(run, platform):
    configure(run, platform.url)
    spool = spool_with(run, 3)
    shipper = shipper_for(run, spool)
    until(lambda: shipper.done)
    spool.append(1, [Entry(Alert(code="a", message="b"))], {})
    shipper.wake()
    until(lambda: platform.last_seq == 4, seconds=2)


@pytest.mark.parametrize("seed", range(5))
def test_faults_lose_nothing_and_double_nothing(run, platform, seed):
    configure(run, platform.url)
    chance = random.Random(seed)
    kinds = [500, 503, 429, "drop", "drop after", "nonsense", "delay", None, None]
    platform.faults.extend(chance.choice(kinds) for _ in range(4))
    spool = spool_with(run, 40)
    shipper = shipper_for(run, spool)
    until(lambda: shipper.done)
    assert platform.numbers() == list(range(1, 41))


def test_smaller_batches_for_a_platform_that_takes_only_those(run, platform):
    configure(run, platform.url)
    platform.faults.extend([None, 413, None, 413])
    shipper = shipper_for(run, spool_with(run, 1000))
    until(lambda: shipper.done)
    assert platform.numbers() == list(range(1, 1001))
    assert len([r for r in platform.requests if r[0] == "POST"]) == 2 + 4


def test_a_platform_set_back_gets_everything_again(run, platform):
    configure(run, platform.url)
    spool = spool_with(run, 20)
    shipper = shipper_for(run, spool)
    until(lambda: shipper.done)
    port = platform.server.server_address[1]
    platform.close()
    platform.applied.clear()  # restored from an old backup
    platform.open(port)
    platform.faults.append("drop")  # the connection that was open is not any more
    spool.append(1, [Entry(Alert(code="a", message="b"))], {})
    shipper.wake()
    until(lambda: len(platform.applied) == 21)


def test_finds_the_platform_at_its_new_port(run, platform, tmp_path):
    place = tmp_path / "platform.json"
    configure(run, platform.url, platform_file=str(place))
    spool = spool_with(run, 5)
    shipper = shipper_for(run, spool)
    until(lambda: shipper.done)
    platform.close()
    spool.append(1, [Entry(Alert(code="a", message="b"))], {})
    shipper.wake()
    platform.open()
    place.write_text(json.dumps({"url": platform.url, "pids": {}}))
    until(lambda: platform.last_seq == 6)


def test_refusal_ends_shipping_until_the_token_is_new(run, platform):
    configure(run, platform.url)
    platform.token = "another"
    spool = spool_with(run, 5)
    shipper = shipper_for(run, spool)
    until(lambda: shipper.done)
    asked = len(platform.requests)
    assert shipper.shipped_seq == 0
    config = AgentConfig(run_id=run.run_id, api_url=platform.url, token="another")
    write_record(run.agent, config, mode=0o600)
    until(lambda: platform.last_seq == 5)
    assert asked == 1


def test_a_stranger_on_the_old_port_does_not_end_shipping(run, platform, tmp_path):
    place = tmp_path / "platform.json"
    place.write_text(json.dumps({"url": platform.url}))
    configure(run, platform.url, platform_file=str(place))
    address = Address(run)
    assert address.url == platform.url
    address.refused()
    assert address.is_refused
    place.write_text(json.dumps({"url": "http://127.0.0.1:9"}))
    address.look_again()
    assert not address.is_refused
    assert address.url == "http://127.0.0.1:9"


def test_nothing_listens_and_nothing_breaks(run):
    configure(run, "http://127.0.0.1:9")
    shipper = shipper_for(run, spool_with(run, 5))
    shipper.join(0.5)
    assert shipper.is_alive()
    assert not shipper.done
