"""Pages as they are."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from newshole import Site
from newshole.review.audit import Audit, audit
from tests.cli.conftest import STORY

PAGE = STORY.read_bytes()
NEWSPAPER = Site.load("newspaper")


def looked(page: bytes, *, policies: Sequence[str] = (), url: str = "") -> Audit:
    return audit("page", page, url, "text/html", site=NEWSPAPER, device="desktop", policies=policies)


def codes(found: Audit) -> list[str]:
    return [each.code for each in found.hindrances]


def test_an_article_is_told_with_what_is_read_on_it() -> None:
    found = looked(PAGE)
    assert (found.is_article, found.story.title, found.words) == (True, "Old bridge to be mended", 114)
    assert (found.body, found.units) == ("div.entry-content", {"paragraph": 5, "heading": 1, "list": 1})
    assert (found.gaps, found.joints, found.density, found.hindrances) == (6, 6, 0.0, ())
    assert [(slot.block, slot.where) for slot in found.slots] == [("end-ad", "below the box of the story")]


@pytest.mark.parametrize(
    ("body", "written"),
    [
        (b'<div id="story" class="a b c">', "div#story"),
        (b'<div class="a b c">', "div.a.b"),
        (b'<div class="md:flex entry">', "div.entry"),
        (b"<div>", "div"),
    ],
)
def test_the_body_is_a_selector_for_the_rules(body: bytes, written: str) -> None:
    assert looked(PAGE.replace(b'<div class="entry-content">', body)).body == written


def test_a_hydrated_page_is_read_all_the_same() -> None:
    found = looked(PAGE.replace(b"<article>", b'<article id="__next">'))
    assert (codes(found), found.words, found.slots) == (["hydrated"], 114, ())
    assert found.hindrances[0].is_whole


def test_a_page_without_a_story_is_no_article() -> None:
    found = looked(b"<title>Contact</title><p>Call us.")
    assert (codes(found), found.is_article, found.body) == (["no-body"], False, None)


def test_a_page_in_another_encoding_cannot_be_looked_into() -> None:
    found = looked("<p>Story".encode("utf-16"))
    assert (codes(found), found.is_article, found.notes) == (["encoding"], None, ())


def test_markup_that_browsers_disagree_on_is_told() -> None:
    page = PAGE.replace(b"</article>", b"<select><option>x<script>y</script></select></article>")
    ambiguous = PAGE.replace(b"</article>", b"<plaintext></article>")
    assert codes(looked(page)) == []
    assert "ambiguous-markup" in codes(looked(ambiguous))


def test_places_between_what_belongs_together_are_counted() -> None:
    found = looked(PAGE.replace(b"by the river.", b"by the river:"))
    assert codes(found) == ["closed-gaps"]
    assert found.hindrances[0].words == "1 of 6 places between units have no place for a block"


@pytest.mark.parametrize(
    ("policy", "count"),
    [
        ("default-src 'self'", 2),
        ("style-src 'self'; script-src 'self' 'unsafe-inline'", 1),
        ("default-src 'self' 'unsafe-inline'", 0),
        ("style-src 'unsafe-inline' 'nonce-abc'; script-src 'unsafe-inline'", 0),
        ("style-src 'unsafe-inline' 'sha256-YWJj'; script-src 'unsafe-inline'", 1),
        ("style-src-elem 'unsafe-inline'; style-src 'none'", 0),
        ("img-src 'self'; upgrade-insecure-requests;", 0),
        ("", 0),
    ],
)
def test_a_policy_that_forbids_inline_styles_or_scripts_is_in_the_way(policy: str, count: int) -> None:
    meta = f'<meta http-equiv="Content-Security-Policy" content="{policy}"></head>'.encode()
    assert codes(looked(PAGE, policies=(policy,))).count("csp") == count
    assert codes(looked(PAGE.replace(b"</head>", meta))).count("csp") == count


def test_an_ad_that_a_policy_keeps_off_is_no_slot() -> None:
    policy = "style-src 'self'"
    meta = f'<meta http-equiv="Content-Security-Policy" content="{policy}"></head>'.encode()
    assert looked(PAGE, policies=(policy,)).slots == ()
    assert looked(PAGE.replace(b"</head>", meta)).slots == ()


def test_what_is_missing_is_noted() -> None:
    page = PAGE.replace(b"<h1>Old bridge to be mended</h1>", b"").replace(b' lang="en"', b"")
    assert looked(page).notes == (
        "language not found",
        "date not found",
        "headline not found",
        "no place: headline-before, headline-after",
        "a short story: 114 words",
    )


def test_rules_for_another_host_leave_it(tmp_path_factory: pytest.TempPathFactory) -> None:
    rules = tmp_path_factory.mktemp("rules") / "site.yaml"
    rules.write_text("extends: newspaper\nhosts: news.example\n", "utf-8")
    site = Site.load(rules)
    found = audit("page", PAGE, "https://other.example/", "text/html", site=site, device="desktop")
    assert (codes(found), found.is_article, found.slots) == (["no-site"], None, ())
