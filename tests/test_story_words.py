"""What a story says to newshole: words in a meta element or a header, marks, the end of placement."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given

from newshole import Composition, Site
from newshole.page.told import HEADER, META
from newshole.types import Decision, Reason
from tests.budget import examples
from tests.pages import SENTENCE, SOUP, check_composed, check_untouched

URL = "https://news.example/city/bridge"
RULES = """
layout: {gap: 1 unit, start: 1 unit}
defaults:
  ad: {sizes: {mobile: [[300, 250]]}}
blocks:
  inline: {kind: ad, serve: {slot: inline}, place: {after: paragraph, nth: 3}, priority: 1}
  second: {kind: ad, serve: {slot: second}, place: {after: paragraph, nth: 5}}
  follow: {kind: follow, network: x, page: News, url: "https://x.example/", place: body-end}
  note: {kind: html, html: "<p>note</p>", place: {after: paragraph, nth: 2}, repeat: {every: 3 units}}
  below: {kind: html, html: "<p>below</p>", place: body-after}
"""
P = f"<p>{SENTENCE * 2}</p>\n"
MARK = "<!-- newshole:second -->"


@pytest.fixture(scope="module")
def load(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Site]:
    folder = tmp_path_factory.mktemp("rules")

    def loaded(rules: str) -> Site:
        path = folder / "site.yaml"
        path.write_text(rules, encoding="utf-8")
        return Site.load(path)

    return loaded


@pytest.fixture(scope="module")
def site(load: Callable[[str], Site]) -> Site:
    return load(RULES)


def page(text: str = P * 8, *, head: str = "", after: str = "") -> bytes:
    return (
        f"<!doctype html><html lang=en><head><title>Bridge</title>{head}</head><body><main><article>"
        f"<h1>Bridge</h1><div class=text>\n{text}</div></article>{after}</main></body></html>"
    ).encode()


def meta(words: str) -> str:
    return f'<meta name="newshole" content="{words}">'


def blocks(composed: Composition) -> list[str]:
    return [each.block for each in composed.insertions]


def refusals(composed: Composition) -> dict[str, tuple[Reason, ...]]:
    return {each.block: each.reasons for each in composed.decisions if each.gap is None}


def test_a_story_without_words_gets_everything(site: Site) -> None:
    composed = site.compose(page(), url=URL)
    assert sorted(set(blocks(composed))) == ["below", "follow", "inline", "note", "second"]
    assert composed.story.told == ()


@pytest.mark.parametrize(
    ("words", "missing"),
    [
        ("no-ads", {"inline", "second"}),
        ("no-social", {"follow"}),
        ("no:note", {"note"}),
        ("no-ads, no-social,no:note", {"inline", "second", "follow", "note"}),
        ("NO-ADS", {"inline", "second"}),
        ("no:nothing else", set()),
    ],
)
def test_blocks_that_a_story_does_not_want_are_not_on_it(site: Site, words: str, missing: set[str]) -> None:
    for composed in (
        site.compose(page(head=meta(words)), url=URL),
        site.compose(page(), url=URL, words=words),
    ):
        assert {"below", "inline", "second", "follow", "note"} - set(blocks(composed)) == missing
        assert set(refusals(composed)) == missing


def test_a_refusal_says_the_word_and_who_said_it(site: Site) -> None:
    by_meta = refusals(site.compose(page(head=meta("no-ads no:inline")), url=URL))
    assert by_meta["second"] == (Reason("story", META, "a story that does not say no-ads", "no-ads"),)
    assert [each.found for each in by_meta["inline"]] == ["no-ads", "no:inline"]
    by_header = refusals(site.compose(page(), url=URL, words="no-social"))
    assert by_header["follow"] == (
        Reason("story", HEADER, "a story that does not say no-social", "no-social"),
    )


def test_words_of_the_page_and_of_the_response_both_hold(site: Site) -> None:
    composed = site.compose(page(head=meta("no-ads") + meta("no:note")), url=URL, words="no-social")
    assert blocks(composed) == ["below"]


def test_a_story_that_says_off_is_left_alone(site: Site) -> None:
    check_untouched(site, page(head=meta("no-ads off")), "story-off", url=URL)
    check_untouched(site, page(), "story-off", url=URL, words="off")


def test_a_word_elsewhere_on_the_page_says_nothing(site: Site) -> None:
    body = page(head="<meta name=description content='off no-ads'>", after="<p>newshole off</p>")
    assert blocks(site.compose(body, url=URL)) == blocks(site.compose(page(), url=URL))


def test_a_marked_block_stands_exactly_there_and_nowhere_else(site: Site) -> None:
    body = page(P * 2 + f"\n  {MARK}\n" + P * 6)
    composed = site.compose(body, url=URL)
    check_composed(body, composed)
    [at] = [each.offset for each in composed.insertions if each.block == "second"]
    assert body[:at].endswith(MARK.encode())


def test_each_mark_is_a_copy_in_the_place_of_all_that_the_rules_say(site: Site) -> None:
    mark = "<!-- newshole:note -->"
    body = page(P * 2 + mark + P * 5 + f"<p>{mark}</p>" + P)
    composed = site.compose(body, url=URL)
    check_composed(body, composed)
    found = [body[: each.offset] for each in composed.insertions if each.block == "note"]
    assert [each.endswith(end) for each, end in zip(found, (b"-->", b"--></p>"), strict=True)] == [True, True]


def test_a_mark_brings_a_block_of_the_stacks_into_the_text(site: Site) -> None:
    body = page(P * 4 + "<!-- newshole:below -->" + P * 4)
    [decided] = [each for each in site.compose(body, url=URL).decisions if each.block == "below"]
    assert (decided.placed, body[: decided.offset].endswith(b"newshole:below -->")) == (True, True)


def test_bounds_hold_at_a_mark(site: Site) -> None:
    composed = site.compose(page(MARK + P * 8), url=URL)
    [decided] = [each for each in composed.decisions if each.block == "second"]
    assert not decided.placed
    assert decided.reasons == (Reason("start", "layout.start", "1 unit", "0 units"),)
    assert "second" not in blocks(composed)


def test_what_a_story_does_not_want_is_not_at_a_mark_either(site: Site) -> None:
    body = page(P * 4 + MARK + P * 4, head=meta("no-ads"))
    assert "second" not in blocks(site.compose(body, url=URL))


def test_a_mark_where_the_markup_would_break_is_refused_by_the_proof(site: Site) -> None:
    body = page(P * 4 + f"<b>{P}{MARK}{P}</b>" + P * 4)
    composed = site.compose(body, url=URL)
    check_composed(body, composed)


def test_two_marks_at_one_place_and_a_rival_there_keep_their_distance(site: Site) -> None:
    body = page(P * 3 + "<!-- newshole:second --><!-- newshole:note -->" + P * 5)
    composed = site.compose(body, url=URL)
    check_composed(body, composed)
    # `inline` is asked for after the third paragraph and has the priority; a gap of 1 unit is asked for.
    assert "inline" in blocks(composed)
    assert {"second", "note"}.isdisjoint(blocks(composed))


def test_a_mark_of_no_block_of_the_rules_asks_for_nothing(site: Site) -> None:
    with_mark = page(P * 4 + "<!-- newshole:unheard-of -->" + P * 4)
    assert blocks(site.compose(with_mark, url=URL)) == blocks(site.compose(page(), url=URL))


def test_a_mark_in_a_script_is_none(site: Site) -> None:
    body = page(P * 4 + f"<script>var s = '{MARK}'</script>" + P * 4)
    composed = site.compose(body, url=URL)
    check_composed(body, composed)
    assert blocks(composed) == blocks(site.compose(page(), url=URL))


def test_no_block_stands_behind_the_point_where_placement_ends(site: Site) -> None:
    body = page(P * 4 + f"<section data-newshole-stop>{P * 4}</section>" + P)
    composed = site.compose(body, url=URL)
    check_composed(body, composed)
    stop, end = body.index(b"<section"), body.index(b"</article>")
    inside = [each for each in composed.insertions if each.offset < end]
    assert inside
    assert all(each.offset <= stop for each in inside if each.block != "below")
    assert {"follow"}.isdisjoint(blocks(composed))  # it is asked for at the body's end
    assert "below" in blocks(composed)


def test_a_story_that_stops_at_once_has_its_named_places_left(site: Site) -> None:
    body = page(f"<div data-newshole-stop>{P * 8}</div>")
    assert blocks(site.compose(body, url=URL)) == ["below"]


def test_decisions_name_only_the_marked_places_of_a_marked_block(site: Site) -> None:
    body = page(P * 4 + MARK + P * 4)
    decided: list[Decision] = [
        each for each in site.compose(body, url=URL).decisions if each.block == "second"
    ]
    assert [each.placed for each in decided] == [True]


def test_the_rules_of_real_sites_take_marks(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("extends: newspaper\n")
    body = page(P * 6 + "<!-- newshole:inline-ad -->" + P * 6)
    composed = Site.load(path).compose(body, url=URL)
    check_composed(body, composed)
    assert [
        body[: each.offset].endswith(b"-->") for each in composed.insertions if each.block == "inline-ad"
    ] == [True]


@examples(150)
@given(SOUP, SOUP)
def test_marks_in_any_markup_leave_the_page_whole(site: Site, before: str, after: str) -> None:
    body = page(f"{P * 2}{before}{MARK}{P}{after}<p>{MARK}</p>{P * 2}<i data-newshole-stop>{MARK}{P}")
    composed = site.compose(body, url=URL)
    check_composed(body, composed)
    asked = {at + len(MARK) for at in range(len(body)) if body.startswith(MARK.encode(), at)}
    asked |= {at + len("</p>") for at in asked}
    markers = composed.outline.markers.get("second", ()) if composed.outline else ()
    assert asked.issuperset(markers)
    if markers:
        assert {each.offset for each in composed.insertions if each.block == "second"} <= {*markers}


def test_a_mark_where_nothing_can_stand_leaves_the_block_to_its_rules(site: Site) -> None:
    composed = site.compose(page(P * 2 + f"<p>word {MARK} word</p>" + P * 5), url=URL)
    assert composed.outline is not None
    assert composed.outline.markers == {}
    assert "second" in blocks(composed)
