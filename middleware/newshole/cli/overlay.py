"""`newshole overlay`: a link to a live page with its blocks outlined and its gaps explained."""

from __future__ import annotations

import time
from typing import Annotated, Final

import typer

from newshole.cli.live import seconds
from newshole.cli.token import MOST_HOURS
from newshole.errors import UsageError
from newshole.http.links.overlay import overlay_link
from newshole.secrets import read_secret

MOST: Final = MOST_HOURS * 3600


def overlay(
    url: Annotated[str, typer.Argument(metavar="URL", hidden=True)],
    length: Annotated[
        str, typer.Option("--for", metavar="TIME", help='How long it holds, such as "30m" or "2h".')
    ] = "1h",
) -> None:
    """Print a link to a live page with its blocks explained.

    URL is a page's public address. Whoever opens the link sees the page with every block outlined and every
    gap marked with why a block is there or is not; so they see the other pages of its host by following its
    links. It is signed with the secret in the environment variable NEWSHOLE_SECRET, the one that the site is
    started with. What is opened by it is kept nowhere and counts for nothing.

    \b
      newshole overlay https://news.example/world/story
      newshole overlay https://news.example/world/story --for 30m

    Exit codes: 0 when it is printed, 2 when it cannot be made.
    """
    lasts = seconds(length)
    if lasts > MOST:
        raise UsageError(f"a link cannot hold for {length}: give a month at most, {MOST_HOURS // 24}d")
    typer.echo(overlay_link(read_secret().encode(), url, time.time() + lasts))
