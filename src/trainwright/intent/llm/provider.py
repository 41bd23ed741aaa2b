"""Which language model is asked, as the settings have it."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from trainwright.settings import Settings

Method = Literal["json_schema", "function_calling", "plain"]
"""How the form is asked for; `plain` describes it in words and finds the JSON in the reply."""

ANTHROPIC_URL = "https://api.anthropic.com"
OPENAI_URL = "https://api.openai.com/v1"
_ANTHROPIC_MODEL = "claude-haiku-5-5"
_OPENAI_MODEL = "gpt-5.4-mini"
_NO_KEY = "none-needed"  # servers without keys ignore it, and the client insists on one


@dataclass(frozen=True)
class Provider:
    """A language model to ask.

    Attributes:
        model: `None` asks the server which one it has.
        own_server: It is the operator's: an address was given.
        methods: In the order they are tried; the last needs nothing of the server.
    """

    name: Literal["anthropic", "openai"]
    url: str
    model: str | None
    key: str = field(repr=False)
    own_server: bool
    methods: tuple[Method, ...]

    @property
    def package(self) -> str:
        return f"langchain_{self.name}"

    @property
    def installed(self) -> bool:
        return find_spec(self.package) is not None


def configured(settings: Settings) -> Provider | None:
    """The model the settings name, or `None` where the rules read alone.

    An address of one's own is the most deliberate choice and goes first, then Anthropic's key,
    then OpenAI's.
    """
    wanted = settings.trainwright_llm
    candidates = {"anthropic": _anthropic(settings), "openai": _openai(settings)}
    if wanted == "off":
        return None
    if wanted != "auto":
        return candidates[wanted]
    if candidates["openai"] and candidates["openai"].own_server:
        return candidates["openai"]
    return candidates["anthropic"] or candidates["openai"]


def _anthropic(settings: Settings) -> Provider | None:
    key = _plain(settings.anthropic_api_key)
    if not key:
        return None
    url = _plain(settings.anthropic_base_url)
    return Provider(
        name="anthropic",
        url=url or ANTHROPIC_URL,
        model=_plain(settings.anthropic_model) or _ANTHROPIC_MODEL,
        key=key,
        own_server=bool(url),
        methods=("function_calling", "plain"),
    )


def _openai(settings: Settings) -> Provider | None:
    key, url = _plain(settings.openai_api_key), _plain(settings.openai_base_url)
    if not key and not url:
        return None
    own_server = bool(url) and url.rstrip("/") != OPENAI_URL
    return Provider(
        name="openai",
        url=url or OPENAI_URL,
        model=_plain(settings.openai_model) or (None if own_server else _OPENAI_MODEL),
        key=key or _NO_KEY,
        own_server=own_server,
        methods=("json_schema", "function_calling", "plain"),
    )


def _plain(value: str | None) -> str:
    return (value or "").strip()
