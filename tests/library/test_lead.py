"""What a page tells of its story, and why another one is not learned."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newshole import Site
from newshole.composing import Run
from newshole.library.lead import Lead, RefusedError, lead_of, own_address
from newshole.library.subject import MOST_TERMS, subject
from newshole.rules.ruleset import Rules
from newshole.types import Facts, Reader
from tests.library.stories import NOW, URL, story

RULES = "site: Example\nblocks:\n  inline: {kind: html, html: '<p>inline</p>', place: {after: paragraph}}\n"


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Rules:
    path = tmp_path_factory.mktemp("rules") / "site.yaml"
    path.write_text(RULES, encoding="utf-8")
    return Site.load(path).rules[0]


def told(rules: Rules, page: bytes, url: str = URL, content_type: str = "text/html; charset=utf-8") -> Lead:
    run = Run(rules, page, url, Reader(), Facts())
    run.outcome(content_type)
    assert run.document is not None
    assert run.outline is not None
    return lead_of(run.document, run.story, run.outline, url, NOW)


def test_a_story_is_told_with_all_that_lists_show_and_ranking_reads(rules: Rules) -> None:
    head = (
        '<meta property="og:image" content="/bridge.jpg"><meta property="article:section" content="City">'
        '<meta property="article:tag" content="river">'
    )
    lead = told(rules, story(head))
    entry = lead.entry
    assert (entry.url, entry.title, entry.image) == (URL, "Bridge reopens", "https://news.example/bridge.jpg")
    assert (entry.section, entry.tags, entry.language) == ("City", ("river",), "en")
    assert entry.published == datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert (entry.level, entry.source, entry.seen) == ("none", "traffic", NOW.timestamp())
    assert {"bridge", "council"} <= {*entry.terms}
    assert lead.is_own


@pytest.mark.parametrize(
    ("head", "reason"),
    [
        ('<meta name="robots" content="noindex, follow">', "noindex"),
        ('<meta name="ROBOTS" content="NONE">', "noindex"),
        ('<meta name="googlebot-news" content="noindex">', "noindex"),
        ('<meta name="sponsor" content="ACME">', "sponsored"),
        ('<meta property="article:sponsor" content="ACME">', "sponsored"),
        ('<script type="application/ld+json">{"@type": "AdvertiserContentArticle"}</script>', "sponsored"),
        (
            '<script type="application/ld+json">{"@type": "NewsArticle", "sponsor": "ACME"}</script>',
            "sponsored",
        ),
    ],
)
def test_a_page_that_hides_or_is_paid_for_tells_nothing(rules: Rules, head: str, reason: str) -> None:
    with pytest.raises(RefusedError, match=f"^{reason}$"):
        told(rules, story(head))


@pytest.mark.parametrize("content", ["index, follow", "nofollow", "max-image-preview:large"])
def test_other_words_to_robots_do_not_hide_a_page(rules: Rules, content: str) -> None:
    assert told(rules, story(f'<meta name="robots" content="{content}">')).is_own


def test_a_page_without_an_address_of_its_own_tells_nothing(rules: Rules) -> None:
    with pytest.raises(RefusedError, match=r"^canonical$"):
        told(rules, story(canonical=""))


@pytest.mark.parametrize(
    ("published", "reason"),
    [("", "no-date"), ("soon", "no-date"), ("2036-01-01T00:00Z", "date"), ("1066-10-14T00:00Z", "date")],
)
def test_a_page_needs_a_date_that_can_be(rules: Rules, published: str, reason: str) -> None:
    with pytest.raises(RefusedError, match=f"^{reason}$"):
        told(rules, story(published=published))


def test_a_page_needs_a_title(rules: Rules) -> None:
    page = story().replace(b"Bridge reopens", b"")
    with pytest.raises(RefusedError, match=r"^no-title$"):
        told(rules, page)


def test_a_page_with_a_query_counts_for_its_story_and_teaches_nothing(rules: Rules) -> None:
    lead = told(rules, story(), f"{URL}?utm_source=mail")
    assert (lead.entry.url, lead.is_own) == (URL, False)


@pytest.mark.parametrize(
    ("asked", "canonical", "own"),
    [
        ("https://a.example/x", "https://a.example/x", "https://a.example/x"),
        ("http://a.example/x", "https://a.example/x", "https://a.example/x"),
        ("https://a.example/x", "http://a.example/x", "https://a.example/x"),
        ("https://A.example:443/x", "https://a.example/x", "https://a.example/x"),
        ("http://a.example:8080/x", "http://a.example:8080/x", "http://a.example:8080/x"),
        ("http://[::1]:8080/x", "http://[::1]:8080/x", "http://[::1]:8080/x"),
        ("https://a.example/x?q=1", "https://a.example/x", "https://a.example/x"),
        ("https://a.example/stra%C3%9Fe", "https://a.example/straße", "https://a.example/stra%C3%9Fe"),
        ("https://a.example", "https://a.example/", "https://a.example/"),
        ("https://a.example/x", "https://a.example/y", ""),
        ("https://a.example/x", "https://b.example/x", ""),
        ("https://a.example/x", "https://www.a.example/x", ""),
        ("https://a.example/x", "https://a.example/x/", ""),
        ("https://a.example/x", "https://a.example/x?page=2", ""),
        ("https://a.example/x", "https://me:secret@a.example/x", ""),
        ("https://a.example:8443/x", "https://a.example/x", ""),
        ("https://a.example/x", "", ""),
        ("https://a.example/x", "https://[", ""),
        ("https://a.example/x", "https://a.example:http/x", ""),
        ("https://a.example/" + "x" * 3000, "https://a.example/" + "x" * 3000, ""),
    ],
)
def test_only_the_very_address_that_was_asked_for_is_a_storys_own(
    asked: str, canonical: str, own: str
) -> None:
    assert own_address(asked, canonical) == own


@given(asked=st.text(), canonical=st.text())
def test_no_address_can_raise(asked: str, canonical: str) -> None:
    own = own_address(asked, canonical)
    assert own == "" or own.startswith(("http://", "https://"))


def test_a_page_in_another_encoding_is_read_in_it(rules: Rules) -> None:
    page = story(title="Die Brücke").decode().replace("The council", "Der Kanal für Boote").encode("cp1252")
    entry = told(rules, page, content_type="text/html; charset=windows-1252").entry
    assert entry.title == "Die Brücke"
    assert "für" in entry.terms


def test_what_a_text_is_about_is_told_by_words_of_some_paragraphs_and_not_of_all() -> None:
    texts = [
        "The harbour and the ferry were ready for the night.",
        "The ferry left with the mail and the crew.",
        "Nobody in the harbour saw what the storm did.",
        "The storm took the roof of the mill and the gate.",
        "In the end the council was asked for the money.",
        "And the people of the town were glad for the light.",
    ]
    told = subject(texts)
    assert {*told[:3]} == {"harbour", "ferry", "storm"}
    assert "the" not in told


def test_markup_and_scripts_tell_nothing(rules: Rules) -> None:
    page = story().replace(b"The council", b"<b class=zebra>The</b> council <script>zebras()</script>")
    assert not {"zebra", "zebras", "class", "script"} & {*told(rules, page).entry.terms}


@given(st.lists(st.text(), max_size=20))
def test_few_terms_are_told_whatever_the_text(texts: list[str]) -> None:
    found = subject(texts)
    assert len(found) == len({*found}) <= MOST_TERMS
