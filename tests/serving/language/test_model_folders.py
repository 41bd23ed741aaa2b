"""Which of a run's folders is its language model, and why not: no training library is needed."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainwright.serving.language import UnusableError, find_model

CONFIG = {"architectures": ["LlamaForCausalLM"], "max_position_embeddings": 64}


def leave(run: Path, where: str = "model", age: int = 0, **config: Any) -> Path:
    """A folder that looks like a model, written `age` seconds ago."""
    folder = run / where
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(CONFIG | config))
    (folder / "tokenizer.json").write_text("{}")
    weights = folder / "model.safetensors"
    weights.write_bytes(b"weights")
    written = 1_700_000_000 - age
    os.utime(weights, (written, written))
    return folder


def why_not(run: Path, best: str | None = None) -> str:
    with pytest.raises(UnusableError) as refused:
        find_model(run, best)
    return refused.value.message


@pytest.mark.parametrize("where", ["model", ".", "checkpoints/step-9", "artifacts/a/b"])
def test_it_is_found_wherever_it_lies(tmp_path: Path, where: str) -> None:
    folder = leave(tmp_path, where)
    found = find_model(tmp_path)
    assert found.path == folder
    assert found.context_length == 64
    assert not found.chat_template


def test_too_deep_hidden_or_linked_folders_are_left_alone(tmp_path: Path) -> None:
    outside = leave(tmp_path / "elsewhere")
    run = tmp_path / "run"
    leave(run, "a/b/c/d")
    leave(run, ".cache/model")
    (run / "model").symlink_to(outside)
    assert "no language model" in why_not(run)


def test_of_several_the_best_answers_else_the_newest(tmp_path: Path) -> None:
    leave(tmp_path, "model", age=50)
    newest = leave(tmp_path, "checkpoints/step-2", age=10)
    older = leave(tmp_path, "checkpoints/step-1", age=90)
    assert find_model(tmp_path).path == newest
    assert find_model(tmp_path, "checkpoints/step-1").path == older
    assert find_model(tmp_path, "checkpoints/step-1/model.safetensors").path == older
    for nothing in ("checkpoints/step-7", "/etc", "../../etc", "stdout.log", "a\0b", ""):
        assert find_model(tmp_path, nothing).path == newest, nothing


def test_one_that_is_not_whole_is_passed_over(tmp_path: Path) -> None:
    whole = leave(tmp_path, "checkpoints/step-1", age=90)
    (leave(tmp_path, "checkpoints/step-2") / "tokenizer.json").unlink()
    assert find_model(tmp_path).path == whole
    assert find_model(tmp_path, "checkpoints/step-2").path == whole


def test_new_weights_are_another_model(tmp_path: Path) -> None:
    folder = leave(tmp_path)
    before = find_model(tmp_path).stamp
    assert find_model(tmp_path).stamp == before
    os.utime(folder / "model.safetensors", (1, 1))
    assert find_model(tmp_path).stamp != before


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("chat_template.jinja", "{{ messages }}"),
        ("chat_template.json", '{"chat_template": "{{ messages }}"}'),
        ("tokenizer_config.json", '{"chat_template": "{{ messages }}"}'),
    ],
)
def test_a_chat_template_is_seen(tmp_path: Path, file: str, text: str) -> None:
    (leave(tmp_path) / file).write_text(text)
    assert find_model(tmp_path).chat_template


@pytest.mark.parametrize(
    ("config", "length"),
    [
        ({"max_position_embeddings": None, "n_positions": 1024}, 1024),
        ({"max_position_embeddings": None, "text_config": {"max_position_embeddings": 32}}, 32),
        ({"max_position_embeddings": "many"}, None),
        ({"max_position_embeddings": -1}, None),
        ({"max_position_embeddings": True}, None),
    ],
)
def test_how_much_it_can_look_at(tmp_path: Path, config: dict[str, Any], length: int) -> None:
    leave(tmp_path, **config)
    assert find_model(tmp_path).context_length == length


def test_pickled_weights_are_not_opened(tmp_path: Path) -> None:
    folder = leave(tmp_path)
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    assert "pytorch_model.bin, a pickle" in why_not(tmp_path)


def test_an_adapter_is_no_model(tmp_path: Path) -> None:
    folder = leave(tmp_path)
    (folder / "adapter_config.json").write_text('{"base_model_name_or_path": "/etc"}')
    assert "an adapter, not a whole model" in why_not(tmp_path)
    (folder / "config.json").unlink()
    assert "an adapter, not a whole model" in why_not(tmp_path)


@pytest.mark.parametrize(
    ("architectures", "said"),
    [
        (["BertForSequenceClassification"], "BertForSequenceClassification"),
        (["ResNetForImageClassification"], "ResNetForImageClassification"),
        ([], "no architecture"),
        (None, "no architecture"),
        ([7, {}], "no architecture"),
        ("LlamaForCausalLM", "no architecture"),
    ],
)
def test_other_architectures_are_named(tmp_path: Path, architectures: Any, said: str) -> None:
    leave(tmp_path, architectures=architectures)
    assert said in why_not(tmp_path)


def test_weights_in_several_files(tmp_path: Path) -> None:
    folder = leave(tmp_path)
    (folder / "model.safetensors").rename(folder / "model-1.safetensors")
    index = folder / "model.safetensors.index.json"
    index.write_text('{"weight_map": {"a": "model-1.safetensors"}}')
    assert find_model(tmp_path).path == folder
    for shards in (["model-1.safetensors", "model-2.safetensors"], ["../../x.safetensors"], []):
        index.write_text(json.dumps({"weight_map": dict(enumerate(shards))}))
        assert "lacks weights" in why_not(tmp_path)
    index.write_text('{"weight_map": 7}')
    assert "lacks weights" in why_not(tmp_path)


@pytest.mark.parametrize(
    "file", ["model.safetensors", "config.json", "tokenizer.json", "chat_template.jinja"]
)
def test_links_that_lead_out_are_refused(tmp_path: Path, file: str) -> None:
    outside = leave(tmp_path / "elsewhere")
    (outside / "chat_template.jinja").write_text("secret")
    folder = leave(tmp_path / "run")
    (folder / file).unlink(missing_ok=True)
    (folder / file).symlink_to(outside / file)
    assert f"leads out of the run's directory: {file}" in why_not(tmp_path / "run")


def test_a_folder_of_templates_that_leads_out_is_refused(tmp_path: Path) -> None:
    outside = tmp_path / "elsewhere"
    outside.mkdir()
    (outside / "default.jinja").write_text("secret")
    folder = leave(tmp_path / "run")
    (folder / "additional_chat_templates").symlink_to(outside)
    assert "leads out" in why_not(tmp_path / "run")


def test_links_within_the_run_are_followed(tmp_path: Path) -> None:
    whole = leave(tmp_path, "checkpoints/step-1", age=90)
    best = leave(tmp_path, "checkpoints/best")
    (best / "model.safetensors").unlink()
    (best / "model.safetensors").symlink_to(whole / "model.safetensors")
    assert find_model(tmp_path, "checkpoints/best").path == best


def test_special_files_are_not_waited_for(tmp_path: Path) -> None:
    folder = leave(tmp_path)
    (folder / "config.json").unlink()
    os.mkfifo(folder / "config.json")
    assert "has no config.json" in why_not(tmp_path)


def test_a_huge_or_deep_configuration_is_refused(tmp_path: Path) -> None:
    folder = leave(tmp_path)
    (folder / "config.json").write_text('{"a": "' + "x" * 5_000_000 + '"}')
    assert "larger than 4 MiB" in why_not(tmp_path)
    (folder / "config.json").write_text("[" * 100_000)
    assert "cannot be read" in why_not(tmp_path)


@given(raw=st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_any_file_may_be_there(tmp_path_factory: pytest.TempPathFactory, raw: bytes) -> None:
    run = tmp_path_factory.mktemp("run")
    folder = leave(run)
    for file in ("tokenizer_config.json", "model.safetensors.index.json", "config.json"):
        (folder / file).write_bytes(raw)
        try:
            find_model(run)
        except UnusableError as error:
            assert error.message


def test_a_run_without_files_says_what_to_leave(tmp_path: Path) -> None:
    with pytest.raises(UnusableError) as refused:
        find_model(tmp_path)
    assert "save_pretrained" in str(refused.value.expected)
    assert refused.value.status == 409
