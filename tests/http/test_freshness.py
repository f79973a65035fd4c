"""How long caches may keep a page: no longer than the site says, and not past the moment when it changes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from newshole.http.freshness import (
    LATE,
    SHORT,
    cut,
    is_for_shared_caches,
    lifetimes,
    longest,
    read_date,
    says_freshness,
    seconds_left,
    write_date,
)
from newshole.lasting import FAULTY, NEVER, SOON, Lasting

NOW = 1_800_000_000.0
Pairs = list[tuple[bytes, bytes]]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"max-age=60", b"max-age=60"),
        (b"public, max-age=600", b"public, max-age=100"),
        (b'Max-Age="600", s-maxage=50', b"Max-Age=100, s-maxage=50"),
        (b"s-maxage=600,max-age=0,must-revalidate", b"s-maxage=100,max-age=0,must-revalidate"),
        (b"max-age=60, stale-while-revalidate=600", b"max-age=60, stale-while-revalidate=40"),
        (b"max-age=600, stale-if-error=86400, immutable", b"max-age=100, stale-if-error=0, immutable"),
        (b'private="max-age=600", max-age=9', b'private="max-age=600", max-age=9'),
        (b"max-age=99999999999999999999", b"max-age=100"),
        (b"max-age=never, no-cache", b"max-age=never, no-cache"),
        (b"max-age=600;s-maxage=600", b"max-age=100;s-maxage=100"),
        (b"x-max-age=600", b"x-max-age=600"),
        (b"", b""),
    ],
)
def test_lifetimes_end_where_the_page_changes(before: bytes, after: bytes) -> None:
    assert cut([(b"Cache-Control", before)], 100, NOW) == [(b"Cache-Control", after)]


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        (b"CDN-Cache-Control", b"max-age=600", b"max-age=100"),
        (b"surrogate-control", b'max-age=600+600, content="ESI/1.0"', b'max-age=100, content="ESI/1.0"'),
        (b"surrogate-control", b"max-age=60+600", b"max-age=60+40"),
        (b"x-accel-expires", b"600", b"100"),
        (b"x-accel-expires", b"@1800000600", b"@1800000100"),
        (b"x-accel-expires", b"off", b"off"),
        (b"expires", b"Fri, 15 Jan 2027 09:00:00 GMT", b"Fri, 15 Jan 2027 08:01:40 GMT"),
        (b"expires", b"Fri, 15 Jan 2027 08:00:30 GMT", b"Fri, 15 Jan 2027 08:00:30 GMT"),
        (b"expires", b"0", b"0"),
    ],
)
def test_every_header_that_tells_a_lifetime_is_cut(name: bytes, before: bytes, after: bytes) -> None:
    assert cut([(name, before)], 100, NOW) == [(name, after)]


def test_a_header_whose_words_differ_from_product_to_product_goes() -> None:
    assert cut([(b"Edge-Control", b"cache-maxage=1d"), (b"x", b"y")], 100, NOW) == [(b"x", b"y")]


def test_what_is_over_of_a_lifetime_is_counted_in() -> None:
    pairs = [(b"age", b"50"), (b"cache-control", b"max-age=600")]
    assert cut(pairs, 100, NOW) == [(b"age", b"50"), (b"cache-control", b"max-age=150")]


def test_moments_are_of_the_site_s_clock() -> None:
    pairs = [(b"date", write_date(NOW - 3600)), (b"expires", write_date(NOW))]
    assert cut(pairs, 100, NOW) == [pairs[0], (b"expires", write_date(NOW - 3500))]


def test_a_page_that_says_nothing_of_its_lifetime_is_given_none() -> None:
    pairs = [(b"content-type", b"text/html"), (b"cache-control", b"public"), (b"pragma", b"x")]
    assert cut(pairs, 100, NOW) == pairs


NUMBERS = st.sampled_from([0, 1, 60, 99, 100, 101, 3600, 10**12])
WRITTEN = st.builds(
    lambda name, number, quote: b"%s=%s%d%s" % (name, quote, number, quote),
    st.sampled_from(
        [b"max-age", b"s-maxage", b"stale-while-revalidate", b"stale-if-error", b"S-MaxAge", b"ext"]
    ),
    NUMBERS,
    st.sampled_from([b"", b'"']),
)
CONTROLS = st.lists(WRITTEN | st.sampled_from([b"public", b"private", b"no-cache"]), max_size=5)


@given(CONTROLS, NUMBERS, st.integers(0, 500))
@example([b"max-age=1", b"stale-while-revalidate=1000000000000"], 10**12, 0)
def test_no_lifetime_grows_and_none_goes_on_for_longer(controls: list[bytes], age: int, seconds: int) -> None:
    before = [(b"cache-control", b", ".join(controls)), (b"age", b"%d" % age)]
    after = cut(before, seconds, NOW)
    old, new = (list(lifetimes(pairs[0][1])) for pairs in (before, after))
    assert [each.name for each in new] == [each.name for each in old]
    for was, is_now in zip(old, new, strict=True):
        assert (is_now.seconds or 0) <= (was.seconds or 0)
    most = longest(after)
    assert most is None or most <= min(age, 1 << 31) + seconds
    assert (most is None) == (longest(before) is None)
    assert cut(after, seconds, NOW) == after


@pytest.mark.parametrize(
    ("lasts", "seconds"),
    [
        (Lasting(), None),
        (FAULTY, SHORT),
        (Lasting(NEVER, SOON), SHORT),
        (Lasting(NEVER, NOW - 1), LATE),
        (Lasting(NOW + 0.5, NOW + 0.5), 0),
        (Lasting(NOW + 90.5, NOW + 90.5), 90),
        (Lasting(NOW + 90.5, NOW + 30), 30),
        (Lasting(NOW, NOW), 0),
        (Lasting(NOW - 1, NOW - 1), 0),
        (Lasting(NOW - 1, SOON), 0),
    ],
)
def test_what_failed_is_kept_for_seconds_and_what_is_late_for_a_minute(
    lasts: Lasting, seconds: int | None
) -> None:
    assert seconds_left(lasts, NOW) == seconds


@pytest.mark.parametrize(
    ("pairs", "is_so"),
    [
        ([], False),
        ([(b"cache-control", b"max-age=60")], True),
        ([(b"cache-control", b"public")], True),
        ([(b"Cache-Control", b"private, max-age=60")], False),
        ([(b"cache-control", b"no-store"), (b"cache-control", b"s-maxage=9")], False),
        ([(b"cache-control", b"no-store"), (b"surrogate-control", b"max-age=60")], True),
        ([(b"cdn-cache-control", b"no-store")], False),
        ([(b"cache-control", b"no-cache")], False),
        ([(b"X-Accel-Expires", b"600")], True),
        ([(b"x-accel-expires", b"@1800000000"), (b"cache-control", b"private")], True),
        ([(b"x-accel-expires", b"0")], False),
        ([(b"x-accel-expires", b"off")], False),
        ([(b"edge-control", b"!no-store, max-age=1h")], True),
        ([(b"edge-control", b"no-store")], False),
    ],
)
def test_whether_a_shared_cache_may_keep_a_page(pairs: Pairs, *, is_so: bool) -> None:
    assert is_for_shared_caches(pairs) == is_so


@pytest.mark.parametrize(
    ("pairs", "is_so"),
    [
        ([], False),
        ([(b"cache-control", b"public")], False),
        ([(b"cache-control", b"max-age=0")], True),
        ([(b"cache-control", b"no-cache")], True),
        ([(b"Expires", b"0")], True),
        ([(b"cache-control", b"s-maxage=60")], False),
        ([(b"cdn-cache-control", b"max-age=60"), (b"surrogate-control", b"no-store")], False),
        ([(b"cache-control", b"public"), (b"cache-control", b"no-store")], True),
    ],
)
def test_whether_a_cache_has_to_guess(pairs: Pairs, *, is_so: bool) -> None:
    assert says_freshness(pairs) == is_so


@pytest.mark.parametrize(
    ("written", "at"),
    [
        (b"Fri, 15 Jan 2027 08:00:00 GMT", NOW),
        (b"Friday, 15-Jan-27 08:00:00 GMT", NOW),
        (b"Fri Jan 15 08:00:00 2027", NOW),
        (b"0", None),
        (b"", None),
        (b"Fri, 99 Jan 2027 08:00:00 GMT", None),
        (b"\xff\xfe, 15 Foo 2027", None),
        (b"Fri, 15 Jan 99999 08:00:00 GMT", None),
    ],
)
def test_dates_are_read_in_the_three_ways_of_http(written: bytes, at: Any) -> None:
    assert read_date(written) == at
