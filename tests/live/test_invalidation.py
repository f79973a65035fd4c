"""What a change purges: enough, and no more where that is known."""

from __future__ import annotations

from dataclasses import replace

import pytest

from newshole.live.entries import Event, Halted, Published, Required, Staged, TurnedOff, TurnedOn, Unit
from newshole.live.invalidation import Touched, touched, touched_late
from newshole.live.ledger import Beat
from newshole.types import Switch

URL = "https://news.example/world/talks"
CAFE = ("https://news.example/caf%C3%A9", "https://news.example/caf%C3%A9/")
BOTH = (URL, f"{URL}/")
SITE = Touched(("nh-site-example",))


def turned_off(*targets: tuple[str, str]) -> TurnedOff:
    return TurnedOff(tuple(Switch(*each) for each in targets), 1.0)


@pytest.mark.parametrize(
    ("event", "found"),
    [
        (Published("aa", 1.0), SITE),
        (turned_off(("all", "")), SITE),
        (turned_off(("section", "City")), SITE),
        (turned_off(("section", "https://[City")), SITE),
        (turned_off(("kind", "ad")), SITE),
        (turned_off(("url", "/world/**")), SITE),
        (turned_off(("url", "/world/talks")), SITE),
        (turned_off(("url", URL)), Touched(urls=BOTH)),
        (turned_off(("no-ads", URL)), Touched(urls=BOTH)),
        (turned_off(("block", "mid")), Touched(("nh-block-mid",))),
        (turned_off(("block", "mid"), ("url", URL)), Touched(("nh-block-mid",), BOTH)),
        (turned_off(("block", "mid"), ("all", "")), SITE),
        (turned_off(("url", f"{URL}/")), Touched(urls=BOTH)),
        (turned_off(("url", "https://news.example")), Touched(urls=("https://news.example/",))),
        (turned_off(("url", "https://news.example/café")), Touched(urls=CAFE)),
        (turned_off(("url", "https://bücher.example/a")), SITE),
        (turned_off(("url", "https://a:b@news.example/a")), SITE),
        (TurnedOn((("block", "mid"),), 1.0), SITE),
        (TurnedOn((("url", URL),), 1.0), Touched(urls=BOTH)),
    ],
)
def test_what_is_touched_is_purged(event: Published | TurnedOff | TurnedOn, found: Touched) -> None:
    assert touched(event, ["Example"]) == found


def test_where_no_site_is_known_everything_is_purged() -> None:
    assert touched(Published("aa", 1.0), []) == Touched(everything=True)


def test_pages_on_their_way_when_rules_are_replaced_are_told_by_the_old_rules() -> None:
    event = Published("aa", 1.0)
    own = replace(BEFORE, follows=False, rules="its own")
    assert touched_late(event, SITE, [BEFORE, own]) == Touched(("nh-rules-0123456789ab",))
    assert touched_late(event, SITE, []) == SITE


@pytest.mark.parametrize(
    ("published", "tags"),
    [("aa", ("nh-rules-0123456789ab", "nh-rules-fedcba987654")), ("bb", ("nh-rules-0123456789ab",))],
)
def test_pages_on_their_way_under_a_version_that_was_staged_are_purged_unless_it_is_published(
    published: str, tags: tuple[str, ...]
) -> None:
    assert touched_late(Published(published, 1.0), SITE, [DURING]) == Touched(tags)


def test_pages_on_their_way_when_something_is_switched_are_those_that_it_touches() -> None:
    event = turned_off(("block", "mid"))
    assert touched_late(event, touched(event, ["Example"]), [BEFORE]) == Touched(("nh-block-mid",))


OLD, NEW = "0123456789abcdef", "fedcba9876543210"
BEFORE = Beat("w", "host", 1, sites=("Example",), rules=OLD)
DURING = replace(BEFORE, staged="bb", share=10.0, unit="url", staged_rules=NEW)


def staged(share: float, unit: Unit = "url") -> Staged:
    return Staged("bb", 1.0, "", "", share, unit, "aa")


@pytest.mark.parametrize(
    ("event", "worker", "tags"),
    [
        (staged(10.0), BEFORE, ("nh-rules-0123456789ab",)),
        (staged(50.0), DURING, ("nh-rules-0123456789ab",)),
        (staged(5.0), DURING, ("nh-rules-fedcba987654",)),
        (staged(50.0, "reader"), DURING, ("nh-rules-0123456789ab", "nh-rules-fedcba987654")),
        (staged(10.0, "reader"), DURING, ("nh-rules-0123456789ab", "nh-rules-fedcba987654")),
        (staged(10.0), DURING, ()),
        (Halted("bb", 1.0, "", ""), DURING, ("nh-rules-fedcba987654",)),
        (Halted("bb", 1.0, "", ""), BEFORE, ("nh-site-example",)),
        (Required(approval=True, at=1.0, by=""), DURING, ()),
    ],
)
def test_of_what_is_staged_the_rules_are_purged_that_pages_leave(
    event: Event, worker: Beat, tags: tuple[str, ...]
) -> None:
    assert touched(event, ["Example"], [worker]) == Touched(tags)
