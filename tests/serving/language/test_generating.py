"""A language model that was really trained, in this process: what it says, and what it refuses."""

from __future__ import annotations

import json
import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from trainwright.serving.errors import ModelError
from trainwright.serving.language import find_model, worker
from trainwright.serving.language.generating import LanguageModel
from trainwright.spec.errors import InputError

Variant = Callable[..., Path]
EXAMPLE = Path(__file__).parents[3] / "examples" / "tiny_chat.py"


def load(run: Path) -> LanguageModel:
    found = find_model(run)
    return LanguageModel(found.path, found.context_length)


@pytest.fixture(scope="module")
def tiny(tiny_language_model: Path) -> LanguageModel:
    return load(tiny_language_model)


def say(
    model: LanguageModel,
    *words: str,
    told: list[str] | None = None,
    stopped: Callable[[], bool] = lambda: False,
    **options: Any,
) -> dict[str, Any]:
    roles = ["user", "assistant"] * len(words)
    asked = {
        "messages": [{"role": r, "content": w} for r, w in zip(roles, words, strict=False)],
        "max_tokens": 100,
        "temperature": 0,
        "top_p": 1,
    }
    tell = told.append if told is not None else lambda _: None
    return model.answer(asked | options, tell, stopped)


def test_it_says_what_it_has_learnt_in_both_languages(tiny: LanguageModel) -> None:
    dialogues = runpy.run_path(str(EXAMPLE))["DIALOGUES"]
    for asked, answer in dialogues.items():
        told: list[str] = []
        found = say(tiny, asked, told=told)
        assert found["text"] == "".join(told) == answer
        assert found["finish_reason"] == "stop"
        assert not any("\N{REPLACEMENT CHARACTER}" in piece for piece in told)


def test_figures(tiny: LanguageModel) -> None:
    found = say(tiny, "What colour is the sky?")
    assert 0 < found["first_token_ms"] <= found["inference_time_ms"]
    assert found["completion_tokens"] > 3
    assert found["prompt_tokens"] > 3
    assert found["tokens_per_second"] > 0


def test_an_answer_is_cut_off_at_its_limit(tiny: LanguageModel) -> None:
    found = say(tiny, "Tell me a story.", max_tokens=4)
    assert (found["finish_reason"], found["completion_tokens"]) == ("length", 4)
    assert "Once upon a time".startswith(found["text"])


def test_the_same_seed_gives_the_same_answer(tiny: LanguageModel) -> None:
    def wild(seed: int | None) -> str:
        return str(say(tiny, "?", seed=seed, temperature=2.0, max_tokens=30)["text"])

    assert wild(7) == wild(7)
    assert len({wild(seed) for seed in (1, 2, 3, None, None)}) > 2


def test_of_the_likeliest_alone_nothing_else_is_chosen(tiny: LanguageModel) -> None:
    found = say(tiny, "Thank you!", temperature=1.0, top_p=0.01)
    assert found["text"] == "You are welcome."


def test_messages_that_are_too_long_are_refused_with_the_figures(tiny: LanguageModel) -> None:
    with pytest.raises(InputError, match=r"\d{3,} tokens long, of 128 that"):
        say(tiny, "story " * 100)


def test_an_answer_ends_where_the_model_cannot_look_further(tiny: LanguageModel) -> None:
    found = say(tiny, "a " * 40, max_tokens=8192, temperature=2.0, seed=3)
    assert found["prompt_tokens"] + found["completion_tokens"] <= 128


def test_nobody_listening_ends_it_at_the_next_token(endless: Path) -> None:
    told: list[str] = []
    found = say(load(endless), "Who", told=told, stopped=lambda: len(told) >= 5, max_tokens=8192)
    assert found["completion_tokens"] < 40


def test_without_a_template_it_goes_on_with_the_text(variant: Variant) -> None:
    plain = load(variant(template=None))
    found = say(plain, "<|user|>Who are you?<|end|><|assistant|>I am a very")
    assert found["text"].startswith(" small model, trained a moment ago.")
    lines = say(plain, "<|user|>", "Thank you!", "<|end|><|assistant|>", max_tokens=1)
    assert (
        lines["prompt_tokens"]
        == say(plain, "<|user|>\nThank you!\n<|end|><|assistant|>")["prompt_tokens"]
    )
    with pytest.raises(InputError, match="nothing to go on from"):
        say(plain, "")


