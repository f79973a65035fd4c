"""What a library takes in: once, of its own host, and no more than there is to say."""

from __future__ import annotations

from dataclasses import replace

import pytest

from newshole.library import Shelf, intake
from newshole.library.entry import Entry
from newshole.library.intake import Home, Intake, take_in
from newshole.library.lead import Lead
from newshole.library.ledger import Change

PAGE = Entry("https://news.example/bridge", "Bridge reopens", terms=("ferry",), seen=1.0)
FED = replace(PAGE, image="https://news.example/bridge.jpg", terms=(), source="feed")
NOW = 1_721_390_400.0


def home_with(*entries: Entry, names_hosts: bool = True) -> Home:
    home = Home(Shelf(), names_hosts)
    for each in entries:
        home.takes(each.url, NOW)
    home.shelf.learn(entries)
    return home


def test_a_page_that_says_less_than_a_feed_is_not_learned_again_and_again() -> None:
    home, taken = home_with(PAGE, FED), Intake()
    for taken.turn in range(5):
        assert taken.knows(Lead(PAGE), home)


def test_a_page_that_says_something_else_than_a_feed_is_learned() -> None:
    assert not Intake().knows(Lead(replace(PAGE, title="Bridge closes")), home_with(PAGE, FED))


def test_a_story_that_changed_and_went_within_a_second_is_gone() -> None:
    home = home_with(PAGE)
    changed = replace(PAGE, title="Bridge closes")
    take_in([Change("learned", PAGE.url, changed), Change("dropped", PAGE.url)], home)
    assert home.shelf.entries() == ()


def test_a_story_that_went_and_came_back_within_a_second_is_there() -> None:
    home = home_with(PAGE)
    take_in([Change("dropped", PAGE.url), Change("learned", PAGE.url, PAGE)], home)
    assert home.shelf.entries() == (PAGE,)


@pytest.mark.parametrize(
    ("url", "is_own"),
    [
        ("https://news.example/bridge", True),
        ("https://news.example:443/bridge", True),
        ("https://news.example:8443/bridge", False),
        ("http://localhost:8000/bridge", True),
        ("http://127.0.0.1:8000/bridge", True),
        ("http://[::1]:8000/bridge", True),
        ("http://[::1]/bridge", True),
    ],
)
def test_a_port_that_a_request_chose_is_none_of_a_named_host(url: str, *, is_own: bool) -> None:
    home = home_with()
    assert home.owns(url) is is_own
    assert Intake().offer(Lead(replace(PAGE, url=url)), home, NOW) == (None if is_own else "host")


def test_a_library_stays_with_its_host_as_long_as_its_stories_are_read() -> None:
    home, taken = home_with(PAGE, names_hosts=False), Intake()
    other = Lead(replace(PAGE, url="https://evil.example/bridge"))
    home.is_read([PAGE.url], NOW + intake.SILENCE)
    home.is_read([other.entry.url], NOW + 9 * intake.SILENCE)
    assert taken.offer(other, home, NOW + 1.5 * intake.SILENCE) == "host"
    assert taken.offer(other, home, NOW + 2 * intake.SILENCE) is None
    assert home.shelf.entries() == ()


def test_pages_of_a_host_that_lost_the_library_are_learned_again_when_it_comes_back() -> None:
    home, taken = home_with(PAGE, names_hosts=False), Intake()
    own, other = Lead(PAGE), Lead(replace(PAGE, url="https://moved.example/bridge"))
    assert taken.knows(own, home)
    assert taken.offer(other, home, NOW + intake.SILENCE) is None
    assert own.turn != taken.turn
    assert not taken.knows(own, home)
