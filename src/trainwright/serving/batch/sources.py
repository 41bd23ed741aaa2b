"""Where the inputs of a batch come from, as a stream of names and places."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple

from trainwright.datasets.formats.layout import not_an_image
from trainwright.datasets.formats.tree import Skipped, walk
from trainwright.serving.inputs import save_base64
from trainwright.serving.intake import is_url
from trainwright.spec.errors import InvalidRequestError, TrainwrightError


class Item(NamedTuple):
    """One input.

    Attributes:
        name: What the sender knows it by.
        path: The image file, relative to the batch's folder or absolute.
        url: Where it is fetched from, if it is no file.
        error: Why it can be neither.
    """

    name: str
    path: str | None = None
    url: str | None = None
    error: dict[str, object] | None = None


@dataclass
class Source:
    """Inputs of a batch.

    Attributes:
        words: Where they are from, for people.
        items: Read once.
        left_out: How many files are no images by their names; rises while `items` is read.
    """

    words: str
    items: Iterable[Item]
    left_out: int = 0


def from_folder(folder: Path, words: str, pattern: str | None = None) -> Source:
    """Every image below a folder, in natural order; hidden files and links out are passed over.

    Args:
        folder: Absolute.
        words: What people call it.
        pattern: Only files whose path in the folder fits; `*` also goes into folders.

    Raises:
        InvalidRequestError: It is no folder.
    """
    if not folder.is_dir():
        raise InvalidRequestError(
            f"{words} is not a folder on the platform's host",
            field="dataset",
            expected="a registered dataset, or the absolute path of a folder",
            mend="trainwright datasets list",
        )
    source = Source(f"{words}, {pattern}" if pattern else words, ())
    source.items = _images(folder.resolve(), pattern, source)
    return source


def _images(root: Path, pattern: str | None, source: Source) -> Iterator[Item]:
    def count(_: Skipped) -> None:
        source.left_out += 1

    for file in walk(root, Path(), count):
        name = file.path.as_posix()
        if pattern is not None and not _fits(name, pattern):
            continue
        if not_an_image(file):
            source.left_out += 1
        else:
            yield Item(name, path=f"{root}/{name}")


def _fits(name: str, pattern: str) -> bool:
    # `**/*.jpg` also means files right in the folder, as it does in a shell
    return fnmatchcase(name, pattern) or (
        pattern.startswith("**/") and fnmatchcase(name, pattern.removeprefix("**/"))
    )


def from_paths(paths: Iterable[str]) -> Source:
    """Image files on the platform's host.

    Raises:
        InvalidRequestError: A path is not absolute.
    """
    listed = list(paths)
    for path in listed:
        if not Path(path).is_absolute() or "\0" in path:
            raise InvalidRequestError(
                f"{path!r} is not an absolute path", field="files", expected="absolute paths"
            )
    return Source(f"{len(listed):,} files", (Item(path, path=path) for path in listed))


def from_texts(texts: list[str], folder: Path) -> Source:
    """URLs, to be fetched when their turn comes, and images as base64, which are written now.

    Args:
        texts: The inputs.
        folder: Where images that came as base64 are kept.
    """
    return Source(f"{len(texts):,} inputs", _of_texts(texts, folder))


def _of_texts(texts: list[str], folder: Path) -> Iterator[Item]:
    for place, text in enumerate(texts):
        name = f"inputs.{place}"
        if is_url(text):
            yield Item(text[:2048], url=text)
            continue
        try:
            yield Item(name, path=str(save_base64(text, folder)))
        except InvalidRequestError as error:
            yield Item(name, error=as_fault(error))


def as_fault(error: TrainwrightError) -> dict[str, object]:
    """The error as it is kept beside an input."""
    return error.fault("inputs").model_dump(mode="json", exclude_none=True)
