"""What is wrong with a run, in words a person can act on, in English or Korean."""

from trainwright.server.diagnosis.diagnose import diagnose
from trainwright.server.diagnosis.wording import Language

__all__ = ["Language", "diagnose"]
