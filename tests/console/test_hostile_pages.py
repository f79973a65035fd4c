"""A paper whose pages attack whoever looks at them in the console."""

from __future__ import annotations

import html
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs, urlsplit

import pytest
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from tests.console.browsing import frames, seated
from tests.console.newsroom import Newsroom, newsroom

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Request

pytestmark = [pytest.mark.slow, pytest.mark.browser]

RULES: Final = """
articles: [{path: "/**"}]
blocks:
  follow: {kind: follow, network: mastodon, page: x, url: "https://social.example/@x", place: body-end}
"""


class Hostile:
    """A paper whose story attacks whoever shows it, at the `console`."""

    def __init__(self) -> None:
        self.console = ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        target = f"{self.console}/_newshole/site/audit"
        title = html.escape("\"></option></script><script>document.body.dataset.owned=1</script>'")
        attack = f"""document.documentElement.dataset.owned = 1; fetch("{target}");
          parent.postMessage({{newshole: "place", word: "go", url: "{target}"}}, "*");
          top.location = "{target}"; open("{target}")"""
        text = f"<p>{'A line of the story that is long enough. ' * 12}</p>" * 8
        slow = "<p><font id=1>" * 9000 if scope["path"] == "/slow" else ""
        page = f"""<!doctype html><html lang=en><head><title>{title}</title>
          <meta http-equiv=refresh content="0;url={target}"><meta property=article:section content="{title}">
          <link rel=stylesheet href="{target}"><style>@import url({target});</style>
          <script>{attack}</script></head><body onload='{attack}'><article><h1>{title}</h1>
          {text}<img src=x onerror='{attack}'><img src="{target}" alt=""><iframe src="{target}"></iframe>
          <form action="{target}"><button autofocus>x</button></form><!--1 2-->
          <a href="javascript:{html.escape(attack)}" target=_top id=bait>bait</a>
          {slow}</article><object data="{target}"></object></body></html>"""
        await Response(page, media_type="text/html")(scope, receive, send)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "rules.yaml").write_text(RULES)
    paper = Hostile()
    with newsroom(folder, rules=folder / "rules.yaml", workers=0, own=paper) as room:
        paper.console = room.console
        yield room


# The newsroom first: where Playwright runs, no test can start a loop.
def test_no_page_gets_out_of_its_frame(hostile: Newsroom, browser: Browser) -> None:
    with seated(browser, hostile) as page:
        got: list[str] = []
        page.on("requestfinished", lambda asked: _note(got, page, asked))
        page.context.on("page", lambda opened: got.append(f"opened {opened.url}"))
        page.goto(hostile.screen("preview?url=/attack&width=390"))
        shown = frames(page)
        shown[0].click("#bait")
        shown[0].click("button")
        page.wait_for_timeout(500)
        assert urlsplit(page.url).path == "/_newshole/site/preview"
        assert parse_qs(urlsplit(page.url).query)["url"] == ["/attack"]
        assert page.locator("[data-owned]").count() == 0
        assert shown[0].locator("#bait").count() == 1
        assert shown[0].locator("[data-owned]").count() == 0
        assert {urlsplit(each).path for each in got} == {"/_newshole/site/preview/frame"}


def test_a_page_whose_markup_is_not_read_leads_its_frame_nowhere(hostile: Newsroom, browser: Browser) -> None:
    with seated(browser, hostile) as page:
        got: list[str] = []
        page.on("requestfinished", lambda asked: _note(got, page, asked))
        page.goto(hostile.screen("preview?url=/slow&width=390"))
        page.wait_for_timeout(1000)
        assert "(hostile-markup)" in page.inner_text(".told.warn")
        assert {urlsplit(each).path for each in got} == {"/_newshole/site/preview/frame"}


def _note(got: list[str], page: Page, asked: Request) -> None:
    """Note what anything but the screen itself has asked for, of the console."""
    if asked.frame != page.main_frame and "/_newshole/" in asked.url:
        got.append(asked.url)


def test_a_frame_has_an_origin_of_its_own_and_reaches_nobody(hostile: Newsroom, browser: Browser) -> None:
    with seated(browser, hostile) as page:
        page.goto(hostile.screen("preview?url=/attack&width=390"))
        frame = frames(page)[0]
        assert frame.evaluate("origin") == "null"
        reached = """async url => {
          try { await fetch(url, {mode: "no-cors"}); return "fetched"; } catch { return "refused"; }
        }"""
        assert frame.evaluate(reached, hostile.screen("audit")) == "refused"
        can_read = "() => { try { return String(parent.document); } catch { return 'refused'; } }"
        assert frame.evaluate(can_read) == "refused"


@pytest.mark.parametrize("screen", ["preview", "why"])
def test_what_a_page_says_of_itself_stays_text(hostile: Newsroom, browser: Browser, screen: str) -> None:
    with seated(browser, hostile) as page:
        page.goto(hostile.screen(f"{screen}?url=/attack"))
        assert "</script><script>" in page.inner_text(".about h2")
        assert page.locator("[data-owned]").count() == 0
