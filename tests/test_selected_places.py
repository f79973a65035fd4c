"""Blocks at selected elements, on articles and on pages that are none."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newshole import Composition, Site
from tests.budget import examples
from tests.pages import SENTENCE, SOUP, assert_in_flow_by_html5lib, check_composed, check_untouched
from tests.rules.files import write

URL = "https://news.example/world/bridge"
FRONT = "https://news.example/"
RULES = """
layout: {gap: 2 units, start: 3 units, clear: {heading: {after: never}}}
blocks:
  promo: {kind: html, html: <p>promo</p>, place: {selector: .promo, where: after, nth: all}}
  side: {kind: html, html: <p>side</p>, place: {selector: aside.side, where: append}}
  other: {kind: html, html: <p>other</p>, place: {selector: aside.side, where: append}}
  item: {kind: html, html: <p>item</p>, place: {selector: li, where: prepend}}
  inline: {kind: html, html: <p>inline</p>, place: {after: paragraph, nth: 4}}
  either: {kind: html, html: <p>either</p>, prefer: [{selector: .absent, where: before}, body-end]}
  top: {kind: html, html: <p>top</p>, place: page-top}
pages:
  - {name: front, path: "/", blocks: [promo, side, top]}
  - {name: parts, path: "/parts/**", blocks: [promo, top], fragments: true}
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return Site.load(write(tmp_path_factory.mktemp("rules"), site=RULES) / "site.yaml")


def article(paragraphs: int = 7, promo_after: int | None = 3) -> bytes:
    promo = '<div class="promo"><a href="/x">Read also</a></div>'
    text = "".join(
        f"<p>{SENTENCE * 3}</p>\n" + (promo if n == promo_after else "") for n in range(1, paragraphs + 1)
    )
    return (
        f"<!doctype html><html><head><title>B</title></head><body><main><h1>B</h1><div class=e>{text}</div>"
        f"</main><aside class=side><p>Side</aside><ul><li>x</li></ul>{promo}</body></html>"
    ).encode()


def standing(page: Composition) -> list[str]:
    return [each.block for each in page.insertions]


def reasons(page: Composition, block: str) -> list[tuple[str, str]]:
    found = [each for each in page.decisions if each.block == block and each.gap is None]
    return [(reason.code, reason.found) for each in found for reason in each.reasons]


def test_a_block_stands_at_every_element_that_is_asked_for(site: Site) -> None:
    page = site.compose(article(), url=URL)
    check_composed(article(), page)
    assert standing(page) == ["top", "promo", "inline", "either", "side", "other", "promo"]
    assert b'Read also</a></div><aside class="nh-html nh-extra" data-newshole="promo"' in page.html


def test_in_the_text_it_keeps_the_gap_and_outside_it_keeps_none(site: Site) -> None:
    page = site.compose(article(), url=URL)
    assert page.plan is not None
    by_name = {(each.block.id, each.ordinal): each.spot for each in page.plan.placements}
    inside, outside = by_name["promo", 1], by_name["promo", 2]
    inline = by_name["inline", 1]
    assert inside.position is not None
    assert inline.position is not None
    assert abs(inside.position.units - inline.position.units) >= 2
    assert outside.position is None
    assert by_name["side", 1].index == by_name["other", 1].index


def test_start_and_clear_say_nothing_of_an_element_that_is_asked_for_by_name(site: Site) -> None:
    page = site.compose(article(promo_after=1), url=URL)
    assert standing(page)[:2] == ["top", "promo"]


def test_what_is_lacking_is_told(site: Site) -> None:
    page = site.compose(article(), url=URL)
    assert reasons(page, "item") == [("no-place", "1 element: it stands where no block may")]
    assert reasons(page, "either") == [("no-place", "0 elements")]


def test_a_page_that_is_no_article_gets_what_its_entry_lists(site: Site) -> None:
    promos = b'<div class="promo">1</div><div class="promo">2</div>'
    front = b"<html><head><title>Front</title></head><body>" + promos + b"</body></html>"
    page = site.compose(front, url=FRONT)
    check_composed(front, page)
    assert standing(page) == ["top", "promo", "promo"]
    assert reasons(page, "side") == [("no-place", "0 elements")]
    assert reasons(page, "inline") == [("not-listed", "inline")]


