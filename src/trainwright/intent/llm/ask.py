"""Asking until the form is filled in properly: a few times, and within one time limit."""

from __future__ import annotations

import time
from collections.abc import Callable
from importlib import import_module

from trainwright.intent.llm.answer import Answer, understand
from trainwright.intent.llm.chat import Chat, open_chat
from trainwright.intent.llm.failures import ModelFailedError, RequestRefusedError, UnusableError
from trainwright.intent.llm.prompt import Prompt
from trainwright.intent.llm.provider import Method, Provider

RETRIES = 2
_BACK_OFF_SECONDS = 0.25

Doubts = Callable[[Answer], list[str]]
"""What makes one look twice at a well-formed answer."""

_working: dict[Provider, Method] = {}
"""What each server was found to understand, so that it is found out once."""


def consult(provider: Provider, prompt: Prompt, doubts: Doubts, seconds: float) -> Answer:
    """The form as the model fills it in for one message.

    Faults are told to the model, and doubts too, while tries are left. What is still doubtful
    after that is returned as it is: to weigh it is the caller's task.

    Raises:
        ModelFailedError: There is no answer to go by, or what it takes is not installed.
    """
    if not provider.installed:
        raise ModelFailedError("not_installed")
    import_module(provider.package)  # slow, once a process, and no fault of the model's
    until = time.monotonic() + seconds
    return _Conversation(open_chat(provider), prompt, doubts, until).run()


class _Conversation:
    def __init__(self, chat: Chat, prompt: Prompt, doubts: Doubts, until: float) -> None:
        self.chat = chat
        self.prompt = prompt
        self.doubts = doubts
        self.until = until
        methods = chat.provider.methods
        known = _working.get(chat.provider, methods[0])
        self.methods = list(methods[methods.index(known) :])
        self.faults: list[str] = []

    def run(self) -> Answer:
        answer, tries, failure = None, 0, ModelFailedError("unusable")
        while tries <= RETRIES and (left := self.until - time.monotonic()) > 0:
            try:
                answer = self._try(left)
            except RequestRefusedError:
                if not self._next_method():
                    failure = ModelFailedError("bad_request")
                    break
                continue
            except UnusableError as error:
                self.faults, answer = error.faults, None
                if any("JSON" in fault for fault in error.faults):
                    self._next_method()
            except ModelFailedError as error:
                if answer is not None:
                    return answer
                failure = error
                if not error.passing or tries == RETRIES:
                    break
                time.sleep(min(_BACK_OFF_SECONDS * (tries + 1), left))
            else:
                self.faults = self.doubts(answer)
                if not self.faults:
                    return answer
            tries += 1
        if answer is None:
            raise failure
        return answer

    def _try(self, seconds: float) -> Answer:
        method = self.methods[0]
        filled = understand(self.chat.ask(self.prompt, method, self.faults, seconds))
        _working[self.chat.provider] = method
        return filled

    def _next_method(self) -> bool:
        """Go on to what asks less of the server, if there is anything."""
        if len(self.methods) > 1:
            del self.methods[0]
            return True
        return False
