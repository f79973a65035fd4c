"""What is switched off, as pages and blocks ask for it."""

from __future__ import annotations

import pytest

from newshole.rules.switches import Switches, in_force, misnamed
from newshole.types import Switch

URL = "https://news.example/world/talks"


def off(*switches: Switch) -> Switches:
    return Switches(switches)


def test_everything_off_is_every_page_off() -> None:
    assert off(Switch("all")).of_page(URL, "") == Switch("all")


def test_a_section_is_off_in_any_case_and_no_other_is() -> None:
    switches = off(Switch("section", "Obituaries"))
    assert switches.of_page(URL, " obituaries ") is not None
    assert switches.of_page(URL, "City") is None
    assert switches.of_page(URL, "") is None
    assert switches.of_address(URL) is None


@pytest.mark.parametrize(
    ("name", "url", "is_off"),
    [
        (URL, URL, True),
        (URL, URL + "/", True),
        (URL, "http://NEWS.example:8080/world/talks?page=2#top", True),
        (URL, "https://other.example/world/talks", False),
        (URL, "https://news.example/world/talks/2", False),
        ("/world/talks", "https://other.example/world/talks", True),
        ("/world/talks", "https://other.example/World/talks", False),
        ("/stra%C3%9Fe", "https://news.example/straße", True),
        ("https://news.example", "https://news.example/", True),
        ("/live/**", "https://news.example/live/storm/3", True),
        ("/live/**", "https://news.example/live", False),
        ("/live/*", "https://news.example/live/storm/3", False),
        ("https://*.example/live/*", "https://news.example/live/storm", True),
        ("https://*.example/live/*", "https://news.test/live/storm", False),
        ("https://*.example/live/*", "https://news.example.:443/live/storm", True),
        ("https://news.example./", "https://news.example/", True),
        ("/world/talks", "", False),
        ("/world/talks", "https://[/", False),
    ],
)
def test_an_address_is_off_by_its_host_and_path(name: str, url: str, is_off: bool) -> None:
    assert (off(Switch("url", name)).of_address(url) is not None) is is_off


def test_a_block_is_off_by_its_id_by_its_kind_and_as_an_ad_of_a_page() -> None:
    switches = off(Switch("block", "mid"), Switch("kind", "follow"), Switch("no-ads", URL))
    assert switches.of_block("mid", "html", "") == Switch("block", "mid")
    assert switches.of_block("other", "follow", "") == Switch("kind", "follow")
    assert switches.of_block("top", "ad", URL) == Switch("no-ads", URL)
    assert switches.of_block("top", "ad", "https://news.example/city") is None
    assert switches.of_block("more", "stories", URL) is None
    assert switches.of_page(URL, "City") is None


def test_what_has_expired_is_not_in_force() -> None:
    switches = (Switch("all"), Switch("block", "a", until=10.0), Switch("block", "b", until=11.0))
    assert in_force(switches, 10.0) == (switches[0], switches[2])


@pytest.mark.parametrize(
    ("what", "name", "is_right"),
    [
        ("all", "", True),
        ("section", "City", True),
        ("section", "  ", False),
        ("url", "/world/**", True),
        ("url", "https://news.example/a", True),
        ("url", "news.example/a", False),
        ("url", "ftp://news.example/a", False),
        ("no-ads", "/a?page=2", False),
        ("no-ads", "https://[/", False),
    ],
)
def test_a_name_that_can_mean_nothing_is_told(what: str, name: str, is_right: bool) -> None:
    assert (misnamed(what, name) is None) is is_right
