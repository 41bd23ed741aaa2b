"""The doctor says who reads sentences, and asks no model to find out."""

from __future__ import annotations

from typing import Any

import pytest

from trainwright.doctor import Level
from trainwright.doctor.reader import reader
from trainwright.settings import Settings

KEY = "sk-secret-0123456789"
NONE: dict[str, Any] = dict.fromkeys(
    (
        "anthropic_api_key",
        "anthropic_base_url",
        "anthropic_model",
        "openai_api_key",
        "openai_base_url",
        "openai_model",
    )
)


@pytest.mark.parametrize(
    ("given", "level", "words"),
    [
        ({}, Level.OK, "by rules (no language model is configured)"),
        ({"anthropic_api_key": KEY}, Level.OK, "anthropic (claude-"),
        ({"openai_api_key": KEY}, Level.OK, "openai (gpt-"),
        ({"openai_api_key": KEY, "openai_model": "mine"}, Level.OK, "(mine, at api.openai.com)"),
        ({"openai_base_url": "http://127.0.0.1:1/v1"}, Level.OK, "it has loaded, at 127.0.0.1:1)"),
        ({"openai_base_url": f"http://me:{KEY}@h:1/v1"}, Level.OK, "at h:1)"),
        ({"openai_base_url": "http://h:1", "anthropic_api_key": KEY}, Level.OK, "openai"),
        ({"openai_api_key": KEY, "anthropic_api_key": KEY}, Level.OK, "anthropic"),
        ({"anthropic_api_key": KEY, "trainwright_llm": "off"}, Level.OK, "TRAINWRIGHT_LLM=off"),
        ({"anthropic_api_key": KEY, "trainwright_llm": "openai"}, Level.WARN, "OPENAI_API_KEY is"),
        ({"anthropic_api_key": "  "}, Level.OK, "no language model"),
    ],
)
def test_who_reads(given: dict[str, Any], level: Level, words: str) -> None:
    [finding] = list(reader(Settings(**(NONE | {"trainwright_llm": "auto"} | given))))
    assert finding.level == level
    assert words in finding.message
    assert KEY not in finding.message
