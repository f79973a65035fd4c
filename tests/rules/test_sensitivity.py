"""Sensitive stories: which signal speaks, and what that changes on a page."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from newshole import Composition, Site
from newshole.rules.kinds import KINDS
from newshole.rules.sensitivity import LEVELS, Policy, judged
from newshole.rules.signals import EffectWritten
from newshole.types import Reason, Signal, Story
from tests.pages import SENTENCE, check_composed
from tests.rules.files import problems, write

URL = "https://news.example/city/bridge"
BLOCKS = """
defaults: {ad: {sizes: {mobile: [[300, 250]]}}}
blocks:
  slot: {kind: ad, serve: {slot: one}, place: {after: paragraph, nth: 2}}
  gpt: {kind: ad, serve: {gpt: {unit: /1/x}}, place: {after: paragraph, nth: 4}}
  house:
    kind: ad
    serve: {house: [{image: /a.png, link: /a, alt: a, width: 300, height: 250}]}
    place: {after: paragraph, nth: 6}
  own: {kind: ad, serve: {html: <p>ad</p>}, place: body-after}
  follow: {kind: follow, network: x, page: News, url: "https://x.example/", place: body-end}
  letter: {kind: newsletter, action: /n, place: body-end}
  note: {kind: html, html: <p>note</p>, place: body-end}
"""


@pytest.fixture
def load(tmp_path: Path) -> Callable[[str], Site]:
    def loaded(sensitivity: str) -> Site:
        path = tmp_path / "site.yaml"
        path.write_text(f"sensitivity: {sensitivity}\n{BLOCKS}", encoding="utf-8")
        return Site.load(path)

    return loaded


def page(
    *,
    title: str = "Bridge to be mended",
    section: str = "City",
    tags: str = "",
    head: str = "",
    **stated: Any,
) -> bytes:
    article = {
        "@type": "NewsArticle",
        "headline": title,
        "articleSection": section,
        "keywords": tags,
        **stated,
    }
    return (
        f'<!doctype html><html lang="en"><head><title>{title}</title>{head}'
        f'<script type="application/ld+json">{json.dumps(article)}</script></head><body><main><article>'
        f"<h1>{title}</h1><div>\n{f'<p>{SENTENCE * 2}</p>' * 8}</div></article></main></body></html>"
    ).encode()


def blocks(composed: Composition) -> set[str]:
    return {each.block for each in composed.insertions}


def refusals(composed: Composition) -> dict[str, tuple[Reason, ...]]:
    return {each.block: each.reasons for each in composed.decisions if each.gap is None}


A_POLICY = '"standard", or a mapping of "override", "signals", "solemn" and "review"'
OTHER_PARTS = '"section", "tag", "topic" or "meta"'
A_TOPIC = '"standard", an IPTC Media Topic such as 20000062, or an IAB category such as "iab:389"'
IAB_DEATH = {
    "@type": "DefinedTerm",
    "termCode": "I4GWl6",
    "inDefinedTermSet": "https://iabtechlab.com/standards/content-taxonomy/",
}
EVERY = {"slot", "gpt", "house", "own", "follow", "letter", "note"}


@pytest.mark.parametrize(
    ("stated", "level", "found"),
    [
        ({}, "none", None),
        ({"section": "Obituaries"}, "solemn", "section Obituaries"),
        ({"section": "TODESANZEIGEN"}, "solemn", "section TODESANZEIGEN"),
        ({"section": "Obituaries of plans"}, "none", None),
        ({"section": "Standard", "tags": "standard, present"}, "none", None),
        ({"tags": "council, War"}, "solemn", "tag War"),
        ({"tags": "war memorial"}, "none", None),
        ({"tags": "USA, War in Ukraine"}, "solemn", "tag War in Ukraine"),
        ({"tags": "war inventions"}, "none", None),
        ({"about": {"@id": "medtop:20001235"}}, "solemn", "topic 20001235"),
        (
            {"about": [{"url": "http://cv.iptc.org/newscodes/mediatopic/20000099"}]},
            "review",
            "topic 20000099",
        ),
        ({"about": {"@id": "medtop:20000002"}}, "none", None),
        ({"about": IAB_DEATH}, "solemn", "topic iab:I4GWl6"),
        ({"about": {**IAB_DEATH, "inDefinedTermSet": "https://news.example/desks"}}, "none", None),
        ({"about": [{"identifier": "iab:380"}]}, "review", "topic iab:380"),
        ({"about": "iab:379"}, "none", None),
        ({"title": "Two killed on bridge"}, "review", 'title with "killed"'),
        ({"title": "Two killed on bridge", "section": "Obituaries"}, "solemn", "section Obituaries"),
        ({"title": "Bridges start a price war"}, "none", None),
    ],
)
def test_the_standard_hears_sections_tags_topics_and_titles(
    load: Callable[[str], Site], stated: dict[str, Any], level: str, found: str | None
) -> None:
    story = load("standard").compose(page(**stated), url=URL).story
    assert (story.sensitivity, story.signal) == (level, found and Signal("sensitivity", found))


def test_without_the_key_no_story_is_sensitive(tmp_path: Path) -> None:
    path = tmp_path / "site.yaml"
    path.write_text(BLOCKS)
    composed = Site.load(path).compose(page(section="Obituaries"), url=URL)
    assert (composed.story.sensitivity, blocks(composed)) == ("none", EVERY)


def test_a_solemn_story_gets_no_call_and_the_reason_names_the_signal(load: Callable[[str], Site]) -> None:
    body = page(section="Obituaries")
    composed = load("standard").compose(body, url=URL)
    check_composed(body, composed)
    assert blocks(composed) == EVERY - {"follow", "letter"}
    reason = Reason(
        "sensitivity", "sensitivity", 'a story that is not "solemn"', "solemn: section Obituaries"
    )
    assert refusals(composed) == {"follow": (reason,), "letter": (reason,)}


def test_a_flagged_ad_tells_the_ad_server(load: Callable[[str], Site]) -> None:
    site = load("standard")
    markup = {each.block: each.html for each in site.compose(page(title="Two killed"), url=URL).insertions}
    plain = {each.block: each.html for each in site.compose(page(), url=URL).insertions}
    for name in ("slot", "house", "own"):
        assert b'data-newshole-sens="t"' in markup[name]
    assert b"&#34;sens&#34;:&#34;t&#34;" in markup["gpt"]
    assert b"&#34;sens&#34;:&#34;t&#34;" in markup["slot"]
    assert b"sens" not in markup["note"] + b"".join(plain.values())


def test_only_house_ads_stay_where_the_rules_say_so(load: Callable[[str], Site]) -> None:
    composed = load("{signals: [{tag: x, level: solemn}], solemn: {ads: house}}").compose(
        page(tags="x"), url=URL
    )
    assert blocks(composed) == EVERY - {"slot", "gpt", "own"}
    [reason] = refusals(composed)["slot"]
    assert (reason.bound, reason.found) == ("sensitivity.signals[0]", "solemn: tag x")
    assert b"sens" not in b"".join(each.html for each in composed.insertions)


def test_no_ads_stay_where_the_rules_say_so(load: Callable[[str], Site]) -> None:
    composed = load("{review: {ads: none, remove: [html]}}").compose(page(title="Two killed"), url=URL)
    assert blocks(composed) == {"follow", "letter"}


SIGNALS = """
  override: [{meta: Ad_Sensitivity, values: {NoAds: solemn, ok: none}}]
  signals:
    - {section: [standard, Courts], level: review}
    - {tag: [court, jury], title: [verdict, "sentenc*"], level: solemn}
    - {topic: "20000082", level: review}
    - {meta: {desk: [crime, courts], live: present}, level: solemn}
