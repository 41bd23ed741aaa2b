"""A language model behind LangChain: one call, its errors told apart, its time bounded."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from trainwright.intent.llm.answer import LONGEST_REPLY, find_json, schema
from trainwright.intent.llm.failures import ModelFailedError, RequestRefusedError, UnusableError
from trainwright.intent.llm.prompt import Prompt
from trainwright.intent.llm.provider import Method, Provider

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

T = TypeVar("T")

_one_loop = threading.Lock()  # clients are bound to the loop they were first used in

_CONNECT_SECONDS = 3.0
_LIST_SECONDS = 5.0
_LONGEST_ANSWER = 4096  # tokens; models that reason count their reasoning in
_GRACE_SECONDS = 1.0  # for a cancelled call to wind up
_NO_CHAT = ("embed", "rerank", "whisper", "tts", "moderation")


@dataclass(frozen=True)
class Chat:
    """A model that is ready to be asked."""

    provider: Provider
    model: BaseChatModel

    def ask(self, prompt: Prompt, method: Method, faults: list[str], seconds: float) -> Any:
        """The form as the model filled it in, unchecked.

        Raises:
            UnusableError: The reply holds no form.
            RequestRefusedError: The server does not know this method.
            ModelFailedError: No reply, or a refusal.
        """
        work = self._call(prompt.messages(method, faults), method)
        try:
            reply = _within(seconds, work)
        except TimeoutError:
            raise ModelFailedError("timeout") from None
        except ModelFailedError:
            raise
        except Exception as error:  # noqa: BLE001 (whatever a client library raises, rules can read)
            raise _failure(error) from None
        return _form(reply)

    async def _call(self, messages: list[tuple[str, str]], method: Method) -> Any:
        from langsmith import tracing_context  # noqa: PLC0415 (only where a model is asked)

        with tracing_context(enabled=False):  # what people write goes to the model, nowhere else
            await _reach(self.provider.url)
            return await self._asking(method).ainvoke(messages)

    def _asking(self, method: Method) -> Any:
        """The model, bound to the form.

        Not `with_structured_output`, which binds the same: its parser mends broken JSON letter by
        letter, and takes minutes over a long reply in prose.
        """
        strict = self.provider.name == "openai" and not self.provider.own_server
        form = schema(strict=strict)
        if method == "json_schema":
            named = {"name": form["title"], "schema": form, "strict": strict}
            return self.model.bind(response_format={"type": "json_schema", "json_schema": named})
        if method == "function_calling":
            return self.model.bind_tools([form], tool_choice=form["title"])
        return self.model


def open_chat(provider: Provider) -> Chat:
    """A model to ask; the same one again for the same settings.

    Raises:
        ModelFailedError: The address is none, or the server does not say its model.
    """
    _place(provider.url)
    if provider.model is None:
        served = _served.get(provider) or _served_model(provider)
        if served:
            _served[provider] = served
        # servers of one model take any name
        provider = replace(provider, model=served or "default")
    return _open(provider)


@lru_cache(maxsize=8)
def _open(provider: Provider) -> Chat:
    common: dict[str, Any] = {
        "model": provider.model,
        "api_key": provider.key,
        "base_url": provider.url,
        "max_retries": 0,
    }
    if provider.name == "anthropic":
        from langchain_anthropic import ChatAnthropic  # noqa: PLC0415 (slow to load)

        return Chat(provider, ChatAnthropic(max_tokens=_LONGEST_ANSWER, **common))
    from langchain_openai import ChatOpenAI  # noqa: PLC0415 (slow to load)

    if provider.own_server:
        # OpenAI has renamed the one and refuses the other for its newer models
        common |= {"extra_body": {"max_tokens": _LONGEST_ANSWER}, "temperature": 0}
    else:
        common["max_tokens"] = _LONGEST_ANSWER
    return Chat(provider, ChatOpenAI(use_responses_api=False, **common))


_served: dict[Provider, str] = {}


def _served_model(provider: Provider) -> str | None:
    """The model a server of one's own lists first, when no name was set."""
    import httpx  # noqa: PLC0415 (only where a server is asked)

    try:
        found = httpx.get(
            f"{provider.url.rstrip('/')}/models",
            headers={"Authorization": f"Bearer {provider.key}"},
            timeout=httpx.Timeout(_LIST_SECONDS, connect=_CONNECT_SECONDS),
        )
    except (httpx.ReadTimeout, httpx.WriteTimeout, httpx.PoolTimeout):
        raise ModelFailedError("timeout") from None
    except (httpx.HTTPError, httpx.InvalidURL):
        raise ModelFailedError("unreachable") from None
    if found.status_code in (401, 403):
        raise ModelFailedError("key_refused")
    if found.status_code >= 500:
        raise ModelFailedError("server_error", passing=True)
    try:
        names = [str(entry["id"]) for entry in found.json()["data"]]
    except (ValueError, TypeError, KeyError):
        names = []
    return next((n for n in names if not any(word in n.lower() for word in _NO_CHAT)), None)


