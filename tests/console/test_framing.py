"""The page of a frame: its own bytes, an address, marks, and a policy that lets nothing else in."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

from newshole import Reader, Site
from newshole.console.preview.framing import frame_policy, framed
from newshole.console.preview.views import View
from newshole.explaining.page import Page

CONSOLE: Final = "https://console.example"
URL: Final = "https://news.example/world/story"
NONCE: Final = "00c0ffee"
RULES: Final = """
articles: [{path: "/**"}]
blocks:
  inline-ad:
    kind: ad
    sizes: {mobile: [[300, 250]], desktop: [[300, 250]]}
    serve: {html: '<img src="https://count.example/seen.png" width="300" height="250" alt="">'}
    place: {after: paragraph, nth: 2}
  follow: {kind: follow, network: mastodon, page: x, url: "https://social.example/@x", place: body-end}
"""
TEXT: Final = "".join(f"<p>{'A line of the story that is long enough. ' * 12}</p>" for _ in range(8))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    rules: Path = tmp_path_factory.mktemp("rules") / "rules.yaml"
    rules.write_text(RULES)
    return Site.load(rules)


def viewed(site: Site, head: str = "", *, body: str = "", url: str = URL) -> View:
    html = (
        f"<!doctype html><html lang=en><head>{head}</head><body><article>{TEXT}{body}</article></body></html>"
    )
    return viewed_bytes(site, html.encode(), url=url)


def viewed_bytes(site: Site, page: bytes, *, url: str = URL, content_type: str = "text/html") -> View:
    composition = site.compose(page, url=url, content_type=content_type, reader=Reader())
    return View(Page(url, page, url, content_type), "desktop", composition, 0.0, 0.0)


def frame(view: View) -> bytes:
    return framed(view, NONCE, script="/*ours*/", style="/*ours*/")


def bare(html: bytes) -> bytes:
    """A frame's page without what was added for the frame."""
    html = re.sub(rb"<!--00c0ffee \d+-->", b"", html)
    return re.sub(rb"<base href=[^>]*><style>.*?</style><script [^>]*>.*?</script>", b"", html, count=1)


def allowed(view: View, directive: str) -> list[str]:
    parts = (part.split() for part in frame_policy(view, NONCE, CONSOLE).split("; "))
    return {name: values for name, *values in parts}[directive]


def test_without_what_is_added_it_is_the_page_that_readers_get(site: Site) -> None:
    view = viewed(site)
    assert view.composition.insertions
    assert bare(frame(view)) == view.composition.html


def test_every_place_has_a_mark_and_a_block_stands_behind_that_of_its_own(site: Site) -> None:
    view = viewed(site)
    html = frame(view).decode()
    [placed] = [each for each in view.composition.decisions if each.block == "inline-ad" and each.placed]
    marks = [int(each) for each in re.findall(rf"<!--{NONCE} (\d+)-->", html)]
    assert marks == sorted(set(marks))
    assert len(marks) > 8
    assert re.search(
        rf'<!--{NONCE} {placed.gap}-->(<(style|script).*?</\2>)*<aside [^>]*data-newshole="inline-ad"', html
    )


@pytest.mark.parametrize(
    ("page", "before"),
    [
        ("<!doctype html><html lang=en><head data-a='>'><title>x</title>", "<head data-a='>'>"),
        ("<!-- a --><!DOCTYPE html>\n<title>x</title>", "<!DOCTYPE html>\n"),
        ("<!doctype html><html class=a><body>", "<html class=a>"),
        ("<p>no head at all", ""),
        ("<header>x</header>", ""),
        ("\ufeff<!doctype html><head>", "<head>"),
    ],
)  # fmt: skip
def test_its_address_stands_first_in_the_head(site: Site, page: str, before: str) -> None:
    html = frame(viewed_bytes(site, page.encode())).decode()
    at = html.index(f'<base href="{URL}">')
    assert html[:at].endswith(before)
    assert bare(html.encode()).decode() == page
    assert before or at == 0


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("/sub/", "https://news.example/sub/"),
        ("https://static.example/a/", "https://static.example/a/"),
        ("javascript:alert(1)", URL),
        ("https://[", URL),
        (
            '/"><script>alert(1)</script>',
            "https://news.example/&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;",
        ),
    ],
)
def test_a_page_that_says_what_its_addresses_are_relative_to_is_believed(
    site: Site, written: str, meant: str
) -> None:
    view = viewed(site, f"<base href='{written}'>")
    assert f'<base href="{meant}"><style>'.encode() in frame(view)


