"""Small pages, each written out: where the block comes to stand, byte by byte."""

from __future__ import annotations

from pathlib import Path

import pytest

from newshole import Composition, Site
from tests.cases.seen import URL, composed, site, story, why
from tests.cases.trees import blocks_by_html5lib, blocks_by_lexbor
from tests.pages import SENTENCE, check_untouched

S = SENTENCE
S2, S3 = S * 2, S * 3


def after(nth: int) -> str:
    return f"blocks:\n  x: {{kind: html, html: <p>x</p>, place: {{after: paragraph, nth: {nth}}}}}\n"


def page(text: str) -> bytes:
    return f"<!doctype html><title>t</title><body><article>{text}</article>".encode()


@pytest.mark.parametrize(
    ("nth", "text", "seen"),
    [
        (1, f"<p>A{S}<p>B{S}<p>C{S}</p><p>D{S}</p>", "<p>A[x]<p>B<p>C</p><p>D</p>"),
        (2, f"<p>A{S}<p>B{S}<p>C{S}<p>D{S}", "<p>A<p>B[x]<p>C<p>D"),
        (
            3,
            f"<p>A{S2}</p><p>B{S2}</p><div><p>1{S2}</p><p>2{S2}</p><p>3{S2}</p><p>4{S2}</p></div>",
            "<p>A</p><p>B</p><div><p>1</p>[x]<p>2</p><p>3</p><p>4</p></div>",
        ),
        (1, f"<p\nclass=x>A{S2}</p><p>B{S2}</p><p>C{S2}</p>", "<p\nclass=x>A</p>[x]<p>B</p><p>C</p>"),
        (
            2,
            f"<p>A{S2}</p><script>var a = '<p>{S2}</p>'</script><!-- <p>{S2}</p> --><p>B{S2}</p><p>C{S2}</p>",
            "<p>A</p><script>var a = '<p></p>'</script><!-- <p></p> --><p>B</p>[x]<p>C</p>",
        ),
        (
            2,
            f"<p>A{S2}</p><p></p><p>&nbsp;</p><p hidden>{S2}</p><p>B{S2}</p><p>C{S2}</p>",
            "<p>A</p><p></p><p>&nbsp;</p><p hidden></p><p>B</p>[x]<p>C</p>",
        ),
    ],
    ids=[
        "end tags left out of two",
        "end tags left out of all",
        "in a div",
        "a newline in a tag",
        "scripts and comments",
        "paragraphs that nobody sees",
    ],
)
def test_paragraphs_are_counted_as_a_browser_sees_them(
    tmp_path: Path, nth: int, text: str, seen: str
) -> None:
    body = page(text)
    assert story(body, composed(site(tmp_path, after(nth)), body)) == seen


def test_a_third_paragraph_of_two_is_no_place_and_that_is_said(tmp_path: Path) -> None:
    body = page(f"<p>{S3}</p><p>{S3}</p>")
    made = composed(site(tmp_path, after(3)), body)
    assert made.untouched == "nothing-placed"
    [decision] = made.decisions
    assert (decision.gap, decision.placed) == (None, False)
    assert why(made, "x", None) == ["no-place blocks.x.place: paragraph 3, 2 paragraphs"]


RIVALS = """
layout: {gap: 1 unit}
blocks:
  follow:
    kind: follow
    network: facebook
    page: News
    url: https://www.facebook.com/news
    place: {after: paragraph, nth: 2}
    EXACT
  ad:
    kind: ad
    sizes: {mobile: [[300, 250]]}
    serve: {slot: x}
    place: {after: paragraph, nth: 2}
    priority: 3
"""
FIVE = page("".join(f"<p>{S2}</p>" for _ in range(5)))


def gap(made: Composition, block: str) -> int:
    """The gap at which a block stands."""
    [found] = [each.gap for each in made.decisions if each.placed and each.block == block]
    assert found is not None
    return found


def test_of_two_that_want_one_gap_the_higher_priority_has_it_and_the_other_moves(tmp_path: Path) -> None:
    made = composed(site(tmp_path, RIVALS.replace("EXACT", "")), FIVE)
    assert story(FIVE, made) == "<p></p>[follow]<p></p>[ad]<p></p><p></p><p></p>"
    assert why(made, "follow", gap(made, "ad"))[0].startswith("taken blocks.ad.place: a spot of its own, ad")


def test_one_that_may_not_move_says_who_has_its_gap(tmp_path: Path) -> None:
    made = composed(site(tmp_path, RIVALS.replace("EXACT", "exact: true")), FIVE)
    assert story(FIVE, made) == "<p></p><p></p>[ad]<p></p><p></p><p></p>"
    assert why(made, "follow", gap(made, "ad")) == [
        "taken blocks.ad.place: a spot of its own, ad",
        "gap layout.gap: 1 unit, 0 units to ad",
    ]


