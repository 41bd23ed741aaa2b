"""Sentences to specs: what was said, what follows from it, and what must be asked."""

from trainwright.intent.known import Known, KnownDataset
from trainwright.intent.llm.reader import read
from trainwright.intent.parser import parse

__all__ = ["Known", "KnownDataset", "parse", "read"]
