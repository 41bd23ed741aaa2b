"""Checkpoints: announced once, and only when they are whole."""

import hashlib
import json
import os
import subprocess
import sys
import time
import zipfile

import psutil
import pytest

from trainwright.job import checkpoint_files as files
from trainwright.job.checkpoints import CheckpointThread, CheckpointWatch
from trainwright.spec.rundir import Launch
from trainwright.testing.trial import until


@pytest.fixture
def launch():
    return Launch(argv=["true"])


class Clock:
    """Goes on when it is told to."""

    now = 0.0

    def __call__(self):
        return self.now


def watch_of(run, launch, *, since=0, known=()):
    return CheckpointWatch(run, launch, since=since, known=dict(known), clock=Clock())


@pytest.fixture
def watch(run, launch):
    return watch_of(run, launch)


def settle(watch, reports=(), trainer=None):
    """Two looks with a second between."""
    first = watch.look(list(reports), trainer)
    watch.clock.now += 1
    return first + watch.look([], trainer)


def names(announced):
    return sorted(a.path for a in announced)


def write_torch(path, size=1000):
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("data.pkl", os.urandom(size))


def write_safetensors(path, size=64):
    header = json.dumps({"w": {"dtype": "F32", "shape": [size // 4], "data_offsets": [0, size]}})
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(len(header).to_bytes(8, "little") + header.encode() + os.urandom(size))


def cut(path, size):
    os.truncate(path, path.stat().st_size - size)


def test_finds_each_kind_in_each_place_once(run, watch):
    write_torch(run.checkpoints / "epoch_3.pth")
    write_safetensors(run.checkpoints / "deep" / "model.safetensors")
    (run.path / "old_style.ckpt").write_bytes(b"\x80\x02 pickle")
    write_safetensors(run.path / "out" / "checkpoint-500" / "model.safetensors")
    (run.path / "out" / "checkpoint-500" / "trainer_state.json").write_text("{}")
    write_torch(run.artifacts / "model.pth")
    write_torch(run.checkpoints / ".hidden.pt")
    write_torch(run.checkpoints / "tmp-checkpoint-7" / "a.pt")
    (run.checkpoints / "half.pt.tmp").write_bytes(b"x")
    (run.checkpoints / "notes.txt").write_text("x")
    (run.checkpoints / "empty.pt").touch()
    found = settle(watch)
    assert names(found) == [
        "checkpoints/deep/model.safetensors",
        "checkpoints/epoch_3.pth",
        "old_style.ckpt",
        "out/checkpoint-500",
    ]
    by_name = {a.path: a.data for a in found}
    raw = (run.checkpoints / "epoch_3.pth").read_bytes()
    data = by_name["checkpoints/epoch_3.pth"]
    assert (data.size, data.sha256) == (len(raw), hashlib.sha256(raw).hexdigest())
    assert data.epoch == 3
    assert by_name["out/checkpoint-500"].step == 500
    assert settle(watch) == []


def test_the_first_look_announces_nothing(run, watch):
    write_torch(run.checkpoints / "a.pt")
    assert watch.look([], None) == []


def test_a_file_written_again_is_announced_again(run, watch):
    path = run.checkpoints / "last.pt"
    write_torch(path)
    (first,) = settle(watch)
    write_torch(path)
    later = first.stamp[1] + 1  # file systems tell moments apart by milliseconds only
    os.utime(path, ns=(later, later))
    (second,) = settle(watch)
    assert first.data.sha256 != second.data.sha256


def test_a_growing_file_waits(run, watch):
    path = run.checkpoints / "a.ckpt"
    path.write_bytes(b"a")
    watch.look([], None)
    watch.clock.now += 1
    path.write_bytes(b"ab")
    assert watch.look([], None) == []
    watch.clock.now += 1
    assert names(watch.look([], None)) == ["checkpoints/a.ckpt"]


@pytest.mark.parametrize(
    ("name", "write"), [("a.pt", write_torch), ("a.safetensors", write_safetensors)]
)
def test_a_torn_file_is_never_announced(run, watch, name, write):
    write(run.checkpoints / name)
    cut(run.checkpoints / name, 30)
    assert settle(watch) == []
    assert watch.look([], None, final=True) == []


@pytest.mark.parametrize("raw", [b"", b"\xff" * 9, b"\x02" + b"\0" * 7 + b"[]", b"short"])
def test_what_is_no_safetensors_file_is_torn(tmp_path, raw):
    path = tmp_path / "a.safetensors"
    path.write_bytes(raw)
    assert not files.is_whole(files.look_at(path))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells who writes")
def test_a_file_that_is_still_open_waits(run, watch):
    path = run.checkpoints / "a.ckpt"
    script = f"f = open({str(path)!r}, 'wb'); f.write(b'x'); f.flush(); print(); input()"
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as writer:
        writer.stdout.readline()
        trainer = psutil.Process(writer.pid)
        assert settle(watch, trainer=trainer) == []
        writer.stdin.close()
        writer.wait()
    assert names(watch.look([], None)) == ["checkpoints/a.ckpt"]


def test_a_report_needs_no_waiting_and_brings_its_facts(run, watch):
    write_torch(run.checkpoints / "last.pt")
    report = {
        "path": "checkpoints/last.pt",
        "step": 7,
        "metrics": {"val/loss": 0.5},
        "is_best": True,
    }
    (found,) = watch.look([report], None)
    assert found.report is report
    assert (found.data.step, found.data.metrics, found.data.is_best) == (7, {"val/loss": 0.5}, True)
    assert settle(watch) == []


def test_a_report_by_an_absolute_path_is_relative_again(run, watch):
    write_torch(run.checkpoints / "last.pt")
    (found,) = watch.look([{"path": str(run.checkpoints / "last.pt")}], None)
    assert found.path == "checkpoints/last.pt"


def test_a_report_of_nothing_is_said(run, watch):
    (found,) = watch.look([{"path": "checkpoints/gone.pt"}], None)
    assert (found.path, found.data.code) == ("checkpoints/gone.pt", "checkpoint_missing")


def test_a_torn_report_waits_until_it_is_whole_or_the_trainer_has_ended(run, watch):
    path = run.checkpoints / "last.pt"
    write_torch(path)
    cut(path, 30)
    assert watch.look([{"path": "checkpoints/last.pt", "step": 4}], None) == []
    write_torch(path)
    (found,) = watch.look([], None)
    assert found.data.step == 4
    cut(path, 30)
    (found,) = watch.look([{"path": "checkpoints/last.pt"}], None, final=True)
    assert found.data.code == "checkpoint_missing"


@pytest.fixture
def secret(tmp_path):
    """A whole checkpoint that is none of the run's business."""
    path = tmp_path / "others" / "secret.pt"
    write_torch(path)
    return path


@pytest.mark.parametrize("kind", ["absolute", "climbing", "link", "folder", "linked folder"])
def test_a_report_that_leads_outside_is_refused_unread(run, watch, secret, kind):
    os.chmod(secret, 0)  # noqa: PTH101
    if kind == "link":
        (run.checkpoints / "link.pt").symlink_to(secret)
    if kind == "linked folder":
        (run.checkpoints / "step-5").mkdir()
        write_torch(run.checkpoints / "step-5" / "own.pt")
        (run.checkpoints / "step-5" / "model.pt").symlink_to(secret)
    path = {
        "absolute": str(secret),
        "climbing": os.path.relpath(secret, run.path),
        "link": "checkpoints/link.pt",
        "folder": str(secret.parent),
        "linked folder": "checkpoints/step-5",
    }[kind]
    (found,) = watch.look([{"path": path, "step": 1}], None, final=True)
    assert (found.path, found.data.code) == (path, "checkpoint_refused")
    assert "outside the run directory" in found.data.message
    assert settle(watch) == []


def test_a_link_that_leads_outside_is_found_once_and_refused(run, watch, secret):
    (run.checkpoints / "link.pt").symlink_to(secret)
    assert [a.data.code for a in settle(watch)] == ["checkpoint_refused"]
    assert settle(watch) == []


def test_a_link_within_the_run_is_as_good_as_a_file(run, watch):
    write_torch(run.checkpoints / "epoch-3.pt")
    (run.checkpoints / "last.pt").symlink_to("epoch-3.pt")
    (found,) = watch.look([{"path": "checkpoints/last.pt"}], None)
    assert found.data.path == "checkpoints/last.pt"


def test_a_folder_that_holds_all_runs_does_not_open_the_others(run):
    write_torch(run.path.parent / "another-run" / "checkpoints" / "a.pt")
    launch = Launch(argv=["true"], cwd=str(run.path.parent.parent))
    watch = watch_of(run, launch)
    assert [a.data.code for a in settle(watch)] == ["checkpoint_refused"]


@pytest.mark.parametrize("path", ["x" * 5000, "a/" * 3000, "loop.pt/x", "", "."])
def test_no_path_ends_the_watch(run, watch, path):
    (run.path / "loop.pt").symlink_to("loop.pt")
    (found,) = watch.look([{"path": path}], None, final=True)
    assert found.data.code in ("checkpoint_missing", "checkpoint_refused")


def test_trainers_have_a_folder_of_their_own(run, tmp_path):
    own = tmp_path / "project"
    write_torch(own / "weights" / "best.pt")
    write_torch(own / "elsewhere" / "x.bin")
    launch = Launch(argv=["true"], cwd=str(own), checkpoint_globs=[str(own / "else*" / "*.bin")])
    found = settle(watch_of(run, launch))
    paths = [str(own / "elsewhere" / "x.bin"), str(own / "weights" / "best.pt")]
    assert names(found) == paths
    assert {a.path: a.data.is_best for a in found} == dict(zip(paths, [False, True], strict=True))


def test_files_from_before_the_attempt_are_not_its_own(run, launch):
    write_torch(run.path / "pretrained.pt")
    watch = watch_of(run, launch, since=time.time_ns() + 10**9)
    assert watch.look([], None, final=True) == []


def test_another_agent_does_not_announce_again(run, launch, watch):
    write_torch(run.checkpoints / "a.pt")
    (found,) = settle(watch)
    again = watch_of(run, launch, known={found.path: found.stamp})
    assert again.look([], None, final=True) == []


def test_the_thread_looks_once_more_at_the_end(run, watch):
    thread = CheckpointThread(watch, lambda: None)
    thread.start()
    write_torch(run.checkpoints / "last.pt")
    thread.report({"path": "checkpoints/last.pt"})
    write_torch(run.checkpoints / "other.pt")
    thread.finish()
    until(lambda: not thread.is_alive())
    assert names(thread.take()) == ["checkpoints/last.pt", "checkpoints/other.pt"]


def test_a_folder_full_of_files_costs_little(run, watch):
    data = run.path / "images"
    data.mkdir()
    for number in range(3000):
        (data / f"{number}.png").touch()
    began = time.perf_counter()
    watch.look([], None)
    assert time.perf_counter() - began < 1


@pytest.mark.parametrize(
    ("name", "numbers"),
    [
        ("checkpoint-500", {"step": 500}),
        ("epoch_3.pth", {"epoch": 3}),
        ("epoch=2-step=40.ckpt", {"epoch": 2, "step": 40}),
        ("model.pt", {}),
    ],
)
def test_numbers_in_names(name, numbers):
    assert files.numbers_in(name) == numbers
