"""Which runs a message means: by name, id, place in the last list, or `it` and `the last`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from trainwright import catalog
from trainwright.server.chat import topics
from trainwright.server.chat.context import Message
from trainwright.server.run_access import find_run
from trainwright.spec.errors import ConflictError, NotFoundError
from trainwright.spec.status import RunStatus
from trainwright.store.models import Run
from trainwright.store.repositories import RunNames, RunQuery, Runs

MASK = "\ue000"
_NAMES = 500
READ = 500
"""Characters of a message that are read for what it asks of runs: hostile text costs no time."""
_MOST_WORDS = 20
_SHOWN = 10
_LOOKED_AT = 200

_MARKED = re.compile(r"(?:(?:run|런|실행)\s+|[\"“`'])$")
_QUOTED_RUN = re.compile(r"(?:run|런|실행)\s+[\"“`]([^\"”`]{1,200})[\"”`]")
_WORD = re.compile(r"[\w][\w./+-]{3,199}")
_IDENTIFYING = re.compile(r"[\d_-]")
_AFTER_RUN = re.compile(r"\b(?:run|training|job)\s+(?:called\s+|named\s+|id\s+)?([\w][\w./+-]*)")
_AFTER_ORDER = re.compile(
    r"\b(?:stop|pause|resume|delete|remove|clone|kill|cancel|how is|how.s|why did)\s+"
    r"([a-z][\w./+-]*)(?:\s+(?:doing|going|fail|crash|stop))?\s*[.!?]*$"
)
_COMPARED = re.compile(
    r"\bcompare\s+(?:runs?\s+)?(?P<a>[\w][\w./+-]*)\s+(?:and|with|to|vs\.?|versus)\s+"
    r"(?:run\s+)?(?P<b>[\w][\w./+-]*)"
)
_ORDINALS_EN = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")
_ORDINALS_KO = ("첫", "두", "세", "네", "다섯", "여섯", "일곱", "여덟")
_ORDINAL = re.compile(
    rf"\b({'|'.join(_ORDINALS_EN)})\b|\b(\d{{1,2}})(?:st|nd|rd|th)\b|(?:^|\s)#(\d{{1,2}})\b"
    rf"|\b(?:number|no\.|run) (\d{{1,2}})\b|({'|'.join(_ORDINALS_KO)})\s?번\s?째"
    r"|(?<!\d)(\d{1,2})\s?번(?:째|\s|$)|^\W*(\d{1,2})\W*$"
)
_SEVERAL = re.compile(
    r"(?:last|latest|newest|recent)\s+(two|three|four|five|\d{1,2})\b"
    r"|(?:마지막|최근|최신)\s?(?:실행|런|학습)?\s?(두|세|네|다섯|\d{1,2})\s?(?:개|번|가지)?"
    r"|\b(two|three) (?:last|latest|newest|most recent|runs)"
)
_NUMBERS = {"two": 2, "three": 3, "four": 4, "five": 5, "두": 2, "세": 3, "네": 4, "다섯": 5}


@dataclass
class Meant:
    """The runs a message speaks of.

    Attributes:
        runs: Named, or pointed at in the last list.
        unknown: Named, and not there or not to be seen by who asks.
        ambiguous: A name that several runs go by, and these.
        text: The message in lower case, names masked, so that no name is read as an order.
        several: `the last two`.
        beyond: `the fifth` of three.
    """

    text: str
    runs: list[Run] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    ambiguous: list[tuple[str, list[str]]] = field(default_factory=list)
    several: int = 0
    beyond: bool = False

    def refers(self, *kinds: str) -> bool:
        """Whether words of one of these kinds (`newest`, `it`, `mine`, `all`) are in it."""
        return bool({*topics.said("refer", self.text)} & {*kinds})

    @property
    def statuses(self) -> list[RunStatus]:
        """The statuses that are named."""
        found = [RunStatus(name) for name in topics.said("status", self.text)]
        if RunStatus.QUEUED in found:
            found += [RunStatus.CREATED, RunStatus.VALIDATING, RunStatus.PREPARING]
        if RunStatus.RUNNING in found:
            found += [RunStatus.ALLOCATING, RunStatus.PAUSING, RunStatus.LOST]
        return found


def find(message: Message) -> Meant:
    """The runs a message means, as far as it names them."""
    meant = Meant(" ".join(message.text.lower().split())[:READ])
    _by_name(message, meant)
    _by_words(message, meant)
    _by_place(message, meant)
    if found := _SEVERAL.search(meant.text):
        said = next(filter(None, found.groups()))
        meant.several = _NUMBERS.get(said) or int(said)
    return meant


def _by_name(message: Message, meant: Meant) -> None:
    """Names of runs that stand in the message as they are, the longest first."""
    common = topics.rules().common | {info.id for info in catalog.datasets()}
    with message.services.database.session(write=False) as session:
        names = RunNames(session).newest(message.user.scope, limit=_NAMES)
    found = []
    for name in sorted({name for _, name in names}, key=len, reverse=True):
        low = name.lower()
        at = _place_of(low, meant.text)
        if at is not None and len(low) > 1 and (low not in common or _is_marked(meant.text, at)):
            found.append((at, name))
            _mask(meant, at, at + len(low))
    for _, name in sorted(found):
        _add(message, meant, name)
    for quoted in _QUOTED_RUN.findall(meant.text):
        if MASK not in quoted:
            meant.unknown.append(quoted)


def _is_marked(text: str, at: int) -> bool:
    """Whether what begins here is said to be a name: in quotes, or after `run`."""
    return bool(_MARKED.search(text[:at]))


def _place_of(name: str, text: str) -> int | None:
    at = text.find(name)
    while at >= 0:
        before, after = text[at - 1 : at], text[at + len(name) : at + len(name) + 1]
        if not (_joins(before) and _joins(name[0])) and not (_joins(after) and _joins(name[-1])):
            return at
        at = text.find(name, at + 1)
    return None


def _joins(character: str) -> bool:
    """Whether a letter would go on the same word; Korean endings follow a name at once."""
    return bool(character) and character.isascii() and (character.isalnum() or character in "-_")


def _by_words(message: Message, meant: Meant) -> None:
    """Words that are an id or the beginning of one, and whatever is called a run."""
    called = {
        found[1]: found.start(1)
        for pattern in (_AFTER_RUN, _AFTER_ORDER)
        for found in pattern.finditer(meant.text)
    }
    if found := _COMPARED.search(meant.text):
        called |= {found[name]: found.start(name) for name in ("a", "b")}
    for found in list(_WORD.finditer(meant.text))[:_MOST_WORDS]:
        word = found[0].rstrip(".-/+")
        ascii_word = re.match(r"[!-~]+", word)
        if ascii_word is None or MASK in word or not _IDENTIFYING.search(word):
            continue
        word = ascii_word[0]
        if _add(message, meant, word, strict=word in called):
            _mask(meant, found.start(), found.start() + len(word))
        called.pop(word, None)
    for word, at in called.items():
        plain = (
            word in topics.rules().common or MASK in word or not word.isascii() or word.isdigit()
        )
        if not plain and _add(message, meant, word, strict=True):
            _mask(meant, at, at + len(word))


def _by_place(message: Message, meant: Meant) -> None:
    for found in _ORDINAL.finditer(meant.text):
        place = _ordinal(next(filter(None, found.groups())))
        shown = message.memory.shown
        if not shown:
            return
        if place > len(shown):
            meant.beyond = True
        else:
            _add(message, meant, shown[place - 1])


def _ordinal(said: str) -> int:
    for names in (_ORDINALS_EN, _ORDINALS_KO):
        if said in names:
            return names.index(said) + 1
    return max(1, int(said))


def _mask(meant: Meant, start: int, end: int) -> None:
    meant.text = meant.text[:start] + MASK * (end - start) + meant.text[end:]


def _add(message: Message, meant: Meant, ref: str, *, strict: bool = True) -> bool:
    """Add the run that `ref` stands for.

    Args:
        message: The message.
        meant: Where to add it.
        ref: A name, an id, or the beginning of one.
        strict: It can be nothing else than a run: one that is not there is told.

    Returns:
        Whether it speaks of a run at all.
    """
    if ref.lower() == "last":
        return False
    try:
        run = find_run(message.services, message.user, ref)
    except NotFoundError:
        begun = _begin_with(message, ref) if strict else []
        if len(begun) == 1:
            return _add(message, meant, begun[0])
        if begun:
            meant.ambiguous.append((ref, begun))
        elif strict:
            meant.unknown.append(ref)
        return strict
    except ConflictError as error:
        ids = [candidate["id"] for candidate in error.details.get("candidates", [])]
        meant.ambiguous.append((ref, ids))
        return True
    if run.id not in {known.id for known in meant.runs}:
        meant.runs.append(run)
    return True


def _begin_with(message: Message, ref: str) -> list[str]:
    """Runs whose names begin with these words: `broken-run` of `broken-run-20261123-0844`."""
    with message.services.database.session(write=False) as session:
        names = RunNames(session).newest(message.user.scope, limit=_NAMES)
    return [run_id for run_id, name in names if name.lower().startswith(f"{ref.lower()}-")][:_SHOWN]


def newest(
    message: Message,
    *,
    mine: bool = False,
    fits: Callable[[Run], bool] = lambda _: True,
    statuses: Iterable[RunStatus] = (),
    limit: int = _LOOKED_AT,
) -> list[Run]:
    """Runs that fit, newest first, among those the person may see."""
    owner = message.user.id if mine else message.user.scope
    query = RunQuery(status=[*statuses] or None, owner_id=owner, limit=limit)
    with message.services.database.session(write=False) as session:
        return [run for run in Runs(session).list(query).items if fits(run)]


def spoken_of(message: Message) -> Run | None:
    """The run that was spoken of last, if it is still there."""
    return run_of(message, message.memory.run) if message.memory.run else None


def run_of(message: Message, run_id: str) -> Run | None:
    """A run that was spoken of, if it is still there to be seen."""
    try:
        return find_run(message.services, message.user, run_id)
    except (NotFoundError, ConflictError):
        return None


def one(message: Message, meant: Meant, fits: Callable[[Run], bool] = lambda _: True) -> Run | None:
    """The one run a question is about: named, spoken of before, or the newest that fits."""
    if meant.runs:
        return meant.runs[0]
    mine, statuses = meant.refers("mine"), meant.statuses
    spoken = None if meant.refers("newest") and not meant.refers("previous") else spoken_of(message)
    if meant.refers("previous"):
        before = [run for run in newest(message, mine=mine, statuses=statuses) if fits(run)]
        return _after(before, spoken)
    if spoken is not None and fits(spoken) and (not statuses or spoken.status in statuses):
        return spoken
    found = newest(message, mine=mine, statuses=statuses, fits=fits)
    return found[0] if found else None


def _after(runs: list[Run], spoken: Run | None) -> Run | None:
    ids = [run.id for run in runs]
    place = ids.index(spoken.id) + 1 if spoken is not None and spoken.id in ids else 1
    return runs[place] if place < len(runs) else None
