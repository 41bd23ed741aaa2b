# ruff: noqa: S101
"""What every store must do. Subclass a suite, provide its fixture, and pytest runs it.

`StoreContract` wants a fixture `database` (a `Database` with the newest schema); places for
objects have a suite of their own in `trainwright.testing.objects`.
"""

from __future__ import annotations

import math
from datetime import timedelta

import pytest

from trainwright.spec import Artifact as Left
from trainwright.spec import (
    ConflictError,
    InvalidRequestError,
    NotFoundError,
    RunStatus,
)
from trainwright.spec.events import Alert, CheckpointSaved, utc_now
from trainwright.store import Database
from trainwright.store.models import Role, Run
from trainwright.store.repositories import (
    Artifacts,
    Attempts,
    Chats,
    Checkpoints,
    CurveQuery,
    Datasets,
    Events,
    Metrics,
    Projects,
    Runs,
    Settings,
    Targets,
    Tokens,
    Users,
)
from trainwright.store.repositories.base import encode_cursor
from trainwright.testing.stores_runs import TO_RUNNING, RunsContract, log, make_run, move

S = RunStatus


class RunPartsContract:
    def test_events_are_read_from_any_place(self, database: Database) -> None:
        run_id = make_run(database)
        with database.session() as session:
            for number in range(5):
                Events(session).append(run_id, Alert(code=f"a{number}", message="\0 NaN"))
        with database.session(write=False) as session:
            events = Events(session)
            assert [e.seq for e in events.after(run_id, 2, limit=3)] == [3, 4, 5]
            assert [e.seq for e in events.after(run_id, types=["status_changed"])] == [1]
            assert events.after(run_id, 6) == []
            assert (events.last_seq(run_id), events.last_agent_seq(run_id)) == (6, 0)
            assert events.after("nothing") == []

    def test_a_curve_comes_back_as_it_was_logged(self, database: Database) -> None:
        run_id = make_run(database)
        values = [0.5, math.nan, math.inf, -math.inf, 0.25]
        log(database, run_id, "train/loss", list(enumerate(values, 1)))
        log(database, run_id, "val/accuracy", [(1, 0.5), (2, 0.9), (3, 0.8)])
        with database.session(write=False) as session:
            metrics = Metrics(session)
            curve = metrics.series(run_id, "train/loss")
            assert [p.step for p in curve] == [1, 2, 3, 4, 5]
            assert [repr(p.value) for p in curve] == [repr(v) for v in values]
            assert curve[0].timestamp.timestamp() == 1
            (later,) = metrics.page(run_id, CurveQuery(["train/loss"], from_step=4)).curves
            assert [p.step for p in later[1]] == [4, 5]
            curves = metrics.page(run_id, CurveQuery()).curves
            assert [name for name, _ in curves] == ["train/loss", "val/accuracy"]
            assert metrics.latest(run_id) == {"train/loss": 0.25, "val/accuracy": 0.8}
            best = metrics.best(run_id)
            assert (best["train/loss"].best, best["train/loss"].best_step) == (0.25, 5)
            assert (best["val/accuracy"].best, best["val/accuracy"].best_step) == (0.9, 2)
            assert best["val/accuracy"].final == 0.8
            assert metrics.series(run_id, "nothing") == []

    def test_a_long_curve_is_folded(self, database: Database) -> None:
        run_id = make_run(database)
        values = [math.sin(step / 20) for step in range(1000)]
        log(database, run_id, "m", list(enumerate(values)))
        with database.session(write=False) as session:
            buckets = Metrics(session).series(run_id, "m", buckets=100)
            assert len(buckets) == 100
            for number, bucket in enumerate(buckets):
                part = values[number * 10 : number * 10 + 10]
                assert (bucket.count, bucket.step) == (10, number * 10 + 9)
                assert (bucket.minimum, bucket.maximum) == (min(part), max(part))
                assert bucket.value == pytest.approx(sum(part) / 10)
            assert len(Metrics(session).series(run_id, "m", buckets=1000)) == 1000
            with pytest.raises(InvalidRequestError):
                Metrics(session).series(run_id, "m", buckets=0)

    def test_curves_come_in_pages_that_add_up(self, database: Database) -> None:
        run_id = make_run(database)
        steps = {"Z": 3, "a": 7, "a/b": 1, "손실": 5, "_%": 2}
        for name, count in steps.items():
            log(database, run_id, name, [(step, step / 2) for step in range(count)])
        with database.session(write=False) as session:
            metrics = Metrics(session)
            for limit in (1, 2, 3, 7, 100):
                query, read = CurveQuery(limit=limit), []
                while True:
                    page = metrics.page(run_id, query)
                    read += [(name, p.step) for name, curve in page.curves for p in curve]
                    assert sum(len(curve) for _, curve in page.curves) <= limit
                    if page.next_cursor is None:
                        break
                    query = CurveQuery(limit=limit, cursor=page.next_cursor)
                assert read == [(n, s) for n in sorted(steps) for s in range(steps[n])]
            asked = metrics.page(run_id, CurveQuery(["손실", "none", "Z"], buckets=2)).curves
            assert [(n, [p.count for p in curve]) for n, curve in asked] == [
                ("손실", [3, 2]),
                ("none", []),
                ("Z", [2, 1]),
            ]
            assert [n for n, _ in metrics.page(run_id, CurveQuery(q="A")).curves] == ["a", "a/b"]
            assert [n for n, _ in metrics.page(run_id, CurveQuery(q="_%")).curves] == ["_%"]
            for cursor in ("%%", encode_cursor("gone", 0), encode_cursor("a", 1 << 63)):
                with pytest.raises(InvalidRequestError):
                    metrics.page(run_id, CurveQuery(cursor=cursor))

    def test_a_resumed_attempt_supersedes_what_lies_beyond_its_start(
        self, database: Database
    ) -> None:
        run_id = make_run(database)
        move(database, run_id, *TO_RUNNING)
        log(database, run_id, "loss", [(s, 10.0 - s) for s in range(1, 10)])
        move(database, run_id, S.FAILED)
        with database.session() as session:
            Runs(session).new_attempt(run_id)
            Attempts(session).starts_after(run_id, 2, 4)
        with database.session(write=False) as session:
            assert Metrics(session).best(run_id)["loss"].best == 6.0
        log(database, run_id, "loss", [(5, 5.5), (6, 5.25)], attempt=2)
        with database.session(write=False) as session:
            curve = Metrics(session).series(run_id, "loss")
            assert [(p.attempt, p.step) for p in curve] == [
                *((1, s) for s in (1, 2, 3, 4)),
                *((2, s) for s in (5, 6)),
            ]
            assert Metrics(session).best(run_id)["loss"].best == 5.25
            assert sum(b.count for b in Metrics(session).series(run_id, "loss", buckets=3)) == 6
        with database.session() as session:
            Attempts(session).starts_after(run_id, 2, 0)
        with database.session(write=False) as session:
            assert [p.attempt for p in Metrics(session).series(run_id, "loss")] == [2, 2]

    def test_checkpoints_are_kept_once_and_one_is_best(self, database: Database) -> None:
        run_id = make_run(database)
        with database.session() as session:
            kept = Checkpoints(session)
            for step, best in ((1, True), (2, True), (2, True), (3, False)):
                saved = CheckpointSaved(
                    path=f"checkpoints/{step}.pt", step=step, size=10, sha256=f"{step}" * 64,
                    metrics={"val/loss": math.nan}, is_best=best,
                )  # fmt: skip
                kept.save(run_id, 1, saved)
        with database.session() as session:
            rows = Checkpoints(session).list(run_id)
            assert [(c.step, c.is_best) for c in rows] == [(1, False), (2, True), (3, False)]
            best_one = Checkpoints(session).best(run_id)
            assert best_one is not None
            assert best_one.step == 2
            Checkpoints(session).forget(rows[0].id)
            assert len(Checkpoints(session).list(run_id)) == 2

    def test_artifacts_are_brought_up_to_date(self, database: Database) -> None:
        run_id = make_run(database)
        left = Left(name="model", path="artifacts/model.safetensors", bytes=3, sha256="a" * 64)
        with database.session() as session:
            Artifacts(session).put(run_id, [left])
            rows = Artifacts(session).put(run_id, [left.model_copy(update={"bytes": 4})])
            assert [(a.bytes, a.sha256) for a in rows] == [(4, "a" * 64)]


