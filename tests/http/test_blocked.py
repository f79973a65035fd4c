"""A block that cannot do without what a page's policy keeps out does not come onto it, and others do."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from newshole import Newshole, Site
from newshole.types import Reason
from tests.http.asgi import PATH, STORY, ask, asked, page

CSP = b"content-security-policy"
RULES = """
site: Example
blocks:
  served:
    kind: ad
    sizes: {mobile: [[300, 250]], desktop: [[300, 250]]}
    serve: {gpt: {unit: /1/x}}
    place: {after: paragraph, nth: 2}
    fallback: own
  own:
    kind: ad
    sizes: {mobile: [[300, 250]], desktop: [[300, 250]]}
    serve: {house: [{image: /a.png, link: /a, alt: Subscribe, width: 300, height: 250}]}
  scripted: {kind: html, html: "<script>f()</script>", scripts: true, place: body-end}
  plain: {kind: html, html: <p>plain</p>, place: body-end}
overrides:
  - name: other
    when: {path: "/other/**"}
    set:
      blocks.served.serve: {adsense: {client: ca-pub-1234567890123456, slot: "1234567890"}}
"""
GPT = "https://securepubads.g.doubleclick.net"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    file = tmp_path / "news.yaml"
    file.write_text(RULES, encoding="utf-8")
    return Site.load(file)


def placed(body: bytes) -> list[str]:
    """The blocks of a page."""
    return [name.decode() for name in re.findall(rb'data-newshole="([^"]*)"', body)]


@pytest.mark.parametrize(
    ("policy", "blocks"),
    [
        (b"", ["served", "scripted", "plain"]),
        (b"img-src *", ["served", "scripted", "plain"]),
        (b"script-src 'self'", ["own", "plain"]),
        (b"script-src 'self' 'unsafe-inline'", ["own", "scripted", "plain"]),
        (f"script-src 'unsafe-inline' {GPT}".encode(), ["served", "scripted", "plain"]),
        (b"script-src 'nonce-abc'", ["served", "plain"]),
        (b"script-src 'nonce-abc' 'strict-dynamic'", ["served", "plain"]),
        (b"style-src 'self'", ["scripted", "plain"]),
        (b"style-src 'unsafe-inline'", ["served", "scripted", "plain"]),
        (b"style-src 'nonce-abc'", ["served", "scripted", "plain"]),
        (b"style-src 'nonce-abc', style-src 'nonce-def'", ["scripted", "plain"]),
        (b"style-src 'self' 'sha256-YWJj'", ["served", "scripted", "plain"]),
        (b"style-src 'self' 'sha256-YWJj', style-src 'self'", ["scripted", "plain"]),
        (b"default-src 'self'", ["plain"]),
    ],
)
def test_a_page_gets_the_blocks_that_its_policy_lets_work(
    site: Site, policy: bytes, blocks: list[str]
) -> None:
    app = Newshole(page(STORY, (CSP, policy)) if policy else page(), site=site)
    assert placed(ask(app).body) == blocks
    meta = STORY.replace(
        b"<title>", b'<meta http-equiv=Content-Security-Policy content="%s"><title>' % policy
    )
    assert placed(ask(Newshole(page(meta), site=site)).body) == blocks


def test_an_ad_without_a_style_says_so_and_no_part_of_it_comes(site: Site) -> None:
    meta = b"<meta http-equiv=Content-Security-Policy content=\"style-src 'self'\"><title>"
    made = site.compose(STORY.replace(b"<title>", meta), url="https://news.example/news/bridge")
    [reason] = next(each.reasons for each in made.decisions if each.block == "own")
    assert reason.required == "a policy that lets in inline-style"
    assert b"nh-ad" not in made.html


def test_one_address_with_changing_policies_is_right_each_time(site: Site) -> None:
    app = Newshole(page(), site=site)
    for _ in range(3):
        for policy, first in ((b"script-src 'self'", "own"), (b"img-src *", "served")):
            app.app = page(STORY, (CSP, policy))
            assert placed(ask(app).body)[0] == first


def test_the_server_of_an_override_is_what_counts_under_it(site: Site) -> None:
    policy = f"script-src 'unsafe-inline' {GPT}".encode()
    app = Newshole(page(STORY, (CSP, policy)), site=site)
    assert placed(ask(app, asked("/other/bridge")).body)[0] == "own"
    assert placed(ask(app, asked(PATH)).body)[0] == "served"


def test_the_decision_names_the_policy_and_the_script(site: Site) -> None:
    meta = b"<meta http-equiv=Content-Security-Policy content=\"script-src 'unsafe-inline'\"><title>"
    made = site.compose(STORY.replace(b"<title>", meta), url="https://news.example/news/bridge")
    [reason] = next(each.reasons for each in made.decisions if each.block == "served")
    assert reason == Reason(
        "policy",
        "Content-Security-Policy",
        f"a policy that lets in {GPT}/tag/js/gpt.js",
        "one that does not",
    )
