from trainwright import catalog
from trainwright.api.request import read_request
from trainwright.frameworks import registry
from trainwright.frameworks.inventory import find_model, find_models


def test_frameworks_add_to_the_catalogue_and_do_not_overrule_it():
    before = {m.id: m for m in catalog.models(framework="builtin")}
    after = {m.id: m for m in find_models(framework="builtin")}
    assert set(before) <= set(after)
    for model_id, info in before.items():
        assert after[model_id].defaults == info.defaults
        assert after[model_id].accuracy == info.accuracy


def test_tuned_settings_are_kept():
    before = catalog.tuned_defaults("builtin/lenet5", "digits")
    assert before
    spec = read_request("Classify handwritten digits with LeNet-5, 5 epochs").spec
    assert catalog.tuned_defaults("builtin/lenet5", "digits") == before
    assert {name: getattr(spec, name) for name in before} == before


def test_installed_models_come_first_and_have_options():
    found = find_models()
    installed = [m.installed for m in found]
    assert installed == sorted(installed, reverse=True)
    assert find_model("builtin/mlp").options


def test_every_built_in_model_can_be_asked_for_with_its_defaults():
    adapter = registry.get("builtin")
    for info in adapter.list_models():
        spec = read_request({"model": info.id, "dataset": "digits"}).spec
        assert adapter.check(spec) == []
