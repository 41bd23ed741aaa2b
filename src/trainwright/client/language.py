"""Trained language models: what can be asked of a run's model, and conversations with it."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing
from typing import Any, Unpack

from trainwright.client.runs import RunCalls
from trainwright.client.transport import LONG
from trainwright.spec.api import Abilities, Generated, GenerateOptions, ModelMessage
from trainwright.spec.errors import UnavailableError

Messages = Sequence[ModelMessage | Mapping[str, str]]


class Generation:
    """An answer while it is made: iterate over its pieces.

    Whoever stops listening (`close`, or an exception on the way) ends it on the platform as well.

    Attributes:
        result: The whole answer, once it is complete.
    """

    def __init__(self, lines: Generator[dict[str, Any], None, None]) -> None:
        self._lines = lines
        self._pieces = self._read()
        self.result: Generated | None = None

    def __iter__(self) -> Iterator[str]:
        return self._pieces

    def close(self) -> None:
        """Stop listening."""
        self._pieces.close()

    def wait(self) -> Generated:
        """The whole answer."""
        for _ in self:
            pass
        if self.result is None:
            raise UnavailableError("the platform ended in the middle of the answer")
        return self.result

    def _read(self) -> Generator[str, None, None]:
        with closing(self._lines):
            for said in self._lines:
                if "answer" in said:
                    self.result = Generated.model_validate(said["answer"])
                    return
                yield str(said["delta"])
        raise UnavailableError("the platform ended in the middle of the answer")


class LanguageCalls(RunCalls):
    """What can be asked of trained language models."""

    def abilities(self, ref: str) -> Abilities:
        """Whether the run's model answers images with labels, or texts with texts.

        Args:
            ref: The run's id, prefix, name or `last`.
        """
        return Abilities.model_validate(self._get(f"/inference/{self._id(ref)}"))

    def generate(
        self, ref: str, messages: Messages, **options: Unpack[GenerateOptions]
    ) -> Generation:
        """Have a language model go on with a conversation.

        Args:
            ref: The run's id, prefix, name or `last`.
            messages: Each with `role` (`system`, `user`, `assistant`) and `content`; the last one
                is the user's.
            **options: `max_tokens`, `temperature`, `top_p`, `seed`.

        Returns:
            The answer, to be listened to piece by piece, or waited for with `wait()`.
        """
        said = [m.model_dump() if isinstance(m, ModelMessage) else dict(m) for m in messages]
        path = f"/inference/{self._id(ref)}/chat"
        body = {"messages": said, **options}
        return Generation(self._transport.lines(path, json=body, timeout=LONG))
