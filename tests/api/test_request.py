import pytest

from trainwright.api.request import (
    ClarificationNeededError,
    NotATrainingRequestError,
    is_spec_path,
    merge_fields,
    parse_value,
    read_request,
    seen_from_here,
)
from trainwright.spec import Chosen, InvalidRequestError, NotFoundError, RunSpec, SpecError

SENTENCE = "Classify handwritten digits with LeNet-5, 5 epochs"


def test_a_sentence_becomes_a_whole_spec():
    request = read_request(SENTENCE)
    assert (request.spec.model, request.spec.dataset, request.spec.epochs) == (
        "builtin/lenet5",
        "digits",
        5,
    )
    assert request.spec.batch_size is not None
    assert request.provenance["epochs"] == Chosen.USER
    assert request.provenance["batch_size"] == Chosen.DEFAULT
    assert request.sentence == SENTENCE


def test_changes_win_over_the_sentence_and_are_the_users():
    request = read_request(SENTENCE, {"epochs": 2, "resources": {"gpus": 0}, "batch_size": 8})
    assert (request.spec.epochs, request.spec.batch_size) == (2, 8)
    assert request.spec.resources.gpus == 0
    assert request.provenance["batch_size"] == request.provenance["gpus"] == Chosen.USER


def test_a_question_is_answered_by_a_change():
    with pytest.raises(ClarificationNeededError) as caught:
        read_request("Train ResNet18")
    assert [q.field for q in caught.value.questions] == ["dataset"]
    assert caught.value.details["questions"][0]["suggestions"]
    assert read_request("Train ResNet18", {"dataset": "digits"}).spec.dataset == "digits"


@pytest.mark.parametrize("answer", ["digits", "use the digits please", "./my-photos"])
def test_a_question_is_answered_by_a_person(answer):
    asked = []

    def ask(question):
        asked.append(question.field)
        return answer

    spec = read_request("Train ResNet18", ask=ask).spec
    assert asked == ["dataset"]
    assert spec.dataset is not None and spec.dataset.split("/")[-1] in ("digits", "my-photos")


def test_small_talk_is_not_a_request():
    with pytest.raises(NotATrainingRequestError):
        read_request("hello there")


def test_korean():
    spec = read_request("손글씨 숫자를 LeNet-5로 3 에폭 학습해줘").spec
    assert (spec.model, spec.dataset, spec.epochs) == ("builtin/lenet5", "digits", 3)


def test_a_file_of_fields(tmp_path):
    path = tmp_path / "spec.yaml"
    path.write_text("model: builtin/mlp\ndataset: digits\nresources: {gpus: 0}\n")
    for what in (path, str(path)):
        spec = read_request(what, {"cpus": 1}).spec
        assert (spec.resources.gpus, spec.resources.cpus) == (0, 1)


def test_a_spec_fields_or_keywords():
    spec = RunSpec(model="builtin/mlp", dataset="digits")
    for what, changes in (
        (spec, {"epochs": 2}),
        ({"model": "builtin/mlp", "dataset": "digits"}, {"epochs": 2}),
        (None, {"model": "builtin/mlp", "dataset": "digits", "epochs": 2}),
    ):
        request = read_request(what, changes)
        assert (request.spec.model, request.spec.epochs) == ("builtin/mlp", 2)
        assert request.provenance["model"] == Chosen.USER


def test_all_faults_at_once():
    with pytest.raises(SpecError) as caught:
        read_request(None, {"model": "builtin/lenet6", "epochs": -1, "lr": 1})
    assert {f.field for f in caught.value.faults} == {"model", "epochs", "lr"}


def test_a_missing_or_unreadable_file(tmp_path):
    with pytest.raises(NotFoundError):
        read_request("nowhere.yaml")
    with pytest.raises(InvalidRequestError):
        read_request(tmp_path)
    binary = tmp_path / "binary.yaml"
    binary.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InvalidRequestError):
        read_request(binary)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("spec.yaml", True),
        ("conf/a.yml", True),
        ("a.json", True),
        ("Train on photos", False),
        ("Train with the settings of base.yaml", False),
        ("resnet18", False),
    ],
)
def test_is_spec_path(text, expected):
    assert is_spec_path(text) is expected


def test_relative_paths_are_seen_from_here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "me"))
    here = {
        "photos/cats": f"{tmp_path}/photos/cats",
        "./photos": f"{tmp_path}/photos",
        "~/photos": f"{tmp_path}/me/photos",
        "/data": "/data",
        "digits": "digits",
        "hf://org/name": "hf://org/name",
    }
    for said, seen in here.items():
        assert seen_from_here({"dataset": said}) == {"dataset": seen}
    assert seen_from_here({"model": "script/a.py"}) == {"model": f"script/{tmp_path}/a.py"}
    assert seen_from_here({"model": "script//b/a.py"}) == {"model": "script//b/a.py"}
    assert seen_from_here({"dataset": 5, "model": None}) == {"dataset": 5, "model": None}


def test_groups_are_merged_and_not_replaced():
    base = {"resources": {"gpus": 1, "cpus": 4}, "overrides": {"a": 1}, "peft": "lora"}
    merged = merge_fields(base, {"cpus": 2, "overrides": {"b": 2}, "peft": {"r": 8}})
    assert merged["resources"] == {"gpus": 1, "cpus": 2}
    assert merged["overrides"] == {"a": 1, "b": 2}
    assert merged["peft"] == {"method": "lora", "r": 8}


def test_a_change_may_contradict_itself():
    with pytest.raises(SpecError):
        merge_fields({}, {"gpus": 1, "resources": {"gpus": 2}})


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3", 3),
        ("1e-3", 0.001),
        ("0.1", 0.1),
        ("true", True),
        ("digits", "digits"),
        ("[28, 28]", [28, 28]),
        ("null", None),
        ("a: b: c", "a: b: c"),
        ("", None),
    ],
)
def test_parse_value(text, value):
    assert parse_value(text) == value
