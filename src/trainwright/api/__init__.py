"""The Python face: `import trainwright as tw; run = tw.train("…"); run.wait()`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trainwright.api.conversation import Conversation
from trainwright.api.planning import plan
from trainwright.api.registered import known_names
from trainwright.api.request import Request, read_request
from trainwright.api.run import Run
from trainwright.api.session import Session, current, open_session, remember

if TYPE_CHECKING:
    from trainwright.spec import ParseResult, RunSpec

__all__ = [
    "Conversation",
    "Request",
    "Run",
    "Session",
    "chat",
    "connect",
    "parse",
    "plan",
    "read_request",
    "runs",
    "train",
]


def train(
    what: str | Path | RunSpec | Mapping[str, Any] | None = None,
    *,
    wait: bool = False,
    **changes: Any,
) -> Run:
    """Start a training run, on the running platform or on one started for it.

    Args:
        what: A sentence, the path of a YAML spec, a spec, a mapping of spec fields, or nothing
            when every field is given by name.
        wait: Return only when the run has ended.
        **changes: Spec fields that win over what `what` says, such as `epochs=3` or `gpus=1`.

    Returns:
        The run. It is detached: it goes on when this program ends.

    Raises:
        ClarificationNeededError: The sentence leaves a question open.
        SpecError: With every fault of the spec.
        RunFailedError: The run failed (only with `wait`).
    """
    request = read_request(what, changes)
    session = current()
    run = Run(session.client, request.submit(session.client))
    if wait:
        run.wait()
    return run


def parse(sentence: str) -> ParseResult:
    """Read a sentence; nothing is started and no platform is needed.

    Datasets that were registered on the platform in use are known by name.

    Args:
        sentence: English or Korean.
    """
    from trainwright import intent  # noqa: PLC0415 (kept out of `import trainwright`)

    return intent.read(sentence, known=known_names())


def chat(session_id: str | None = None) -> Conversation:
    """A conversation with the platform in use, which is started if there is none.

    Args:
        session_id: One to go on with; `last` is the one last used. Default: a new one.
    """
    return Conversation(current().client, session_id)


def connect(url: str | None = None, token: str | None = None) -> Session:
    """Use a certain platform from now on.

    Args:
        url: Its base URL. Default: `TRAINWRIGHT_URL`, else the one on the home, started if need be.
        token: Default: the home's own token.

    Returns:
        The session; `session.client` is the typed HTTP client.
    """
    return remember(open_session(url, token))


def runs(**filters: Any) -> Iterator[Run]:
    """Runs, newest first.

    Args:
        **filters: `status` (one or several), `task`, `model`, `project` (id or name), `tags`, `q`,
            `sort`.
    """
    client = current().client
    return (Run(client, view) for view in client.runs(**filters))
