"""`trainwright chat --model RUN`: a conversation with a language model that a run has left."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trainwright.client import Client
    from trainwright.client.language import Generation
    from trainwright.spec.api import Generated, GenerateOptions

_AGAIN = "/new"


class Talk:
    """What has been said so far; an answer that was interrupted counts as far as it came.

    Args:
        client: Of the platform.
        run_id: Whose model.
        system: What the model is told before anything is said.
        options: How it answers.
    """

    def __init__(
        self, client: Client, run_id: str, system: str | None, options: GenerateOptions
    ) -> None:
        self._client, self._run_id, self._options = client, run_id, options
        self._first = [{"role": "system", "content": system}] if system else []
        self._messages = list(self._first)

    def begin_anew(self) -> None:
        """Forget what has been said."""
        self._messages = list(self._first)

    def ask(self, words: str) -> Generation:
        """Say something; it is not remembered."""
        asked = [*self._messages, {"role": "user", "content": words}]
        return self._client.generate(self._run_id, asked, **self._options)

    def say(self, words: str) -> Generated | None:
        """Say something, and show the answer as it comes; `None` where Ctrl-C has ended it."""
        answer, heard = self.ask(words), ""
        try:
            for piece in _shown(answer):
                heard += piece
        except KeyboardInterrupt:
            answer.close()
        finally:
            click.echo()
        if heard:  # a model may refuse a question that nobody has answered
            self._messages += [
                {"role": "user", "content": words},
                {"role": "assistant", "content": heard},
            ]
        return answer.result


def talk(
    run: str,
    message: str | None,
    system: str | None,
    options: GenerateOptions,
    *,
    as_json: bool,
) -> None:
    """One message and its answer, or as many as a person likes.

    Args:
        run: Whose model.
        message: The only one; otherwise a conversation begins, or what is piped in is answered.
        system: What the model is told before.
        options: How it answers.
        as_json: Print the whole answer as JSON.
    """
    from trainwright.cli.connection import platform
    from trainwright.cli.output import is_interactive, print_json

    with platform(quiet=as_json) as client:
        conversation = Talk(client, client.run(run).id, system, options)
        if message is None and is_interactive() and not as_json:
            _converse(conversation)
            return
        words = message if message is not None else sys.stdin.read().strip()
        if not words:
            raise click.UsageError("say something: trainwright chat --model RUN MESSAGE.")
        answer = conversation.ask(words)
        if as_json:
            print_json(answer.wait())
            return
        for _ in _shown(answer):
            pass
        click.echo()


def _converse(talk: Talk) -> None:
    from trainwright.cli.commands.chat import listen
    from trainwright.cli.failure import report
    from trainwright.spec import TrainwrightError

    click.secho(f"Ctrl-C ends an answer, {_AGAIN} begins anew, Ctrl-D leaves.", dim=True)
    while (words := listen()) is not None:
        if words == _AGAIN:
            talk.begin_anew()
        elif words:
            try:
                _tell(talk.say(words))
            except TrainwrightError as error:
                report(error, ())


def _shown(answer: Generation) -> Iterator[str]:
    """Print the pieces of an answer; a model's words must not steer the terminal."""
    from trainwright.spec.labels import shown_lines

    for piece in answer:
        click.echo(shown_lines(piece.replace("\t", "    ")), nl=False)
        yield piece


def _tell(answer: Generated | None) -> None:
    if answer is None:
        click.secho("ended", dim=True)
        return
    cut = ", cut off" if answer.finish_reason == "length" else ""
    click.secho(
        f"{answer.completion_tokens} tokens, {answer.tokens_per_second:.0f} a second{cut}", dim=True
    )
