"""Recipes: whole, valid, and applied with a person's changes."""

from __future__ import annotations

import pytest

from trainwright import catalog
from trainwright.spec import NotFoundError, SpecError


def test_every_recipe_makes_a_spec_and_opens_with_its_command() -> None:
    from importlib.resources import files

    folder = files("trainwright.catalog") / "data" / "recipes"
    every = catalog.recipes()
    assert every
    for recipe in every:
        first = (folder / f"{recipe.id}.yaml").read_text("utf-8").splitlines()[0]
        assert first.startswith(f"# trainwright recipes apply {recipe.id}")
        given = dict.fromkeys(recipe.asks, "./photos")
        applied = catalog.apply_recipe(recipe.id, given)
        done = catalog.complete(applied.fields, applied.chosen)
        said = {name for name in recipe.spec if name != "dataset"}
        assert all(done.provenance[name] == "default" for name in said), recipe.id


def test_changes_win_and_are_the_persons() -> None:
    applied = catalog.apply_recipe("digits-lenet5", {"epochs": 3, "resources": {"gpus": 0}})
    assert applied.fields["epochs"] == 3
    assert applied.chosen["epochs"] == "user"
    assert applied.chosen["model"] == "default"
    assert applied.reasons["model"] == "from the recipe digits-lenet5"
    assert "epochs" not in applied.reasons


def test_a_length_in_steps_takes_the_place_of_the_recipes_epochs() -> None:
    applied = catalog.apply_recipe("digits-lenet5", {"max_steps": 100})
    assert "epochs" not in applied.fields
    assert catalog.complete(applied.fields, applied.chosen).spec.max_steps == 100


def test_what_a_recipe_asks_for_must_be_given() -> None:
    with pytest.raises(SpecError) as caught:
        catalog.apply_recipe("own-images", {})
    fault = caught.value.faults[0]
    assert (fault.field, fault.code) == ("dataset", "missing")
    assert "--set dataset=" in (fault.mend or "")


def test_an_unknown_recipe_is_told_with_its_neighbours() -> None:
    with pytest.raises(NotFoundError) as caught:
        catalog.recipe("digit-lenet")
    assert "digits-lenet5" in str(caught.value.expected)


@pytest.mark.parametrize(
    ("words", "first"), [("cifar resnet", "cifar10-resnet18"), ("직접 이미지", "own-images")]
)
def test_recipes_are_found_by_words(words: str, first: str) -> None:
    assert [recipe.id for recipe in catalog.recipes(q=words)] == [first]
    assert not catalog.recipes(q="no such words")
