"""Small pages as newsrooms write them, one of each form of story."""

from __future__ import annotations

from typing import Final

from tests.pages import SENTENCE

TWO = SENTENCE * 2


def page(story: str, head: str = "<title>The bridge is mended</title>", attributes: str = "") -> bytes:
    """A page with a story in its usual surroundings."""
    return (
        f"<!doctype html><html{attributes}><head>{head}</head><body>"
        "<header><nav><a href=/>Home</a> <a href=/news>News</a></nav></header>"
        f"<main><h1>The bridge is mended</h1><article class=entry-content>{story}</article></main>"
        "<footer><p>All rights reserved by the publisher of this newspaper.</p></footer></body></html>"
    ).encode()


OBITUARY: Final = page(
    f"<p>Maria Novak, who taught three generations to read, has died at the age of 91. {SENTENCE}</p>"
    "<figure class=alignright><img src=m.jpg width=300 height=400><figcaption>Maria Novak in 1998."
    " Photo: Archive</figcaption></figure>"
    f"<p>{TWO}</p><p>{TWO}</p>"
    "<blockquote><p>She never raised her voice, and nobody ever talked while she spoke.</p></blockquote>"
    "<p>— Jan Kral, a former pupil</p>"
    f"<p>{TWO}</p>"
    "<p>* * *</p>"
    "<p>Maria Novak, born on 3 May 1930, died on 12 March 2022.</p>"
)

LIVE_BLOG: Final = page(
    f"<p>{TWO}</p>"
    + "".join(
        f"<section class=live-entry id=e{n}><h3>{hour}:15</h3><p>{TWO}</p><p>{SENTENCE}</p>"
        "<blockquote class=twitter-tweet><p>The bridge is open</p>&mdash; City (@city)</blockquote></section>"
        for n, hour in enumerate((14, 13, 12))
    )
)

RECIPE: Final = page(
    f"<p>{TWO}</p><figure><img src=soup.jpg></figure><p class=caption>The soup, ready to serve</p>"
    "<p><strong>Ingredients</strong></p>"
    "<p>For four you need:</p><ul><li>two onions</li><li>a pound of beetroot</li></ul>"
    "<p><strong>Method</strong></p>"
    f"<ol><li>{SENTENCE}</li><li>{SENTENCE}</li></ol>"
    f"<p>{TWO}</p>"
)

INTERVIEW: Final = page(
    f"<p><em>{TWO}</em></p>"
    f"<p><b>What did you think when the old bridge was closed last winter?</b></p><p>{TWO}</p>"
    f"<p><strong>And now that it is open again to everybody?</strong></p><p>{TWO}</p><p>{SENTENCE}</p>"
    f"<p>Q: Would you do it again?</p><p>A: {TWO}</p>"
    f"<p>{TWO}</p>"
)

GALLERY: Final = page(
    f"<p>{TWO}{TWO}{TWO}</p>"
    + "".join(
        f"<div class=slide><img src={n}.jpg></div><div class=slide-caption>{SENTENCE}</div>" for n in range(4)
    )
    + f"<p>{TWO}{TWO}</p>"
)

BRIEF: Final = page(f"<p>{TWO}</p><p>{TWO}</p><p>{TWO}</p><p>{SENTENCE}</p>")

PARAGRAPHS_OF_LONG_READ = 170

LONG_READ: Final = page(
    f"<p><span class=dropcap>T</span>he river rose first. {TWO}</p>"
    + "".join(
        f"<p>{TWO}</p>"
        + ("<h2>The next part</h2>" if n % 20 == 19 else "")
        + ("<aside class=pullquote><p>The river rose first.</p></aside>" if n % 50 == 25 else "")
        for n in range(PARAGRAPHS_OF_LONG_READ)
    )
)

ARABIC = "اجتمع المجلس يوم الثلاثاء واتفق بعد نقاش على إصلاح الجسر القديم قبل حلول فصل الشتاء في المدينة. "

RIGHT_TO_LEFT: Final = page(
    f"<p>{ARABIC * 2}</p><p>{ARABIC * 2}</p>"
    "<p>اقرأ أيضاً: <a href=/x>المدينة تستعد لفصل الشتاء</a></p>"
    f"<p>{ARABIC * 2}</p><p>وتشمل الأعمال ما يلي:</p><ul><li>الطريق</li><li>السور</li></ul>"
    f"<p>{ARABIC * 2}</p>",
    attributes=" dir=rtl lang=ar",
)

JAPANESE_SENTENCE = "市議会は火曜日に会合を開き、議論の末、冬が来る前に古い橋を修理することで合意した。"

JAPANESE: Final = page(
    f"<p>{JAPANESE_SENTENCE * 3}</p><p><img src=hashi.jpg></p><p>写真：古い橋、昨年の冬</p>"
    f"<p>{JAPANESE_SENTENCE * 3}</p><div class=ad-slot></div><p>{JAPANESE_SENTENCE * 3}</p>"
    f"<p>関連記事：<a href=/x>冬の準備</a></p><p>{JAPANESE_SENTENCE * 3}</p>",
    attributes=" lang=ja",
)
