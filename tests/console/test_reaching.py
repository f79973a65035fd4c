"""What the console fetches and loads: pages of the site alone, and no hostile rules."""

from __future__ import annotations

import asyncio
from typing import Final
from urllib.parse import quote

import pytest
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from newshole.console.pages import Pages
from newshole.errors import NewsholeError, UsageError
from newshole.live.source import Source, load_site


class Paper:
    """A site that notes what it is asked for, and sends whoever asks for /to?… there."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def __call__(self, scope, receive, send) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
        request = Request(scope)
        self.asked.append(f"{request.headers['host']}{request.url.path}")
        answer: Response = HTMLResponse("<p>A page")
        if request.url.path == "/to":
            answer = RedirectResponse("/", 302)
            answer.headers["location"] = request.query_params["url"]
        await answer(scope, receive, send)


HOSTILE: Final = [
    "http://127.0.0.1/",
    "http://localhost:6379/",
    "http://169.254.169.254/latest/meta-data/",
    "http://[::1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[fe80::1%25eth0]/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0177.0.0.1/",
    "http://127.1/",
    "http://0/",
    "file:///etc/passwd",
    "file://paper.example/etc/passwd",
    "data:text/html,<p>x",
    "javascript:alert(1)",
    "gopher://paper.example/",
    "ftp://paper.example/",
    "unix:/run/secret.sock",
    "//evil.example/",
    "//[",
    "http://evil.example/",
    "http://paper.example@evil.example/",
    "http://evil.example@paper.example/",
    "http://user:word@paper.example/",
    "http://paper.example:80@evil.example/",
    "http://evil.example#@paper.example/",
    "http://evil.example?@paper.example/",
    "http://evil.example\\@paper.example/",
    "http://paper.example.evil.example/",
    "http://evilpaper.example/",
    "http://paper.example:6379/",
    "http://paper.example:0/",
    "http://paper.example:99999/",
    "http://paper.example:80:80/",
    "http://paper。example/",
    "http://ｐaper.example/",
    "http://paper.exam\u200bple/",
    "http://paper.exam\nple/",
    "http://pаper.example/",
    "http://",
    "http:///path",
    "",
    "paper.example",
    "http://[",
]

RELATIVE: Final = ("", "http://", "http:///path", "paper.example")
"""Of these, those that lead to the site itself from one of its pages."""


@pytest.mark.parametrize("url", HOSTILE)
def test_no_page_is_had_from_anywhere_but_the_site(url: str) -> None:
    paper = Paper()
    pages = Pages(paper, ("paper.example",), "http://paper.example/")
    with pytest.raises(UsageError):
        asyncio.run(pages.fetch(url))
    assert paper.asked == []


@pytest.mark.parametrize(
    "url", [each for each in HOSTILE if each.isascii() and each.isprintable() and each not in RELATIVE]
)
def test_the_site_itself_leads_nowhere_else(url: str) -> None:
    paper = Paper()
    pages = Pages(paper, ("paper.example",), "http://paper.example/")
    with pytest.raises(UsageError):
        asyncio.run(pages.fetch(f"/to?url={quote(url, safe='')}"))
    assert paper.asked == ["paper.example/to"]


@pytest.mark.parametrize(
    "files",
    [
        {"../rules.yaml": "site: x\n"},
        {"/etc/cron.d/rules.yaml": "site: x\n"},
        {"rules.yaml": "extends: /etc/passwd\n"},
        {"rules.yaml": "extends: ../../../etc/passwd\n"},
        {"rules.yaml": "site: !!python/object/apply:os.system ['true']\n"},
        {"rules.yaml": "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nsite: *c\n"},
        {"rules.yaml": "blocks: {x: {kind: html, html: '<script>alert(1)</script>', place: body-end}}\n"},
        {"rules.yaml": "[" * 5000},
        {"rules.yaml": "{a: " * 5000},
        {"rules.yaml": "site: \x00\n"},
    ],
    ids=range(10),
)
def test_hostile_rules_are_refused_and_reach_nothing(files: dict[str, str]) -> None:
    with pytest.raises(NewsholeError):
        load_site(Source(next(iter(files)), files))
