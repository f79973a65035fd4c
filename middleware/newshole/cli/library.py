"""`newshole library`: the stories that were learned; what is brought in, what is forgotten."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, replace
from typing import Annotated, Any, Final, TypeVar

import typer

from newshole.cli.live import shown
from newshole.cli.options.ledger import NameOption, RedisOption
from newshole.cli.options.pages import NEWSPAPER, JsonOption, RulesOption
from newshole.cli.options.records import setting
from newshole.cli.page import check_address, read_file
from newshole.cli.terminal import printable
from newshole.errors import UsageError
from newshole.library.address import address
from newshole.library.entry import Entry
from newshole.library.feeds import FeedError, entries_of, read_feed
from newshole.library.feeds.reading import is_feed
from newshole.library.ledger import Change, Ledger, LedgerError
from newshole.library.stock import Stock, read_stock
from newshole.library.written import SOURCE, EntriesError, read_entries
from newshole.live.ledger import NAME
from newshole.secrets import read_secret

Result = TypeVar("Result")

RELATED: Final = 10
"""Stories that are shown beside one."""

WORDS: Final = "list, related URL, import FILE, forget URL or remember URL"


def library(
    word: Annotated[str, typer.Argument(metavar="WORD", hidden=True)],
    names: Annotated[list[str] | None, typer.Argument(metavar="NAMES", hidden=True)] = None,
    file: Annotated[
        str | None,
        setting("library", "FILE", "The workers' library."),
    ] = None,
    redis: RedisOption = None,
    name: NameOption = NAME,
    rules: RulesOption = NEWSPAPER,
    base: Annotated[
        str, typer.Option("--url", metavar="URL", help="What relative addresses are read against.")
    ] = "",
    is_json_asked: JsonOption = False,
) -> None:
    """Show the stories that were learned, import or forget some.

    "list" lists them, the newest first. "related URL" shows what is shown beside one of them, by the rules.
    "import FILE" brings stories in from a file, an address or "-": JSON documents, or a feed of any format.
    "forget URL" leaves stories out, whatever pages tell, until "remember URL". Workers follow in seconds.

    \b
      newshole library list --library library.db
      newshole library related https://news.example/story
      newshole library import stories.jsonl
      newshole library forget https://news.example/story

    Exit codes: 0 when it is done; 1 when the rules or the stories to import are wrong; 2 when there is no
    such story or library.
    """
    given = names or []
    if word == "list" and not given:
        _list(at_library(file, redis, name, read_stock), is_json_asked=is_json_asked)
    elif word == "related" and len(given) == 1:
        _related(at_library(file, redis, name, read_stock), given[0], rules, is_json_asked=is_json_asked)
    elif word == "import" and len(given) == 1:
        _import(file, redis, name, given[0], base, rules)
    elif word in ("forget", "remember") and given:
        _forget(file, redis, name, given, word)
    else:
        raise UsageError(f'write "newshole library", and {WORDS}')


def at_library(
    file: str | None, redis: str | None, name: str, work: Callable[[Ledger], Awaitable[Result]]
) -> Result:
    """What `work` makes of the ledger in a file, else in Redis. Raises UsageError where it cannot be had."""
    from newshole.http.resources import open_ledger

    if file is not None and not os.path.isfile(file):  # noqa: PTH113 - a name of any form
        raise UsageError(f"no library at {file}: name the file that newshole serve keeps")
    ledger = open_ledger(file, redis, name, read_secret().encode())
    if ledger is None:
        raise UsageError("which library? give --library FILE or --redis URL, as the workers have it")

    async def run() -> Result:
        try:
            return await work(ledger)
        except LedgerError as error:
            hint = "see that Redis runs, and try again" if file is None else "name the file of newshole serve"
            raise UsageError(f"the library cannot be used: {error}; {hint}") from error
        finally:
            await ledger.close()

    return asyncio.run(run())


def record(entry: Entry, views: int) -> dict[str, Any]:
    """A story for JSON, which `import` reads again but for its views."""
    return {**asdict(entry), "views": views}


def _list(stock: Stock, *, is_json_asked: bool) -> None:
    entries = sorted(stock.entries.values(), key=_moment, reverse=True)
    records = [record(each, stock.views[address(each.url)]) for each in entries]
    _show(records, is_json_asked=is_json_asked)
    if not is_json_asked:
        typer.echo(f"{len(entries)} {'story' if len(entries) == 1 else 'stories'}")
        for url in stock.forgotten.values():
            typer.echo(f"forgotten: {printable(url)}")


def _related(stock: Stock, url: str, rules: str, *, is_json_asked: bool) -> None:
    from newshole.library.fixed import fixed_entries
    from newshole.library.shelf import Shelf
    from newshole.site import Site

    own = Site.load(rules).rules_for(url)
    shelf = Shelf(() if own is None else fixed_entries(own), most=len(stock.entries) + 1)
    shelf.learn(stock.entries.values())
    if shelf.entry(url) is None:
        raise UsageError(f'no such story: {url}; "newshole library list" has those that there are')
    found = shelf.related(url, time.time(), RELATED)
    _show([record(each, stock.views[address(each.url)]) for each in found], is_json_asked=is_json_asked)


def _entries(source: str, base: str, rules: str) -> list[Entry]:
    """The stories of a document or a feed. Raises EntriesError or FeedError."""
    body = read_file(source)
    if not is_feed(body):
        return read_entries(body, base)
    from newshole.site import Site

    url = base or (source if source.startswith(("http://", "https://")) else "")
    stories, now, site = read_feed(body, url=url), time.time(), Site.load(rules)
    own = {each.url: site.rules_for(each.url) for each in stories}
    judged = [
        entry
        for each in stories
        if (found := own[each.url]) is not None
        for entry in entries_of([each], found.sensitivity, language=found.language or "", now=now)
    ]
    return [replace(each, source=SOURCE) for each in judged]


def _import(file: str | None, redis: str | None, name: str, source: str, base: str, rules: str) -> None:
    try:
        entries = _entries(source, base, rules)
    except (EntriesError, FeedError) as error:
        for mistake in str(error).splitlines():
            typer.echo(printable(f"{source}: {mistake}"), err=True)
        raise typer.Exit(1) from error

    async def bring(ledger: Ledger) -> None:
        now = time.time()
        seen = [each if 0 < each.seen <= now else replace(each, seen=now) for each in entries]
        await ledger.tell(Change("learned", each.url, each) for each in seen)

    at_library(file, redis, name, bring)
    typer.echo(f"{len(entries)} {'story is' if len(entries) == 1 else 'stories are'} brought in")


def _forget(file: str | None, redis: str | None, name: str, urls: list[str], word: str) -> None:
    for url in urls:
        check_address(url)

    async def change(ledger: Ledger) -> None:
        await ledger.tell(Change("forgotten" if word == "forget" else "remembered", url) for url in urls)

    at_library(file, redis, name, change)
    told = "forgotten" if word == "forget" else "may be learned again"
    for url in urls:
        typer.echo(printable(f"{told}: {url}"))


def _show(records: list[dict[str, Any]], *, is_json_asked: bool) -> None:
    from newshole.cli.tables import Screen, write_json

    if is_json_asked:
        write_json(records)
    elif records:
        rows = [(each["url"], each["title"], _day(each), str(each["views"])) for each in records]
        Screen().table(("address", "title", "published", "views>"), rows)


def _day(story: dict[str, Any]) -> str:
    published = story["published"]
    return "" if published is None else shown(published.timestamp())


def _moment(entry: Entry) -> float:
    return entry.seen if entry.published is None else entry.published.timestamp()
