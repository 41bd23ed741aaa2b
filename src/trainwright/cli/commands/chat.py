"""`trainwright chat`: a conversation on the terminal, or one message of it."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING, Any, cast

import click

from trainwright.cli.command import Command
from trainwright.cli.commands.talk import talk

if TYPE_CHECKING:
    from trainwright.api.session import Session
    from trainwright.spec.api import ChatReply, GenerateOptions

_PROMPT = "» "


@click.command(
    cls=Command,
    examples=[
        "chat",
        'chat "how is my last run doing?"',
        'chat --session last "왜 실패했어?"',
        'chat --model last "who are you?"',
    ],
)
@click.argument("message", required=False)
@click.option("--session", "-s", "session_id", metavar="ID", help="Go on with one; or `last`.")
@click.option("--list", "-l", "listing", is_flag=True, help="List conversations.")
@click.option("--delete", "-d", "doomed", metavar="ID", help="Forget a conversation; or `last`.")
@click.option("--model", "-m", "run", metavar="RUN", help="Talk with the language model of a run.")
@click.option("--system", metavar="TEXT", help="With --model: what it is told before.")
@click.option("--max-tokens", type=click.IntRange(1, 8192), help="With --model: of an answer.")
@click.option(
    "--temperature",
    type=click.FloatRange(0, 2),
    help="With --model: 0 is the same answer every time.",
)
@click.option("--top-p", type=click.FloatRange(0, 1, min_open=True), help="With --model.")
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), help="With --model.")
def chat(
    *,
    message: str | None,
    session_id: str | None,
    listing: bool,
    doomed: str | None,
    run: str | None,
    system: str | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Talk with the platform, in English or Korean; or with a language model you have trained.

    The platform trains what is asked for, tells how runs are doing, why one failed and which is
    best, and asks before it changes anything. Without MESSAGE a conversation begins; Ctrl-D leaves
    it.
    """
    from trainwright.cli.connection import platform
    from trainwright.cli.output import is_interactive

    chosen = {name: value for name, value in options.items() if value is not None}
    if run is not None:
        if session_id or listing or doomed:
            raise click.UsageError("what is said to a model is not kept: leave --session out.")
        talk(run, message, system, cast("GenerateOptions", chosen), as_json=as_json)
        return
    if chosen or system:
        raise click.UsageError("say which model answers: --model RUN.")
    if listing or doomed:
        _manage(doomed, as_json=as_json)
    elif message is None and is_interactive() and not as_json:
        _talk(session_id)
    else:
        words = message if message is not None else sys.stdin.read().strip()
        if not words:
            raise click.UsageError("say something: trainwright chat MESSAGE.")
        with platform(quiet=as_json) as client:
            _show(client.chat(words, session_id), as_json=as_json)


def _manage(doomed: str | None, *, as_json: bool) -> None:
    from trainwright.cli.connection import platform
    from trainwright.cli.output import print_json, show
    from trainwright.cli.views.chat import sessions_table

    with platform(quiet=as_json) as client:
        if doomed:
            client.delete_chat(doomed)
        found = list(client.chat_sessions())
    if as_json:
        print_json(found)
    elif doomed:
        click.echo("it is forgotten")
    else:
        show(sessions_table(found) if found else "no conversations yet: trainwright chat")


def _show(reply: ChatReply, *, as_json: bool) -> None:
    from trainwright.cli.output import console, hints, print_json, show
    from trainwright.cli.views.chat import reply_view

    if as_json:
        print_json(reply)
        return
    show(reply_view(reply, console().width))
    if reply.questions or reply.suggestions:
        show("", hints([("trainwright chat --session last MESSAGE", "answer")]))


def _talk(session_id: str | None) -> None:
    """Messages and replies until the person leaves."""
    from trainwright.cli.connection import open_platform, say_it_stays

    session = open_platform(quiet=False)
    url = session.client.url
    try:
        _converse(session, session_id)
    finally:
        if session.close():
            say_it_stays(url)


def _converse(session: Session, session_id: str | None) -> None:
    from trainwright.cli.failure import report
    from trainwright.spec import TrainwrightError

    reply: ChatReply | None = None
    if session_id is not None:
        session_id = _resume(session, session_id)
    else:
        click.secho("Say what to train, or ask. `help` shows what can be said.", dim=True)
    while (words := listen()) is not None:
        if not words:
            continue
        try:
            reply = session.client.chat(_picked(words, reply), session_id)
        except TrainwrightError as error:
            report(error, ())
            continue
        session_id = reply.session_id
        _show_turn(session, reply)


def listen() -> str | None:
    """What the person says; nothing after Ctrl-C, `None` after Ctrl-D."""
    with contextlib.suppress(ImportError):
        import readline  # noqa: F401 (its presence gives `input` editing and history)
    try:
        return input(_PROMPT).strip()
    except EOFError:
        click.echo()
        return None
    except KeyboardInterrupt:
        click.echo()
        return ""


def _picked(words: str, reply: ChatReply | None) -> str:
    """One of the numbered answers, where its number was typed."""
    if reply is None or not words.isdigit():
        return words
    offered = reply.questions[0].suggestions if reply.questions else reply.suggestions
    # of numbers to choose from, a number typed is the answer itself
    if any(choice.replace(".", "").isdigit() for choice in offered):
        return words
    return offered[int(words) - 1] if 0 < int(words) <= len(offered) else words


def _resume(session: Session, session_id: str) -> str:
    """Show how a conversation ended, to go on with it."""
    from trainwright.cli.output import console, show
    from trainwright.cli.views.chat import reply_view

    found = session.client.chat_session(session_id)
    for message in found.messages[-2:]:
        if message.role == "user":
            click.secho(f"{_PROMPT}{message.text}", dim=True)
        elif message.result is not None:
            show(reply_view(message.result, console().width))
    return found.id


def _show_turn(session: Session, reply: ChatReply) -> None:
    """The reply; a run that has been started is followed live."""
    from trainwright.cli.commands.train import say_detached, show_live
    from trainwright.cli.output import console, show
    from trainwright.cli.views.chat import reply_view

    show(reply_view(reply, console().width), "")
    if reply.run_id is None:
        return
    run = session.client.run(reply.run_id)
    try:
        show_live(session, run)
    except KeyboardInterrupt:
        say_detached(run)
