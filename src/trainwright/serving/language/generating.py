"""A language model in memory. Heavy: only its worker loads this."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    GenerationConfig,
    PreTrainedModel,
    PreTrainedTokenizerBase,
    StoppingCriteria,
    StoppingCriteriaList,
)
from transformers import logging as transformers_logging
from transformers.generation.streamers import BaseStreamer

from trainwright.serving.errors import ModelError
from trainwright.serving.language.pieces import Pieces
from trainwright.spec.errors import InputError

Messages = Sequence[Mapping[str, str]]

_SAFE = {"local_files_only": True, "trust_remote_code": False}
"""Nothing of a folder is run as code, and nothing is fetched."""

_PROBE = "\N{BLACK HEART SUIT}probe\N{BLACK HEART SUIT}"


class LanguageModel:
    """Goes on with conversations.

    Args:
        folder: Its files, in the Hugging Face layout.
        context_length: Tokens it can look at; `None` where nobody knows.
    """

    def __init__(self, folder: Path, context_length: int | None) -> None:
        transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        self._device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self._tokenizer: PreTrainedTokenizerBase = AutoTokenizer.from_pretrained(folder, **_SAFE)
        self._model = _loaded(folder, self._device)
        self._context = context_length
        self._ends = self._end_tokens()

    @torch.inference_mode()
    def answer(
        self,
        asked: Mapping[str, Any],
        tell: Callable[[str], None],
        stopped: Callable[[], bool],
    ) -> dict[str, Any]:
        """Go on with a conversation.

        Args:
            asked: A `GenerateRequest`, as JSON has it.
            tell: Told each piece of the answer.
            stopped: Asked before every token whether to end.

        Returns:
            A `Generated`, but for the run's id and the model's version.

        Raises:
            InputError: The messages are too long, or the chat template refuses them.
        """
        began = time.perf_counter()
        prompt = self._prompt(asked["messages"])
        room = self._room(len(prompt), int(asked["max_tokens"]))
        follows = None if self._tokenizer.chat_template else prompt
        heard = _Listener(Pieces(self._tokenizer.decode, follows or ()), self._ends, tell)
        _seed(asked.get("seed"))
        ids = torch.tensor([prompt], device=self._device)
        self._model.generate(  # type: ignore[operator]
            input_ids=ids,
            attention_mask=torch.ones_like(ids),
            generation_config=self._settings(asked, room),
            streamer=heard,
            stopping_criteria=StoppingCriteriaList([_Stop(stopped)]),
        )
        took = time.perf_counter() - began
        first = heard.first - began
        later = heard.count - 1
        return {
            "text": heard.text,
            "finish_reason": "stop" if heard.ended else "length",
            "prompt_tokens": len(prompt),
            "completion_tokens": heard.count,
            "inference_time_ms": took * 1000,
            "first_token_ms": first * 1000,
            "tokens_per_second": later / (took - first) if later else 1 / took,
        }

    def _prompt(self, messages: Messages) -> list[int]:
        """The conversation as tokens.

        Without a chat template a model has learnt no roles: it goes on with the text.
        """
        if self._tokenizer.chat_template:
            text = self._templated(messages)
            ids = list(self._tokenizer.encode(text, add_special_tokens=False))
        else:
            text = "\n".join(one["content"] for one in messages)
            ids = list(self._tokenizer.encode(text))
            while ids and ids[-1] in self._ends:  # what some tokenizers put behind every text
                ids.pop()
        if not ids:
            raise InputError("there is nothing to go on from: the message is empty")
        known = self._model.get_input_embeddings().num_embeddings
        if max(ids) >= known:
            raise ModelError(f"the tokenizer knows a token {max(ids)}, the model only {known}")
        return ids

    def _templated(self, messages: Messages, *, asks: bool = True) -> str:
        turns = [dict(one) for one in messages]
        try:
            return str(
                self._tokenizer.apply_chat_template(
                    turns, tokenize=False, add_generation_prompt=asks
                )
            )
        except Exception as error:  # noqa: BLE001 (a template is a stranger's program)
            raise InputError(
                f"the model's chat template refuses these messages: {error}",
                expected="roles that it knows, in an order that it knows",
            ) from None

    def _room(self, prompt: int, wanted: int) -> int:
        """How many tokens may follow."""
        if self._context is None:
            return wanted
        if prompt >= self._context:
            raise InputError(
                f"the messages are {prompt} tokens long, of {self._context} that the model can "
                "look at, its answer included",
                expected="fewer or shorter messages",
            )
        return min(wanted, self._context - prompt)

    def _settings(self, asked: Mapping[str, Any], room: int) -> GenerationConfig:
        ends = sorted(self._ends)
        chosen: dict[str, Any] = {"do_sample": False}
        if asked["temperature"] > 0:
            chosen = {
                "do_sample": True,
                "temperature": float(asked["temperature"]),
                "top_p": float(asked["top_p"]),
                "top_k": 0,
            }
        return GenerationConfig(  # type: ignore[no-untyped-call]
            max_new_tokens=room,
            eos_token_id=ends or None,
            pad_token_id=ends[0] if ends else None,
            **chosen,
        )

    def _end_tokens(self) -> frozenset[int]:
        """Tokens that end an answer: what the model says itself, and what ends a turn."""
        told = [self._tokenizer.eos_token_id]
        for config in (self._model.generation_config, self._model.config.get_text_config()):
            end = getattr(config, "eos_token_id", None)
            told += end if isinstance(end, list) else [end]
        told.append(self._turn_end())
        return frozenset(one for one in told if isinstance(one, int))

    def _turn_end(self) -> int | None:
        """What the chat template puts behind an answer, where that is a token of its own."""
        if not self._tokenizer.chat_template:
            return None
        turn = [{"role": "user", "content": "?"}, {"role": "assistant", "content": _PROBE}]
        try:
            text = self._templated(turn, asks=False)
        except InputError:
            return None
        _, probe, behind = text.rpartition(_PROBE)
        if not probe:
            return None
        ids = self._tokenizer.encode(behind.lstrip(), add_special_tokens=False)
        return ids[0] if ids and ids[0] in self._tokenizer.added_tokens_decoder else None


def _loaded(folder: Path, device: torch.device) -> PreTrainedModel:
    """A model with all of its weights.

    Raises:
        ModelError: Some are missing, of another shape, or not finite.
    """
    found: Any = AutoModelForCausalLM.from_pretrained(
        folder,
        use_safetensors=True,
        # half precision is slower than whole on processors, where they have it at all
        dtype="auto" if device.type == "cuda" else torch.float32,
        ignore_mismatched_sizes=True,  # for words of our own
        output_loading_info=True,
        **_SAFE,
    )
    model, told = found
    # what is not in the file would be made up
    wrong = sorted(map(str, [*told["missing_keys"], *told["mismatched_keys"]]))
    if wrong:
        raise ModelError(
            f"{len(wrong)} of the model's weights are missing or of another shape than its "
            f"config.json says, such as {wrong[0]}",
            expected="weights and configuration of one model",
        )
    loaded: PreTrainedModel = model.to(device).eval()
    for name, weights in loaded.named_parameters():
        if not weights.isfinite().all():
            raise ModelError(
                f"the model's weights are not numbers ({name}): its training has diverged"
            )
    return loaded


class _Listener(BaseStreamer):
    """Hears the tokens as they are made."""

    def __init__(self, pieces: Pieces, ends: frozenset[int], tell: Callable[[str], None]) -> None:
        self._pieces, self._ends, self._tell = pieces, ends, tell
        self._has_prompt = False
        self.text = ""
        self.count = 0
        self.first = 0.0
        self.ended = False

    def put(self, value: torch.Tensor) -> None:
        if not self._has_prompt:
            self._has_prompt = True
            return
        self.first = self.first or time.perf_counter()
        self.count += 1
        token = int(value.flatten()[0])
        if token in self._ends:
            self.ended = True
        else:
            self._say(self._pieces.add(token))

    def end(self) -> None:
        self._say(self._pieces.rest())

    def _say(self, piece: str) -> None:
        if piece:
            self.text += piece
            self._tell(piece)


class _Stop(StoppingCriteria):
    """Ends the generation of whom nobody listens to any more."""

    def __init__(self, stopped: Callable[[], bool]) -> None:
        self._stopped = stopped

    def __call__(self, input_ids: torch.Tensor, *_: Any, **__: Any) -> torch.Tensor:
        rows = input_ids.shape[0]
        return torch.full((rows,), self._stopped(), dtype=torch.bool, device=input_ids.device)


def _seed(seed: int | None) -> None:
    if seed is None:
        torch.seed()
    else:
        torch.manual_seed(seed)
