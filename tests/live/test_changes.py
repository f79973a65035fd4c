"""What a change purges: enough, and no more where that is known."""

from __future__ import annotations

import pytest

from newshole.live.changes import Touched, touched
from newshole.live.events import Published, TurnedOff, TurnedOn
from newshole.types import Switch

URL = "https://news.example/world/talks"
SITE = Touched(("nh-site-example",))


def turned_off(*targets: tuple[str, str]) -> TurnedOff:
    return TurnedOff(tuple(Switch(*each) for each in targets), 1.0)


@pytest.mark.parametrize(
    ("event", "found"),
    [
        (Published("aa", 1.0), SITE),
        (turned_off(("all", "")), SITE),
        (turned_off(("section", "City")), SITE),
        (turned_off(("kind", "ad")), SITE),
        (turned_off(("url", "/world/**")), SITE),
        (turned_off(("url", "/world/talks")), SITE),
        (turned_off(("url", URL)), Touched(urls=(URL,))),
        (turned_off(("no-ads", URL)), Touched(urls=(URL,))),
        (turned_off(("block", "mid")), Touched(("nh-block-mid",))),
        (turned_off(("block", "mid"), ("url", URL)), Touched(("nh-block-mid",), (URL,))),
        (turned_off(("block", "mid"), ("all", "")), SITE),
        (TurnedOn((("block", "mid"),), 1.0), SITE),
        (TurnedOn((("url", URL),), 1.0), Touched(urls=(URL,))),
    ],
)
def test_what_is_touched_is_purged(event: Published | TurnedOff | TurnedOn, found: Touched) -> None:
    assert touched(event, ["Example"]) == found


def test_where_no_site_is_known_everything_is_purged() -> None:
    assert touched(Published("aa", 1.0), []) == Touched(everything=True)
