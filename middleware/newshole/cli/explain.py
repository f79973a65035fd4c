"""`newshole explain`: what was read on a page, and why each block stands where it does, or nowhere."""

from __future__ import annotations

from typing import Annotated

import typer

from newshole.cli.options.pages import (
    NEWSPAPER,
    ArmsOption,
    DeviceOption,
    JsonOption,
    PageArgument,
    ReaderOption,
    RulesOption,
    UrlOption,
)
from newshole.cli.page import compose_page
from newshole.errors import UsageError
from newshole.explaining.record import record
from newshole.explaining.untouched import is_fault
from newshole.rules.written import meant_or_known
from newshole.site import Site
from newshole.types import Reader


def explain(
    page: PageArgument,
    rules: RulesOption = NEWSPAPER,
    url: UrlOption = None,
    device: DeviceOption = "desktop",
    reader: ReaderOption = None,
    arms: ArmsOption = None,
    block: Annotated[
        str | None,
        typer.Option(
            metavar="BLOCK",
            help="Say beside every gap why this block is not there.",
            show_default=False,
        ),
    ] = None,
    is_json_asked: JsonOption = False,
) -> None:
    """Show where blocks stand on a page, and why.

    PAGE is an HTML file, an http(s) address, or - for standard input. The picture goes down the page: its
    units with their words, the gaps between them, the blocks, and beside gaps the bounds that keep them free.
    Below it stands what became of each block; of one that is not placed, the place that came closest: the
    rule that decided, what it wants, and what was found. Of experiments that are about the page it tells the
    reader's arms, and where another arm would give another page.

    \b
      newshole explain story.html --url https://news.example/world/story
      newshole explain story.html --block inline-ad
      newshole explain https://news.example/world/story --device mobile --json

    Exit codes: 0 when it is told; 1 when the rules are wrong, or newshole failed; 2 when there is no such
    page or no such rules.
    """
    if block is not None:
        _check_block(block, rules)
    asked, composition = compose_page(
        page, rules=rules, url=url, reader=Reader(id=reader, device=device), arms=arms or ()
    )
    if is_json_asked:
        from newshole.cli.tables import write_json

        write_json(record(asked, device, composition))
    else:
        from newshole.cli.picture import show

        show(asked, composition, block)
    if is_fault(composition.untouched):
        raise typer.Exit(1)


def _check_block(block: str, rules: str) -> None:
    """Raises UsageError where no rules have such a block."""
    names = list(dict.fromkeys(each.id for site in Site.load(rules).rules for each in site.blocks))
    if block not in names:
        raise UsageError(f'no block "{block}" in {rules}{meant_or_known(block, names)}')
