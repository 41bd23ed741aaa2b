"""Language models that runs leave in the Hugging Face layout: found, loaded, talked with."""

from trainwright.serving.language.folders import ModelFolder, UnusableError, find_model
from trainwright.serving.language.talks import Talks
from trainwright.serving.language.texts import continued

__all__ = ["ModelFolder", "Talks", "UnusableError", "continued", "find_model"]
