from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainwright.catalog import complete, fit_to_data
from trainwright.spec import Chosen, RunSpec


def folder(**fields: object) -> tuple[RunSpec, dict[str, Chosen]]:
    done = complete({"model": "builtin/basic_cnn", "dataset": "/data/photos", **fields})
    return done.spec, done.provenance


def test_little_data_gets_small_batches_and_more_epochs() -> None:
    spec, chosen = folder()
    fitted = fit_to_data(spec, chosen, 74)
    assert fitted.spec.batch_size == 8
    assert fitted.spec.epochs is not None and spec.epochs is not None
    assert fitted.spec.epochs * 74 / 8 >= 300
    assert set(fitted.reasons) == {"batch_size", "epochs"}
    assert "74" in fitted.reasons["batch_size"]


def test_much_data_changes_nothing() -> None:
    spec, chosen = folder()
    assert fit_to_data(spec, chosen, 100_000).spec == spec


@given(samples=st.integers(0, 10**6), batch=st.integers(1, 512), epochs=st.integers(1, 100))
def test_what_a_person_chose_stays(samples: int, batch: int, epochs: int) -> None:
    spec, chosen = folder(batch_size=batch, epochs=epochs)
    assert fit_to_data(spec, chosen, samples).spec == spec


@given(samples=st.integers(1, 10**6))
def test_every_change_has_a_reason(samples: int) -> None:
    spec, chosen = folder()
    fitted = fit_to_data(spec, chosen, samples)
    changed = {n for n in RunSpec.model_fields if getattr(fitted.spec, n) != getattr(spec, n)}
    assert changed == set(fitted.reasons)
    assert (fitted.spec.batch_size or 0) >= 8 and (fitted.spec.epochs or 0) <= 60


@pytest.mark.parametrize(("side", "expected"), [(None, 64), (500, 64), (64, 64), (32, 32), (8, 28)])
def test_small_images_are_not_enlarged(side: int | None, expected: int) -> None:
    spec, chosen = folder()
    fitted = fit_to_data(spec, chosen, 100_000, median_side=side)
    assert fitted.spec.image_size == expected
    assert ("image_size" in fitted.reasons) == (expected != spec.image_size)


def test_a_size_that_was_chosen_or_that_weights_are_used_to_stays() -> None:
    spec, chosen = folder(image_size=96)
    assert fit_to_data(spec, chosen, 100_000, median_side=32).spec.image_size == 96
    done = complete({"model": "timm/resnet18", "dataset": "/data/photos"})
    fitted = fit_to_data(done.spec, done.provenance, 100_000, median_side=32)
    assert fitted.spec.image_size == done.spec.image_size == 224
