"""What is written, as the planner, the blocks and the site read it."""

from __future__ import annotations

from pathlib import Path

import pytest

from newshole.rules.compile import load
from newshole.rules.kinds.ad import Ad
from newshole.rules.kinds.source import Source
from newshole.rules.layout import Bound, Clear, Distance, Layout, Limit
from newshole.rules.ruleset import Articles, Rules
from tests.rules.files import block, rules, write

ONE_UNIT = Distance(1, "units")


def bound(path: str, amount: int, measure: str) -> Bound:
    return Bound(path, Distance(amount, measure))  # type: ignore[arg-type]  # tests write real measures


def test_a_file_that_says_nothing_leaves_all_to_newshole(tmp_path: Path) -> None:
    loaded = rules(tmp_path, "site: News")
    assert loaded == Rules("site", "News", (), digest=loaded.digest)
    assert (loaded.layout, loaded.articles, loaded.hosts) == (Layout(), (), ())
    assert (loaded.timezone, loaded.language) == ("UTC", None)


def test_a_site_is_named_as_its_file_unless_it_says_so_itself(tmp_path: Path) -> None:
    assert rules(tmp_path, "timezone: UTC").site == "site"


def test_a_language_holds_for_all_pages_auto_for_none(tmp_path: Path) -> None:
    assert rules(tmp_path, "language: pt-BR").language == "pt-BR"
    assert rules(tmp_path, "language: auto").language is None


def test_every_bound_knows_the_path_of_its_rule(tmp_path: Path) -> None:
    layout = rules(
        tmp_path,
        """\
        layout:
          gap: [3 units, 120 words]
          start: 60 words
          end: [1 paragraph]
          story: {min: [6 units, 180 words]}
          blocks: 10
          ads: 0
          clear: {heading: {after: 1 paragraph, before: never}}
        """,
    ).layout
    assert layout == Layout(
        gap=(bound("layout.gap[0]", 3, "units"), bound("layout.gap[1]", 120, "words")),
        start=(bound("layout.start", 60, "words"),),
        end=(bound("layout.end[0]", 1, "paragraphs"),),
        story=(bound("layout.story.min[0]", 6, "units"), bound("layout.story.min[1]", 180, "words")),
        clear=(
            Clear(
                "heading",
                (Bound("layout.clear.heading.before", ONE_UNIT),),
                (bound("layout.clear.heading.after", 1, "paragraphs"),),
            ),
        ),
        blocks=Limit("layout.blocks", 10),
        ads=Limit("layout.ads", 0),
    )


@pytest.mark.parametrize(
    ("written", "before", "after"),
    [
        ("never", ("", ONE_UNIT), ("", ONE_UNIT)),
        ("2 units", ("", Distance(2, "units")), ("", Distance(2, "units"))),
        ("{after: never}", None, (".after", ONE_UNIT)),
        ("{before: 30 words}", (".before", Distance(30, "words")), None),
        ("{}", None, None),
    ],
)
def test_room_around_headings_is_for_both_sides_or_each(
    tmp_path: Path, written: str, before: tuple[str, Distance] | None, after: tuple[str, Distance] | None
) -> None:
    [clear] = rules(tmp_path, f"layout: {{clear: {{heading: {written}}}}}").layout.clear
    for found, wanted in ((clear.before, before), (clear.after, after)):
        assert found == (() if wanted is None else (Bound(f"layout.clear.heading{wanted[0]}", wanted[1]),))


def test_blocks_keep_their_order(tmp_path: Path) -> None:
    names = [f"b{n}" for n in (3, 1, 2, 10)]
    loaded = rules(
        tmp_path, "blocks:\n" + "".join(f"  {name}: {{kind: source, place: body-end}}\n" for name in names)
    )
    assert [each.id for each in loaded.blocks] == names


def test_a_block_has_its_options_and_what_every_block_has(tmp_path: Path) -> None:
    made = block(tmp_path, "name: Agency, place: body-end, priority: -2, exact: true")
    assert (made.id, made.kind, made.path, made.priority, made.exact) == ("x", "source", "blocks.x", -2, True)
    assert made.options == Source(name="Agency")
    assert type(made.options) is Source


def test_a_block_that_says_no_more_is_of_priority_0_and_not_exact(tmp_path: Path) -> None:
    made = block(tmp_path, "place: body-end")
    assert (made.priority, made.exact, made.repeat, made.when) == (0, False, None, ())


DEFAULTS = """\
defaults:
  ad:
    label: Advert
    place: body-end
    priority: 2
    sizes: {mobile: [[300, 250]], desktop: [[728, 90]]}
    serve: {slot: "{block}"}
    when: {section: {not: Obituaries}}
"""


def test_a_block_has_the_defaults_of_its_kind(tmp_path: Path) -> None:
    loaded = rules(
        tmp_path, f"{DEFAULTS}blocks:\n  a: {{kind: ad}}\n  s: {{kind: source, place: body-start}}\n"
    )
    ad, source = loaded.blocks
    assert isinstance(ad.options, Ad)
    assert (ad.options.label, ad.options.serve.slot, ad.priority) == ("Advert", "{block}", 2)
    assert (source.priority, source.when) == (0, ())


def test_what_a_block_says_goes_before_its_defaults_whole(tmp_path: Path) -> None:
    loaded = rules(
        tmp_path, f"{DEFAULTS}blocks:\n  a: {{kind: ad, sizes: {{mobile: [[320, 100]]}}, priority: 0}}\n"
    )
    options = loaded.blocks[0].options
    assert isinstance(options, Ad)
    assert (options.sizes.mobile, options.sizes.desktop) == (((320, 100),), ())
    assert loaded.blocks[0].priority == 0


