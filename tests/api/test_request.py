import pytest

from trainwright.api.request import (
    ClarificationNeededError,
    NotATrainingRequestError,
    read_request,
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


def test_several_open_questions_are_all_named_in_the_mend():
    with pytest.raises(ClarificationNeededError) as caught:
        read_request("Train a model")
    fields = [q.field for q in caught.value.questions]
    assert len(fields) > 1
    assert caught.value.mend == " ".join(f"--set {field}=…" for field in fields)


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


def test_a_missing_folder_is_told_with_all_other_faults(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    wrong = {"model": "builtin/lenet6", "dataset": "./no", "epochs": -1, "resources": {"gpu": 1}}
    with pytest.raises(SpecError) as caught:
        read_request(None, wrong)
    faults = {f.field: f for f in caught.value.faults}
    assert set(faults) == {"model", "dataset", "epochs", "gpu"}
    assert "does not exist" in faults["dataset"].message
    assert "gpus" in faults["gpu"].suggestions


def test_a_folder_named_like_a_dataset_is_suggested(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pets").mkdir()
    with pytest.raises(SpecError) as caught:
        read_request(None, {"model": "builtin/lenet5", "dataset": "pets"})
    assert caught.value.faults[0].suggestions[0] == "./pets"
    with pytest.raises(ClarificationNeededError) as open_question:
        read_request("Train LeNet-5 on pets")
    assert open_question.value.questions[0].suggestions[0] == "./pets"


def test_a_missing_or_unreadable_file(tmp_path):
    with pytest.raises(NotFoundError):
        read_request("nowhere.yaml")
    with pytest.raises(InvalidRequestError):
        read_request(tmp_path)
    binary = tmp_path / "binary.yaml"
    binary.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InvalidRequestError):
        read_request(binary)


def test_what_cannot_be_read_as_a_request_is_said():
    with pytest.raises(TypeError, match="not int"):
        read_request(5)


def test_a_scripts_run_is_named_without_the_suffix():
    fields = {"model": "script//x/train.py", "dataset": "digits", "task": "image_classification"}
    assert read_request(fields).spec.name.startswith("train-digits-")


def test_a_change_of_model_brings_the_task_it_does():
    request = read_request("classify ./photos with resnet18", {"model": "ultralytics/yolo11n-cls"})
    assert request.spec.task == "image_classification"
    request = read_request("train resnet18 on ./photos", {"model": "ultralytics/yolo11n"})
    assert request.spec.task == "object_detection"


def test_a_model_without_its_framework_is_suggested_with_it():
    with pytest.raises(SpecError) as refused:
        read_request("LeNet-5 on digits", {"model": "resnet18"})
    assert refused.value.faults[0].suggestions[0] == "builtin/resnet18"
    assert "did you mean builtin/resnet18" in str(refused.value)
