"""`newshole explain`: what was read on a page, and why each block stands where it does, or nowhere."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from newshole.cli.options import NEWSPAPER, DeviceOption, PageArgument, RulesOption, UrlOption
from newshole.cli.page import compose_page
from newshole.cli.reasons import is_fault
from newshole.cli.record import record


def explain(
    page: PageArgument,
    rules: RulesOption = NEWSPAPER,
    url: UrlOption = None,
    device: DeviceOption = "desktop",
    is_json_asked: Annotated[bool, typer.Option("--json", help="Everything, as one JSON document.")] = False,
) -> None:
    """Show where blocks stand on a page, and why.

    PAGE is an HTML file, an http(s) address, or - for standard input. The picture goes down the page: its
    units with their words, the gaps between them, and the blocks. Below it stands what became of each block;
    of one that is not placed, the nearest miss: the rule that decided, what it requires, and what was found.

    \b
      newshole explain story.html --url https://news.example/world/story
      newshole explain https://news.example/world/story --device mobile --json

    Exit codes: 0 when it is told; 1 when the rules are wrong, or newshole failed; 2 when there is no such
    page or no such rules.
    """
    asked, composition = compose_page(page, rules=rules, url=url, device=device)
    if is_json_asked:
        # ASCII without DEL, so that no page can steer the terminal.
        document = json.dumps(record(asked, device, composition), indent=2)
        typer.echo(document.replace("\x7f", "\\u007f"))
    else:
        from newshole.cli.picture import show

        show(asked, composition)
    if is_fault(composition.untouched):
        raise typer.Exit(1)
