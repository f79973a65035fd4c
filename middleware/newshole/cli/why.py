"""`newshole why`: what readers of an address got at a moment in the past, and why."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from newshole.cli.live import at_ledger, moment, shown
from newshole.cli.options.ledger import LedgerOptions
from newshole.cli.options.pages import JsonOption
from newshole.cli.options.records import setting
from newshole.cli.page import check_address
from newshole.errors import UsageError
from newshole.explaining.record import record
from newshole.live.board import in_words
from newshole.live.ledger import Ledger
from newshole.live.past.account import USUAL, Account, Archives, Past, look_back, look_back_by
from newshole.live.past.journal_file import JournalFile
from newshole.live.past.shared import open_shared
from newshole.live.past.sources import HERE
from newshole.live.past.words import DIFFERS, got, machines_in_words, reach, staged_in_words, whose
from newshole.secrets import read_secret
from newshole.site import Site
from newshole.types import DEVICES


def why(
    url: Annotated[str, typer.Argument(metavar="URL", hidden=True)],
    where: LedgerOptions,
    at: Annotated[
        str, typer.Option("--at", metavar="TIME", help="When, such as 2026-11-27T14:05.  [default: now]")
    ] = "",
    device: Annotated[
        str | None,
        typer.Option(
            "--device",
            metavar="|".join(DEVICES),
            help="Readers with this device alone.",
            show_default=False,
        ),
    ] = None,
    block: Annotated[
        str | None,
        typer.Option(
            metavar="BLOCK", help="Say beside every gap why this block was not there.", show_default=False
        ),
    ] = None,
    journal: Annotated[
        Path | None,
        setting("journal", "FILE", "The workers' journal, where they are started with --journal."),
    ] = None,
    rules: Annotated[
        str | None,
        typer.Option(
            metavar="RULES", help="The rules of then, where they were not published.", show_default=False
        ),
    ] = None,
    is_json_asked: JsonOption = False,
) -> None:
    """Show what readers of a page got in the past, and why.

    The log of what was published tells which version was in service then, and what was switched off. The
    journal tells what was served, to which kinds of readers; where it kept the page, the page is explained as
    "newshole explain" does, as it was then. TIME is of the clocks here where it has no offset.

    \b
      newshole why https://news.example/story --at 2026-11-27T14:05
      newshole why https://news.example/story --journal journal.db --block ad

    Exit codes: 0 when it is told; 1 when the rules are wrong; 2 when nothing is known, or what was asked for
    cannot be had.
    """
    check_address(url)
    if device is not None and device not in DEVICES:
        raise UsageError(f'unknown device "{device}": give {" or ".join(DEVICES)}')
    if journal is None and not where.address:
        raise UsageError("where is it kept? give --journal FILE, --redis URL or --archive FILE")
    when = moment(at) if at else time.time()
    past = _past(_archives(journal, rules), where, url, when, device)
    if is_json_asked:
        from newshole.cli.tables import write_json

        write_json(_record(past))
    else:
        _show(past, block)
    if past.version is None and not past.accounts:
        raise typer.Exit(2)


def _archives(journal: Path | None, rules: str | None) -> Archives:
    """What is kept in files. Raises UsageError where there is no such journal."""
    if journal is not None and not journal.exists():
        raise UsageError(f"there is no journal {journal}: name the file that the workers write")
    file = None if journal is None else JournalFile(journal)
    here = None if rules is None else Site.load(rules)
    return Archives(journal=file, here=here, secret=read_secret().encode())


def _past(archives: Archives, where: LedgerOptions, url: str, at: float, device: str | None) -> Past:
    async def look(ledger: Ledger) -> Past:
        shared = None if where.redis is None else open_shared(where.redis, where.name, archives.secret)
        try:
            return await look_back_by(ledger, replace(archives, shared=shared), url, at, device)
        finally:
            if shared is not None:
                await shared.close()

    try:
        if where.address:
            return at_ledger(where, look)
        return asyncio.run(look_back(archives, url, at, device))
    except (sqlite3.Error, OSError) as error:
        raise UsageError(f"the journal cannot be read: {error}") from error
    finally:
        if archives.journal is not None:
            archives.journal.close()


def _record(past: Past) -> dict[str, Any]:
    """Everything, for JSON."""
    return {
        "url": past.url,
        "at": datetime.fromtimestamp(past.at, UTC),
        "version": None if past.version is None else asdict(past.version),
        "staged": None if past.staged is None else asdict(past.staged),
        "switches": [asdict(each) for each in past.switches],
        "has_journal": past.has_journal,
        "machines": [each or None for each in past.machines],
        "silent": past.silent,
        "served": [_account(each) for each in past.accounts],
    }


def _account(account: Account) -> dict[str, Any]:
    served = account.served
    explained = None
    if account.page is not None and account.composition is not None:
        explained = record(account.page, served.circumstances.device or USUAL, account.composition)
    return {
        **asdict(served),
        "at": datetime.fromtimestamp(served.at, UTC),
        "version": account.version or None,
        "machines": [each or None for each in account.machines],
        "is_same": account.is_same,
        "lacking": account.lacking or None,
        "explained": explained,
    }


def _show(past: Past, block: str | None) -> None:
    from newshole.cli.picture import show
    from newshole.cli.tables import Screen

    screen = Screen()
    screen.say(f"{past.url} at {shown(past.at)}", style="bold")
    for line in _in_service(past):
        screen.say(line)
    for account in past.accounts:
        screen.print()
        screen.say(f"{whose(account.served)}; as of {shown(account.served.at)}", style="bold")
        screen.say(got(account))
        if past.machines != (HERE,):
            screen.say(f"on {machines_in_words(account.machines)}")
        if account.composition is not None and account.page is not None:
            if not account.is_same:
                screen.say(DIFFERS, style="yellow")
            screen.print()
            show(account.page, account.composition, block)
        else:
            screen.say(f"It cannot be explained again: {account.lacking}.")
    screen.print()
    for line in _reach(past):
        screen.say(line, style="dim")


def _in_service(past: Past) -> list[str]:
    """What the log says, in lines."""
    version = past.version
    lines = ["no version is known to have been in service"]
    if version is not None:
        by = f" by {version.by}" if version.by else ""
        note = f" ({version.note})" if version.note else ""
        lines = [f"version {version.digest[:8]}, published {shown(version.at)}{by}{note}"]
    if past.staged is not None:
        lines.append(staged_in_words(past.staged))
    return [*lines, *(f"switched off: {in_words(each)}" for each in past.switches)]


def _reach(past: Past) -> list[str]:
    """How far what is told reaches, in lines."""
    if not past.has_journal:
        return ["There is no journal (newshole serve --journal): the page of then is not kept."]
    lines = [*(f"Not all is known: {each}." for each in past.silent), f"Note: {reach(past)}."]
    return lines if past.accounts else ["The journal knows nothing of this address then.", *lines]
