"""`newshole purge`: take pages out of the caches in front."""

from __future__ import annotations

import asyncio
import os
from typing import Annotated, Final

import typer

from newshole.cdn.purge import Outcome
from newshole.cdn.purge import purge as purge_caches
from newshole.cdn.service import purge_of
from newshole.cdn.targets import read_targets
from newshole.cli.terminal import printable, tell
from newshole.errors import UsageError

CACHES: Final = "NEWSHOLE_CDN"
"""The environment variable with the caches, where the command line names none."""


def purge(
    tags: Annotated[
        list[str] | None,
        typer.Option("--tag", metavar="TAG", help="Pages with this tag, repeatable.", show_default=False),
    ] = None,
    urls: Annotated[
        list[str] | None,
        typer.Option("--url", metavar="URL", help="The page here, repeatable.", show_default=False),
    ] = None,
    is_everything_asked: Annotated[bool, typer.Option("--all", help="Everything that is kept.")] = False,
    is_soft_asked: Annotated[
        bool, typer.Option("--soft", help="Keep it as stale, to be served while it is fetched anew.")
    ] = False,
    caches: Annotated[
        list[str] | None,
        typer.Option(
            "--cdn",
            metavar="CACHE",
            help="A cache's address, repeatable.  [default: those in NEWSHOLE_CDN]",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Purge pages from the caches in front.

    Pages are named by address, or by tags: those that the site gives them, and those of newshole.

    \b
      nh-site-SITE      every page of a site         nh-rules-DIGEST   of these rules
      nh-block-ID       every page with this block   nh-url-HASH       one page

    CACHE is one of these, where NAME is that of an environment variable with the secret:

    \b
      fastly://SERVICE?key=NAME
      cloudflare://ZONE?token=NAME
      varnish+http://HOST:PORT
      https://HOST/PATH?secret=NAME     a signed JSON document is POSTed there

    \b
      newshole purge --tag nh-block-top-ad --cdn varnish+http://varnish:6081
      newshole purge --url https://news.example/world/story --soft

    Every cache is told in a line. Exit codes: 0 when all is purged; 1 when a cache could not be reached or
    refused; 2 when nothing was tried.
    """
    everything = is_everything_asked
    purge_of(tags=tags or (), urls=urls or (), everything=everything, soft=is_soft_asked)
    targets = read_targets(caches or os.environ.get(CACHES, "").split())
    if not targets:
        raise UsageError(f"there is no cache to purge: name one with --cdn, or several in {CACHES}")
    outcomes = asyncio.run(
        purge_caches(targets, tags=tags or (), urls=urls or (), everything=everything, soft=is_soft_asked)
    )
    for outcome in outcomes:
        _tell(outcome)
    raise typer.Exit(1 if any(each.failed for each in outcomes) else 0)


def _tell(outcome: Outcome) -> None:
    if outcome.problem is None:
        typer.echo(printable(f"{outcome.cache}: purged"))
    else:
        tell(
            f"{outcome.cache}: {outcome.failed} of {outcome.calls} calls failed: {outcome.problem}; "
            "purge again, what is kept stays until its time is over"
        )
