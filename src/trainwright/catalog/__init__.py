"""What can be trained: models, sample datasets and their recommended settings, as plain data."""

from trainwright.catalog.check import FRAMEWORKS, check_names
from trainwright.catalog.complete import DEFAULT_SEED, Completed, complete
from trainwright.catalog.edit import edit
from trainwright.catalog.extend import register_datasets, register_models
from trainwright.catalog.fit import fit_to_data
from trainwright.catalog.hardware import architecture, gpu, gpus, nearest_architecture
from trainwright.catalog.query import dataset, datasets, model, models
from trainwright.catalog.recipes import apply_recipe, recipe, recipes
from trainwright.catalog.search import find_model, latin, nearest_datasets
from trainwright.catalog.shelf import tuned_defaults

__all__ = [
    "DEFAULT_SEED",
    "FRAMEWORKS",
    "Completed",
    "apply_recipe",
    "architecture",
    "check_names",
    "complete",
    "dataset",
    "datasets",
    "edit",
    "find_model",
    "fit_to_data",
    "gpu",
    "gpus",
    "latin",
    "model",
    "models",
    "nearest_architecture",
    "nearest_datasets",
    "recipe",
    "recipes",
    "register_datasets",
    "register_models",
    "tuned_defaults",
]
