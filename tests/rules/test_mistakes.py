"""Every mistake is one line: where it is, what was expected, what was found, and what was meant.

`¦` in what is written stands where the mistake is told.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.rules.files import marked, mistakes

DISTANCE = 'expected a distance such as "350 words" or "4 paragraphs"'


@pytest.mark.parametrize(
    ("written", "told"),
    [
        (
            "site: ¦5",
            "site: expected text (put it in quotes), found 5",
        ),
        (
            "¦site:",
            "site: expected text, found nothing",
        ),
        (
            "site: ¦''",
            'site: expected text, found ""',
        ),
        (
            "¦layuot: {}",
            'layuot: unknown key; did you mean "layout"?',
        ),
        (
            "¦zzz: standard",
            (
                "zzz: unknown key; there are site, hosts, extends, timezone, language, vary, consent, "
                "articles, layout, paragraph, hydrated, amp, existing, elsewhere, sensitivity, screen, "
                "library, defaults, blocks, pages, overrides, experiments, holdout, measure"
            ),
        ),
        (
            "hosts: ¦News.example",
            (
                'hosts: expected a host in lower case, such as "news.example" or "*.news.example", found '
                '"News.example"'
            ),
        ),
        (
            "timezone: ¦Europe/Warsav",
            'timezone: expected a time zone such as Europe/Warsaw, found "Europe/Warsav"',
        ),
        (
            "timezone: ¦../../etc/passwd",
            'timezone: expected a time zone such as Europe/Warsaw, found "../../etc/passwd"',
        ),
        (
            "language: ¦klingon",
            'language: expected "auto", or a language tag such as "en" or "pt-BR", found "klingon"',
        ),
        (
            'articles: [{body: ¦".a >> b"}]',
            (
                'articles[0].body: not a CSS selector: invalid CSS selector ".a >> b": expected a selector '
                "at position 4"
            ),
        ),
        (
            "articles: ¦[]",
            "articles: expected at least one entry, found an empty list",
        ),
        (
            "articles: [{}, ¦{tag: x}]",
            "articles[1]: never reached: articles[0] takes every page",
        ),
        (
            "layout: ¦dense",
            'layout: expected a mapping, found "dense"',
        ),
        (
            "layout: {gap: ¦often}",
            f'layout.gap: {DISTANCE}, found "often"',
        ),
        (
            "layout: {gap: [3 units, ¦350]}",
            f"layout.gap[1]: {DISTANCE}, found 350",
        ),
        (
            "layout: {start: ¦900 feet}",
            f'layout.start: {DISTANCE}, found "900 feet"',
        ),
        (
            "layout: {story: ¦6 units}",
            'layout.story: expected a mapping, found "6 units"',
        ),
        (
            "layout: {story: {¦mni: 1 unit}}",
            'layout.story.mni: unknown key; did you mean "min"?',
        ),
        (
            "layout: {story: ¦{}}",
            'layout.story: needs "min"',
        ),
        (
            "layout: {blocks: ¦-1}",
            "layout.blocks: expected a whole number from 0 to 1000, found -1",
        ),
        (
            "layout: {ads: ¦1.5}",
            "layout.ads: expected a whole number from 0 to 1000, found 1.5",
        ),
        (
            "layout: {ads: ¦true}",
            "layout.ads: expected a whole number from 0 to 1000, found true",
        ),
        (
            "layout: {clear: {heading: ¦nver}}",
            f'layout.clear.heading: {DISTANCE}, or "never", found "nver"',
        ),
        (
            "layout: {clear: {heading: ¦[never]}}",
            f'layout.clear.heading: {DISTANCE}, "never", or a mapping of "before" and "after", found a list',
        ),
        (
            "layout: {clear: {heading: {¦aftr: never}}}",
            'layout.clear.heading.aftr: unknown key; did you mean "after"?',
        ),
        (
            "defaults: {¦adz: {}}",
            'defaults.adz: unknown key; did you mean "ad"?',
        ),
        (
            "defaults: {ad: {priority: ¦high}}",
            'defaults.ad.priority: expected a whole number from -1000 to 1000, found "high"',
        ),
        (
            "blocks: ¦[ad]",
            "blocks: expected a mapping, found a list",
        ),
        (
            "library: {learn: false, pinned: [¦/a]}",
            'library.pinned[0]: no story of "stories" has the url "/a"',
        ),
        (
            "library: {learn: false, pinned: [¦/bb], stories: [{title: B, url: /b}]}",
            'library.pinned[0]: no story of "stories" has the url "/bb"; did you mean "/b"?',
        ),
        (
            "library: {stories: [{title: B, url: ¦'javascript:alert(1)'}]}",
            (
                'library.stories[0].url: expected an address that starts with "https://", "http://" or "/", '
                'found "javascript:alert(1)"'
            ),
        ),
        (
            "library: {stories: [{title: B, url: ¦//evil.example}]}",
            (
                'library.stories[0].url: expected an address that starts with "https://", "http://" or "/", '
                'found "//evil.example"'
            ),
        ),
        (
            "library: {stories: [{title: B, url: /b, published: ¦yesterday}]}",
            (
                "library.stories[0].published: expected a date such as 2024-07-19, or a time such as "
                '2024-07-19T21:40:00+02:00, found "yesterday"'
            ),
        ),
        (
            "library: {stories: [{¦tilte: B, url: /b}]}",
            'library.stories[0].tilte: unknown key; did you mean "title"?',
        ),
        (
            "library: {stories: [¦{title: B}]}",
            'library.stories[0]: needs "url"',
        ),
    ],
)
def test_a_mistake_in_the_whole(tmp_path: Path, written: str, told: str) -> None:
    text, at = marked(written)
    assert mistakes(tmp_path, text) == [f"{at}: {told}"]


def test_an_id_of_a_block_is_told_at_its_key(tmp_path: Path) -> None:
    [found] = mistakes(tmp_path, "blocks:\n  Top_Ad: {kind: source, place: body-end}\n")
    assert found == (
        "2:3: blocks.Top_Ad: expected a block id of small letters, digits and hyphens, such as "
        'inline-ad, found "Top_Ad"'
    )


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


LATER = {
    "": ["variants"],
    "layout": ["elsewhere"],
    "layout.clear": ["unit"],
}


@pytest.mark.parametrize(
    ("path", "key"),
    [pytest.param(path, key, id=f"{path}.{key}") for path, keys in LATER.items() for key in keys],
)
def test_a_key_that_the_language_does_not_have_yet_is_unknown(tmp_path: Path, path: str, key: str) -> None:
    """Nothing that is written is passed over: a bound that does not hold must not look as if it did."""
    rules = {
        "": "¦KEY: 1",
        "layout": "layout: {¦KEY: 1}",
        "layout.clear": "layout: {clear: {¦KEY: 1 unit}}",
        "library": "library: {¦KEY: 1}",
        "blocks.x.place": "blocks: {x: {kind: source, place: {after: unit, ¦KEY: 1}}}",
    }
    text, at = marked(rules[path].replace("KEY", key))
    [found] = mistakes(tmp_path, text)
    assert found.startswith(f"{at}: {path}{'.' if path else ''}{key}: unknown key; ")


@pytest.mark.parametrize(
    "written",
    [
        "site: ¦!local x",
        "layout: ¦&a {gap: *a}",
        '¦"\\ud83d": x',
        'site: ¦"\\ud83d"',
        "site: a\n¦site: 5",
        "library: {stories: [¦5]}",
        "blocks: {x: ¦5}",
        "defaults: {ad: ¦[]}",
    ],
)
def test_what_follows_from_a_mistake_is_none_of_its_own(tmp_path: Path, written: str) -> None:
    text, at = marked(written)
    assert [each.split(": ")[0] for each in mistakes(tmp_path, text)] == [at]


def test_all_mistakes_of_a_mapping_are_told_at_once(tmp_path: Path) -> None:
    found = mistakes(
        tmp_path,
        """\
        blocks:
          x:
            kind: ad
            plcae: body-end
            sizes: {}
            serve: {slot: a, gpt: {unti: b}}
            priority: high
            exact: yes
            when: {device: phone, section: 5}
        """,
    )
    assert [each.split(": ")[:2] for each in found] == [
        ["4:5", "blocks.x.plcae"],
        ["5:12", "blocks.x.sizes"],
        ["6:22", "blocks.x.serve.gpt"],
        ["6:28", "blocks.x.serve.gpt.unti"],
        ["7:15", "blocks.x.priority"],
        ["8:12", "blocks.x.exact"],
        ["9:20", "blocks.x.when.device"],
        ["9:36", "blocks.x.when.section"],
    ]


def test_several_mistakes_in_a_snippet_are_told_at_once(tmp_path: Path) -> None:
    found = mistakes(tmp_path, "blocks: {x: {kind: html, place: body-end, html: '<p>{{ sectoin }}'}}")
    assert found == [
        "1:50: blocks.x.html: <p> is never closed",
        '1:56: blocks.x.html: unknown variable "sectoin"; did you mean "section"?',
    ]


def test_what_is_written_in_a_message_stays_on_one_line_and_short(tmp_path: Path) -> None:
    long = "x" * 500
    found = mistakes(
        tmp_path, f'"a\\nb\\u2028": 1\nlanguage: "{long}\\n"\n? {long}\n: 2\nlayout: {{ads: {"9" * 200}}}\n'
    )
    assert len(found) == 4
    assert all(each.isprintable() and len(each) < 320 for each in found)
