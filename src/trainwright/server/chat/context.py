"""One message with everything needed to answer it, and an answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from trainwright.server.auth import Principal
from trainwright.server.chat.memory import Memory
from trainwright.server.chat.phrases import Language, say, table
from trainwright.server.known import known_names
from trainwright.server.services import Services
from trainwright.spec.api import ChatAction, ChatTable
from trainwright.spec.result import ParseResult

if TYPE_CHECKING:
    from trainwright.intent import Known


STARTS = ("start_training", "clone")
"""Proposals that change nothing there is: a question does not drop them."""


@dataclass
class Message:
    """What was said, by whom, in which conversation.

    Attributes:
        text: As it was written, made plain for the rules.
        written: As it was written, white space aside.
        language: The language to answer in.
        folder: The asker's working folder, where it is on the platform's machine.
        open: What was proposed before, and is not yet done or dropped.
    """

    services: Services
    user: Principal
    text: str
    written: str
    language: Language
    memory: Memory
    folder: str | None = None
    open: list[ChatAction] = field(default_factory=list)

    @property
    def starts(self) -> bool:
        """Whether a yes to what was proposed before would have started a run."""
        return any(action.type in STARTS for action in self.open)

    @cached_property
    def known(self) -> Known:
        """What the message may name on this platform."""
        return known_names(self.services.database)

    def say(self, key: str, **words: object) -> str:
        return say(key, self.language, **words)

    def columns(self, *names: str) -> list[str]:
        """Headings of a table."""
        place = 0 if self.language == "en" else 1
        return [table("phrases")["columns"][name][place] for name in names]


@dataclass
class Answer:
    """What is said back.

    Attributes:
        topic: What it is about; `None` where a training is discussed.
        runs: Runs it speaks of, in the order shown.
        proposed: What a yes would bring about.
        choices: What may be said next.
        done: What was brought about.
        run_id: The run that was started.
        parsed: The reading of a request for training.
        wanted: What is to be done to a run that has yet to be named.
    """

    topic: str | None
    text: str
    tables: list[ChatTable] = field(default_factory=list)
    runs: list[str] = field(default_factory=list)
    proposed: list[ChatAction] = field(default_factory=list)
    choices: list[str] = field(default_factory=list)
    done: list[ChatAction] = field(default_factory=list)
    run_id: str | None = None
    parsed: ParseResult | None = None
    wanted: str | None = None