def test_a_fragment_is_composed_without_html_around_it(site: Site) -> None:
    fragment = b"<article><h2>Next</h2></article><div class=promo>p</div><article>more</article>"
    page = site.compose(fragment, url="https://news.example/parts/2")
    check_composed(fragment, page)
    assert standing(page) == ["top", "promo"]
    assert page.html.index(b'data-newshole="top"') < page.html.index(b"<article>")


def test_a_page_of_neither_is_left_alone(tmp_path: Path) -> None:
    listed = Site.load(write(tmp_path, site=RULES + "articles: [{path: /news/**}]") / "site.yaml")
    check_untouched(listed, article(), "not-an-article", url=URL)
    assert not listed.may_compose(URL)
    assert listed.may_compose(FRONT)


def test_a_page_without_any_place_of_its_entry_says_so(site: Site) -> None:
    check_untouched(site, b"<!doctype html><frameset><frame></frameset>", "nothing-placed", url=FRONT)


def test_a_front_page_that_a_script_draws_again_is_left_alone(site: Site) -> None:
    front = b"<body><div class=promo>1</div><script>self.__next_f=[]</script></body>"
    check_untouched(site, front, "hydrated", url=FRONT)


@examples(150)
@given(
    SOUP,
    st.sampled_from(["div", "p", "section", "li", "aside", "body", "main", "b", "td", "*"]),
    st.sampled_from(["before", "after", "prepend", "append"]),
    st.sampled_from([URL, FRONT]),
)
def test_whatever_is_selected_the_page_is_whole_and_blocks_stand_in_flow(
    tmp_path_factory: pytest.TempPathFactory, soup: str, selector: str, where: str, url: str
) -> None:
    rules = f"""
blocks:
  x: {{kind: html, html: <p>x</p>, place: {{selector: "{selector}", where: {where}, nth: all}}}}
  y: {{kind: html, html: <p>y</p>, place: {{after: paragraph, nth: 2}}}}
pages: [{{name: front, path: "/", blocks: [x]}}]
"""
    site = Site.load(write(tmp_path_factory.mktemp("rules"), site=rules) / "site.yaml")
    body = f"<html><body><main>{soup}</main><aside><div>z</div></aside></body></html>".encode()
    page = site.compose(body, url=url)
    check_composed(body, page)
    assert_in_flow_by_html5lib(page)
    assert page.untouched is None or not page.untouched.endswith("-fault")


def test_bounds_of_every_kind_hold_nothing_up_on_a_page_without_a_story(tmp_path: Path) -> None:
    rules = """
layout:
  gap: ['5 of ".post"', 1 screen, 2 units]
  start: '2 of ".post"'
  ads_apart: 300 px
  density: 20%
  story: {min: 5 paragraphs}
  clear: {image: 2 units}
elsewhere:
  - {name: player, place: {after: paragraph, nth: 2}, height: 200}
  - {name: bar, place: page-bottom, height: 60}
blocks:
  ad:
    kind: ad
    sizes: {mobile: [[300, 250]]}
    serve: {slot: x}
    place: {selector: .promo, where: after, nth: all}
    avoid: [{near: image}, {text: more}, {no_text: less}]
    inside: main
    max: 1
  mid:
    kind: html
    html: <p>x</p>
    prefer: [{at: 20%}, {between: [20%, 40%]}, {at: '2 of ".post"'}, {selector: .none, where: after}]
  top: {kind: html, html: <p>x</p>, place: page-top}
pages: [{name: front, path: "/", blocks: [ad, mid, top]}]
"""
    made = Site.load(write(tmp_path, site=rules) / "site.yaml")
    page = made.compose(b"<html><body><div class=promo>1</div><p class=post>x</body></html>", url=FRONT)
    assert page.untouched is None
    assert standing(page) == ["top", "ad"]
    assert [code for code, _ in reasons(page, "mid")] == ["no-place"] * 3
