"""`newshole compose`: a page as newshole sends it."""

from __future__ import annotations

from collections import Counter

import typer

from newshole.cli.options.pages import (
    NEWSPAPER,
    ArmsOption,
    DeviceOption,
    OutOption,
    PageArgument,
    ReaderOption,
    RulesOption,
    UrlOption,
)
from newshole.cli.output import write
from newshole.cli.page import compose_page
from newshole.cli.terminal import tell
from newshole.explaining.untouched import is_fault, left_untouched
from newshole.site import Composition
from newshole.types import Reader


def compose(
    page: PageArgument,
    rules: RulesOption = NEWSPAPER,
    url: UrlOption = None,
    device: DeviceOption = "desktop",
    reader: ReaderOption = None,
    arms: ArmsOption = None,
    out: OutOption = None,
) -> None:
    """Write a page as newshole would send it.

    PAGE is an HTML file, an http(s) address, or - for standard input. It is written byte for byte, to
    standard output or to OUT; standard error says which blocks were placed. A page that is left untouched is
    written as it came, and standard error says why. Weather feeds are not asked.

    \b
      newshole compose story.html --url https://news.example/world/story
      newshole compose https://news.example/world/story --rules quiet -o composed.html

    Exit codes: 0 when the page is written, composed or left untouched; 1 when the rules are wrong, or
    newshole failed; 2 when there is no such page or no such rules, or OUT cannot be written.
    """
    asked, composition = compose_page(
        page, rules=rules, url=url, reader=Reader(id=reader, device=device), arms=arms or ()
    )
    write(composition.html, out)
    if composition.untouched is None:
        tell(f"{asked.source}: {_placed(composition)}")
    else:
        hint = "; newshole explain says why" if composition.untouched == "nothing-placed" else ""
        tell(f"{asked.source} {left_untouched(composition.untouched, asked.url)}{hint}")
    if is_fault(composition.untouched):
        raise typer.Exit(1)


def _placed(composition: Composition) -> str:
    """The blocks, top to bottom."""
    placed = Counter(insertion.block for insertion in composition.insertions)
    blocks = ", ".join(f"{block} ({times} times)" if times > 1 else block for block, times in placed.items())
    return f"placed {blocks}"
