"""The report of a run, put together."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from functools import cache
from importlib.resources import files

from trainwright import __version__
from trainwright.server.diagnosis import Language
from trainwright.server.report import results, sections
from trainwright.server.report.facts import Facts
from trainwright.server.report.markup import Node, page, style, tag
from trainwright.server.report.numbers import moment
from trainwright.server.report.wording import words

MEDIA_TYPE = "text/html; charset=utf-8"


def build(facts: Facts, language: Language) -> str:
    """The report as one HTML file, which asks for nothing and runs nothing."""
    say = words(language)
    made = say("say", "made", when=moment(facts.made_at), version=__version__)
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=_content_policy()),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="referrer", content="no-referrer"),
        tag("meta", name="robots", content="noindex"),
        tag("title", f"{facts.run.name} · {say('say', 'report')}"),
        style(_css()),
    )
    main = tag(
        "main",
        sections.header(facts, say, language),
        sections.trouble(facts, say, language),
        results.key_results(facts, say),
        results.curves(facts, say),
        results.measures(facts, say),
        results.classes(facts, say),
        sections.findings(facts, say),
        sections.notes(facts, say),
        sections.settings(facts, say),
        sections.origin(facts, say),
        tag("footer", made),
    )
    return page(_document(head, main, language))


def policy() -> str:
    """The Content-Security-Policy it is served with: nothing but its own style sheet."""
    return f"{_content_policy()}; frame-ancestors 'none'; sandbox"


def _content_policy() -> str:
    digest = b64encode(hashlib.sha256(_css().encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def _document(head: Node, main: Node, language: Language) -> Node:
    return tag("html", head, tag("body", main), lang=language)


@cache
def _css() -> str:
    return (files(__package__) / "style.css").read_text("utf-8")
