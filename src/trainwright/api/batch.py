"""Where the inputs of a batch are, as people say it: a dataset, a folder, an archive, a list."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from trainwright.client.trained import is_url
from trainwright.files import expanded
from trainwright.spec import InvalidRequestError, NotFoundError

if TYPE_CHECKING:
    from trainwright.client import Client
    from trainwright.spec.api import BatchView

LISTS = frozenset((".txt", ".lst", ".list"))


def begin_batch(
    client: Client,
    run: str,
    what: str | Path,
    *,
    pattern: str | None = None,
    top_k: int = 5,
    on_progress: Callable[[int], None] | None = None,
) -> BatchView:
    """Begin to predict what is meant by `what`.

    Args:
        client: Of the platform.
        run: The run's id, prefix, name or `last`.
        what: A folder on the platform's host, an archive or image, which is sent, a text file with
            a path or URL a line, or else a registered dataset's id or name.
        pattern: Only files whose path in it fits, such as `test/*.jpg`.
        top_k: Labels to give for each.
        on_progress: Told how many bytes of a file have been sent.

    Raises:
        NotFoundError: There is no such file.
        InvalidRequestError: It is a list of both paths and URLs, or an empty one.
    """
    place = expanded(what)
    if place.is_dir():
        return client.start_batch(run, dataset=place.resolve(), pattern=pattern, top_k=top_k)
    if place.is_file() and place.suffix.lower() in LISTS:
        return _listed(client, run, place, top_k)
    if place.is_file():
        return client.upload_batch(
            run, place, pattern=pattern, top_k=top_k, on_progress=on_progress
        )
    if str(what).startswith((".", "/", "~")):
        raise NotFoundError(f"there is no file or folder {what}", field="dataset")
    return client.start_batch(run, dataset=str(what), pattern=pattern, top_k=top_k)


def _listed(client: Client, run: str, file: Path, top_k: int) -> BatchView:
    lines = [line.strip() for line in file.read_text(encoding="utf-8").splitlines()]
    lines = [line for line in lines if line and not line.startswith("#")]
    urls = [line for line in lines if is_url(line)]
    if not lines or len(urls) not in (0, len(lines)):
        raise InvalidRequestError(
            f"{file} lists {'both URLs and files' if lines else 'nothing'}",
            expected="a URL a line, or a path a line",
        )
    if urls:
        return client.start_batch(run, inputs=urls, top_k=top_k)
    paths = [(file.parent / expanded(line)).absolute() for line in lines]
    return client.start_batch(run, files=paths, top_k=top_k)
