"""`newshole purge`: take pages out of the page cache of the workers, and of the caches in front."""

from __future__ import annotations

import asyncio
from typing import Annotated, Final

import typer

from newshole.cdn.named import CACHES, named_caches
from newshole.cdn.purge import Outcome
from newshole.cdn.purge import purge as purge_caches
from newshole.cdn.service import Purge, purge_of
from newshole.cdn.targets import Target, read_targets
from newshole.cli.options.records import setting
from newshole.cli.terminal import printable, tell
from newshole.errors import UsageError

HEARD: Final = 2.0
"""Seconds within which every worker knows of a purge."""


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
    redis: Annotated[
        str | None,
        setting("redis", "URL", "The workers' Redis, whose page cache is purged first."),
    ] = None,
) -> None:
    """Purge pages from the page cache and the caches in front.

    The page cache is that of the workers, in their Redis.

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
    asked = purge_of(tags=tags or (), urls=urls or (), everything=is_everything_asked, soft=is_soft_asked)
    targets = read_targets(named_caches(caches or None))
    if not targets and not redis:
        raise UsageError(f"there is no cache to purge: name one with --cdn, or several in {CACHES}")
    outcomes = asyncio.run(_purge(asked, redis, targets))
    for outcome in outcomes:
        _tell(outcome)
    raise typer.Exit(1 if any(each.failed for each in outcomes) else 0)


async def _purge(asked: Purge, redis: str | None, targets: tuple[Target, ...]) -> list[Outcome]:
    """Purge from the inside out: what is in front would fetch an old page again."""
    outcomes = [] if redis is None else [await _purge_workers(asked, redis)]
    if outcomes and targets:
        await asyncio.sleep(HEARD)
    made = purge_caches(
        targets, tags=asked.tags, urls=asked.urls, everything=asked.is_everything, soft=asked.is_soft
    )
    return [*outcomes, *await made]


async def _purge_workers(asked: Purge, redis: str) -> Outcome:
    from newshole.http.pagecache.purging import purge_pages
    from newshole.store import GuardedStore
    from newshole.store.redis import open_redis

    store = GuardedStore(open_redis(redis))
    try:
        is_done = await purge_pages(
            store, tags=asked.tags, urls=asked.urls, everything=asked.is_everything, soft=asked.is_soft
        )
    finally:
        await store.close()
    return Outcome("the page cache", 1, 0 if is_done else 1, None if is_done else "Redis did not take it")


def _tell(outcome: Outcome) -> None:
    if outcome.problem is None:
        typer.echo(printable(f"{outcome.cache}: purged"))
    else:
        tell(
            f"{outcome.cache}: {outcome.failed} of {outcome.calls} calls failed: {outcome.problem}; "
            "purge again, what is kept stays until its time is over"
        )
