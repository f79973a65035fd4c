"""The link to a page with its marks, from the console."""

from __future__ import annotations

import httpx
from bs4 import BeautifulSoup

from tests.console.newsroom import STORY, Newsroom


def test_anybody_signed_in_gets_a_link_that_shows_the_marks_and_is_in_the_audit(busy: Newsroom) -> None:
    with busy.signed_in("vi") as client:
        preview = client.get(busy.screen("preview"), params={"url": STORY})
        assert "With marks" in preview.text
        told = client.post(busy.screen("preview/overlay"), data={"url": STORY})
        link = str(BeautifulSoup(told.text, "lxml").select_one("main a.button")["href"])  # type: ignore[index]
        assert "overlay" in client.get(busy.screen("audit")).text
    marked = httpx.get(link)
    assert marked.headers["cache-control"] == "private, no-store"
    assert marked.text != httpx.get(busy.workers[0] + STORY).text


def test_no_link_is_made_to_another_site(quiet: Newsroom) -> None:
    with quiet.signed_in() as client:
        answer = client.post(quiet.screen("preview/overlay"), data={"url": "https://elsewhere.example/"})
    assert answer.status_code == 400
