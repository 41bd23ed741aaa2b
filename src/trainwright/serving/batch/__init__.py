"""Predictions of very many inputs: in the background, one by one kept, going on after a crash."""

from trainwright.serving.batch.jobs import Batches
from trainwright.serving.batch.sources import Item, Source, from_folder, from_paths, from_texts

__all__ = ["Batches", "Item", "Source", "from_folder", "from_paths", "from_texts"]
