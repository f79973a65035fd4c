"""How long a response is fresh, and how old it came: RFC 9111, section 4.2."""

from __future__ import annotations

import pytest

from newshole.http.freshness import write_date
from newshole.http.pagecache.settings import TARGETED
from newshole.http.pagecache.terms import Terms, forbidding, initial_age, read_date, read_terms

DATE = b"Tue, 15 Nov 1994 08:12:31 GMT"
LATER = b"Tue, 15 Nov 1994 08:13:31 GMT"
MOMENT = 784887151.0


def terms(**headers: bytes) -> Terms:
    named = {name.replace("_", "-").encode(): value for name, value in headers.items()}
    return read_terms(named, TARGETED)


@pytest.mark.parametrize(
    ("headers", "lifetime", "is_shared"),
    [
        ({"cache_control": b"max-age=60"}, 60, False),
        ({"cache_control": b"public, max-age=60"}, 60, True),
        ({"cache_control": b"max-age=60, s-maxage=5"}, 5, True),
        ({"cache_control": b"s-maxage=0, max-age=60"}, 0, True),
        ({"cache_control": b"max-age=60", "expires": DATE, "date": LATER}, 60, False),
        ({"expires": LATER, "date": DATE}, 60, False),
        ({"expires": DATE, "date": LATER}, 0, False),
        ({"expires": LATER}, 0, False),
        ({"expires": b"0", "date": DATE}, 0, False),
        ({"expires": LATER + b", " + LATER, "date": DATE}, 0, False),
        ({"last_modified": DATE, "date": LATER}, 0, False),
        ({"newshole_cache_control": b"max-age=9", "cdn_cache_control": b"max-age=8"}, 9, True),
        ({"cdn_cache_control": b"max-age=8", "cache_control": b"max-age=1"}, 8, True),
        ({"surrogate_control": b'max-age=7, content="ESI/1.0"', "cache_control": b"no-store"}, 7, True),
        ({"surrogate_control": b"max-age=7+3"}, 0, True),
        ({"cdn_cache_control": b"", "cache_control": b"max-age=3"}, 3, False),
        ({"cdn_cache_control": b"public", "expires": LATER, "date": DATE}, 0, True),
    ],
)
def test_freshness_is_what_the_field_that_holds_says(
    headers: dict[str, bytes], lifetime: int, is_shared: bool
) -> None:
    found = terms(**headers)
    assert (found.lifetime, found.is_shared) == (lifetime, is_shared)


def test_a_targeted_field_takes_the_place_of_what_forbids_but_never_of_private() -> None:
    for written, words in ((b"no-store", set()), (b"private, no-store", {b"private"})):
        headers = {b"cache-control": written, b"cdn-cache-control": b"max-age=60"}
        assert set(forbidding(headers, TARGETED)) - {b"max-age"} == words
    assert b"private" in forbidding({b"cdn-cache-control": b"private"}, TARGETED)


def test_stale_use_is_what_the_site_allows() -> None:
    both = terms(cache_control=b"max-age=1, stale-while-revalidate=20, stale-if-error=30")
    assert (both.while_revalidate, both.if_error, both.may_be_stale) == (20, 30, True)
    named = terms(cache_control=b"s-maxage=1, stale-while-revalidate=20")
    assert (named.while_revalidate, named.if_error, named.may_be_stale) == (20, 0, False)


@pytest.mark.parametrize("word", [b"must-revalidate", b"proxy-revalidate"])
def test_a_page_that_must_be_revalidated_is_never_stale(word: bytes) -> None:
    strict = terms(cache_control=b"max-age=1, stale-while-revalidate=20, stale-if-error=30, " + word)
    assert (strict.while_revalidate, strict.if_error, strict.may_be_stale) == (0, 0, False)


def test_the_operators_grace_is_for_sites_that_say_nothing_of_staleness() -> None:
    def grace(written: bytes) -> int:
        return read_terms({b"cache-control": written}, TARGETED, if_error=9).if_error

    assert grace(b"max-age=1") == 9
    assert grace(b"max-age=1, stale-if-error=0") == 0
    assert grace(b"s-maxage=1") == 0
    assert grace(b"max-age=1, must-revalidate") == 0


@pytest.mark.parametrize(
    ("headers", "age"),
    [
        ({}, 2),
        ({b"age": b"30"}, 32),
        ({b"age": b"30, 99"}, 32),
        ({b"date": DATE}, 10),
        ({b"date": DATE, b"age": b"30"}, 32),
        ({b"date": LATER}, 2),
        ({b"age": b"-1"}, None),
        ({b"age": b"x"}, None),
        ({b"date": b"yesterday"}, None),
    ],
)
def test_the_age_counts_the_way_here_and_what_others_say(
    headers: dict[bytes, bytes], age: float | None
) -> None:
    assert initial_age(headers, asked=MOMENT + 8, answered=MOMENT + 10) == age


@pytest.mark.parametrize("written", [DATE, b"Tuesday, 15-Nov-94 08:12:31 GMT", b"Tue Nov 15 08:12:31 1994"])
def test_every_form_of_date_is_read(written: bytes) -> None:
    assert read_date(written) == MOMENT


def test_dates_are_written_as_http_has_them() -> None:
    assert write_date(MOMENT) == DATE
    assert read_date(b"99999999999999999999") is None