def test_a_page_whose_bytes_are_no_markup_is_as_it_came(site: Site) -> None:
    page = "<!doctype html><p>é".encode("utf-16")
    assert frame(viewed_bytes(site, page)) == page


def test_hostile_markup_is_not_read_again(site: Site) -> None:
    page = b"<!doctype html>" + b"<p><font id=1>" * 9000 + b"<img src=https://elsewhere.example/a.png>"
    view = viewed_bytes(site, page)
    assert view.composition.untouched == "hostile-markup"
    assert allowed(view, "img-src") == ["data:", "blob:", "https://news.example"]


def test_pictures_come_from_where_the_page_has_them(site: Site) -> None:
    pictures = (
        '<img src="//a.example/1.png"><picture><source srcset="https://b.example:8443/1 1x, /2 2x"></picture>'
        '<video poster="https://c.example/p"></video>'
    )
    hosts = ["https://news.example", "https://a.example", "https://b.example:8443", "https://c.example"]
    assert allowed(viewed(site, body=pictures), "img-src") == ["data:", "blob:", *hosts]


def test_styles_and_their_fonts_come_from_where_the_page_has_them(site: Site) -> None:
    view = viewed(site, '<link rel=stylesheet href="https://fonts.googleapis.com/css?family=Lora">')
    hosts = ["https://news.example", "https://fonts.googleapis.com", "https://fonts.gstatic.com"]
    assert allowed(view, "style-src") == ["'unsafe-inline'", *hosts]
    assert allowed(view, "font-src") == ["data:", *hosts]


@pytest.mark.parametrize("size", ['width="1" height="1"', 'width="0"', 'height="2"'])
def test_pixels_that_count_readers_are_not_asked_for(site: Site, size: str) -> None:
    view = viewed(site, body=f'<img src="https://pixel.example/p.gif" {size}>')
    assert "https://pixel.example" not in frame_policy(view, NONCE, CONSOLE)


def test_what_the_markup_of_an_ad_shows_is_not_asked_for(site: Site) -> None:
    view = viewed(site)
    assert b"https://count.example/" in view.composition.html
    assert "count.example" not in frame_policy(view, NONCE, CONSOLE)


@pytest.mark.parametrize(
    "written",
    ["https://console.example/x.png", "https://a.example;script-src *", "https://a b/", "ftp://a.example/", "https://[::1"],
)  # fmt: skip
def test_no_page_adds_to_its_policy_what_is_no_host_or_the_console(site: Site, written: str) -> None:
    assert allowed(viewed(site, body=f'<img src="{written}">'), "img-src")[2:] == ["https://news.example"]


@pytest.mark.parametrize(
    "written", ["<meta http-equiv=Refresh content=5>", "<META content='0;url=/' HTTP-EQUIV='refresh '>"]
)
def test_no_page_loads_itself_again(site: Site, written: str) -> None:
    view = viewed(site, f"<meta http-equiv=x-ua-compatible content=edge>{written}<title>x</title>")
    assert f"<template>{written}</template><title>".encode() in frame(view)
    assert frame(view).count(b"<template>") == 1


def test_a_frame_runs_our_script_alone_and_asks_nobody(site: Site) -> None:
    view = viewed(site, "<script>alert(1)</script>")
    policy = frame_policy(view, NONCE, CONSOLE).split("; ")
    assert {
        "sandbox allow-scripts", "default-src 'none'", f"script-src 'nonce-{NONCE}'", "connect-src 'none'",
        "form-action 'none'", "frame-src 'none'", "object-src 'none'", "frame-ancestors 'self'",
    } <= {*policy}  # fmt: skip
