"""Runs that are spoken of by what they trained: `the lenet run`, `르넷 돌린 거`."""

from __future__ import annotations

from trainwright.catalog import latin
from trainwright.catalog.search import key
from trainwright.intent.rules import datasets, models
from trainwright.server.chat.context import Message
from trainwright.server.chat.references import Meant, newest
from trainwright.spec.status import RunStatus
from trainwright.store.models import Run


def named(message: Message, meant: Meant, *, own: bool = False) -> list[list[Run]]:
    """For each model or dataset that is named, the runs of it: completed ones, newest first.

    Names without a run are left out. With `own`, runs of others do not count.
    """
    mentions, rest = models.find(latin(meant.text))
    wanted = [_Model(mention) for mention in mentions]
    data = datasets.find(rest)[0]
    if not (wanted or data):
        return []
    runs = newest(message, mine=own or meant.refers("mine"), statuses=meant.statuses)
    if data and wanted:
        runs = [run for run in runs if run.dataset in data]
    groups = [[run for run in runs if one.fits(run)] for one in wanted]
    groups += [[run for run in runs if run.dataset == name] for name in data if not wanted]
    # of runs that may be compared or asked for, those that have ended well come first
    return [sorted(group, key=_has_not_ended_well) for group in groups if group]


def _has_not_ended_well(run: Run) -> bool:
    return run.status is not RunStatus.COMPLETED


class _Model:
    """A model or a family, as named."""

    def __init__(self, mention: models.ModelMention) -> None:
        self._ids = {*mention.ids}
        self._family = key(mention.text) if mention.family else None

    def fits(self, run: Run) -> bool:
        bare = key(run.model.rpartition("/")[2])
        return run.model in self._ids or bool(self._family and bare.startswith(self._family))
