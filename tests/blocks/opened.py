"""A page with ads behind every few paragraphs, in a browser."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from newshole import blocks
from newshole.rules.kinds.ad import Ad
from newshole.rules.ruleset import Block
from tests.blocks.adservers import AdPage, answer_for_others
from tests.blocks.newsroom import fragment, view

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Route


URL = "https://news.example/world/talks"
WATCH = """
window.shifted = 0;
new PerformanceObserver(list => list.getEntries().forEach(entry => window.shifted += entry.value))
  .observe({type: "layout-shift", buffered: true});
"""
SIZES = {"mobile": [[300, 250]], "desktop": [[728, 90], [300, 250]]}
HOUSE = [{"image": "/own.svg", "link": "/subscribe", "alt": "Subscribe", "width": 300, "height": 250}]
GPT = {"gpt": {"unit": "/1/{section}/{block}", "targeting": {"pos": "p{n}", "tag": "{tag}"}}}
PREBID = {
    "prebid": {
        "unit": "/1/{block}",
        "library": "https://news.example/prebid.js",
        "bids": [{"bidder": "rubicon", "params": {"accountId": 7}}],
        "timeout": 400,
        "granularity": "dense",
    }
}
ADSENSE = {"adsense": {"client": "ca-pub-1234567890123456", "slot": "1234567890"}}
REVIVE = {"revive": {"url": "https://ads.example/delivery/asyncjs.php", "zone": 12, "id": "0" * 32}}


def ad(serve: dict[str, Any], **options: Any) -> Ad:
    """An ad as the rules make it."""
    return Ad.model_validate({"serve": serve, "sizes": SIZES, **options})


class Opened(AdPage):
    """A page with an ad behind every few paragraphs."""

    @property
    def hosts(self) -> set[str]:
        """The hosts of third parties."""
        return {urlsplit(url).hostname or "" for url in self.asked} - {"news.example"}


@contextmanager
def opened(
    browser: Browser,
    *made: Block,
    width: int = 1366,
    height: int = 768,
    script: str = "",
    policy: str = "",
    before: int = 1,
    away: Sequence[str] = (),
) -> Iterator[Opened]:
    """A page with an ad behind every few paragraphs; `script` runs before all others, and what ends in one of
    `away` does not come."""
    html = _html(made, before, has_nonce=bool(policy))
    page = browser.new_context(viewport={"width": width, "height": height}).new_page()
    seen = Opened(page)

    def answer(route: Route) -> None:
        url = route.request.url
        if url == URL:
            headers = {"content-security-policy": policy} if policy else {}
            route.fulfill(body=html, content_type="text/html; charset=utf-8", headers=headers)
            return
        seen.asked.append(url)
        if urlsplit(url).path.endswith(tuple(away)):
            route.abort()
        else:
            answer_for_others(route)

    page.add_init_script(WATCH + script)
    page.route("**/*", answer)
    page.goto(URL)
    try:
        yield seen
    finally:
        page.context.close()


def _html(made: Sequence[Block], before: int, *, has_nonce: bool) -> str:
    text = f"<p>{'A line of the story that is read. ' * 20}</p>"
    body = "".join(text * before + fragment(each, view()).decode() + text for each in made) + text * 6
    runtime = blocks.runtime(made).decode()
    if has_nonce:
        runtime = runtime.replace(" data-newshole-runtime>", ' data-newshole-runtime nonce="n1">')
    return (
        f"<!doctype html><html lang=en><title>x</title><meta name=viewport content='width=device-width'>"
        f"<main style='max-width:760px;margin:auto'>{runtime}{body}</main>"
    )


SHOWN = "document.querySelector('.nh-own') && !document.querySelector('.nh-own').hidden"
