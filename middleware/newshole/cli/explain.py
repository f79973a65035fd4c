"""`newshole explain`: what was read on a page, and why each block stands where it does, or nowhere."""

from __future__ import annotations

from typing import Annotated

import typer

from newshole.cli.options import NEWSPAPER, DeviceOption, PageArgument, RulesOption, UrlOption


def explain(
    page: PageArgument,
    rules: RulesOption = NEWSPAPER,
    url: UrlOption = None,
    device: DeviceOption = "desktop",
    is_json_asked: Annotated[bool, typer.Option("--json", help="Everything, as one JSON document.")] = False,
) -> None:
    """Show how newshole reads a page, where each block is placed, and why the others are not.

    The picture goes down the page: its units with their words, the gaps between them, and the blocks. Below
    it stands what became of each block; of one that is not placed, the nearest miss: the rule that decided,
    what it requires, and what was found.

    \b
      newshole explain story.html --url https://news.example/world/story
      newshole explain https://news.example/world/story --device mobile --json

    Exit codes: 0 when it is told; 1 when the rules are wrong; 2 when there is no such page or no such rules.
    """
    from newshole.cli.page import read_page
    from newshole.site import Site
    from newshole.types import Reader

    site = Site.load(rules)
    asked = read_page(page, url)
    composition = site.compose(
        asked.body, url=asked.url, content_type=asked.content_type, reader=Reader(device=device)
    )
    if is_json_asked:
        import json

        from newshole.cli.record import record

        # ASCII, so that no page can steer the terminal.
        typer.echo(json.dumps(record(asked, device, composition), indent=2))
    else:
        from newshole.cli.picture import show

        show(asked, composition)