class PlatformContract:
    def test_its_version_tells_of_every_commit(self, database: Database) -> None:
        seen = {database.version()}
        for name in ("a", "b", "c"):
            with database.session() as session:
                Users(session).add(name)
                open_still = database.version()
            committed = database.version()
            assert committed not in seen | {open_still, None}
            seen.add(committed)
        database.dispose()
        assert database.version() not in seen | {None}

    def test_users_and_their_tokens(self, database: Database) -> None:
        with database.session() as session:
            user = Users(session).add("kim", role=Role.ADMIN)
            with pytest.raises(ConflictError):
                Users(session).add("kim")
            token, plain = Tokens(session).create(user.id, "laptop")
            Tokens(session).add(user.id, "old", "plain", expires_at=utc_now() - timedelta(1))
            assert token.token_hash != plain
        with database.session() as session:
            tokens = Tokens(session)
            found = tokens.find(plain)
            assert found is not None
            assert (found[0].name, found[1].name) == ("laptop", "kim")
            tokens.touch(found[0])
            assert found[0].last_used_at is not None
            assert tokens.find("plain") is None
            assert tokens.find("wrong") is None
            found[1].disabled = True
            session.flush()
            assert tokens.find(plain) is None
            found[1].disabled = False
            tokens.revoke(token.id)
            session.flush()
            assert tokens.find(plain) is None
            assert tokens.listed(user.id, 10).total == 2

    def test_people_are_listed_in_pages_while_others_come_and_go(self, database: Database) -> None:
        names = ["ann", "Bob", "\ud55c\uae00" * 50, "\U0001f600" * 100, "zoe", "eve"]
        with database.session() as session:
            users, tokens = Users(session), Tokens(session)
            for name in names:
                users.add(name)
                Projects(session).add(name)
            whole = [user.name for user in users.list()]
            for name in ("first", "second", "third"):
                tokens.create(users.list()[0].id, name)
        with database.session() as session:
            users = Users(session)
            first = users.listed(2)
            assert first.total == len(names)
            session.delete(first.items[0])  # an offset would leave somebody out
            session.flush()
            read, cursor = [user.name for user in first.items], first.next_cursor
            while cursor is not None:
                page = users.listed(2, cursor)
                read, cursor = read + [user.name for user in page.items], page.next_cursor
            assert read == whole
        with database.session(write=False) as session:
            projects = Projects(session)
            begun = projects.listed(1)
            rest = projects.listed(10, begun.next_cursor)
            assert [p.name for p in [*begun.items, *rest.items]] == whole
            for made_up in ("made up", first.next_cursor[:-4] if first.next_cursor else ""):
                with pytest.raises(InvalidRequestError):
                    Users(session).listed(1, made_up)
                with pytest.raises(InvalidRequestError):
                    Tokens(session).listed("u", 1, first.next_cursor)

    def test_tokens_of_one_moment_are_listed_once_each(self, database: Database) -> None:
        with database.session() as session:
            user, tokens = Users(session).add("kim").id, Tokens(session)
            moment = utc_now()
            for number in range(5):
                tokens.create(user, str(number))[0].created_at = moment
            session.flush()
            read: list[str] = []
            cursor = None
            while True:
                page = tokens.listed(user, 2, cursor)
                read, cursor = read + [token.id for token in page.items], page.next_cursor
                if cursor is None:
                    break
            assert len(read) == len(set(read)) == page.total == 5
            assert read == sorted(read)

    def test_a_project_may_go_without_its_runs(self, database: Database) -> None:
        run_id = make_run(database)
        with database.session() as session:
            project = Projects(session).add("vision")
            Runs(session).update_fields(run_id, project_id=project.id)
            assert [p.name for p in Projects(session).listed(10).items] == ["vision"]
        with database.session() as session:
            Projects(session).delete(project.id)
        with database.session(write=False) as session:
            assert session.get_one(Run, run_id).project_id is None

    def test_datasets_are_found_by_name_and_id(self, database: Database) -> None:
        with database.session() as session:
            datasets = Datasets(session)
            made = [datasets.add(f"d{i}", f"/data/{i}", samples=i) for i in range(5)]
            with pytest.raises(ConflictError):
                datasets.add("d1", "/elsewhere")
            assert datasets.get("d3").id == datasets.get(made[3].id).id
            page = datasets.list(limit=3)
            rest = datasets.list(limit=3, cursor=page.next_cursor)
            assert [d.name for d in page.items + rest.items] == [f"d{i}" for i in range(5)]
            assert rest.next_cursor is None

    def test_a_deleted_dataset_leaves_its_name_and_comes_back(self, database: Database) -> None:
        with database.session() as session:
            datasets = Datasets(session)
            first, other = (datasets.add(f"d{i}", f"/data/{i}") for i in range(2))
            datasets.trash(first.id)
            with pytest.raises(NotFoundError, match="but in the trash"):
                datasets.get("d0")
            second = datasets.add("d0", "/new")
            datasets.trash(second.id)
            trashed = datasets.list(trashed=True, limit=1)
            rest = datasets.list(trashed=True, cursor=trashed.next_cursor)
            assert {d.id for d in trashed.items + rest.items} == {first.id, second.id}
            assert [d.name for d in datasets.list().items] == ["d1"]
            found = datasets.find_trashed("d0")
            assert found is not None
            assert found.id == second.id
            with pytest.raises(NotFoundError):
                datasets.mark(other.id, trashed=True)
            datasets.restore(second.id, "d0")
        with database.session() as session:
            assert Datasets(session).get("d0").id == second.id
            Datasets(session).mark(first.id, trashed=True)
            assert Datasets(session).list(trashed=True).items == []
            Datasets(session).remove(first.id)
            assert Datasets(session).marked() == []

    def test_conversations_keep_their_order(self, database: Database) -> None:
        with database.session() as session:
            user = Users(session).add("kim")
            chat = Chats(session).start(user.id, language="ko")
            for number in range(4):
                Chats(session).say(chat.id, "user", f"말 {number}", result={"n": number})
        with database.session() as session:
            said = [m.text for m in Chats(session).messages(chat.id)]
            assert said == [f"말 {n}" for n in range(4)]
            assert [c.id for c in Chats(session).list(user.id).items] == [chat.id]
            Chats(session).delete(chat.id)
            assert Chats(session).messages(chat.id) == []

    def test_targets_and_settings(self, database: Database) -> None:
        with database.session() as session:
            Targets(session).put("box", "ssh", {"host": "h"}, secret="sealed")  # noqa: S106
            target = Targets(session).put("box", "ssh", {"host": "i"})
            assert (target.config, target.secret) == ({"host": "i"}, "sealed")
            Targets(session).remove("box")
            with pytest.raises(NotFoundError):
                Targets(session).get("box")
            settings = Settings(session)
            settings.set("default_target", "local")
            settings.set("default_target", "ray", user_id="u1")
            assert settings.get("default_target") == "local"
            assert settings.get("default_target", user_id="u1") == "ray"
            assert settings.all() == {"default_target": "local"}
            settings.remove("default_target")
            assert settings.get("default_target", "none") == "none"


class StoreContract(RunsContract, RunPartsContract, PlatformContract):
    """The repositories on any database."""
