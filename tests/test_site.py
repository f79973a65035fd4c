"""A page composed: places, untouched pages with their reasons, and faults that break nothing."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import newshole.composing
from newshole import Reader, RulesError, Site, UsageError
from newshole.page.outline import STACKS
from tests.pages import (
    SENTENCE,
    SOUP,
    assert_in_flow_by_html5lib,
    check_composed,
    check_untouched,
    minus_insertions,
)

RULES = """
site: Example
articles:
  - path: /news/**
blocks:
  top: {kind: html, html: "<p>top</p>", place: body-start}
  inline: {kind: html, html: "<p>inline</p>", place: {after: paragraph, nth: 2}}
  mobile: {kind: html, html: "<p>small</p>", place: body-end, when: {device: mobile}}
"""


def story(paragraphs: int = 6, *, head: str = "") -> bytes:
    text = "".join(f"<p>{SENTENCE * 3}</p>\n" for _ in range(paragraphs))
    return (
        f"<!doctype html><html lang=en><head><title>Bridge</title>{head}</head><body><main><article>"
        f"<h1>Bridge</h1><div class=entry-content>{text}</div></article></main></body></html>"
    ).encode()


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    path = tmp_path / "site.yaml"
    path.write_text(RULES, encoding="utf-8")
    return path


@pytest.fixture
def site(rules: Path) -> Site:
    return Site.load(rules)


URL = "https://news.example/news/bridge"


def test_blocks_stand_where_the_rules_say_and_the_page_is_whole(site: Site) -> None:
    page = site.compose(story(), url=URL)
    assert [each.block for each in page.insertions] == ["top", "inline"]
    check_composed(story(), page)
    before, _, after = page.html.partition(page.insertions[1].html)
    assert before.endswith(b"</p>")
    assert after.lstrip().startswith(b"<p>")
    assert before.count(SENTENCE.strip().encode()) == 6


def test_the_runtime_style_is_part_of_the_first_insertion(site: Site) -> None:
    page = site.compose(story(), url=URL)
    assert page.insertions[0].html.startswith(b"<style data-newshole-runtime")
    assert page.html.count(b"data-newshole-runtime") == 1


def test_a_reader_decides_what_device_rules_ask_for(site: Site) -> None:
    page = site.compose(story(), url=URL, reader=Reader(device="mobile"))
    assert [each.block for each in page.insertions] == ["top", "inline", "mobile"]
    assert site.reader_facts == {"device"}


def test_every_block_has_its_decisions(site: Site) -> None:
    page = site.compose(story(), url=URL)
    assert {each.block for each in page.decisions} == {"top", "inline", "mobile"}
    [refused] = [each for each in page.decisions if each.block == "mobile"]
    assert (refused.gap, refused.placed, refused.reasons[0].bound) == (
        None,
        False,
        "blocks.mobile.when.device",
    )


def test_the_same_page_twice_is_the_same_bytes(site: Site) -> None:
    now = Reader(now=datetime(2026, 1, 2, tzinfo=UTC))
    assert site.compose(story(), url=URL, reader=now).html == site.compose(story(), url=URL, reader=now).html


def test_composing_a_composed_page_changes_nothing(site: Site) -> None:
    check_untouched(site, site.compose(story(), url=URL).html, "already-composed", url=URL)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty"),
        (bytes(range(256)) * 40, "binary"),
        (b"<!doctype html><title>x</title><p>hello", "no-body"),
        (story() + b"<!--" + b"x" * 6_000_000, "too-large"),
    ],
)
def test_a_page_that_is_none_of_ours_leaves_as_it_came(site: Site, body: bytes, reason: str) -> None:
    check_untouched(site, body, reason, url=URL)


def test_a_page_outside_articles_is_not_an_article(site: Site) -> None:
    check_untouched(site, story(), "not-an-article", url="https://news.example/about")
    assert not site.may_compose("https://news.example/about")
    assert site.may_compose(URL)


def test_an_encoding_that_is_not_ascii_compatible_goes_through(site: Site) -> None:
    body = story().decode().encode("utf-16")
    check_untouched(site, body, "encoding", url=URL, content_type="text/html; charset=utf-16")


def test_rules_that_place_nothing_leave_the_page(tmp_path: Path) -> None:
    path = tmp_path / "site.yaml"
    path.write_text(
        "site: x\nblocks:\n  late: {kind: html, html: <p>x</p>, place: {after: paragraph, nth: 99}}\n"
    )
    page = Site.load(path).compose(story(), url=URL)
    assert (page.untouched, page.html) == ("nothing-placed", story())
    assert page.decisions[0].reasons[0].code == "no-place"


def test_several_sites_are_told_apart_by_host(tmp_path: Path) -> None:
    for name, hosts in (("a", "[a.example, '*.a.example']"), ("b", "[b.example]")):
        (tmp_path / f"{name}.yaml").write_text(
            f"site: {name}\nhosts: {hosts}\n"
            f"blocks:\n  {name}: {{kind: html, html: <p>x</p>, place: body-start}}\n"
        )
    site = Site.load(tmp_path)
    for host, block in (("a.example", "a"), ("www.a.example.", "a"), ("b.example.", "b")):
        page = site.compose(story(), url=f"https://{host}/news/bridge")
        assert [each.block for each in page.insertions] == [block]
    check_untouched(site, story(), "no-site", url="https://c.example/news/bridge")


def test_rules_that_are_wrong_load_nothing(tmp_path: Path) -> None:
    path = tmp_path / "site.yaml"
    path.write_text("site: x\nblock: {}\n")
    with pytest.raises(RulesError, match=r"site\.yaml:2:1: .*blocks"):
        Site.load(path)
    with pytest.raises(UsageError, match="missing"):
        Site.load(tmp_path / "missing.yaml")


@pytest.mark.parametrize(
    ("function", "reason"),
    [
        ("prescan", "read-fault"),
        ("page_encoding", "read-fault"),
        ("Document", "read-fault"),
        ("read_story", "read-fault"),
        ("find_body", "read-fault"),
        ("outline", "read-fault"),
        ("make_plan", "plan-fault"),
        ("unproven", "proof-fault"),
        ("splice", "splice-fault"),
    ],
)
def test_a_fault_in_any_stage_sends_the_page_as_it_came(
    site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, function: str, reason: str
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("broken on purpose")

    monkeypatch.setattr(newshole.composing, function, broken)
    with caplog.at_level(logging.ERROR):
        check_untouched(site, story(), reason, url=URL + "?token=secret")
    assert "broken on purpose" in caplog.text
    assert "secret" not in caplog.text


@pytest.mark.parametrize(
    ("function", "reason"),
    [("prepare", "plan-fault"), ("render", "render-fault"), ("runtime", "render-fault")],
)
def test_a_fault_in_a_block_sends_the_page_as_it_came(
    site: Site, monkeypatch: pytest.MonkeyPatch, function: str, reason: str
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("broken on purpose")

    monkeypatch.setattr(newshole.blocks, function, broken)
    check_untouched(site, story(), reason, url=URL)


def test_a_page_wide_form_costs_only_the_block_that_has_one(tmp_path: Path) -> None:
    path = tmp_path / "site.yaml"
    path.write_text(
        "site: x\nblocks:\n  letter: {kind: newsletter, action: /subscribe, place: body-start}\n"
        "  text: {kind: html, html: <p>x</p>, place: body-end}\n"
    )
    body = story().replace(b"<main>", b"<form action=/x><main>").replace(b"</main>", b"</main></form>")
    page = Site.load(path).compose(body, url=URL)
    assert [each.block for each in page.insertions] == ["text"]
    check_composed(body, page)
    assert "markup" in {each.reasons[0].code for each in page.decisions if each.block == "letter"}


@pytest.fixture(scope="module")
def everywhere(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Rules that put a block at every stack and at as many gaps as there are."""
    path = tmp_path_factory.mktemp("rules") / "everywhere.yaml"
    stacks = "".join(f"  {name}: {{kind: html, html: <p>x</p>, place: {name}}}\n" for name in STACKS)
    inside = "  inside: {kind: html, html: <p>x</p>, place: {after: unit, nth: [1, 2, 3, 4, 5, 6, -2, -1]}}\n"
    path.write_text(f"site: x\nlayout: {{blocks: 30, gap: 1 unit}}\nblocks:\n{stacks}{inside}")
    return Site.load(path)


@given(before=SOUP, after=SOUP, cut=st.integers(0, 4000))
def test_no_markup_loses_a_byte_or_breaks_a_block(
    everywhere: Site, before: str, after: str, cut: int
) -> None:
    text = "".join(f"<p>{SENTENCE * 2}</p>" for _ in range(6))
    body = f"<body>{before}<article>{text}{after}</article>".encode()
    for page in (body, body[:cut]):
        composed = everywhere.compose(page, url=URL)
        assert not (composed.untouched or "").endswith("-fault"), composed.untouched
        check_composed(page, composed)
        assert_in_flow_by_html5lib(composed)


@given(st.binary(max_size=400))
def test_no_bytes_at_all_make_it_raise(body: bytes) -> None:
    page = Site.load("newspaper").compose(b"<html><body>" + body, url=URL)
    assert minus_insertions(page) == b"<html><body>" + body


@pytest.mark.parametrize("url", ["http://[bad", "//[x", "http://a]b/"])
def test_what_is_no_url_leaves_the_page(url: str) -> None:
    check_untouched(Site.load("newspaper"), story(), "no-site", url=url)


def test_a_page_that_a_script_draws_again_is_composed_where_the_rules_know_better(tmp_path: Path) -> None:
    body = story().replace(b"<body>", b'<body><script id="__NEXT_DATA__">{}</script><div id="__next">')
    written = "blocks: {x: {kind: html, html: <p>x</p>, place: {after: paragraph}}}\n"
    for hydrated, untouched in (("leave", "hydrated"), ("compose", None)):
        file = tmp_path / f"{hydrated}.yaml"
        file.write_text(f"hydrated: {hydrated}\n{written}")
        assert Site.load(file).compose(body, url=URL).untouched == untouched
