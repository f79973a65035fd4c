"""Mistakes in conditions, each told where it stands: what cannot be read, and what never holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from newshole.rules.compile import load
from tests.rules.files import marked, mistakes, write

NUMBER = 'expected a number, "300 to 900", {min: 300}, {max: 900} or "present"'
AGE = 'expected an age such as "2 days", "6 hours" or "1 year"'
MOMENT = "expected a date such as 2024-07-19, or a time such as 2024-07-19T21:40:00+02:00"


def when(written: str) -> str:
    return f"blocks: {{x: {{kind: source, place: body-end, when: {{{written}}}}}}}"


@pytest.mark.parametrize(
    ("written", "told"),
    [
        (
            "host: ¦news.example/a",
            (
                'host: expected a host such as "www.news.example" or "*.news.example", "*" for '
                'any part of it, found "news.example/a"'
            ),
        ),
        (
            "page: ¦galery",
            ('page: expected one of article, live, gallery, front, found "galery"; did you mean "gallery"?'),
        ),
        ("words: ¦many", f'words: {NUMBER}, found "many"'),
        ("words: ¦-1", f"words: {NUMBER}, found -1"),
        ("words: ¦true", f"words: {NUMBER}, found true"),
        ("words: ¦{}", 'words: needs "min" or "max"'),
        ("words: {¦mni: 3}", 'words.mni: unknown key; did you mean "min"?'),
        ("words: {min: ¦few}", 'words.min: expected a whole number from 0 to 9999999, found "few"'),
        ("words: {min: 900, max: ¦300}", 'words.max: holds for no number: "min" is 900, above "max"'),
        ("words: ¦900 to 300", 'words: holds for no number: 900 is above 300; write "300 to 900"'),
        ("visits: {min: 2, max: ¦1}", 'visits.max: holds for no number: "min" is 2, above "max"'),
        (
            "published: ¦yesterday",
            'published: expected {within: 2 days}, {before: 1 year} or "present", found "yesterday"',
        ),
        ("published: {within: ¦two days}", f'published.within: {AGE}, found "two days"'),
        ("published: {within: ¦0 days}", f'published.within: {AGE}, found "0 days"'),
        (
            "published: {within: 2 days, before: ¦1 week}",
            "published.before: holds at no time: within 2 days and before 1 week have nothing in common",
        ),
        ("sensitivity: ¦grave", 'sensitivity: expected one of none, review, solemn, present, found "grave"'),
        ("meta: ¦sponsor", 'meta: expected a mapping, found "sponsor"'),
        ("meta: ¦{}", "meta: needs a name and what it must be"),
        ("meta: {sponsor: ¦5}", "meta.sponsor: expected text (put it in quotes), found 5"),
        (
            "jsonld: {isAccessibleForFree: ¦1.5}",
            "jsonld.isAccessibleForFree: expected text (put it in quotes), found 1.5",
        ),
        ("paywalled: ¦present", 'paywalled: expected true or false, found "present"'),
        (
            "country: ¦Poland",
            (
                'country: expected a country of two letters such as PL (ISO 3166-1), or "present", found '
                '"Poland"'
            ),
        ),
        ("cookie: {subscriber: ¦1}", "cookie.subscriber: expected text (put it in quotes), found 1"),
        ("header: {¦Cookie: a=1}", 'header.Cookie: cookies have a key of their own, "cookie"'),
        ("from: ¦soon", f'from: {MOMENT}, found "soon"'),
        (
            "from: 2026-03-15, until: ¦2026-03-12",
            'until: holds at no time: "from" is 2026-03-15, which is not before it',
        ),
        (
            "from: 2026-03-15, until: ¦2026-03-15",
            'until: holds at no time: "from" is 2026-03-15, which is not before it',
        ),
        (
            "schedule: {from: 2026-03-15 12:00, until: ¦2026-03-15 11:00}",
            'schedule.until: holds at no time: "from" is 2026-03-15 12:00, which is not before it',
        ),
        ("schedule: ¦{}", 'schedule: needs "from", "until", "weekdays" or "hours"'),
        (
            "schedule: {weekdays: ¦monday}",
            (
                "schedule.weekdays: expected one of mon, tue, wed, thu, fri, sat, sun, "
                'found "monday"; did you mean "mon"?'
            ),
        ),
        ("schedule: {hours: ¦7-10}", 'schedule.hours: expected hours such as "07:00-10:00", found "7-10"'),
        ("schedule: {hours: ¦07:00-07:00}", "schedule.hours: from 07:00 to 07:00 is no time at all"),
        (
            "any: ¦{section: A}",
            (
                "any: expected a list of conditions such as [{section: Business}, {tag: economy}], found "
                "a mapping"
            ),
        ),
        ("any: ¦[]", "any: expected at least one entry, found an empty list"),
        ("none: [¦{}]", "none[0]: needs a condition"),
        (
            "all: [{sectoin: A}, {¦sectoin: B}]".replace("sectoin: A", "section: A"),
            'all[1].sectoin: unknown key; did you mean "section"?',
        ),
        (
            "any: [{all: [{any: [{all: [{¦any: [{section: A}]}]}]}]}]",
            "any[0].all[0].any[0].all[0].any: conditions nested more than 4 deep",
        ),
    ],
)
def test_a_mistake_in_a_condition(tmp_path: Path, written: str, told: str) -> None:
    text, at = marked(when(written))
    assert mistakes(tmp_path, text) == [f"{at}: blocks.x.when.{told}"]


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("section: A, none: [{section: ¦A}]", "none[0].section: never holds beside blocks.x.when.section"),
        (
            "section: [A, B], none: [{section: ¦[a, b, c]}]",
            "none[0].section: never holds beside blocks.x.when.section",
        ),
        (
            "section: ¦[A, B], none: [{section: A}]",
            'section: "a" is excluded by blocks.x.when.none[0].section',
        ),
        ("tag: A, all: [{tag: {not: ¦A}}]", "all[0].tag.not: never holds beside blocks.x.when.tag"),
        ("section: A, all: [{section: ¦B}]", "all[0].section: never holds beside blocks.x.when.section"),
        (
            "section: present, all: [{section: {not: ¦present}}]",
            "all[0].section.not: never holds beside blocks.x.when.section",
        ),
        (
            "section: A, any: [{section: ¦B}, {tag: c}]",
            "any[0].section: never holds beside blocks.x.when.section",
        ),
        (
            "any: [{device: mobile, none: [{device: ¦mobile}]}]",
            "any[0].none[0].device: never holds beside blocks.x.when.any[0].device",
        ),
        (
            "language: en-GB, all: [{language: {not: ¦en}}]",
            "all[0].language.not: never holds beside blocks.x.when.language",
        ),
        (
            "words: {min: 900}, all: [{words: ¦{max: 300}}]",
            "all[0].words: never holds beside blocks.x.when.words",
        ),
        (
            "paywalled: true, none: [{paywalled: ¦true}]",
            "none[0].paywalled: never holds beside blocks.x.when.paywalled",
        ),
        (
            'cookie: {a: "1"}, all: [{cookie: {a: ¦"2"}}]',
            "all[0].cookie.a: never holds beside blocks.x.when.cookie.a",
        ),
        (
            "meta: {A: x}, none: [{meta: {a: ¦present}}]",
            "none[0].meta.a: never holds beside blocks.x.when.meta.A",
        ),
        (
            "sensitivity: none, all: [{sensitivity: ¦present}]",
            "all[0].sensitivity: never holds beside blocks.x.when.sensitivity",
        ),
        (
            "until: ¦2026-03-12, all: [{from: 2026-04-01}]",
            "until: never holds beside blocks.x.when.all[0].from",
        ),
        (
            "until: ¦2026-03-12, schedule: {from: 2026-04-01}",
            "until: never holds beside blocks.x.when.schedule",
        ),
    ],
)
def test_a_condition_that_never_holds(tmp_path: Path, written: str, told: str) -> None:
    text, at = marked(when(written))
    assert mistakes(tmp_path, text) == [f"{at}: blocks.x.when.{told}"]


@pytest.mark.parametrize(
    "written",
    [
        "section: A, none: [{section: A, tag: b}]",
        "section: A, none: [{none: [{section: [A, B]}]}]",
        "section: A, none: [{none: [{section: B}, {section: C, tag: x}]}]",
        "tag: A, all: [{tag: B}]",
        "language: en, all: [{language: {not: en-GB}}]",
        "language: en, all: [{language: en-GB}]",
        "path: /A, none: [{path: /a}]",
        "cookie: {a: x}, none: [{cookie: {A: x}}]",
        "consent: none, all: [{consent: {not: present}}]",
        "words: {min: 300}, all: [{words: {max: 300}}]",
        "from: 2026-03-12T23:30:00+02:00, until: 2026-03-12 23:00",
        "from: 2026-03-12, until: 2026-03-13, schedule: {hours: 07:00-10:00}",
        "any: [{section: A}, {section: B}]",
        "any: [{any: [{any: [{any: [{section: A}]}]}]}]",
    ],
)
def test_a_condition_that_may_hold(tmp_path: Path, written: str) -> None:
    assert load(write(tmp_path, site=when(written)) / "site.yaml")


def test_a_block_that_its_defaults_never_show_is_told(tmp_path: Path) -> None:
    text, at = marked(
        "defaults: {source: {when: {section: {not: [Obituaries, Faith]}}}}\n"
        "blocks:\n"
        "  a: {kind: source, place: body-end, when: {section: ¦Obituaries}}\n"
        "  b: {kind: source, place: body-end, when: {section: [Obituaries, Sport]}}\n"
        "  c: {kind: html, html: <p>x</p>, place: body-end, when: {section: Faith}}\n"
    )
    told = "blocks.a.when.section: never holds beside defaults.source.when.section"
    assert mistakes(tmp_path, text) == [f"{at}: {told}"]


def test_contradictions_are_told_beside_other_mistakes(tmp_path: Path) -> None:
    found = mistakes(
        tmp_path,
        """\
        blocks:
          a: {kind: source, place: body-edn, when: {section: A, none: [{section: A}]}}
          b: {kind: source, when: {words: {min: 9, max: 3}, from: 2026-02-02, until: 2026-01-01}}
        """,
    )
    assert [each.split(": ")[:2] for each in found] == [
        ["2:28", "blocks.a.place"],
        ["2:74", "blocks.a.when.none[0].section"],
        ["3:6", "blocks.b"],
        ["3:49", "blocks.b.when.words.max"],
        ["3:78", "blocks.b.when.until"],
    ]


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("articles: [{¦words: 300}]", 'articles[0].words: "words" is'),
        (
            "articles: [{path: /a, any: [{tag: x}, {none: [{¦sensitivity: none}]}]}]",
            'articles[0].any[1].none[0].sensitivity: "sensitivity" is',
        ),
    ],
)
def test_what_is_known_only_of_articles_tells_none(tmp_path: Path, written: str, told: str) -> None:
    text, at = marked(written)
    [found] = mistakes(tmp_path, text)
    assert found == f"{at}: {told} known only once a page is taken for an article; say it of blocks"


def test_an_article_that_an_earlier_entry_takes_is_never_reached(tmp_path: Path) -> None:
    text, at = marked("articles: [{tag: x}, {path: /a}, ¦{path: /a, section: B, body: .b}, {path: /b}]")
    assert mistakes(tmp_path, text) == [
        f"{at}: articles[2]: never reached: articles[1] takes all of its pages"
    ]


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("vary: ¦X-Device", 'vary: expected a mapping, found "X-Device"'),
        ("vary: {¦devcie: X-Device}", 'vary.devcie: unknown key; did you mean "device"?'),
        (
            "vary: {device: ¦Cookie}",
            'vary.device: expected the name of a header, such as X-Device, found "Cookie"',
        ),
        (
            "vary: {device: ¦x device}",
            'vary.device: expected the name of a header, such as X-Device, found "x device"',
        ),
        ("vary: {visits: ¦{}}", 'vary.visits: needs "cookie"'),
        (
            "vary: {visits: {cookie: ¦a b}}",
            'vary.visits.cookie: expected the name of a cookie, such as visits, found "a b"',
        ),
        (
            "vary: {cookie: {a: ¦'*'}}",
            'vary.cookie.a: expected the name of a header, such as X-Device, found "*"',
        ),
    ],
)
def test_a_mistake_in_vary(tmp_path: Path, written: str, told: str) -> None:
    text, at = marked(written)
    assert mistakes(tmp_path, text) == [f"{at}: {told}"]
