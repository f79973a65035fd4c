"""Validators: which conditions reach the site, and what of them is ours."""

from __future__ import annotations

import pytest

from newshole.http.heads import read_headers
from newshole.http.validators import MOST_TAGS, Mapped, Validity, asked_headers, own_date, own_tag

DIGEST = "0123456789abcdef"

Pairs = list[tuple[bytes, bytes]]

NEVER_CURRENT = Validity(lambda _digest: False, lambda _at: False)
CURRENT = Validity(lambda digest: digest == DIGEST, lambda at: at >= 1_700_000_000)

OWN = own_tag(b'"v1"', DIGEST) or b""
DOCUMENT = (b"accept", b"text/html,application/xhtml+xml,*/*;q=0.8")
SINCE = (b"if-modified-since", b"Sat, 29 Oct 1994 19:43:31 GMT")


RECENT = (b"if-modified-since", b"Wed, 15 Nov 2023 00:00:00 GMT")


def asked_of_the_site(pairs: Pairs, validity: Validity = NEVER_CURRENT) -> Pairs | None:
    found = asked_headers(pairs, read_headers(pairs), validity)
    return None if found is None else found[0]


def mapped(pairs: Pairs) -> Mapped:
    found = asked_headers(pairs, read_headers(pairs), CURRENT)
    assert found is not None
    return found[1]


@pytest.mark.parametrize("document", [DOCUMENT, (b"sec-fetch-dest", b"document")])
@pytest.mark.parametrize("tag", [b'"v1"', b"*", OWN, b'W/"v1", "v2"'])
def test_a_request_for_a_document_loses_conditions_that_do_not_hold(
    document: tuple[bytes, bytes], tag: bytes
) -> None:
    conditions = [(b"If-None-Match", tag), SINCE, (b"Range", b"bytes=0-"), (b"If-Range", b'"v1"')]
    assert asked_of_the_site([document, *conditions, (b"x", b"y")]) == [document, (b"x", b"y")]


@pytest.mark.parametrize("name", [b"if-match", b"if-unmodified-since"])
def test_what_guards_a_change_is_the_site_s_to_judge(name: bytes) -> None:
    assert asked_of_the_site([DOCUMENT, (name, b'"v1"')]) is None


def test_a_request_without_conditions_stays_as_it_is() -> None:
    assert asked_of_the_site([DOCUMENT, (b"x", b"y")]) is None


@pytest.mark.parametrize("tag", [b'"v1"', b"*"])
def test_other_requests_keep_the_site_s_tags(tag: bytes) -> None:
    assert asked_of_the_site([(b"if-none-match", tag), SINCE, (b"range", b"bytes=0-")]) is None


@pytest.mark.parametrize(
    ("written", "left"),
    [(OWN, []), (b'"x", ' + OWN + b', W/"y"', [(b"if-none-match", b'"x", W/"y"')])],
)
def test_other_requests_lose_our_tags_and_the_date_beside_them(written: bytes, left: Pairs) -> None:
    assert asked_of_the_site([(b"if-none-match", written), SINCE]) == left


def test_other_requests_lose_a_range_of_our_bytes_and_an_old_date() -> None:
    assert asked_of_the_site([(b"range", b"bytes=5-"), (b"if-range", OWN), SINCE]) == []


@pytest.mark.parametrize("origin", [b'"v1"', b'W/"v1"', b'"a,b/\xff"', b'""'])
@pytest.mark.parametrize("around", [b"%s", b'"other", %s', b'W/"nh-0000000000000000-s-v0", %s', b'%s,"x"'])
def test_our_tag_becomes_the_origin_s_where_its_digest_holds(origin: bytes, around: bytes) -> None:
    own = own_tag(origin, DIGEST) or b""
    pairs = [DOCUMENT, (b"If-None-Match", around % own), SINCE]
    assert asked_of_the_site(pairs, CURRENT) == [DOCUMENT, (b"If-None-Match", origin)]
    found = mapped(pairs).tag_of(origin)
    assert found is not None
    assert found.own == own


def test_of_very_many_tags_the_first_are_looked_at() -> None:
    seen: list[str] = []

    def is_current(digest: str) -> bool:
        seen.append(digest)
        return True

    tags = b", ".join(own_tag(b'"v1"', f"{number:016x}") or b"" for number in range(2000))
    pairs = [DOCUMENT, (b"if-none-match", tags)]
    asked_of_the_site(pairs, Validity(is_current, lambda _at: False))
    assert seen == [f"{number:016x}" for number in range(MOST_TAGS)]


def test_a_tag_that_lost_its_weakness_on_the_way_is_ours_all_the_same() -> None:
    assert asked_of_the_site([DOCUMENT, (b"if-none-match", OWN.removeprefix(b"W/"))], CURRENT) == [
        DOCUMENT, (b"if-none-match", b'"v1"'),
    ]  # fmt: skip


def test_of_several_tags_the_one_that_the_site_names_is_told() -> None:
    first, second = (own_tag(tag, DIGEST) or b"" for tag in (b'"v1"', b'W/"v2"'))
    pairs = [DOCUMENT, (b"if-none-match", first), (b"If-None-Match", second)]
    assert asked_of_the_site(pairs, CURRENT) == [DOCUMENT, (b"if-none-match", b'"v1", W/"v2"')]
    told = {origin: mapped(pairs).tag_of(origin) for origin in (b'W/"v1"', b'"v2"', b'"v3"', None)}
    assert {origin: tag and tag.own for origin, tag in told.items()} == {
        b'W/"v1"': first, b'"v2"': second, b'"v3"': None, None: None,
    }  # fmt: skip


def test_one_tag_is_meant_whatever_the_site_names() -> None:
    found = mapped([DOCUMENT, (b"if-none-match", OWN)])
    for origin in (b'"v1-gzip"', None):
        tag = found.tag_of(origin)
        assert tag is not None
        assert tag.own == OWN


def test_a_tag_of_the_site_s_own_that_went_along_is_not_taken_for_ours() -> None:
    found = mapped([(b"if-none-match", OWN + b', "v2"')])
    assert (found.tag_of(b'"v2"'), found.tag_of(None)) == (None, None)


def test_a_date_goes_on_where_it_tells_one_version() -> None:
    assert asked_of_the_site([DOCUMENT, RECENT], CURRENT) == [DOCUMENT, RECENT]
    assert mapped([DOCUMENT, RECENT]).date == RECENT[1]
    assert asked_of_the_site([DOCUMENT, SINCE], CURRENT) == [DOCUMENT]
    assert asked_of_the_site([DOCUMENT, (b"if-modified-since", b"yesterday")], CURRENT) == [DOCUMENT]


def test_beside_a_tag_no_date_goes_on() -> None:
    assert asked_of_the_site([DOCUMENT, (b"if-none-match", b'"v0"'), RECENT], CURRENT) == [DOCUMENT]
    assert asked_of_the_site([DOCUMENT, (b"if-none-match", OWN), RECENT], CURRENT) == [
        DOCUMENT, (b"if-none-match", b'"v1"'),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("origin", "since", "date"),
    [
        (1000, 2000.5, b"Thu, 01 Jan 1970 00:33:21 GMT"),
        (3000, 2000.5, b"Thu, 01 Jan 1970 00:50:00 GMT"),
        (10_000 - 59, 2000.5, None),
        (0, 9999.0, None),
    ],
)
def test_a_page_is_as_old_as_the_newer_of_its_text_and_its_rules(
    origin: float, since: float, date: bytes | None
) -> None:
    assert own_date(origin, since, 10_000) == date