def test_a_block_can_do_without_a_default(tmp_path: Path) -> None:
    loaded = rules(tmp_path, f"{DEFAULTS}blocks:\n  a: {{kind: ad, label: }}\n")
    options = loaded.blocks[0].options
    assert isinstance(options, Ad)
    assert options.label is None


def test_a_place_of_its_own_takes_that_of_the_defaults_away(tmp_path: Path) -> None:
    loaded = rules(tmp_path, f"{DEFAULTS}blocks:\n  a: {{kind: ad, prefer: [body-start]}}\n")
    assert [place.path for place in loaded.blocks[0].prefer] == ["blocks.a.prefer[0]"]


def test_a_blocks_conditions_and_those_of_its_defaults_must_all_hold(tmp_path: Path) -> None:
    loaded = rules(
        tmp_path, f"{DEFAULTS}blocks:\n  a: {{kind: ad, when: {{section: News, device: mobile}}}}\n"
    )
    assert [(each.path, each.written) for each in loaded.blocks[0].when] == [
        ("blocks.a.when.section", "News"),
        ("blocks.a.when.device", "mobile"),
        ("defaults.ad.when.section", "not Obituaries"),
    ]


def test_articles_are_told_by_conditions_each_with_its_body(tmp_path: Path) -> None:
    first, second = rules(
        tmp_path,
        "articles:\n  - {path: [/a/**, /b/**], body: .text}\n  - type: NewsArticle\n",
    ).articles
    assert isinstance(first, Articles)
    assert [(each.path, each.written) for each in first.when] == [("articles[0].path", "/a/** or /b/**")]
    assert (first.body, second.body) == (".text", None)
    assert [each.path for each in second.when] == ["articles[1].type"]


def test_the_stories_of_the_library_are_there_in_their_order(tmp_path: Path) -> None:
    loaded = rules(
        tmp_path,
        """\
        library:
          pinned: [/b, /a]
          stories:
            - {title: A, url: /a, published: 2024-07-19}
            - {title: B, url: /b, published: "2024-07-19T21:40:00+02:00", tags: [x]}
        """,
    )
    assert [story.url for story in loaded.stories] == ["/a", "/b"]
    assert loaded.pinned == ("/b", "/a")
    assert [str(story.published) for story in loaded.stories] == ["2024-07-19", "2024-07-19 21:40:00+02:00"]


@pytest.mark.parametrize(
    ("keys", "used"),
    [
        ("blocks: {x: {kind: source, place: body-end, when: {device: mobile}}}", {"device"}),
        ("articles: [{device: {not: mobile}}]", {"device"}),
        (
            "defaults: {source: {when: {device: present}}}\nblocks: {x: {kind: source, place: body-end}}",
            {"device"},
        ),
        ("defaults: {source: {when: {device: mobile}}}", set()),
        ("blocks: {x: {kind: source, place: body-end, when: {section: A}}}", set()),
    ],
)
def test_the_facts_of_readers_that_rules_look_at_are_known(tmp_path: Path, keys: str, used: set[str]) -> None:
    assert rules(tmp_path, keys).facts_used == used


BASE = """\
site: News
hosts: news.example
articles: [{type: Article, body: main}]
layout: {gap: 3 units, clear: {heading: never}}
defaults: {source: {when: {section: A}}}
blocks:
  a: {kind: source, place: {after: paragraph, nth: 2}, priority: 1}
  b: {kind: html, html: <p>x</p>, place: body-end}
library: {stories: [{title: A, url: /a}]}
"""

CHANGES = [
    ("site: News", "site: Other"),
    ("news.example", "new.example"),
    ("Article", "NewsArticle"),
    ("main", ".text"),
    ("3 units", "3 paragraphs"),
    ("3 units", "4 units"),
    ("never", "{after: never}"),
    ("section: A", "section: B"),
    ("section: A", "section: {not: A}"),
    ("nth: 2", "nth: -2"),
    ("nth: 2", "nth: [2]"),
    ("after:", "before:"),
    ("priority: 1", "priority: 2"),
    ("priority: 1", "exact: true"),
    ("<p>x</p>", "<p>y</p>"),
    ("title: A", "title: B"),
    ("  a: ", "  c: "),
    ("body-end", "body-start"),
]


@pytest.mark.parametrize(("old", "new"), CHANGES)
def test_two_rules_that_may_decide_otherwise_have_two_digests(tmp_path: Path, old: str, new: str) -> None:
    assert old in BASE
    assert rules(tmp_path, BASE).digest != rules(tmp_path, BASE.replace(old, new, 1)).digest


def test_the_order_of_blocks_is_in_the_digest(tmp_path: Path) -> None:
    a, b = (f"  {each}: {{kind: source, place: body-end}}\n" for each in "ab")
    assert rules(tmp_path, f"blocks:\n{a}{b}").digest != rules(tmp_path, f"blocks:\n{b}{a}").digest


def test_how_it_is_written_is_not_in_the_digest(tmp_path: Path) -> None:
    block_style = "blocks:\n  a:\n    # a comment\n    priority: 1\n    place: 'body-end'\n    kind: source\n"
    flow_style = "layout: {}\nblocks: {a: {kind: source, place: body-end, priority: 1}}"
    assert rules(tmp_path, f"{block_style}layout: {{}}").digest == rules(tmp_path, flow_style).digest


def test_what_is_extended_is_in_the_digest(tmp_path: Path) -> None:
    digests = set()
    for n in (1, 2):
        write(tmp_path, house=f"layout: {{ads: {n}}}", site="extends: house.yaml")
        digests.add(load(tmp_path)[0].digest)
    assert len(digests) == 2


def test_the_digest_is_the_same_everywhere(tmp_path: Path) -> None:
    """It is kept beside cached plans, by many processes."""
    assert rules(tmp_path, "site: News").digest == "4d2a0b23288425df741fff43f76d3338"
