"""All queries, by kind of row. Each repository works in the session it is given."""

from trainwright.store.repositories.alerts import AlertQuery, Alerts, Trouble
from trainwright.store.repositories.base import Page, Repository
from trainwright.store.repositories.chats import Chats, RunNames
from trainwright.store.repositories.datasets import Datasets
from trainwright.store.repositories.deletions import Deletions
from trainwright.store.repositories.dispatch import Dispatch
from trainwright.store.repositories.events import Events, LogReader
from trainwright.store.repositories.metrics import CurvePage, CurveQuery, Metrics, Point
from trainwright.store.repositories.notices import Notices
from trainwright.store.repositories.people import Projects, Sessions, Tokens, Users
from trainwright.store.repositories.run_parts import Artifacts, Attempts, Checkpoints
from trainwright.store.repositories.run_query import RunQuery
from trainwright.store.repositories.runs import Runs, hash_token
from trainwright.store.repositories.sharing import Shared, Shares
from trainwright.store.repositories.tally import NewPoint
from trainwright.store.repositories.things import Settings, Targets
from trainwright.store.repositories.webhooks import Deliveries, Webhooks

__all__ = [
    "AlertQuery",
    "Alerts",
    "Artifacts",
    "Attempts",
    "Chats",
    "Checkpoints",
    "CurvePage",
    "CurveQuery",
    "Datasets",
    "Deletions",
    "Deliveries",
    "Dispatch",
    "Events",
    "LogReader",
    "Metrics",
    "NewPoint",
    "Notices",
    "Page",
    "Point",
    "Projects",
    "Repository",
    "RunNames",
    "RunQuery",
    "Runs",
    "Sessions",
    "Settings",
    "Shared",
    "Shares",
    "Targets",
    "Tokens",
    "Trouble",
    "Users",
    "Webhooks",
    "hash_token",
]
