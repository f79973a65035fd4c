"""Header rules: what a composed response promises, and which conditions reach the site."""

from __future__ import annotations

import pytest

from newshole.http.headers import composed_headers, varied, without_body
from newshole.http.validators import origin_tag, own_tag

DIGEST = "0123456789abcdef"
DEVICE = (b"Sec-CH-UA-Mobile", b"User-Agent")
NOTHING: tuple[bytes, ...] = ()

Pairs = list[tuple[bytes, bytes]]


def composed(pairs: Pairs, vary: tuple[bytes, ...] = NOTHING) -> Pairs:
    around = varied(without_body(pairs), vary, private=False)
    return composed_headers(around, length=99, tag=origin_tag(pairs), digest=DIGEST)


@pytest.mark.parametrize(
    "name",
    [
        b"Content-MD5", b"Digest", b"Repr-Digest", b"Content-Digest", b"Signature", b"Signature-Input",
        b"Accept-Ranges", b"Last-Modified",
    ],
)  # fmt: skip
def test_what_described_the_site_s_bytes_is_dropped(name: bytes) -> None:
    assert composed([(name, b"x"), (b"X-Kept", b"y")]) == [(b"X-Kept", b"y"), (b"content-length", b"99")]


def test_the_length_is_the_composed_body_s_and_stands_once() -> None:
    assert composed([(b"Content-Length", b"50")]) == [(b"content-length", b"99")]


def test_a_response_with_a_transfer_coding_gets_no_length() -> None:
    chunked = [(b"transfer-encoding", b"chunked")]
    assert composed(chunked) == chunked


def test_several_cookies_stay_apart_and_in_order() -> None:
    cookies = [(b"set-cookie", b"a=1"), (b"set-cookie", b"b=2")]
    assert composed(cookies)[:2] == cookies


@pytest.mark.parametrize(
    ("origin", "ending"),
    [(b'"v1"', b'-s-v1"'), (b'W/"v1"', b'-w-v1"'), (b'"a,b/\xff"', b'-s-a,b/\xff"'), (b'""', b'-s-"')],
)
def test_our_tag_is_weak_and_carries_the_origin_s(origin: bytes, ending: bytes) -> None:
    tag = own_tag(origin, DIGEST)
    assert tag is not None
    assert tag.startswith(b'W/"nh-0123456789abcdef-')
    assert tag.endswith(ending)
    assert len(tag) == len(b'W/"nh-') + 16 + len(ending)


@pytest.mark.parametrize("origin", [b"v1", b'w/"v1"', b'"a"b"', b"", b'"a b"'])
def test_a_malformed_tag_is_dropped(origin: bytes) -> None:
    assert own_tag(origin, DIGEST) is None
    assert composed([(b"etag", origin)]) == [(b"content-length", b"99")]


def test_two_tags_are_no_tag() -> None:
    assert composed([(b"etag", b'"a"'), (b"ETag", b'"b"')]) == [(b"content-length", b"99")]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([], [(b"vary", b"Sec-CH-UA-Mobile, User-Agent")]),
        ([(b"Vary", b"Accept")], [(b"Vary", b"Accept, Sec-CH-UA-Mobile, User-Agent")]),
        ([(b"vary", b"user-agent")], [(b"vary", b"user-agent, Sec-CH-UA-Mobile")]),
        ([(b"vary", b"A"), (b"vary", b"Sec-Ch-Ua-Mobile")],
         [(b"vary", b"A, User-Agent"), (b"vary", b"Sec-Ch-Ua-Mobile")]),
        ([(b"vary", b"")], [(b"vary", b"Sec-CH-UA-Mobile, User-Agent")]),
        ([(b"vary", b"*")], [(b"vary", b"*")]),
    ],
)  # fmt: skip
def test_vary_names_what_tells_the_device(before: Pairs, after: Pairs) -> None:
    assert varied(before, DEVICE, private=False) == after
    assert varied(before, NOTHING, private=False) == before


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([], b"private"),
        ([(b"Cache-Control", b"public, max-age=60, s-maxage=600")], b"private, max-age=60"),
        ([(b"cache-control", b"max-age=60"), (b"cache-control", b"must-revalidate")],
         b"private, max-age=60, must-revalidate"),
        ([(b"cache-control", b"Private, max-age=60")], b"Private, max-age=60"),
        ([(b"cache-control", b"no-store")], b"no-store"),
        ([(b"cache-control", b'private="x-a, x-b"')], b'private, private="x-a, x-b"'),
        ([(b"CDN-Cache-Control", b"max-age=60"), (b"surrogate-control", b"max-age=9")], b"private"),
    ],
)  # fmt: skip
def test_a_page_that_a_cookie_decides_on_is_for_one_reader(before: Pairs, after: bytes) -> None:
    other = (b"content-type", b"text/html")
    assert varied([other, *before], NOTHING, private=True) == [other, (b"cache-control", after)]
    assert varied([other, *before], NOTHING, private=False) == [other, *before]


def test_without_a_body_nothing_is_said_of_one() -> None:
    pairs = [(b"Content-Length", b"5"), (b"ETag", b'"v1"'), (b"Content-Type", b"text/html")]
    assert without_body(pairs) == pairs[2:]
