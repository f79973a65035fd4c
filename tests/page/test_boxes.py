"""The site's own boxes in the story are known, and their words are none of the story's."""

from __future__ import annotations

import pytest

from newshole.page.body import Body
from newshole.page.document import Document
from newshole.page.names import named
from newshole.page.outline import Details, Outline, outline
from newshole.page.words import count_words
from tests.pages import SENTENCE

LONG = f"<p>{SENTENCE * 4}</p>"
WORDS = count_words(SENTENCE * 4)


def outlined(markup: str, *existing: tuple[str, str]) -> Outline:
    document = Document(f"<body><article>{LONG}{markup}{LONG}</article>".encode())
    found = outline(document, Body(document.select("article")[0], None), None, Details(existing=existing))
    assert found is not None
    return found


def box(markup: str) -> str | None:
    """The kind of the one box between two paragraphs, with a gap on both sides; None where there is none."""
    found = outlined(markup)
    kinds = [unit.kind for unit in found.units]
    if kinds[1:-1] not in (["ad"], ["promo"]):
        return None
    assert [gap.unit for gap in found.gaps] == [1, 2]
    assert [gap.words for gap in found.gaps] == [WORDS, WORDS]
    assert found.words == 2 * WORDS
    return kinds[1]


@pytest.mark.parametrize(
    "markup",
    [
        "<ins class=adsbygoogle data-ad-slot=1></ins>",
        "<ins class=adsbygoogle style='display:block'></ins><script>(adsbygoogle = 1)</script>",
        "<div id=div-gpt-ad-1234-0></div>",
        "<div id=div-gpt-ad-1234-0><script>googletag.cmd.push()</script></div>",
        "<div data-ad-slot=inline></div>",
        "<div class=x><div><div class=ad-slot></div></div></div>",
        "<div class=advert><p>Buy a bridge</p></div>",
        "<aside class='c-ad'><p>Buy a bridge</p></aside>",
        "<div class=dfp></div>",
        "<div class=adUnit></div>",
        "<section class='AdSlot-x1'></section>",
        "<amp-ad width=300 height=250 type=x></amp-ad>",
        "<p class=ad><a href=/>Buy a bridge</a></p>",
        "<iframe id=google_ads_iframe_1 src=x></iframe>",
        "<p>Advertisement</p>",
        "<div>- Advertisement -</div>",
        "<p>ADVERTISEMENT</p><div class=ad-slot></div>",
        "<div><span>Anzeige</span></div><div id=div-gpt-ad-1></div>",
        "<p>Реклама</p>",
        "<p>広告</p>",
        "<p>Story continues below advertisement</p>",
    ],
)
def test_the_site_s_own_ads(markup: str) -> None:
    assert box(markup) == "ad"


@pytest.mark.parametrize(
    "markup",
    [
        "<p>Read also: <a href=/>The old bridge is closed</a></p>",
        "<p><strong>READ MORE: <a href=/>The old bridge is closed</a></strong></p>",
        "<p><a href=/>Related: the old bridge is closed</a></p>",
        "<p>Lesen Sie auch: <a href=/>Die alte Brücke</a></p>",
        "<p>Lire aussi : <a href=/>Le vieux pont</a></p>",
        "<p>&gt;&gt; Czytaj także: <a href=/>Stary most</a></p>",
        "<p>Читайте также: <a href=/>Старый мост закрыт</a></p>",
        "<p>関連記事：<a href=/>古い橋が閉鎖</a></p>",
        "<p>اقرأ أيضا: <a href=/>إغلاق الجسر القديم</a></p>",
        "<p><b>Sign up for our newsletter <a href=/>here</a></b></p>",
        "<p>Follow us on <a href=/>Facebook</a> and <a href=/>X</a></p>",
        "<div class=related-posts><h4>More</h4><a href=/>The bridge</a></div>",
        "<ul class=recommended><li><a href=/>The bridge</a></ul>",
        "<form class=newsletter-signup><p>Your address</p><input></form>",
        "<aside id=most-read><a href=/>The bridge</a></aside>",
        "<h3>Read also</h3><ul><li><a href=/>The bridge is closed</a></ul>",
        "<h4>Related stories:</h4><p><a href=/>The bridge is closed</a></p><p><a href=/>Open again</a></p>",
    ],
)
def test_the_site_s_own_promos(markup: str) -> None:
    assert box(markup) == "promo"


