"""The console makes links to the overlay, which the workers open, and writes down that it did."""

from __future__ import annotations

from urllib.parse import urlsplit

import httpx
import pytest

from tests.console.newsroom import STORY, Newsroom
from tests.console.screens import opened, said, shown


def test_a_link_opens_the_live_page_with_its_marks_and_is_in_the_audit(quiet: Newsroom) -> None:
    with quiet.signed_in("vi") as client:
        why = opened(quiet, client, f"why?url={STORY}")
        (door,) = [each for each in why.select("a.button") if said(each) == "On the live page"]
        form = shown(client.get(f"{quiet.console}{door['href']}"))
        url = str(form.select("#url")[0]["value"])
        answer = client.post(quiet.screen("overlay"), data={"url": url, "for": "900"})
        assert answer.status_code == 200, answer.text
        link = str(shown(answer).select("#link")[0]["value"])
        assert f"overlay {url}" in said(opened(quiet, client, "audit").select_one("main")).lower()
    assert urlsplit(link).netloc == urlsplit(quiet.workers[0]).netloc
    page = httpx.get(link)
    assert "newshole-overlay" in page.text
    assert page.headers["cache-control"] == "private, no-store"


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({"url": "https://elsewhere.example/", "for": "900"}, "is not this site"),
        ({"url": STORY, "for": "1e9"}, "is no length of time"),
        ({"url": "", "for": "900"}, "is no address of a page"),
    ],
)
def test_what_no_link_is_made_for_is_said(quiet: Newsroom, form: dict[str, str], told: str) -> None:
    with quiet.signed_in("vi") as client:
        answer = client.post(quiet.screen("overlay"), data=form)
        assert answer.status_code == 400
        assert told in said(shown(answer).select_one('[role="alert"]'))


def test_no_link_is_made_without_the_token_of_a_form(quiet: Newsroom) -> None:
    with quiet.signed_in("anna") as client:
        del client.headers["x-csrf-token"]
        answer = client.post(quiet.screen("overlay"), data={"url": STORY, "for": "900"})
        assert answer.status_code == 403
