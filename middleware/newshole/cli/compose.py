"""`newshole compose`: a page as newshole sends it."""

from __future__ import annotations

from newshole.cli.options import NEWSPAPER, DeviceOption, OutOption, PageArgument, RulesOption, UrlOption
from newshole.cli.terminal import complain


def compose(
    page: PageArgument,
    rules: RulesOption = NEWSPAPER,
    url: UrlOption = None,
    device: DeviceOption = "desktop",
    out: OutOption = None,
) -> None:
    """Compose a page and write it, byte for byte as newshole would send it.

    A page that is left untouched is written as it came, and standard error says why. Weather feeds are not
    asked.

    \b
      newshole compose story.html --url https://news.example/world/story
      newshole compose https://news.example/world/story --rules quiet -o composed.html

    Exit codes: 0 when the page is written, composed or not; 1 when the rules are wrong; 2 when there is no such
    page or no such rules.
    """
    from newshole.cli.output import write
    from newshole.cli.page import read_page
    from newshole.cli.reasons import left_untouched
    from newshole.site import Site
    from newshole.types import Reader

    site = Site.load(rules)
    asked = read_page(page, url)
    composed = site.compose(
        asked.body, url=asked.url, content_type=asked.content_type, reader=Reader(device=device)
    )
    write(composed.html, out)
    if composed.untouched is not None:
        complain(f"{asked.source} {left_untouched(composed.untouched, asked.url)}")
