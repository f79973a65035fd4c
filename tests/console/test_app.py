"""The console's door: who comes in, and what everybody gets."""

from __future__ import annotations

import httpx
import pytest

from tests.console.newsroom import Newsroom


def test_who_is_not_signed_in_is_asked_to_sign_in(quiet: Newsroom) -> None:
    answer = httpx.get(quiet.screen("audit"))
    assert answer.status_code == 303
    assert answer.headers["location"].endswith("/_newshole/sign-in?back=%2F_newshole%2Fsite%2Faudit")


def test_the_bare_address_leads_to_the_first_screen(quiet: Newsroom) -> None:
    with quiet.signed_in() as client:
        assert client.get(f"{quiet.console}/").url.path == "/_newshole/site/preview"


@pytest.mark.parametrize("name", ["anna", "ed", "vi"])
def test_a_screen_says_who_is_signed_in(quiet: Newsroom, name: str) -> None:
    with quiet.signed_in(name) as client:
        assert f"<strong>{name}</strong>" in client.get(quiet.screen("audit")).text


def test_nothing_of_the_console_is_kept_by_caches_or_framed(quiet: Newsroom) -> None:
    answer = httpx.get(quiet.screen("audit"))
    assert answer.headers["cache-control"] == "no-store"
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


def test_a_page_of_the_site_is_fetched_from_its_own_software_and_composed(quiet: Newsroom) -> None:
    assert "data-newshole=" in httpx.get(quiet.workers[0] + "/business/night-ferries-return").text
