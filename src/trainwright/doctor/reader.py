"""Who reads sentences: the rules, or a language model that they check."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from trainwright.doctor.registry import Finding, check, ok, warn
from trainwright.intent.llm.provider import configured
from trainwright.settings import Settings


@check("reader", "Reading of sentences")
def reader(settings: Settings) -> Iterator[Finding]:
    """Nothing is asked of the model here: a doctor costs nothing and tells nobody."""
    wanted = settings.trainwright_llm
    provider = configured(settings)
    if provider is None:
        if wanted in ("auto", "off"):
            why = "TRAINWRIGHT_LLM=off" if wanted == "off" else "no language model is configured"
            yield ok(f"by rules ({why})")
        else:
            key = f"{wanted.upper()}_API_KEY"
            yield warn(f"TRAINWRIGHT_LLM={wanted}, but {key} is not set", mend=f"export {key}=…")
        return
    if not provider.installed:
        yield warn(
            f"by rules: {provider.name} is configured, but its packages are not installed",
            mend='pip install "trainwright[chat]"',
        )
        return
    server = urlsplit(provider.url).netloc.rpartition("@")[2] or provider.url
    model = provider.model or "the model it has loaded"
    yield ok(f"by rules and {provider.name} ({model}, at {server})")
