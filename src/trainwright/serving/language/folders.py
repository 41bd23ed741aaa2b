"""The language model among a run's files: strangers wrote them, so nothing is followed out of it.

Light: no training library is loaded to look at a folder.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trainwright.files import contained
from trainwright.spec.errors import ConflictError, InvalidRequestError

CONFIG = "config.json"
MAX_CONFIG = 4 * 1024 * 1024
"""Bytes of a JSON file that is looked into; a tokenizer's may list all its added tokens."""

_DEPTH, _FOLDERS = 3, 1000
"""How deep a run's directory is looked through, and how many of its folders."""

_ENDS = ("ForCausalLM", "LMHeadModel", "ModelWithLMHead")
_LENGTHS = ("max_position_embeddings", "n_positions", "n_ctx", "max_seq_len", "seq_length")
_TOKENIZERS = ("tokenizer.json", "tokenizer.model", "vocab.json", "vocab.txt", "spiece.model")
_PICKLES = ("pytorch_model*.bin", "*.pt", "*.pth")
_INDEX = "model.safetensors.index.json"
_ADAPTER = "adapter_config.json"
_TEMPLATES = "additional_chat_templates"


class UnusableError(ConflictError):
    """A run has left no language model that can be used, and why."""

    code = "no_language_model"


@dataclass(frozen=True)
class ModelFolder:
    """A language model on disk.

    Attributes:
        path: The folder, absolute.
        stamp: Another one when its files are.
        chat_template: Whether it says how a conversation is written down.
        context_length: Tokens it can look at, where its configuration says so.
    """

    path: Path
    stamp: str
    chat_template: bool
    context_length: int | None


def find_model(run: Path, best: str | None = None) -> ModelFolder:
    """The language model of a run.

    Args:
        run: The run's directory.
        best: What its result calls the best checkpoint, relative to it: it is taken where it is a
            language model. Otherwise the one that was written last is.

    Raises:
        UnusableError: There is none, or none of them can be used.
    """
    root = run.resolve()
    if best is not None:
        with contextlib.suppress(InvalidRequestError, ValueError):  # another may be whole
            named = contained(root, best)
            return _look(named.parent if named.is_file() else named, root)
    refused: UnusableError | None = None
    for folder in sorted(_candidates(root), key=_age):
        try:
            return _look(folder, root)
        except UnusableError as error:
            refused = refused or error
    raise refused or UnusableError(
        "the run has left no language model: no folder with config.json, weights as *.safetensors "
        "and a tokenizer",
        expected="model.save_pretrained(…) and tokenizer.save_pretrained(…) into a folder of "
        "$TRAINWRIGHT_RUN_DIR",
    )


def _candidates(root: Path) -> Iterator[Path]:
    """Folders with a configuration, the shallow ones first."""
    waiting, seen = deque([(root, 0)]), 0
    while waiting and seen < _FOLDERS:
        folder, depth = waiting.popleft()
        seen += 1
        try:
            with os.scandir(folder) as entries:
                found = sorted(entries, key=lambda entry: entry.name)
        except OSError:
            continue
        if any(e.name in (CONFIG, _ADAPTER) for e in found):
            yield folder
        if depth < _DEPTH:
            # linked folders are left out: what they lead to is met by its own name
            inner = (e for e in found if e.is_dir(follow_symlinks=False) and e.name[0] != ".")
            waiting.extend((folder / e.name, depth + 1) for e in inner)


def _age(folder: Path) -> tuple[int, str]:
    """Sorts the one that was written last to the front."""
    written = 0
    for file in folder.glob("*.safetensors"):
        with contextlib.suppress(OSError):
            written = max(written, file.stat().st_mtime_ns)
    return -written, folder.as_posix()


def _look(folder: Path, root: Path) -> ModelFolder:
    name = folder.relative_to(root).as_posix() if folder != root else "the run's directory"
    try:
        return _whole(folder, root, name)
    except OSError as error:
        raise UnusableError(f"{name} cannot be read: {error.strerror or error}") from None


