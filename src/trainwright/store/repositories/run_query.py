"""Lists of runs: filtered, sorted, paged by keyset."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, type_coerce
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session, defer

from trainwright.spec.errors import InvalidRequestError
from trainwright.spec.status import RunStatus
from trainwright.store.models import Run
from trainwright.store.repositories.base import (
    Page,
    bad_cursor,
    decode_cursor,
    encode_cursor,
    read_time,
)

MAX_PAGE = 1000

_TOO_LARGE = 1 << 63
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SORTS: dict[str, ColumnElement[Any]] = {
    "created_at": Run.__table__.c.created_at,
    "updated_at": Run.__table__.c.updated_at,
    "started_at": func.coalesce(Run.started_at, _EPOCH),
    "ended_at": func.coalesce(Run.ended_at, _EPOCH),
    "name": Run.__table__.c.name,
    "status": Run.__table__.c.status,
    "model": Run.__table__.c.model,
    "task": func.coalesce(Run.task, ""),
    "priority": Run.__table__.c.priority,
}
_UNREAD = tuple(
    defer(column, raiseload=True)
    for column in (Run.spec, Run.provenance, Run.reasons, Run.report, Run.allocation, Run.request)
)


@dataclass(frozen=True)
class RunQuery:
    """Which runs, and in which order.

    Attributes:
        status: One status, or several.
        task: Exactly this task.
        model: A model's id, or the framework before its slash.
        q: Words looked for in name, id, model, dataset, sentence and notes.
        tags: Only runs that have all of them.
        owner_id: One user's runs.
        project_id: One project's runs.
        trashed: Those in the trash instead of those that are not.
        sort: A column's name, with `-` before it for last first.
        limit: Rows a page, 1 to 1,000.
        cursor: `next_cursor` of the page before.
        brief: Without the documents that only one run's own page shows; they cannot be read then.
    """

    status: RunStatus | Collection[RunStatus] | None = None
    task: str | None = None
    model: str | None = None
    q: str | None = None
    tags: Collection[str] = ()
    owner_id: str | None = None
    project_id: str | None = None
    trashed: bool = False
    sort: str = "-created_at"
    limit: int = 50
    cursor: str | None = None
    brief: bool = False


def page_of_runs(session: Session, query: RunQuery) -> Page[Run]:
    """The runs `query` asks for.

    Raises:
        InvalidRequestError: The cursor, limit or sort order is not valid.
    """
    name, descending = query.sort.removeprefix("-"), query.sort.startswith("-")
    column = _SORTS.get(name)
    if column is None:
        raise InvalidRequestError(
            f"runs cannot be sorted by {name!r}", field="sort", expected=", ".join(_SORTS)
        )
    if not 1 <= query.limit <= MAX_PAGE:
        raise InvalidRequestError("the limit is out of range", field="limit", expected="1 to 1000")
    conditions = _conditions(session, query)
    # rows are wide: only their keys are sorted, and the page's rows fetched by them
    found = select(Run.id, column.label("place"))
    counted = select(func.count()).select_from(Run).where(*conditions)
    # a search looks at every run: once is enough to find and to count
    at_once = bool(query.q) and not query.cursor
    if at_once:
        found = found.add_columns(func.count().over())
    total = None if at_once else session.scalar(counted) or 0
    if query.cursor:
        conditions.append(_beyond(query.cursor, query.sort, column, descending))
    found = found.where(*conditions)
    if total is not None and total <= query.limit:
        # few: found by what they are, not by going through all in their order
        found = select(*found.cte("few").prefix_with("MATERIALIZED").c)
    run_id, place = list(found.selected_columns)[:2]
    order = (place.desc(), run_id.desc()) if descending else (place, run_id)
    keys = session.execute(found.order_by(*order).limit(query.limit + 1)).all()
    if total is None:
        total = keys[0][2] if keys else 0
    cursor = None
    if len(keys) > query.limit:
        last_id, reached, *_ = keys[query.limit - 1]
        cursor = encode_cursor(query.sort, _to_json(reached), last_id)
    shown = [key[0] for key in keys[: query.limit]]
    fetched = select(Run).where(Run.id.in_(shown)).options(*(_UNREAD if query.brief else ()))
    rows = {run.id: run for run in session.scalars(fetched)}
    return Page([rows[run_id] for run_id in shown if run_id in rows], cursor, total)


def in_trash() -> ColumnElement[bool]:
    """Whether a run is in the trash, and not on its way out of it for good."""
    return and_(Run.deleted_at.is_not(None), Run.purging_at.is_(None))


def _conditions(session: Session, query: RunQuery) -> list[ColumnElement[bool]]:
    wanted = [in_trash() if query.trashed else Run.deleted_at.is_(None)]
    if query.status is not None:
        one = isinstance(query.status, str)
        wanted.append(Run.status.in_([query.status] if one else list(query.status)))
    if query.task:
        wanted.append(Run.task == query.task)
    if query.model:
        wanted.append(
            or_(
                Run.model == query.model,
                Run.model.startswith(f"{query.model.rstrip('/')}/", autoescape=True),
            )
        )
    if query.owner_id:
        wanted.append(Run.owner_id == query.owner_id)
    if query.project_id:
        wanted.append(Run.project_id == query.project_id)
    wanted += [_has_tag(session, tag) for tag in query.tags]
    searched = (Run.name, Run.id, Run.model, Run.dataset, Run.sentence, Run.notes)
    # LIKE of SQLite ignores case as far as its lower() knows any, and takes half the time
    fold = session.get_bind().dialect.name != "sqlite"
    for word in (query.q or "").split():
        has = [(c.icontains if fold else c.contains)(word, autoescape=True) for c in searched]
        wanted.append(or_(*has))
    return wanted


def _has_tag(session: Session, tag: str) -> ColumnElement[bool]:
    if session.get_bind().dialect.name == "postgresql":
        return type_coerce(Run.tags, JSONB).contains([tag])
    each = func.json_each(Run.tags).table_valued("value")
    return select(each.c.value).where(each.c.value == tag).exists()


def _beyond(
    cursor: str, sort: str, column: ColumnElement[Any], descending: bool
) -> ColumnElement[bool]:
    made_for, place, run_id = decode_cursor(cursor, str, object, str)
    if made_for != sort:
        raise InvalidRequestError(
            "the cursor belongs to another sort order", field="cursor", expected=f"sort={made_for}"
        )
    value = _place(place, column)
    # written so that an index on the column can begin at the place
    if descending:
        return and_(column <= value, or_(column < value, Run.id < run_id))
    return and_(column >= value, or_(column > value, Run.id > run_id))


def _to_json(place: Any) -> Any:
    return place.isoformat() if isinstance(place, datetime) else place


def _place(said: Any, column: ColumnElement[Any]) -> Any:
    """A place in the order of `column`, out of a cursor that anybody may have made up."""
    kind = column.type.python_type
    if kind is datetime:
        return read_time(said)
    try:
        found = kind(said)
    except (OverflowError, TypeError, ValueError):
        raise bad_cursor() from None
    if isinstance(found, int) and abs(found) >= _TOO_LARGE:
        raise bad_cursor()
    return found