"""


def meta(name: str, content: str) -> str:
    return f'<meta name="{name}" content="{content}">'


@pytest.mark.parametrize(
    ("stated", "level", "bound"),
    [
        ({"section": "courts"}, "review", "sensitivity.signals[0]"),
        ({"section": "Obituaries"}, "review", "sensitivity.signals[0]"),
        ({"tags": "jury", "title": "Jury out"}, "none", None),
        ({"tags": "jury", "title": "Jury sentences two"}, "solemn", "sensitivity.signals[1]"),
        ({"about": "medtop:20000082"}, "review", "sensitivity.signals[2]"),
        ({"head": meta("desk", "Crime")}, "none", None),
        ({"head": meta("desk", "Crime") + meta("LIVE", "1")}, "solemn", "sensitivity.signals[3]"),
        ({"head": meta("desk", "sport, courts") + meta("live", "1")}, "solemn", "sensitivity.signals[3]"),
        ({"section": "Courts", "tags": "court", "title": "Verdict"}, "solemn", "sensitivity.signals[1]"),
        ({"head": meta("ad_sensitivity", "noads")}, "solemn", "sensitivity.override[0]"),
        ({"head": meta("ad_sensitivity", "OK"), "section": "Courts"}, "none", "sensitivity.override[0]"),
        ({"head": meta("ad_sensitivity", "maybe"), "section": "Courts"}, "review", "sensitivity.signals[0]"),
    ],
)
def test_the_strictest_signal_speaks_and_an_editor_s_word_is_final(
    load: Callable[[str], Site], stated: dict[str, Any], level: str, bound: str | None
) -> None:
    story = load(f"\n{SIGNALS}").compose(page(**stated), url=URL).story
    assert (story.sensitivity, story.signal and story.signal.bound) == (level, bound)


def test_effects_alone_keep_the_standard_s_signals(load: Callable[[str], Site]) -> None:
    composed = load("{solemn: {remove: [html]}}").compose(page(section="Obituaries"), url=URL)
    assert blocks(composed) == EVERY - {"note"}


def test_an_iab_category_speaks_where_the_rules_name_it(load: Callable[[str], Site]) -> None:
    site = load("{signals: [{topic: 'iab:avbNf2', level: solemn}]}")
    story = site.compose(page(about="iab:avbNf2"), url=URL).story
    assert story.signal == Signal("sensitivity.signals[0]", "topic iab:avbNf2")


def test_a_topic_may_be_written_as_a_number_with_its_zero(load: Callable[[str], Site]) -> None:
    site = load("{signals: [{topic: 02000000, level: review}]}")
    assert site.compose(page(about="medtop:02000000"), url=URL).story.sensitivity == "review"


@pytest.mark.parametrize(
    ("written", "told"),
    [
        (
            "strict",
            f': expected {A_POLICY}, found "strict"',
        ),
        (
            "{signals: [{title: standard, level: solemn}]}",
            f'.signals[0].level: a title by itself gives at most "review": add {OTHER_PARTS}',
        ),
        (
            "{signals: [{level: review}]}",
            '.signals[0]: needs "section", "tag", "topic", "title" or "meta"',
        ),
        (
            "{signals: [{tag: x, level: grave}]}",
            '.signals[0].level: expected one of review, solemn, found "grave"',
        ),
        ("{signals: [{tga: x, level: review}]}", '.signals[0].tga: unknown key; did you mean "tag"?'),
        (
            "{signals: [{topic: war, level: review}]}",
            f'.signals[0].topic: expected {A_TOPIC}, found "war"',
        ),
        (
            "{signals: [{tag: x, meta: {}, level: review}]}",
            ".signals[0].meta: needs at least one meta element",
        ),
        ("{signals: []}", ".signals: expected at least one entry, found an empty list"),
        ("{solemn: {ads: hide}}", '.solemn.ads: expected one of flag, house, none, found "hide"'),
        (
            "{solemn: {remove: [folow]}}",
            f'.solemn.remove[0]: expected one of {", ".join(KINDS)}, found "folow"; did you mean "follow"?',
        ),
        ("{override: [{meta: x, values: {}}]}", ".override[0].values: needs at least one value"),
        ("{override: [{meta: x}]}", '.override[0]: needs "values"'),
        (
            "{override: [{meta: x, values: {a: bad}}]}",
            '.override[0].values.a: expected one of none, review, solemn, found "bad"',
        ),
    ],
)
def test_mistakes_are_told_in_their_place(tmp_path: Path, written: str, told: str) -> None:
    write(tmp_path, site=f"sensitivity: {written}\n")
    [found] = problems(tmp_path / "site.yaml")
    assert found.partition(": ")[2] == f"sensitivity{told}"


def test_the_kinds_that_may_be_removed_are_all_there_are() -> None:
    written = str(EffectWritten.model_fields["remove"].annotation)
    assert all(f"'{kind}'" in written for kind in KINDS)


def test_levels_rise() -> None:
    assert LEVELS == ("none", "review", "solemn")


def test_a_story_of_no_words_is_not_sensitive() -> None:
    assert judged(Policy(), Story(), {}, "") == Story()


def test_an_obituary_by_the_pack_for_news_sites_is_as_a_person_would_place_it(tmp_path: Path) -> None:
    """A follow call and a newsletter stay away, ads are few, flagged and not right at the top."""
    path = tmp_path / "mine.yaml"
    path.write_text(
        "extends: newspaper\n"
        "blocks:\n"
        '  follow: {kind: follow, network: x, page: News, url: "https://x.example/", place: body-end}\n'
        "  letter: {kind: newsletter, action: /n, place: body-end}\n"
    )
    site = Site.load(path)
    body = page(title="Sunniva Tarrell, who drew the sea floor by ear", section="Obituaries")
    composed = site.compose(body, url=URL)
    check_composed(body, composed)
    assert [each.block for each in composed.insertions] == ["inline-ad", "end-ad"]
    assert all(b'data-newshole-sens="t"' in each.html for each in composed.insertions)
    assert {"follow", "letter"} <= set(refusals(composed))
    usual = site.compose(page(), url=URL)
    assert {"inline-ad", "end-ad", "follow", "letter"} <= blocks(usual)
    assert b"data-newshole-sens" not in usual.html