@pytest.mark.parametrize("layout", ["", "layout: {gap: 1 unit}\n", "layout: {gap: 2 units}\n"])
def test_two_blocks_never_touch(tmp_path: Path, layout: str) -> None:
    crowd = "".join(
        f"  x{n}: {{kind: html, html: <p>x</p>, place: {{after: paragraph, nth: 3}}}}\n" for n in range(9)
    )
    made = composed(site(tmp_path, f"{layout}blocks:\n{crowd}"), FIVE)
    seen = story(FIVE, made)
    assert seen.count("[x") == (3 if "2 units" in layout else 6)
    assert "][" not in seen


EDGES = """
layout: {start: 20 words, end: 60 words}
blocks:
  ad:
    kind: ad
    sizes: {mobile: [[300, 250]]}
    serve: {slot: x}
    place: {after: paragraph, nth: NTH}
"""


def test_no_ad_after_one_short_sentence_and_the_last_60_words_are_free(tmp_path: Path) -> None:
    # A sentence is 18 words, so the last four paragraphs are 72, and the last three are 54.
    body = page("<p>The bridge is open.</p>" + f"<p>{S2}</p>" * 4 + f"<p>{S}</p>" * 4)
    text = "<p>The bridge is open.</p>"
    first = composed(site(tmp_path, EDGES.replace("NTH", "1")), body)
    assert story(body, first) == f"{text}<p></p>[ad]" + "<p></p>" * 7
    last = composed(site(tmp_path, EDGES.replace("NTH", "last")), body)
    assert story(body, last) == f"{text}{'<p></p>' * 4}[ad]" + "<p></p>" * 4
    ends = [each for each in last.decisions if each.reasons[0].code == "end"]
    assert [each.reasons[0].found for each in ends[:2]] == ["54 words", "36 words"]


OPEN = """
layout: {gap: 1 unit}
blocks:
  top: {kind: html, html: <p>top</p>, place: body-start}
  link: {kind: html, html: '<p><a href="/x">More</a> <b>it</b></p>', place: {after: paragraph, nth: [1, 4]}}
  letter: {kind: newsletter, action: /letter, place: {after: paragraph, nth: 3}}
  end: {kind: html, html: <p>end</p>, place: body-after}
"""


@pytest.mark.parametrize("where", [0, 2, 3])
@pytest.mark.parametrize(
    "markup", ["<a href=/y>", "<b>", "<font size=2>", "<b><i><font>", "<form>", "<nobr>"]
)
def test_markup_that_is_left_open_changes_no_block(tmp_path: Path, markup: str, where: int) -> None:
    text = "".join(f"<p>{markup if n == where else ''}{S3}</p>" for n in range(6))
    text = text.replace(f"<p>{markup}", f"{markup}<p>") if markup == "<form>" else text
    assert_blocks_are_as_rendered(site(tmp_path, OPEN), page(text))


@pytest.mark.parametrize("markup", ["<form action=/search>", "<font face=x>", "<center>"])
def test_markup_around_the_whole_page_changes_no_block(tmp_path: Path, markup: str) -> None:
    body = (
        f"<!doctype html><title>t</title><body>{markup}<main><article>{f'<p>{S3}</p>' * 6}</article></main>"
    )
    made = assert_blocks_are_as_rendered(site(tmp_path, OPEN), body.encode())
    if markup == "<form action=/search>":
        assert {each.block for each in made.insertions} == {"top", "link", "end"}
        refused = [each for each in made.decisions if each.block == "letter" and each.gap is not None]
        assert refused
        assert {each.reasons[0].code for each in refused} == {"markup"}


def test_what_stands_before_markup_that_is_left_open_stays(tmp_path: Path) -> None:
    text = f"<p>{S3}</p>" * 2 + f"<p><b>{S3}</p>" + f"<p>{S3}</p>" * 12
    made = composed(site(tmp_path, OPEN), page(text))
    assert [each.block for each in made.insertions][:2] == ["top", "link"]
    assert "end" not in {each.block for each in made.insertions}


def assert_blocks_are_as_rendered(made_by: Site, body: bytes) -> Composition:
    """By two parsers, the subtree of every block is that of its own markup alone."""
    made = composed(made_by, body)
    for blocks in (blocks_by_html5lib, blocks_by_lexbor):
        alone = [tree for each in made.insertions for tree in blocks(b"<!doctype html><body>" + each.html)]
        assert blocks(made.html) == alone
        assert len(alone) == len(made.insertions)
    return made


def test_composing_a_composed_page_changes_nothing(tmp_path: Path) -> None:
    for rules in (RIVALS.replace("EXACT", ""), after(2), OPEN):
        made_by = site(tmp_path, rules)
        check_untouched(made_by, composed(made_by, FIVE).html, "already-composed", url=URL)