def _place(url: str) -> tuple[str, int] | None:
    """Host and port to connect to, or `None` where a proxy does it."""
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        raise ModelFailedError("bad_address") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ModelFailedError("bad_address")
    if {parts.scheme, "all"} & set(getproxies()) and not proxy_bypass(parts.hostname):
        return None
    return parts.hostname, port


async def _reach(url: str) -> None:
    """Find out soon whether there is a server; a client's own limit may be the whole time."""
    place = _place(url)
    if place is None:
        return
    try:
        _, writer = await asyncio.wait_for(asyncio.open_connection(*place), _CONNECT_SECONDS)
    except (OSError, UnicodeError, TimeoutError):
        raise ModelFailedError("unreachable") from None
    writer.close()


def _failure(error: Exception) -> Exception:
    """What a client library's error means; its words may quote the key, and are left out."""
    from langchain_core import exceptions as known  # noqa: PLC0415 (only where a model is asked)

    if isinstance(error, known.ModelInvalidRequestError):
        return RequestRefusedError()
    for kind, why in (
        (known.ModelAuthenticationError, "key_refused"),
        (known.ModelPermissionDeniedError, "key_refused"),
        (known.ModelNotFoundError, "no_such_model"),
        (known.ModelRateLimitError, "limited"),
        (known.ModelAPIError, "server_error"),
        (known.ModelTimeoutError, "timeout"),
        (known.ModelConnectionError, "unreachable"),
    ):
        if isinstance(error, kind):
            return ModelFailedError(why, passing=why in ("limited", "server_error"))
    status = getattr(error, "status_code", None)
    if status is not None:
        return RequestRefusedError() if status < 500 else ModelFailedError("server_error")
    return UnusableError("reading: the reply could not be read")


def _form(reply: Any) -> Any:
    """The form within a reply: a tool's arguments, or JSON in its text."""
    if reply.additional_kwargs.get("refusal"):
        raise ModelFailedError("declined")
    if reply.response_metadata.get("stop_reason") == "refusal":
        raise ModelFailedError("declined")
    if reply.tool_calls:
        return reply.tool_calls[0]["args"]
    if len(reply.text) > LONGEST_REPLY:
        raise ModelFailedError("unusable")
    return find_json(reply.text)


@lru_cache(maxsize=1)
def _loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="sentence-model", daemon=True).start()
    return loop


def _within(seconds: float, work: Coroutine[Any, Any, T]) -> T:
    """The outcome of `work`, or `TimeoutError`; what is too late is cancelled.

    A thread of its own, since the caller may run a loop (a notebook does), and since reading
    piece by piece a slow reply would never meet a client's own time limit.
    """
    with _one_loop:
        loop = _loop()
    running = asyncio.run_coroutine_threadsafe(asyncio.wait_for(work, seconds), loop)
    try:
        return running.result(seconds + _GRACE_SECONDS)
    except TimeoutError:
        running.cancel()
        raise
