from __future__ import annotations

import click

from trainwright.cli.command import Command


@click.command(
    cls=Command,
    examples=[
        'parse "손글씨 숫자를 르넷으로 5 에폭 학습해줘"',
    ],
)
@click.argument("sentence")
def parse(sentence: str, as_json: bool) -> None:
    """Read SENTENCE (English or Korean) and show the spec it asks for. Nothing is started."""
    import trainwright as tw
    from trainwright.cli.output import console, print_json, show

    result = tw.parse(sentence)
    if as_json:
        print_json(result)
        return
    from trainwright.cli.views.parsed import parsed_view

    show(parsed_view(result, console().width))
