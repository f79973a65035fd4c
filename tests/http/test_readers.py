"""The reader behind a request: what tells each fact, and what is not looked at."""

from __future__ import annotations

from typing import Any

import pytest

from newshole import Reader
from newshole.http.readers import MOST_KNOWN, read_bot, read_device, read_reader, read_who
from newshole.rules.conditions import When
from newshole.rules.telling import NOTHING_TOLD, Telling, VaryWritten, telling
from newshole.rules.whens import conditions

PHONE = b"Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36"
LAPTOP = b"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1 Version/18.0 Safari/605.1"
OLD_IPAD = b"Mozilla/5.0 (iPad; CPU OS 12_5 like Mac OS X) AppleWebKit/605.1 Mobile/15E148 Safari/604.1"


@pytest.mark.parametrize(
    ("headers", "device"),
    [
        ({}, "desktop"),
        ({b"user-agent": PHONE}, "mobile"),
        ({b"user-agent": LAPTOP}, "desktop"),
        ({b"user-agent": OLD_IPAD}, "desktop"),
        ({b"sec-ch-ua-mobile": b"?1", b"user-agent": LAPTOP}, "mobile"),
        ({b"sec-ch-ua-mobile": b"?0", b"user-agent": PHONE}, "desktop"),
        ({b"sec-ch-ua-mobile": b"yes", b"user-agent": PHONE}, "mobile"),
    ],
)
def test_the_device_is_the_hint_s_then_the_user_agent_s(headers: dict[bytes, bytes], device: str) -> None:
    assert read_device(headers) == device


def told(when: dict[str, Any], **vary: Any) -> Telling:
    """What tells the facts of a `when`."""
    made = conditions("when", When.model_validate(when), "UTC")
    return telling(made, VaryWritten.model_validate(vary))


CRAWLER = b"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


@pytest.mark.parametrize(
    ("agent", "is_bot"),
    [(CRAWLER, True), (b"facebookexternalhit/1.1", True), (PHONE, False), (LAPTOP, False), (b"", False)],
)
def test_a_crawler_is_told_by_its_name(agent: bytes, *, is_bot: bool) -> None:
    assert read_bot({b"user-agent": agent}) is is_bot


def test_a_reader_has_what_the_rules_look_at() -> None:
    headers = {b"cookie": b'a=1; b="x y"; ;=', b"user-agent": PHONE, b"x-name": b"\xe9", b"x-other": b"z"}
    when = {"device": "mobile", "cookie": {"a": "1", "b": "2", "c": "3"}, "header": {"X-Name": "é"}}
    assert read_reader(headers, b"q=%C5%82&q=2&empty=", told(when)) == Reader(
        device="mobile",
        cookies={"a": "1", "b": "x y", "c": ""},
        headers={"x-name": "é"},
        query={"q": "2", "empty": ""},
    )


def test_of_readers_that_nothing_looks_at_nothing_is_read() -> None:
    headers = {b"cookie": b"a=1", b"user-agent": PHONE, b"referer": b"https://x.example/"}
    assert read_reader(headers, b"", NOTHING_TOLD) == Reader()


EVERY = {
    "device": "mobile", "country": "PL", "consent": "ads", "logged_in": True, "bot": True, "visits": 1,
}  # fmt: skip