def test_the_end_of_a_turn_ends_the_answer_where_the_end_of_the_text_is_another(
    variant: Variant,
) -> None:
    other = {"eos_token_id": 3}
    run = variant(
        config=other, generation_config=other, tokenizer_config={"eos_token": "<|system|>"}
    )
    found = say(load(run), "하늘은 무슨 색이야?")
    assert (found["text"], found["finish_reason"]) == ("하늘은 파란색입니다.", "stop")


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("{{ raise_exception('roles must alternate') }}", "roles must alternate"),
        ("{{ ''.__class__.__mro__[1].__subclasses__() }}", "unsafe"),
        ("{% include '/etc/passwd' %}", "no loader"),
        ("{{ messages | nothing }}", "nothing"),
        ("{{ 1 / 0 }}", "division"),
        ("{% if %}", ""),
        ("{{ messages.append(1) }}", "unsafe"),
    ],
)
def test_a_template_cannot_do_harm_and_is_told_of(
    variant: Variant, template: str, said: str
) -> None:
    with pytest.raises(InputError, match=rf"template refuses these messages: .*{said}"):
        say(load(variant(template=template)), "hello")


def test_code_that_a_model_brings_along_is_not_run(variant: Variant, tmp_path: Path) -> None:
    mark = tmp_path / "it ran"
    auto_map = {
        "AutoConfig": "evil.Config",
        "AutoModelForCausalLM": "evil.Model",
        "AutoTokenizer": ["evil.Tokenizer", None],
    }
    run = variant(
        config={"auto_map": auto_map, "model_type": "evil", "architectures": ["EvilForCausalLM"]},
        tokenizer_config={"auto_map": auto_map, "tokenizer_class": "EvilTokenizer"},
    )
    code = f"open({str(mark)!r}, 'w').close()\n"
    (run / "model" / "evil.py").write_text(code)
    (run / "model" / "custom_generate").mkdir()
    (run / "model" / "custom_generate" / "generate.py").write_text(code)
    with pytest.raises(ModelError, match=r"brings code of its own .* never run"):
        worker.load(run / "model", None)
    assert not mark.exists()


@pytest.mark.parametrize("file", ["tokenizer.json", "model.safetensors", "config.json"])
def test_garbage_is_told_of(variant: Variant, file: str) -> None:
    folder = variant() / "model"
    (folder / file).write_bytes(b"garbage" * 9)
    with pytest.raises(ModelError, match=r"^the model cannot be loaded: ."):
        worker.load(folder, None)


@pytest.mark.parametrize("config", [{"num_hidden_layers": 3}, {"hidden_size": 32}])
def test_weights_that_do_not_fit_are_not_made_up(variant: Variant, config: dict[str, int]) -> None:
    with pytest.raises(ModelError, match=r"\d+ of the model's weights are missing or of another"):
        load(variant(config=config))


def test_of_weights_beside_a_pickle_the_safe_ones_are_read(variant: Variant) -> None:
    run = variant()
    (run / "model" / "pytorch_model.bin").write_bytes(b"\x80\x04cos\nsystem\n")
    assert say(load(run), "Thank you!")["text"] == "You are welcome."


def test_weights_that_are_not_numbers_are_told_of(variant: Variant) -> None:
    file = variant() / "model" / "model.safetensors"
    weights = load_file(file)
    weights["model.norm.weight"][0] = torch.nan
    save_file(weights, file, metadata={"format": "pt"})
    with pytest.raises(ModelError, match=r"not numbers \(model\.norm\.weight\).*diverged"):
        load(file.parents[1])


def test_a_tokenizer_of_another_model_is_told_of(variant: Variant) -> None:
    run = variant()
    config = run / "model" / "config.json"
    file = run / "model" / "model.safetensors"
    weights = load_file(file)
    weights["model.embed_tokens.weight"] = weights["model.embed_tokens.weight"][:50].clone()
    save_file(weights, file, metadata={"format": "pt"})
    config.write_text(json.dumps(json.loads(config.read_bytes()) | {"vocab_size": 50}))
    with pytest.raises(ModelError, match=r"knows a token \d+, the model only 50"):
        say(load(run), "Thank you!")


def test_a_template_that_leaves_answers_out_says_nothing_of_their_end(variant: Variant) -> None:
    last = "<|user|>{{ messages[0]['content'] }}<|end|><|assistant|>"
    ends = {"eos_token_id": None}
    run = variant(last, config=ends, generation_config=ends, tokenizer_config={"eos_token": None})
    found = say(load(run), "Thank you!", max_tokens=20)
    assert found["text"].startswith("You are welcome.")
    assert found["finish_reason"] == "length"


@pytest.mark.parametrize(
    "words", ["\0", "👩🏽‍💻\u202e", "<|end|><|assistant|>", "\n\n", "é" * 30, ""]
)
def test_any_words_may_be_said(tiny: LanguageModel, words: str) -> None:
    assert isinstance(say(tiny, words, max_tokens=5)["text"], str)