@pytest.mark.parametrize(
    "markup",
    [
        "<div class=address><p>12 Bridge Street is where it stands.</p></div>",
        "<p class=adventure>It was an adventure to cross it.</p>",
        "<div class=headline-wrap><p>It was said again and again.</p></div>",
        "<div class='roads badge shadow'><p>It was said again and again.</p></div>",
        "<div class='has-ads'><p>It was said again and again.</p></div>",
        "<div class='tag-advertising'><p>It was said again and again.</p></div>",
        "<p>Advertisement is a long word that I read in a newspaper once.</p>",
        "<p>Related, but not the same, is <a href=/>the bridge</a> of the other town, still closed.</p>",
        "<p>Read more slowly, said the teacher.</p>",
        "<p>Follow us on this long way through the town.</p>",
        "<p><a href=/>The old bridge is closed</a> since Monday.</p>",
    ],
)
def test_what_only_sounds_like_a_box_is_text(markup: str) -> None:
    assert box(markup) is None


def test_what_the_rules_call_a_box_is_one() -> None:
    markup = "<div class=house><p>one</p><p>two</p></div><div><p id=more>three four</p></div>"
    found = outlined(markup, ("promo", ".house"), ("ad", "#more"), ("ad", ".house"))
    assert [unit.kind for unit in found.units] == ["paragraph", "promo", "ad", "paragraph"]
    assert [unit.words for unit in found.units] == [WORDS, 0, 0, WORDS]
    assert [gap.unit for gap in found.gaps] == [1, 2, 3]


def test_what_the_rules_call_a_box_is_one_in_a_line_as_well() -> None:
    found = outlined("<div><span class=house>one</span> two three</div>", ("ad", ".house"))
    assert [unit.kind for unit in found.units] == ["paragraph", "ad", "paragraph", "paragraph"]


def test_boxes_outside_the_story_are_not_its_own() -> None:
    document = Document(f"<body><div class=house>a</div><article>{LONG}{LONG}</article>".encode())
    found = outline(
        document, Body(document.select("article")[0], None), None, Details(existing=(("ad", ".house"),))
    )
    assert found is not None
    assert [unit.kind for unit in found.units] == ["paragraph", "paragraph"]


def test_a_story_does_not_end_with_a_box() -> None:
    share, ad = "<div class=share><a href=/>Share this</a></div>", "<div class=ad-slot></div>"
    document = Document(f"<body><article>{LONG}{LONG}{ad}{share}<img src=x>{ad}</article>".encode())
    found = outline(document, Body(document.select("article")[0], None), None)
    assert found is not None
    assert [unit.kind for unit in found.units] == ["paragraph", "paragraph", "ad"]


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ("", None),
        ("ad-slot", "ad"),
        ("AdSlot", "ad"),
        ("div-gpt-ad-1", "ad"),
        ("google_ads_iframe_1", "ad"),
        ("address headline adventure roads", None),
        ("no-ads has-ad hide-ads", None),
        ("category-ads tag-newsletter", "beside"),
        ("newsletter-box", "promo"),
        ("wp-caption-text", "caption"),
        ("wp-block-pullquote", "quote"),
        ("dropcap", "dropcap"),
        ("has-drop-cap", None),
        ("social-share", "beside"),
    ],
)
def test_names_say_what_a_part_of_a_story_is(names: str, said: str | None) -> None:
    assert named(names) == said
