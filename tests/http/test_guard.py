"""Every reason to let something pass, one by one, and what none of them stops."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import newshole.composing
import newshole.page.prescan
import newshole.site
from newshole import Site
from newshole.http import guard
from newshole.http.heads import read_url
from newshole.http.weather import FAULT
from tests.http.asgi import asked

Pair = tuple[bytes, bytes]


def request_reason(site: Site, *headers: Pair, path: str = "/news/bridge", method: str = "GET") -> str | None:
    scope = asked(path, method=method)
    head = {b"host": b"news.example", **dict(headers)}
    return guard.refuse_request(guard.Question(scope, head, read_url(scope, head), site.may_compose))


@pytest.mark.parametrize(
    ("path", "reason"),
    [("/more/2", None), ("/", "fragment"), ("/elsewhere", "fragment"), ("/news/x", "fragment")],
)
@pytest.mark.parametrize("header", [(b"hx-request", b"true"), (b"sec-fetch-dest", b"empty")])
def test_fragment_is_let_in_where_the_rules_serve_fragments(
    tmp_path: Path, path: str, reason: str | None, header: Pair
) -> None:
    rules = tmp_path / "site.yaml"
    rules.write_text(
        """
articles: {path: /news/**}
blocks: {x: {kind: html, html: <p>x</p>, place: page-top}}
pages:
  - {name: front, path: "/", blocks: [x]}
  - {name: more, path: "/more/**", blocks: [x], fragments: true}
""".replace("{path: /news/**}", "[{path: /news/**}]"),
        encoding="utf-8",
    )
    site = Site.load(rules)
    scope = asked(path)
    head = {b"host": b"news.example", **dict([header])}
    url = read_url(scope, head)
    question = guard.Question(scope, head, url, site.may_compose, site.takes_fragments)
    assert guard.refuse_request(question) == reason
    plain = guard.Question(scope, {b"host": b"news.example"}, url, site.may_compose, site.takes_fragments)
    assert guard.refuse_request(plain) == ("url" if path == "/elsewhere" else None)


def response_reason(*headers: Pair, status: int = 200, trailers: bool = False) -> str | None:
    head = {b"content-type": b"text/html; charset=utf-8", **dict(headers)}
    return guard.refuse_response(guard.Answer(status, head, trailers, limit=1000))


def test_scope_a_websocket_is_no_page(site: Site) -> None:
    assert guard.refuse_request(guard.Question({"type": "websocket"}, {}, None, site.may_compose)) == "scope"


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "get", "PURGE"])
def test_method_other_than_get_and_head(site: Site, method: str) -> None:
    assert request_reason(site, method=method) == "method"


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_plain_request_is_a_candidate(site: Site, method: str) -> None:
    assert request_reason(site, method=method) is None


@pytest.mark.parametrize(
    "header",
    [
        (b"hx-request", b"true"),
        (b"turbo-frame", b"comments"),
        (b"sec-fetch-dest", b"empty"),
        (b"sec-fetch-dest", b"iframe"),
        (b"sec-fetch-dest", b"image"),
    ],
)
def test_fragment_a_part_of_a_page_is_none(site: Site, header: Pair) -> None:
    assert request_reason(site, header) == "fragment"


def test_a_request_for_a_document_is_a_candidate(site: Site) -> None:
    assert request_reason(site, (b"sec-fetch-dest", b"document")) is None


def test_url_that_the_rules_do_not_serve(site: Site) -> None:
    assert request_reason(site, path="/about") == "url"


@pytest.mark.parametrize("host", [b"news.example/x/..", b"[::1", b"a@b", b"a b", b"a?b", b"a#b", b"a\\b"])
def test_url_with_a_malformed_host(site: Site, host: bytes) -> None:
    assert request_reason(site, (b"host", host)) == "url"


@pytest.mark.parametrize("status", [201, 206, 301, 304, 404, 500])
def test_status_other_than_200(status: int) -> None:
    assert response_reason(status=status) == "status"


@pytest.mark.parametrize(
    "written", [b"", b"application/json", b"application/xhtml+xml", b"text/htmlx", b"text/event-stream"]
)
def test_content_type_other_than_html(written: bytes) -> None:
    assert response_reason((b"content-type", written)) == "content-type"


def test_content_type_that_is_missing() -> None:
    assert guard.refuse_response(guard.Answer(200, {}, trailers=False, limit=1000)) == "content-type"


@pytest.mark.parametrize(
    "written",
    [b"text/html", b"TEXT/HTML;Charset=UTF-8", b"text/html ; charset=windows-1251", b"text/html;charset=gbk"],
)
def test_html_in_an_encoding_like_ascii_is_a_candidate(written: bytes) -> None:
    assert response_reason((b"content-type", written)) is None


@pytest.mark.parametrize(
    "charset", [b"utf-16", b"UTF-16LE", b'"utf-32"', b"utf-7", b"ISO-2022-JP", b"hz-gb-2312", b"cp037"]
)
def test_charset_unlike_ascii(charset: bytes) -> None:
    assert response_reason((b"content-type", b"text/html; charset=" + charset)) == "charset"


def test_content_range_a_part_of_a_page() -> None:
    assert response_reason((b"content-range", b"bytes 0-9/100")) == "content-range"


@pytest.mark.parametrize("written", [b"attachment", b'Attachment; filename="a.html"', b"form-data"])
def test_attachment_a_page_to_keep(written: bytes) -> None:
    assert response_reason((b"content-disposition", written)) == "attachment"


@pytest.mark.parametrize("written", [b"inline", b'INLINE; filename="a.html"'])
def test_a_page_to_show_inline_is_a_candidate(written: bytes) -> None:
    assert response_reason((b"content-disposition", written)) is None


@pytest.mark.parametrize("written", [b"compress", b"identity, unheard-of", b"gzip, br, gzip"])
def test_coding_that_cannot_be_taken_off(written: bytes) -> None:
    assert response_reason((b"content-encoding", written)) == "coding"


@pytest.mark.parametrize("written", [b"", b"identity", b"Identity", b"gzip", b"br", b"identity, zstd"])
def test_a_page_without_coding_or_in_a_known_one_is_a_candidate(written: bytes) -> None:
    assert response_reason((b"content-encoding", written)) is None


@pytest.mark.parametrize("written", [b"no-transform", b"public, No-Transform, max-age=60"])
def test_no_transform_forbids_it(written: bytes) -> None:
    assert response_reason((b"cache-control", written)) == "no-transform"


def test_trailers_may_sign_the_body() -> None:
    assert response_reason(trailers=True) == "trailers"


@pytest.mark.parametrize(("length", "reason"), [(b"1001", "too-large"), (b"1000", None), (b"soon", None)])
def test_too_large_by_its_own_length(length: bytes, reason: str | None) -> None:
    assert response_reason((b"content-length", length)) == reason


def test_the_first_reason_in_order_is_the_one_that_counts() -> None:
    pairs = [(b"content-encoding", b"compress"), (b"content-range", b"bytes 0-9/100")]
    assert response_reason(*pairs, trailers=True) == "content-range"
    assert response_reason(*pairs, status=206) == "status"


ROOT = Path(__file__).parents[2]


def documented() -> set[str]:
    """The names in the first column of the tables of `docs/mounting.md`."""
    page = (ROOT / "docs" / "mounting.md").read_text(encoding="utf-8")
    cells = re.findall(r"^\| (`[^|]*`) \|", page, re.MULTILINE)
    return {name for cell in cells for name in re.findall(r"`([a-z-]+)`", cell)}


@pytest.mark.parametrize("reason", sorted({*guard.REASONS, guard.POLICY, FAULT, "composed"}))
def test_every_reason_of_the_middleware_is_documented(reason: str) -> None:
    assert reason in documented()


def test_every_reason_of_the_site_is_documented() -> None:
    composing, site, prescan = (
        Path(each.__file__ or "").read_text(encoding="utf-8")
        for each in (newshole.composing, newshole.site, newshole.page.prescan)
    )
    reasons = {
        *re.findall(r'Untouched\("([a-z-]+)"\)', composing),
        *re.findall(r'untouched="([a-z-]+)"', site),
        *(f"{stage}-fault" for stage in re.findall(r'self\.stage = "([a-z]+)"', composing)),
        *re.findall(r'Prescan\("([a-z-]+)"', prescan),
    }
    assert {"no-site", "no-body", "encoding", "plan-fault", "amp"} <= reasons
    assert reasons - documented() == set()
