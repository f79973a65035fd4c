"""Rules as operations say them, written down and tested."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from newshole import Composition, Reader
from tests.cases.seen import URL, composed, site, why
from tests.pages import SENTENCE

WARSAW = ZoneInfo("Europe/Warsaw")


def page(paragraphs: int = 40, *, section: str = "City", tags: str = "") -> bytes:
    head = (
        f'<meta property="article:section" content="{section}"><meta property="article:tag" content="{tags}">'
    )
    text = "".join(f"<p>{SENTENCE * 3}</p>" for _ in range(paragraphs))
    return (
        f"<!doctype html><html lang=en><head><title>Bridge</title>{head}</head><body><main><h1>Bridge</h1>"
        f"<article class=entry-content>{text}</article></main></body></html>"
    ).encode()


def words(made: Composition, block: str) -> list[int]:
    """How many words stand before each copy of a block in the text."""
    assert made.plan is not None
    found = [each.spot.position for each in made.plan.placements if each.block.id == block]
    return [each.words for each in found if each is not None]


def blocks(made: Composition) -> list[str]:
    return [each.block for each in made.insertions]


PARAGRAPH = 54
"""Words of one paragraph of these pages."""

MOBILE = """
screen: {mobile: {viewport: 360x800}}
layout: {gap: 1 unit}
blocks:
  ad:
    kind: ad
    sizes: {mobile: [[300, 250]]}
    serve: {slot: "inline-{n}"}
    place: {after: paragraph, nth: 2}
    repeat: {every: 1.2 screens, max: 5}
    when: {device: mobile}
overrides:
  - name: business-denser
    when: {section: Business}
    set: {blocks.ad.repeat: {every: 0.8 screens, max: 5}}
"""


def test_on_mobile_the_first_ad_after_paragraph_2_then_every_1_2_screens_at_most_6(tmp_path: Path) -> None:
    made_by = site(tmp_path, MOBILE)
    assert composed(made_by, page()).untouched == "nothing-placed"
    found = {}
    for section, screens in (("City", 1.2), ("Business", 0.8)):
        made = composed(made_by, page(section=section), reader=Reader(device="mobile"))
        found[section] = words(made, "ad")
        assert found[section][0] == 2 * PARAGRAPH
        assert len(found[section]) == 6
        assert made.plan is not None
        column, _ = made.plan.considered.survey.column(("px", "mobile"))
        high = [column[count // PARAGRAPH] for count in found[section]]
        paragraph = column[1]
        assert all(screens * 800 <= b - a < screens * 800 + paragraph for a, b in pairwise(high))
    assert found["Business"][-1] < found["City"][-1]
    assert len(words(composed(made_by, page(8), reader=Reader(device="mobile")), "ad")) < 6


def test_one_layout_for_all_devices_has_as_many_too(tmp_path: Path) -> None:
    made_by = site(tmp_path, MOBILE.replace("    when: {device: mobile}\n", ""))
    made = composed(made_by, page(80))
    assert len(words(made, "ad")) == 6
    assert made.plan is not None
    for device, height in (("mobile", 800), ("desktop", 768)):
        column, _ = made.plan.considered.survey.column(("px", device))
        high = [column[count // PARAGRAPH] for count in words(made, "ad")]
        assert all(b - a >= round(1.2 * height) for a, b in pairwise(high))


def test_one_ad_after_paragraph_4_then_one_per_350_words_up_to_3_more(tmp_path: Path) -> None:
    rules = """
site: News Example
blocks:
  inline-ad:
    kind: ad
    sizes: {mobile: [[300, 250]]}
    serve: {gpt: {unit: "/1234/{site}/{section}", targeting: {pos: "inline-{n}"}}}
    place: {after: paragraph, nth: 4}
    repeat: {every: 350 words, max: 3}
"""
    made_by = site(tmp_path, rules)
    made = composed(made_by, page(section="Città &amp; Kraj"))
    # 350 words are six paragraphs and a half, so each stands after the seventh from the one before.
    assert words(made, "inline-ad") == [n * PARAGRAPH for n in (4, 11, 18, 25)]
    assert len(words(composed(made_by, page(19)), "inline-ad")) == 3
    for n, each in enumerate(made.insertions, 1):
        assert b"/1234/news-example/citta-kraj" in each.html
        assert b"inline-%d" % n in each.html


TAKEOVER = """
timezone: Europe/Warsaw
blocks:
  top-ad: {kind: ad, sizes: {mobile: [[300, 250]]}, serve: {slot: top}, place: body-start}
  end-ad: {kind: ad, sizes: {mobile: [[300, 250]]}, serve: {slot: end}, place: body-end}
  letter: {kind: newsletter, url: /letter, place: {after: paragraph, nth: 3}}
overrides:
  - name: acme
    when: {section: Business, from: 2026-03-12, until: 2026-03-15}
    set: {blocks.top-ad.serve: {slot: acme-top}, blocks.end-ad.serve: {slot: acme-end}}
    drop: letter
"""


@pytest.mark.parametrize(
    ("moment", "section", "is_taken"),
    [
        (datetime(2026, 3, 11, 23, 59, tzinfo=WARSAW), "Business", False),
        (datetime(2026, 3, 12, 0, 0, tzinfo=WARSAW), "Business", True),
        (datetime(2026, 3, 14, 23, 59, tzinfo=WARSAW), "Business", True),
        (datetime(2026, 3, 15, 0, 0, tzinfo=WARSAW), "Business", False),
        (datetime(2026, 3, 13, 12, 0, tzinfo=WARSAW), "City", False),
    ],
)
def test_a_section_is_taken_over_for_three_days(
    tmp_path: Path, moment: datetime, section: str, is_taken: bool
) -> None:
    made = composed(site(tmp_path, TAKEOVER), page(section=section), reader=Reader(now=moment))
    assert made.overrides == (("acme",) if is_taken else ())
    assert blocks(made) == (["top-ad", "end-ad"] if is_taken else ["top-ad", "letter", "end-ad"])
    assert (b"acme-top" in made.html, b"acme-end" in made.html) == (is_taken, is_taken)
    if is_taken:
        assert why(made, "letter", None) == ["dropped overrides[acme].drop: a page without the block, letter"]


def test_a_sponsored_story_has_no_ads_and_says_who_paid_for_it(tmp_path: Path) -> None:
    rules = """
blocks:
  paid-for:
    kind: html
    html: <p>Paid for by Acme</p>
    place: headline-after
    when: {tag: sponsored}
  ad:
    kind: ad
    sizes: {mobile: [[300, 250]]}
    serve: {slot: x}
    place: {after: paragraph, nth: 3}
    repeat: {every: 300 words}
  letter: {kind: newsletter, url: /letter, place: body-end}
overrides:
  - {name: sponsored, when: {tag: sponsored}, only: [paid-for, letter]}
"""
    made_by = site(tmp_path, rules)
    paid = composed(made_by, page(tags="sponsored"))
    assert blocks(paid) == ["paid-for", "letter"]
    assert b"Bridge</h1><style" in paid.html
    assert b"Paid for by Acme" in paid.html.partition(b"<article")[0]
    assert why(paid, "ad", None) == ["dropped overrides[sponsored].only: paid-for or letter, ad"]
    other = composed(made_by, page())
    assert set(blocks(other)) == {"ad", "letter"}
    assert b"Paid for by" not in other.html


def test_the_address_decides_nothing_where_no_rule_looks_at_it(tmp_path: Path) -> None:
    made_by = site(tmp_path, TAKEOVER)
    assert blocks(composed(made_by, page(), URL)) == blocks(composed(made_by, page(), f"{URL}-2"))