@pytest.mark.parametrize(
    ("fact", "value", "read"),
    [
        ("device", "mobile", "mobile"),
        ("device", " Phone ", "mobile"),
        ("device", "tablet", "desktop"),
        ("device", "", "desktop"),
        ("country", "pl", "PL"),
        ("country", "XX", None),
        ("country", "", None),
        ("country", "Poland", None),
        ("consent", "Ads, analytics", "ads, analytics"),
        ("consent", "", "none"),
        ("logged_in", "1", True),
        ("logged_in", "user-9", True),
        ("logged_in", "False", False),
        ("logged_in", "", False),
        ("bot", "yes", True),
        ("bot", "0", False),
        ("visits", "12", 12),
        ("visits", "-1", None),
        ("visits", "9" * 30, None),
        ("visits", "\xb2", None),
        ("visits", "", None),
    ],
)
@pytest.mark.parametrize("by", ["header", "cookie"])
def test_what_vary_names_tells_the_fact_and_nothing_else(
    fact: str, value: str, read: object, by: str
) -> None:
    raw = {b"user-agent": PHONE + CRAWLER, b"sec-ch-ua-mobile": b"?1"}
    written = value.encode("latin-1")
    raw |= {b"x-fact": written} if by == "header" else {b"cookie": b"fact=" + written}
    source: Any = "X-Fact" if by == "header" else {"cookie": "fact"}
    reading = told({fact: EVERY[fact]}, **{fact: source})
    assert getattr(read_reader(raw, b"", reading), fact) == read
    assert (reading.vary, reading.is_private) == ((b"X-Fact",) if by == "header" else (), by == "cookie")


def test_what_nothing_tells_is_at_its_default() -> None:
    when = {"country": "PL", "consent": "ads", "logged_in": True, "visits": 1}
    reading = told(when)
    headers = {b"x-country": b"PL", b"cookie": b"visits=3"}
    assert read_reader(headers, b"", reading) == Reader()
    assert (reading.vary, reading.is_private) == ((), False)


def test_the_edge_can_pass_a_cookie_on_in_a_header() -> None:
    reading = told({"cookie": {"subscriber": "1"}}, cookie={"subscriber": "X-Subscriber"})
    headers = {b"x-subscriber": b"1", b"cookie": b"subscriber=0"}
    assert read_reader(headers, b"", reading).cookies == {"subscriber": "1"}
    assert (reading.vary, reading.is_private) == ((b"X-Subscriber",), False)


def test_each_header_that_is_looked_at_is_in_vary_once() -> None:
    when = {
        "device": "mobile", "bot": False, "referrer": "*.google.*", "header": {"X-Tier": "gold"},
        "any": [{"device": "desktop"}, {"header": {"X-Tier": "silver"}}],
    }  # fmt: skip
    reading = told(when)
    assert reading.vary == (b"Sec-CH-UA-Mobile", b"User-Agent", b"Referer", b"X-Tier")
    assert not reading.is_private


def test_readers_for_whom_the_same_conditions_hold_are_one() -> None:
    reading = told(
        {"cookie": {"plan": ["gold", "silver"]}, "any": [{"cookie": {"plan": ["gold", "silver"]}}]}
    )
    who = {
        plan: read_who({b"cookie": b"plan=" + plan}, reading)
        for plan in (b"gold", b"silver", b"none", b"lead")
    }
    assert who == {b"gold": (True,), b"silver": (True,), b"none": (False,), b"lead": (False,)}


def test_what_headers_tell_is_told_once_and_not_for_ever_many() -> None:
    reading = told({"header": {"x-tier": "gold"}, "device": "mobile"})
    for number in range(MOST_KNOWN + 5):
        assert read_who({b"x-tier": b"%d" % number}, reading) == (False, False)
        assert len(reading.known) <= MOST_KNOWN
    for tier, is_gold in ((b"gold", True), (b"tin", False), (b"gold", True)):
        for agent, is_phone in ((PHONE, True), (LAPTOP, False)):
            assert read_who({b"x-tier": tier, b"user-agent": agent}, reading) == (is_phone, is_gold)


def test_what_long_headers_tell_is_not_kept() -> None:
    reading = told({"header": {"x-tier": "gold"}, "device": "mobile"})
    long = {b"x-tier": b"gold", b"user-agent": PHONE + b"x" * 5000}
    assert read_who(long, reading) == (True, True)
    assert reading.known == {}


def test_readers_that_no_rule_looks_at_are_all_the_same() -> None:
    assert read_who({b"cookie": b"a=1"}, NOTHING_TOLD) == ()
    assert NOTHING_TOLD.known == {}