def _whole(folder: Path, root: Path, name: str) -> ModelFolder:
    _check_links(folder, root, name)
    # where there is one, what is beside it is not what would be loaded
    if (folder / _ADAPTER).is_file():
        raise UnusableError(
            f"{name} holds an adapter, not a whole model",
            expected="the adapter merged into its model: merge_and_unload(), then save_pretrained",
        )
    if not (folder / CONFIG).is_file():
        raise UnusableError(f"{name} has no {CONFIG}", expected="what save_pretrained writes")
    config = _read(folder / CONFIG, name)
    _check_architecture(config, name)
    weights = _weights(folder, name)
    if not any((folder / one).is_file() for one in _TOKENIZERS):
        raise UnusableError(
            f"{name} has no tokenizer", expected="tokenizer.save_pretrained into the same folder"
        )
    return ModelFolder(
        path=folder,
        stamp=_stamp([folder / CONFIG, *weights]),
        chat_template=_has_template(folder, name),
        context_length=_context_length(config),
    )


def _check_links(folder: Path, root: Path, name: str) -> None:
    templates = folder / _TEMPLATES
    read = [folder, templates, *templates.glob("*"), *(f for f in folder.iterdir() if f.is_file())]
    for one in read:
        if not one.resolve().is_relative_to(root):
            raise UnusableError(
                f"{name} has a link that leads out of the run's directory: {one.name}",
                expected="the file itself",
            )


def _check_architecture(config: Mapping[str, Any], name: str) -> None:
    named = config.get("architectures")
    names = [one for one in named if isinstance(one, str)] if isinstance(named, list) else []
    if not any(one.endswith(_ENDS) for one in names):
        what = names[0][:100] if names else "no architecture"
        raise UnusableError(
            f"{name}/{CONFIG} names {what}, which is no language model that goes on with text",
            expected="an architecture …ForCausalLM",
        )


def _weights(folder: Path, name: str) -> list[Path]:
    index = folder / _INDEX
    if index.is_file():
        named = _read(index, name).get("weight_map")
        shards = {str(one) for one in named.values()} if isinstance(named, dict) else set()
        # a name with a folder in it could lead anywhere
        found = [folder / one for one in sorted(shards) if Path(one).name == one]
        if not found or len(found) < len(shards) or not all(one.is_file() for one in found):
            raise UnusableError(
                f"{name} lacks weights that {_INDEX} names", expected="all of its files"
            )
        return found
    whole = folder / "model.safetensors"
    if whole.is_file():
        return [whole]
    pickled = next((one for kind in _PICKLES for one in folder.glob(kind)), None)
    if pickled is not None:
        raise UnusableError(
            f"{name} holds its weights as {pickled.name}, a pickle, which is never opened",
            expected="weights as safetensors: what save_pretrained writes",
        )
    raise UnusableError(
        f"{name} holds no weights", expected="model.safetensors: what save_pretrained writes"
    )


def _has_template(folder: Path, name: str) -> bool:
    if (folder / "chat_template.jinja").is_file():
        return True
    for file in ("tokenizer_config.json", "chat_template.json"):
        if (folder / file).is_file() and _read(folder / file, name).get("chat_template"):
            return True
    return False


def _context_length(config: Mapping[str, Any]) -> int | None:
    inner = config.get("text_config")
    for part in (config, inner if isinstance(inner, dict) else {}):
        for name in _LENGTHS:
            length = part.get(name)
            if type(length) is int and 0 < length < 2**31:
                return length
    return None


def _read(path: Path, name: str) -> dict[str, Any]:
    try:
        if path.stat().st_size > MAX_CONFIG:
            raise UnusableError(f"{name}/{path.name} is larger than {MAX_CONFIG >> 20} MiB")
        found = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        why = type(error).__name__ if isinstance(error, RecursionError) else str(error)
        raise UnusableError(f"{name}/{path.name} cannot be read: {why}") from None
    if not isinstance(found, dict):
        raise UnusableError(f"{name}/{path.name} is no JSON object")
    return found


def _stamp(files: list[Path]) -> str:
    told = hashlib.sha256()
    for file in files:
        found = file.stat()
        told.update(f"{file}\0{found.st_size}\0{found.st_mtime_ns}\0".encode())
    return told.hexdigest()
