"""What may be done with a kept page: RFC 9111, sections 4 and 5.2.1."""

from __future__ import annotations

import pytest

from newshole.http.directives import read_directives
from newshole.http.pagecache.judging import Verdict, judge, stands_in
from newshole.http.pagecache.terms import Terms

PLAIN = Terms(60)
SERVED_STALE = Terms(60, while_revalidate=30)
STRICT = Terms(60, may_be_stale=False)


@pytest.mark.parametrize(
    ("terms", "wishes", "age", "verdict"),
    [
        (PLAIN, b"", 59, "fresh"),
        (PLAIN, b"", 60, "ask"),
        (SERVED_STALE, b"", 60, "behind"),
        (SERVED_STALE, b"", 89, "behind"),
        (SERVED_STALE, b"", 90, "ask"),
        (PLAIN, b"no-cache", 1, "ask"),
        (SERVED_STALE, b"no-cache", 61, "ask"),
        (PLAIN, b"max-age=0", 0, "ask"),
        (PLAIN, b"max-age=10", 10, "fresh"),
        (PLAIN, b"max-age=10", 11, "ask"),
        (PLAIN, b"max-age=soon", 0, "ask"),
        (PLAIN, b"min-fresh=10", 50, "fresh"),
        (PLAIN, b"min-fresh=10", 51, "ask"),
        (PLAIN, b"max-stale", 1000, "stale"),
        (PLAIN, b"max-stale=10", 70, "stale"),
        (PLAIN, b"max-stale=10", 71, "ask"),
        (STRICT, b"max-stale", 61, "ask"),
        (PLAIN, b"max-age=10, max-stale", 70, "stale"),
    ],
)
def test_a_request_gets_the_page_that_it_may_have(
    terms: Terms, wishes: bytes, age: float, verdict: Verdict
) -> None:
    assert judge(terms, read_directives(wishes), age=age, softened=None, obeys=True) == verdict


def test_readers_do_not_force_fetches_where_their_wishes_do_not_count() -> None:
    for wish in (b"no-cache", b"max-age=0", b"min-fresh=600"):
        assert judge(PLAIN, read_directives(wish), age=1, softened=None, obeys=False) == "fresh"


def test_a_page_that_a_purge_made_stale_is_stale_since_then() -> None:
    assert judge(PLAIN, {}, age=1, softened=0, obeys=True) == "ask"
    assert judge(SERVED_STALE, {}, age=1, softened=29, obeys=True) == "behind"
    assert judge(SERVED_STALE, {}, age=1, softened=30, obeys=True) == "ask"


def test_a_page_stands_in_for_as_long_as_the_site_allows() -> None:
    terms = Terms(60, if_error=10)
    assert [stands_in(terms, late) for late in (0, 9, 10)] == [True, True, False]
