"""A story with ads of every server, served by rules with one consent or another, and readers who visit it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from newshole import Newshole
from tests.blocks.adservers import AdPage, answer_for_others
from tests.http.asgi import SENTENCE, page
from tests.http.servers import serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Route

STORY: Final = (
    "<!doctype html><html lang=en><head><title>Bridge</title></head><body><main><article><h1>Bridge</h1>"
    f"<div class=entry-content>{f'<p>{SENTENCE * 3}</p>' * 30}</div></article></main>"
    "<img src='https://pictures.example/late.svg' width=1 height=1 alt=''></body></html>"
).encode()
RULES: Final = """
consent: CONSENT
defaults:
  ad:
    sizes: {mobile: [[300, 250]], desktop: [[300, 250]]}
    house: [{image: /own.svg, link: /subscribe, alt: Subscribe, width: 300, height: 250}]
blocks:
  google: {kind: ad, serve: {gpt: {unit: /1/google}}, place: {after: paragraph, nth: 2}}
  bids:
    kind: ad
    serve:
      prebid:
        unit: /1/bids
        library: https://bids.example/prebid.js
        timeout: 300
        bids: [{bidder: x, params: {}}]
    place: {after: paragraph, nth: 4}
  sense:
    kind: ad
    serve: {adsense: {client: ca-pub-1234567890123456, slot: "1234567890"}}
    place: {after: paragraph, nth: 6}
  revive:
    kind: ad
    serve: {revive: {url: "https://ads.example/asyncjs.php", zone: 1, id: 0123456789abcdef0123456789abcdef}}
    place: {after: paragraph, nth: 8}
  late: {kind: ad, serve: {gpt: {unit: /1/late}}, lazy: {margin: 50}, place: {after: paragraph, nth: 26}}
  later:
    kind: ad
    serve: {revive: {url: "https://ads.example/asyncjs.php", zone: 2, id: 0123456789abcdef0123456789abcdef}}
    lazy: {margin: 50}
    place: {after: paragraph, nth: 28}
"""
GPC: Final = "Object.defineProperty(navigator, 'globalPrivacyControl', {value: true});"
WORDS: Final = """
addEventListener("DOMContentLoaded", () =>
  newshole.consent(word => (window.heard = window.heard || []).push(word)));
"""
LIMITED_HOST: Final = "pagead2.googlesyndication.com"
LIMITED: Final = f"https://{LIMITED_HOST}/tag/js/gpt.js"
GOOGLE: Final = "https://securepubads.g.doubleclick.net/tag/js/gpt.js"
PERSONAL: Final = {
    GOOGLE,
    "https://bids.example/prebid.js",
    f"https://{LIMITED_HOST}/pagead/js/adsbygoogle.js?client=ca-pub-1234567890123456",
    "https://ads.example/asyncjs.php",
}
GRACE: Final = 700
"""Milliseconds after which a page without a platform has its word, in these rules and a moment more."""

Serve = Callable[[str], str]
"""Serves the story by rules with a `consent`, and gives its URL."""


@contextmanager
def serving_consents(folder: Path) -> Iterator[Serve]:
    """What serves the story, each time on a port of its own; rules are written into a folder."""
    known: dict[str, str] = {}
    with ExitStack() as servers:

        def serve(consent: str) -> str:
            if consent not in known:
                rules = folder / f"site{len(known)}.yaml"
                rules.write_text(RULES.replace("CONSENT", consent), encoding="utf-8")
                address = servers.enter_context(serving(Newshole(page(STORY), rules=rules), lifespan="off"))
                known[consent] = f"{address}/news/bridge"
            return known[consent]

        yield serve


@dataclass
class Visit(AdPage):
    """One reader's page, and its own bytes."""

    body: bytes = b""

    @property
    def personal(self) -> set[str]:
        """The addresses that only readers who agreed may ask for."""
        return PERSONAL & set(self.asked)

    @property
    def words(self) -> list[str]:
        """What the page's script has said, in order."""
        return list(self.page.evaluate("window.heard || []"))

    def run(self, script: str) -> None:
        """Run a script in the page."""
        self.page.evaluate(f"() => {{ {script} }}")

    def wait_for_word(self, word: str) -> None:
        """Until the script has said a word."""
        self.page.wait_for_function("word => (window.heard || []).at(-1) === word", arg=word)

    def rest(self) -> None:
        """Longer than anything here waits."""
        self.page.wait_for_timeout(GRACE + 500)


@contextmanager
def visited(
    browser: Browser,
    url: str,
    *scripts: str,
    headers: dict[str, str] | None = None,
    picture: Callable[[Route], None] | None = None,
) -> Iterator[Visit]:
    """A page in a browser of its own, where `scripts` run first; `picture` answers for a late picture."""
    context = browser.new_context(viewport={"width": 1366, "height": 768}, extra_http_headers=headers or {})
    seen = Visit(context.new_page())

    def answer(route: Route) -> None:
        asked = route.request.url
        if asked.startswith("http://127.0.0.1:") and asked.endswith("/news/bridge"):
            route.continue_()
            return
        host = urlsplit(asked).hostname
        if host == "pictures.example" and picture is not None:
            picture(route)
            return
        if host not in ("127.0.0.1", "pictures.example"):
            seen.asked.append(asked)
        answer_for_others(route)

    for script in (WORDS, *scripts):
        seen.page.add_init_script(script)
    seen.page.route("**/*", answer)
    response = seen.page.goto(url, wait_until="commit" if picture else "load")
    assert response is not None
    if picture is None:
        seen.body = response.body()
    try:
        yield seen
    finally:
        context.close()
