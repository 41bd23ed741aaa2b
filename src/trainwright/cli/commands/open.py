"""`trainwright open`: the web app in a browser, signed in."""

from __future__ import annotations

import click

from trainwright.cli.command import Command


@click.command(
    "open",
    cls=Command,
    examples=[
        "open",
        "open last --browser",
    ],
)
@click.argument("run", metavar="[RUN]", required=False)
@click.option("--browser", is_flag=True, help="Open it in this machine's browser, too.")
def open_app(run: str | None, browser: bool, as_json: bool) -> None:
    """Print a link that opens the web app, or the page of RUN, signed in.

    The link is good once, for ten minutes. A platform that is started for it stays.
    """
    from trainwright.cli.connection import open_platform, say_it_stays
    from trainwright.cli.output import print_json
    from trainwright.cli.program import runnable
    from trainwright.cli.web_app import warn_if_not_built

    session = open_platform(quiet=as_json)
    url, leave_running = session.client.url, False
    try:
        page = f"/runs/{session.client.run(run).id}" if run else "/"
        link = session.client.sign_in_link(page)
        leave_running = True
    finally:
        stays = session.close(leave_running=leave_running)
    if as_json:
        print_json({"url": url, "link": link})
    else:
        if stays:
            say_it_stays(url)
        warn_if_not_built(url)
        again = runnable("trainwright open")
        click.echo(f"signed in once, within ten minutes (again with: {again}):", err=True)
        click.echo(link)
    if browser:
        click.launch(link)
