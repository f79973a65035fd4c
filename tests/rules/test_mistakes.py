"""Every mistake is one line: where it is, what was expected, what was found, and what was meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from newshole.rules.compile import load
from tests.rules.files import mistakes, problems, write

DISTANCE = 'expected a distance such as "350 words" or "4 paragraphs"'
STACKS = "page-top, headline-before, headline-after, body-start, body-end, body-after, page-bottom"
KINDS = "ad, stories, follow, video, source, strip, newsletter, html"
AD = "kind: ad, place: body-end, sizes: {mobile: [[300, 250]]}"
FOLLOW = "kind: follow, place: body-end, page: X, url: https://x.example"


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("site: 5", "1:7: site: expected text (put it in quotes), found 5"),
        ("site:", "1:1: site: expected text, found nothing"),
        ("site: ''", '1:7: site: expected text, found ""'),
        ("layuot: {}", '1:1: layuot: unknown key; did you mean "layout"?'),
        (
            "sensitivity: standard",
            "1:1: sensitivity: unknown key; there are site, hosts, extends, timezone, language, articles, "
            "layout, library, defaults, blocks",
        ),
        (
            "hosts: News.example",
            '1:8: hosts: expected a host in lower case, such as "news.example" or "*.news.example", '
            'found "News.example"',
        ),
        (
            "timezone: Europe/Warsav",
            '1:11: timezone: expected a time zone such as Europe/Warsaw, found "Europe/Warsav"',
        ),
        (
            "timezone: ../../etc/passwd",
            '1:11: timezone: expected a time zone such as Europe/Warsaw, found "../../etc/passwd"',
        ),
        (
            "language: klingon",
            '1:11: language: expected "auto", or a language tag such as "en" or "pt-BR", found "klingon"',
        ),
        (
            'articles: [{body: ".a >> b"}]',
            '1:18: articles[0].body: not a CSS selector: invalid CSS selector ".a >> b": '
            "expected a selector at position 4",
        ),
        ("articles: []", "1:11: articles: expected at least one entry, found an empty list"),
        ("articles: [{}, {tag: x}]", "1:16: articles[1]: never reached: articles[0] takes every page"),
        ("layout: dense", '1:9: layout: expected a mapping, found "dense"'),
        ("layout: {gap: often}", f'1:15: layout.gap: {DISTANCE}, found "often"'),
        ("layout: {gap: [3 units, 350]}", f"1:25: layout.gap[1]: {DISTANCE}, found 350"),
        ("layout: {start: 900 px}", f'1:17: layout.start: {DISTANCE}, found "900 px"'),
        ("layout: {story: 6 units}", '1:17: layout.story: expected a mapping, found "6 units"'),
        ("layout: {story: {mni: 1 unit}}", '1:18: layout.story.mni: unknown key; did you mean "min"?'),
        ("layout: {story: {}}", '1:17: layout.story: needs "min"'),
        ("layout: {blocks: -1}", "1:18: layout.blocks: expected a whole number from 0 to 1000, found -1"),
        ("layout: {ads: 1.5}", "1:15: layout.ads: expected a whole number from 0 to 1000, found 1.5"),
        ("layout: {ads: true}", "1:15: layout.ads: expected a whole number from 0 to 1000, found true"),
        (
            "layout: {clear: {heading: nver}}",
            f'1:27: layout.clear.heading: {DISTANCE}, or "never", found "nver"',
        ),
        (
            "layout: {clear: {heading: [never]}}",
            f'1:27: layout.clear.heading: {DISTANCE}, "never", or a mapping of "before" and "after", '
            "found a list",
        ),
        (
            "layout: {clear: {heading: {aftr: never}}}",
            '1:28: layout.clear.heading.aftr: unknown key; did you mean "after"?',
        ),
        ("defaults: {adz: {}}", '1:12: defaults.adz: unknown key; did you mean "ad"?'),
        (
            "defaults: {ad: {priority: high}}",
            '1:27: defaults.ad.priority: expected a whole number from -1000 to 1000, found "high"',
        ),
        ("blocks: [ad]", "1:9: blocks: expected a mapping, found a list"),
        ("library: {pinned: [/a]}", '1:20: library.pinned[0]: no story of "stories" has the url "/a"'),
        (
            "library: {pinned: [/bb], stories: [{title: B, url: /b}]}",
            '1:20: library.pinned[0]: no story of "stories" has the url "/bb"; did you mean "/b"?',
        ),
        (
            "library: {stories: [{title: B, url: 'javascript:alert(1)'}]}",
            '1:37: library.stories[0].url: expected an address that starts with "https://", "http://" or "/", '
            'found "javascript:alert(1)"',
        ),
        (
            "library: {stories: [{title: B, url: //evil.example}]}",
            '1:37: library.stories[0].url: expected an address that starts with "https://", "http://" or "/", '
            'found "//evil.example"',
        ),
        (
            "library: {stories: [{title: B, url: /b, published: yesterday}]}",
            "1:52: library.stories[0].published: expected a date such as 2024-07-19, "
            'or a time such as 2024-07-19T21:40:00+02:00, found "yesterday"',
        ),
        (
            "library: {stories: [{tilte: B, url: /b}]}",
            '1:22: library.stories[0].tilte: unknown key; did you mean "title"?',
        ),
        ("library: {stories: [{title: B}]}", '1:21: library.stories[0]: needs "url"'),
    ],
)
def test_a_mistake_in_the_whole(tmp_path: Path, written: str, told: str) -> None:
    assert mistakes(tmp_path, written) == [told]


@pytest.mark.parametrize(
    ("keys", "column", "told"),
    [
        ("place: body-end", 6, ': needs "kind"'),
        (
            "kind: adz, place: body-end",
            13,
            f'.kind: expected one of {KINDS}, found "adz"; did you mean "ad"?',
        ),
        ("kind: source", 6, ': needs "place", "prefer" or "repeat"'),
        ("kind: source, plcae: body-end", 21, '.plcae: unknown key; did you mean "place"?'),
        (
            "kind: source, place: body-strat",
            28,
            f'.place: expected one of {STACKS}, found "body-strat"; did you mean "body-start"?',
        ),
        (
            "kind: source, place: 4",
            28,
            ".place: expected a place such as body-end, {after: paragraph, nth: 4} or {at: 30%}, found 4",
        ),
        ("kind: source, place: {}", 28, '.place: needs "after", "before" or "at"'),
        (
            "kind: source, place: {after: image, before: heading}",
            43,
            '.place.before: "before" and "after" do not go together; keep one',
        ),
        (
            "kind: source, place: {at: 5 units, nth: 3}",
            42,
            '.place.nth: "nth" goes with "after" or "before", not with "at"',
        ),
        (
            "kind: source, place: {after: image, nth: 0}",
            48,
            '.place.nth: expected a number such as 3 or -2 (from the end), "first" or "last", found 0',
        ),
        (
            "kind: source, place: {after: image, nth: [1, third]}",
            52,
            '.place.nth[1]: expected a number such as 3 or -2 (from the end), "first" or "last", found "third"',
        ),
        (
            "kind: source, place: {after: pargraph}",
            36,
            ".place.after: expected one of paragraph, heading, image, video, embed, list, quote, table, unit, "
            'found "pargraph"; did you mean "paragraph"?',
        ),
        (
            "kind: source, place: {at: 130%}",
            33,
            '.place.at: expected a percentage from 0 to 100, found "130%"',
        ),
        (
            "kind: source, place: {at: half}",
            33,
            '.place.at: expected a point such as "30%" or "250 words", found "half"',
        ),
        ("kind: source, prefer: []", 29, ".prefer: expected at least one entry, found an empty list"),
        (
            "kind: source, place: body-end, prefer: [body-start]",
            38,
            '.prefer: "prefer" and "place" do not go together; keep one',
        ),
        ("kind: source, repeat: {every: often}", 37, f'.repeat.every: {DISTANCE}, found "often"'),
        (
            "kind: source, repeat: {every: 0 words}",
            37,
            f'.repeat.every: {DISTANCE}, more than 0, found "0 words"',
        ),
        ("kind: source, repeat: {max: 3}", 29, '.repeat: needs "every"'),
        (
            "kind: source, repeat: {every: 9 words, max: 0}",
            51,
            ".repeat.max: expected a whole number from 1 to 1000, found 0",
        ),
        (
            "kind: source, place: body-end, repeat: {every: 9 words}",
            38,
            '.repeat: "repeat" needs a place in the text, or none: copies are not counted from a stack',
        ),
        ("kind: source, place: body-end, exact: yes", 45, '.exact: expected true or false, found "yes"'),
        (
            "kind: source, place: body-end, when: {sectoin: X}",
            45,
            '.when.sectoin: unknown key; did you mean "section"?',
        ),
        (
            "kind: source, place: body-end, when: {section: 2024}",
            54,
            ".when.section: expected text (put it in quotes), found 2024",
        ),
        (
            "kind: source, place: body-end, when: {tag: {nott: x}}",
            51,
            '.when.tag.nott: unknown key; did you mean "not"?',
        ),
        (
            "kind: source, place: body-end, when: {device: moblie}",
            53,
            '.when.device: expected one of mobile, desktop, present, found "moblie"; did you mean "mobile"?',
        ),
        (
            "kind: source, place: body-end, when: {path: [/a/**, b]}",
            59,
            '.when.path[1]: expected a path such as "/world/**", "**" for any number of whole parts, '
            '"*" within one, found "b"',
        ),
        (f"{AD}, serve: {{}}", 74, '.serve: needs "slot", "html", "house" or "gpt"'),
        (
            f"{AD}, serve: {{slot: x, gpt: {{unit: /1}}}}",
            84,
            '.serve.gpt: "gpt" and "slot" do not go together; keep one',
        ),
        (
            f"{AD}, serve: {{slot: 'x-{{secton}}'}}",
            81,
            '.serve.slot: unknown variable "{secton}"; did you mean "{section}"?',
        ),
        (f"{AD}, serve: {{house: []}}", 82, ".serve.house: expected at least one entry, found an empty list"),
        (
            "kind: ad, place: body-end, sizes: {mobile: [300, 250]}, serve: {slot: x}",
            51,
            ".sizes.mobile[0]: expected a size in pixels such as [300, 250], width before height, found 300",
        ),
        (
            "kind: ad, place: body-end, sizes: {}, serve: {slot: x}",
            41,
            '.sizes: needs a size for "mobile" or "desktop"',
        ),
        (
            f"{AD}, serve: {{slot: x}}, reserve: lots",
            94,
            '.reserve: expected "largest", "likely" or a height in pixels, found "lots"',
        ),
        (f"{FOLLOW}, netwrok: x", 70, '.netwrok: unknown key; did you mean "network"?'),
        (
            f"{FOLLOW}, network: facebok",
            79,
            ".network: expected one of facebook, instagram, x, threads, bluesky, mastodon, youtube, tiktok, "
            'linkedin, telegram, whatsapp, googlenews, rss, found "facebok"; did you mean "facebook"?',
        ),
        (
            f"{FOLLOW}, network: x, followers: {{count: many, as_of: 2024-06-01}}",
            101,
            '.followers.count: expected a whole number above 0, found "many"',
        ),
        (
            f"{FOLLOW}, network: x, followers: {{count: 5, as_of: June}}",
            111,
            '.followers.as_of: expected a date such as 2024-07-19, found "June"',
        ),
        (
            f"{FOLLOW}, network: x, text: 'Join {{followrs}}'",
            88,
            '.text: unknown variable "{followrs}"; did you mean "{followers}"?',
        ),
        (
            "kind: stories, place: body-end, source: newest",
            47,
            '.source: expected one of pinned, related, latest, found "newest"',
        ),
        (
            "kind: stories, place: body-end, source: latest, count: 99",
            62,
            ".count: expected a whole number from 1 to 20, found 99",
        ),
        (
            "kind: strip, place: page-top, items: [weather]",
            6,
            ': the item "weather" needs "weather", with a temperature or a feed',
        ),
        (
            "kind: strip, place: page-top, items: [weather], weather: {unit: F}",
            64,
            '.weather: needs "temperature" or "feed"',
        ),
        ("kind: newsletter, place: body-end", 6, ': needs "action" or "url"'),
        (
            "kind: source, place: body-end, url: /here",
            43,
            '.url: expected an address that starts with "https://" or "http://", found "/here"',
        ),
        (
            "kind: html, place: body-end, html: '<p>Hello'",
            42,
            ".html: line 1 of the snippet: <p> is never closed",
        ),
    ],
)
def test_a_mistake_in_a_block(tmp_path: Path, keys: str, column: int, told: str) -> None:
    assert mistakes(tmp_path, f"blocks:\n  x: {{{keys}}}\n") == [f"2:{column}: blocks.x{told}"]


def test_an_id_of_a_block_is_told_at_its_key(tmp_path: Path) -> None:
    assert mistakes(tmp_path, "blocks:\n  Top_Ad: {kind: source, place: body-end}\n") == [
        "2:3: blocks.Top_Ad: expected a block id of small letters, digits and hyphens, such as inline-ad, "
        'found "Top_Ad"'
    ]


def test_a_wrong_kind_does_not_hide_what_is_wrong_beside_it(tmp_path: Path) -> None:
    found = mistakes(tmp_path, "blocks:\n  x: {kind: adz, repeat: {every: often}, whatever: 3}\n")
    assert [each.split(": ")[1] for each in found] == ["blocks.x.kind", "blocks.x.repeat.every"]


def test_a_mistake_in_an_anchor_is_told_once(tmp_path: Path) -> None:
    found = mistakes(
        tmp_path,
        """\
        blocks:
          a: &a {kind: source, place: body-end, exact: maybe}
          b: *a
          c: {<<: *a, place: body-start}
        """,
    )
    assert found == ['2:48: blocks.a.exact: expected true or false, found "maybe"']


def test_a_mistake_in_the_defaults_is_told_once_whatever_blocks_use_them(tmp_path: Path) -> None:
    found = mistakes(
        tmp_path,
        """\
        defaults:
          source: {place: body-edn, naem: X, nonsense: 3}
        blocks:
          a: {kind: source}
          b: {kind: source}
        """,
    )
    assert [each.split(": ")[1] for each in found] == [
        "defaults.source.place",
        "defaults.source.naem",
        "defaults.source.nonsense",
    ]


def test_a_folder_with_ten_mistakes_gives_exactly_ten_lines(tmp_path: Path) -> None:
    write(
        tmp_path,
        house="""\
            timezone: Mars/Olympus
            layout:
              gap: [3 units, 120 words]
              start: 60 words
              gap: [2 units]
            defaults:
              ad:
                sizes: {mobile: [[300]]}
            """,
        news="""\
            site: News
            extends: house.yaml
            hosts: news.example
            layout:
              clear: {heading: {after: nevr}}
            blocks:
              inline-ad:
                kind: ad
                serve: {slot: inline}
                place: {after: paragraph, nth: 4}
                repeat: {every: often, max: 3}
              follow:
                kind: follow
                netwrok: facebook
                page: News
                url: https://social.example/news
                place: body-end
              source:
                kind: source
                place: body-end
              source:
                kind: source
                place: body-start
            """,
        sport="""\
            site: Sport
            hosts: [sport.example, Bad.example]
            blocks:
              more:
                kind: storys
                place: body-after
              latest:
                kind: stories
                source: latest
            library:
              pinned: [/nowhere]
            """,
    )
    assert (
        problems(tmp_path)
        == [
            'house.yaml:1:11: timezone: expected a time zone such as Europe/Warsaw, found "Mars/Olympus"',
            "house.yaml:5:3: layout.gap: the same key twice; the first is in line 3",
            "house.yaml:8:22: defaults.ad.sizes.mobile[0]: expected a size in pixels such as [300, 250], "
            "width before height, found a list",
            f'news.yaml:5:28: layout.clear.heading.after: {DISTANCE}, or "never", found "nevr"',
            f'news.yaml:11:21: blocks.inline-ad.repeat.every: {DISTANCE}, found "often"',
            'news.yaml:14:5: blocks.follow.netwrok: unknown key; did you mean "network"?',
            "news.yaml:21:3: blocks.source: the same key twice; the first is in line 18",
            "sport.yaml:2:24: hosts[1]: expected a host in lower case, such as "
            '"news.example" or "*.news.example", found "Bad.example"',
            f'sport.yaml:5:11: blocks.more.kind: expected one of {KINDS}, found "storys"; '
            'did you mean "stories"?',
            'sport.yaml:8:5: blocks.latest: needs "place", "prefer" or "repeat"',
            'sport.yaml:11:12: library.pinned[0]: no story of "stories" has the url "/nowhere"',
        ][:11]
    )


def test_what_is_right_loads_beside_nothing_else(tmp_path: Path) -> None:
    (loaded,) = load(write(tmp_path, site="site: News"))
    assert (loaded.name, loaded.site, loaded.blocks) == ("site", "News", ())
