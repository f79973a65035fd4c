"""Overrides: judged alone when rules load, then any of them together are rules."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newshole.rules.compile import load
from newshole.rules.kinds.ad import Ad
from newshole.rules.kinds.html import Html
from newshole.rules.layout import Bound, Clear, Distance, Limit
from newshole.rules.ruleset import MOST_COMBINATIONS, Block, Rules, Stack
from newshole.types import Reader, Story
from tests.budget import examples
from tests.rules.files import marked, mistakes, rules, write
from tests.rules.test_schema import loads

BASE = """
    layout: {gap: 3 units, ads: 6, clear: {heading: {before: 2 units}}}
    defaults: {ad: {label: Ad}}
    blocks:
      inline-ad:
        kind: ad
        sizes: {mobile: [[300, 250]]}
        serve: {gpt: {unit: /1/a, targeting: {k: v}}}
        place: {after: paragraph, nth: 3}
        priority: 2
      follow: {kind: source, place: body-end}
      notice: {kind: html, html: <p>a</p>, place: body-start}
"""
NOW = datetime(2026, 3, 12, tzinfo=UTC)


def under(folder: Path, overrides: str, *active: int) -> Rules:
    """The rules of `BASE` with these overrides, as they are where some are active."""
    made = rules(folder, f"{dedent(BASE)}overrides:\n{dedent(overrides)}")
    return made.under(active or (0,))


def ad(made: Rules) -> tuple[Block, Ad]:
    options = made.blocks[0].options
    assert isinstance(options, Ad)
    return made.blocks[0], options


def test_a_bound_of_the_layout_is_set_and_named_after_the_override(tmp_path: Path) -> None:
    made = under(tmp_path, "- {name: dense, set: {layout.ads: 8}}")
    assert made.layout.ads == Limit("overrides[dense].set.layout.ads", 8)
    assert made.layout.gap[0].path == "layout.gap"


def test_a_value_takes_the_place_of_the_whole_one_at_its_path(tmp_path: Path) -> None:
    made = under(tmp_path, "- {name: acme, set: {blocks.inline-ad.serve: {slot: acme}}}")
    serve = ad(made)[1].serve
    assert (serve.slot, serve.gpt) == ("acme", None)


def test_a_longer_path_leaves_what_is_beside_it(tmp_path: Path) -> None:
    made = under(tmp_path, "- {name: acme, set: {blocks.inline-ad.serve.gpt.unit: /2/b}}")
    gpt = ad(made)[1].serve.gpt
    assert gpt is not None
    assert (gpt.unit, gpt.targeting) == ("/2/b", {"k": "v"})


def test_a_place_goes_over_a_list_of_them(tmp_path: Path) -> None:
    made = under(tmp_path, "- {name: up, set: {blocks.inline-ad.prefer: [body-start, body-end]}}")
    path = "overrides[up].set.blocks.inline-ad.prefer"
    assert ad(made)[0].prefer == (Stack(f"{path}[0]", "body-start"), Stack(f"{path}[1]", "body-end"))


def test_a_key_without_a_value_takes_it_away(tmp_path: Path) -> None:
    made = under(tmp_path, "- name: free\n  set:\n    layout.ads:\n    blocks.inline-ad.label:")
    assert made.layout.ads is None
    assert ad(made)[1].label is None


def test_defaults_are_set_for_the_blocks_that_do_not_say_it_themselves(tmp_path: Path) -> None:
    made = under(tmp_path, "- {name: a, set: {defaults.ad.label: Sponsored, defaults.html.reserve: 40}}")
    assert ad(made)[1].label == "Sponsored"
    notice = made.blocks[2].options
    assert isinstance(notice, Html)
    assert notice.reserve == 40


def test_a_later_one_goes_over_an_earlier_one_also_back_to_what_the_file_says(tmp_path: Path) -> None:
    overrides = """
        - name: dense
          set: {layout.ads: 8, layout.clear.heading.before: 9 units, blocks.inline-ad.priority: 9}
        - {name: back, set: {layout.ads: 6, layout.clear.heading.after: never, blocks.inline-ad.priority: 2}}
    """
    made = under(tmp_path, overrides, 0, 1)
    assert made.layout.ads == Limit("overrides[back].set.layout.ads", 6)
    assert ad(made)[0].priority == 2
    assert made.layout.clear[0].before[0].distance.amount == 9
    assert made.layout.clear[0].after[0].path == "overrides[back].set.layout.clear.heading.after"


def test_conditions_of_a_block_are_set_whole_and_counted_as_looked_at(tmp_path: Path) -> None:
    made = under(tmp_path, "- {name: a, set: {blocks.follow.when: {device: mobile}}}")
    [condition] = made.blocks[1].when
    assert condition.path == "overrides[a].set.blocks.follow.when.device"
    assert made.facts_used == {"device"}


def test_what_an_override_is_active_for_is_looked_at_too(tmp_path: Path) -> None:
    made = under(tmp_path, "- {name: a, when: {device: mobile}, drop: follow}")
    assert made.facts_used == {"device"}


def test_dropped_blocks_keep_their_rank_and_say_which_override_it_was(tmp_path: Path) -> None:
    overrides = "- {name: a, drop: follow}\n- {name: b, only: [notice, follow]}"
    made = under(tmp_path, overrides, 0, 1)
    assert [block.id for block in made.blocks] == ["inline-ad", "follow", "notice"]
    assert {block: (reason.code, reason.bound) for block, reason in made.dropped.items()} == {
        "inline-ad": ("dropped", "overrides[b].only"),
        "follow": ("dropped", "overrides[a].drop"),
    }


def test_those_are_active_whose_conditions_all_hold(tmp_path: Path) -> None:
    made = rules(
        tmp_path,
        f"""{dedent(BASE)}
overrides:
  - {{name: a, when: {{section: Business, path: "/b/**"}}, drop: follow}}
  - {{name: b, drop: follow}}
  - {{name: c, when: {{section: Sport}}, drop: follow}}
""",
    )
    business = Story(section="Business")
    assert made.active(business, Reader(), "https://n.example/b/x") == (0, 1)
    assert made.active(business, Reader(), "https://n.example/c/x") == (1,)


def test_a_combination_is_made_once_and_few_are_kept(tmp_path: Path) -> None:
    overrides = "".join(f"  - {{name: n{n}, set: {{layout.ads: {n}}}}}\n" for n in range(8))
    made = rules(tmp_path, f"{dedent(BASE)}overrides:\n{overrides}")
    assert made.under((1, 3)) is made.under((1, 3))
    assert made.under(()) is made
    for length in range(1, 9):
        for active in combinations(range(8), length):
            assert made.under(active).layout.ads == Limit(
                f"overrides[n{active[-1]}].set.layout.ads", active[-1]
            )
    assert len(getattr(made, "_combined")) <= MOST_COMBINATIONS  # noqa: B009 - bounded, and nobody else's


def test_rules_with_another_override_are_other_rules(tmp_path: Path) -> None:
    written = [f"{dedent(BASE)}overrides: [{{name: a, set: {{layout.ads: {n}}}}}]" for n in (1, 2)]
    assert len({rules(tmp_path, each).digest for each in written}) == 2


GETTERS: dict[str, Callable[[Rules], object]] = {
    "layout.ads: 3": lambda made: made.layout.ads,
    "layout.ads: 6": lambda made: made.layout.ads,
    "layout.gap: [1 unit, 50 words]": lambda made: made.layout.gap,
    "layout.gap: 3 units": lambda made: made.layout.gap,
    "layout.clear.heading.before: 2 units": lambda made: made.layout.clear[0].before,
    "layout.clear.heading.after: 2 units": lambda made: made.layout.clear[0].after,
    "blocks.inline-ad.serve: {slot: acme}": lambda made: ad(made)[1].serve,
    "blocks.inline-ad.serve: {gpt: {unit: /1/a, targeting: {k: v}}}": lambda made: ad(made)[1].serve,
    "blocks.inline-ad.prefer: [{at: 50%}, body-end]": lambda made: ad(made)[0].prefer,
    "blocks.inline-ad.place: {after: paragraph, nth: 3}": lambda made: ad(made)[0].prefer,
    "blocks.inline-ad.sizes.desktop: [[728, 90]]": lambda made: ad(made)[1].sizes,
    "blocks.notice.html: <b>b</b>": lambda made: made.blocks[2].options,
    "blocks.follow.when: {tag: x}": lambda made: [each.path for each in made.blocks[1].when],
    "defaults.ad.label: B": lambda made: ad(made)[1].label,
    "defaults.ad.label: Ad": lambda made: ad(made)[1].label,
    "timezone: Europe/Warsaw": lambda made: made.timezone,
    "timezone: UTC": lambda made: made.timezone,
}
SETS = st.lists(st.sampled_from(sorted(GETTERS)), min_size=1, max_size=3, unique_by=lambda s: s.split(":")[0])
RIVALS = {"blocks.inline-ad.prefer", "blocks.inline-ad.place"}


@examples(50)
@given(
    st.lists(SETS.filter(lambda s: len(RIVALS & {e.split(":")[0] for e in s}) < 2), min_size=1, max_size=4)
)
def test_of_any_that_are_active_together_the_last_word_on_a_key_is_the_last_ones(
    tmp_path_factory: pytest.TempPathFactory, sets: list[list[str]]
) -> None:
    entries = [
        f"  - name: n{n}\n    set:\n" + "".join(f"      {each}\n" for each in each_set)
        for n, each_set in enumerate(sets)
    ]
    made = rules(tmp_path_factory.mktemp("rules"), f"{dedent(BASE)}overrides:\n{''.join(entries)}")
    together = made.under(tuple(range(len(sets))))
    assert [block.id for block in together.blocks] == [block.id for block in made.blocks]
    last: dict[str, tuple[int, str]] = {}
    for n, each_set in enumerate(sets):
        for each in each_set:
            key = each.split(":")[0]
            last["blocks.inline-ad.place" if key in RIVALS else key] = n, each
    for n, each in last.values():
        assert GETTERS[each](together) == GETTERS[each](made.under((n,)))


@pytest.mark.parametrize(
    ("overrides", "told"),
    [
        ("- {name: a, set: {¦layout.adz: 8}}", '.set.layout.adz: unknown key; did you mean "ads"?'),
        (
            "- {name: a, set: {layout.ads: ¦many}}",
            '.set.layout.ads: expected a whole number from 0 to 1000, found "many"',
        ),
        ("- {name: a, set: {¦layuot.ads: 8}}", '.set.layuot: unknown key; did you mean "layout"?'),
        (
            "- {name: a, set: {¦blocks.inlnie-ad.serve: {slot: a}}}",
            '.set.blocks.inlnie-ad.serve: no block is named "inlnie-ad"; did you mean "inline-ad"?',
        ),
        (
            "- {name: a, set: {¦blocks.new: {kind: source}}}",
            '.set.blocks.new: expected a key of a block, such as "blocks.inline-ad.place"',
        ),
        (
            "- {name: a, set: {¦blocks.follow.kind: ad}}",
            '.set.blocks.follow.kind: "kind" of a block cannot be overridden',
        ),
        (
            "- {name: a, set: {blocks.inline-ad.serve: {¦slto: acme}}}",
            '.set.blocks.inline-ad.serve.slto: unknown key; did you mean "slot"?',
        ),
        ("- name: a\n  set:\n    ¦blocks.inline-ad.serve:", '.set.blocks.inline-ad: needs "serve"'),
        (
            "- {name: a, set: {defaults.ad.label: ¦5}}",
            ".set.defaults.ad.label: expected text (put it in quotes), found 5",
        ),
        (
            "- {name: a, set: {¦hosts: news.example}}",
            (
                '.set.hosts: "hosts" cannot be overridden; there are timezone, language, layout, elsewhere, '
                "defaults, blocks"
            ),
        ),
        (
            "- {name: a, set: {¦'layout gap': 1 unit}}",
            (
                '.set.layout gap: expected the path of a rule such as "layout.ads" or '
                '"blocks.inline-ad.serve", found "layout gap"'
            ),
        ),
        ("- {name: a, drop: [¦folow]}", '.drop[0]: no block is named "folow"; did you mean "follow"?'),
        ("- {name: a, only: ¦notcie}", '.only: no block is named "notcie"; did you mean "notice"?'),
        (
            "- {name: a, when: {¦sectoin: x}, drop: follow}",
            '.when.sectoin: unknown key; did you mean "section"?',
        ),
        ("- ¦{name: a}", ': needs "set", "drop" or "only"'),
        ("- {name: a, drop: follow}\n- {name: ¦a, drop: notice}", '.name: a second entry is named "a"'),
    ],
)
def test_a_mistake_is_told_where_the_override_is_written(tmp_path: Path, overrides: str, told: str) -> None:
    text, at = marked(f"{dedent(BASE)}overrides:\n{overrides}")
    assert mistakes(tmp_path, text) == [f"{at}: overrides[a]{told}"]


def test_every_mistake_is_told_at_once_and_those_of_the_file_once(tmp_path: Path) -> None:
    text = """
        layout: {gap: often}
        blocks: {x: {kind: source, place: body-end}}
        overrides:
          - {name: a, set: {layout.ads: many, blocks.y.place: body-end}}
          - {name: b, set: {layout.start: soon}}
    """
    assert [each.split(": ")[1] for each in mistakes(tmp_path, text)] == [
        "layout.gap",
        "overrides[a].set.layout.ads",
        "overrides[a].set.blocks.y.place",
        "overrides[b].set.layout.start",
    ]


def test_overrides_of_a_file_that_is_extended_are_judged_over_the_whole(tmp_path: Path) -> None:
    write(
        tmp_path,
        house="""
            blocks: {a: {kind: source, place: body-end}}
            overrides: [{name: x, set: {blocks.b.place: body-start}, drop: b}]
        """,
        site="extends: house.yaml\nblocks: {b: {kind: source, place: body-end}}",
    )
    [made] = load(tmp_path / "site.yaml")
    assert made.under((0,)).blocks[1].prefer[0].path == "overrides[x].set.blocks.b.place"


def test_an_override_may_be_anything_and_is_told_or_loads(tmp_path: Path) -> None:
    for value in (None, [], {}, "x", 5, {"a": 1}, [1]):
        blocks = {"a": {"kind": "source", "place": "body-end"}}
        for path in (
            "layout",
            "layout.gap",
            "blocks.a.place",
            "blocks.a.when",
            "defaults",
            "timezone",
            "a.b.c",
        ):
            loads(tmp_path, {"blocks": blocks, "overrides": [{"name": "n", "set": {path: value}}]})


def test_one_side_of_a_room_that_is_said_in_one_word_leaves_the_other(tmp_path: Path) -> None:
    base = """
layout: {clear: {heading: 2 units}}
blocks: {x: {kind: source, place: body-end, clear: {image: 3 units}}}
overrides:
  - {name: a, set: {layout.clear.heading.before: 5 units, blocks.x.clear.image.before: never}}
  - {name: b, set: {layout.clear.heading.after: 4 units}}
  - {name: whole, set: {layout.clear.heading: {after: 1 unit}}}
"""
    made = rules(tmp_path, base)

    def room(clear: Clear) -> tuple[list[float], list[float]]:
        return [each.distance.amount for each in clear.before], [each.distance.amount for each in clear.after]

    assert [room(each) for each in made.under((0,)).layout.clear] == [([5], [2])]
    assert [room(each) for each in made.under((0, 1)).layout.clear] == [([5], [4])]
    assert [room(each) for each in made.under((0, 1, 2)).layout.clear] == [([], [1])]
    assert [room(each) for each in made.under((0,)).blocks[0].own.clear] == [([1], [3])]


def test_one_device_of_what_is_said_in_one_word_leaves_the_other(tmp_path: Path) -> None:
    base = """
layout: {density: 25%, gap: 3 units}
blocks: {x: {kind: source, repeat: {every: 300 words}}}
overrides:
  - name: a
    set: {layout.density.mobile: 30%, layout.gap.desktop: 2 units, blocks.x.repeat.every.mobile: 200 words}
"""
    made = rules(tmp_path, base).under((0,))
    assert [str(each) for each in made.layout.density] == ["30% on mobile", "25% on desktop"]
    assert [(each.distance.amount, each.distance.device) for each in made.layout.gap] == [
        (3, "mobile"),
        (2, "desktop"),
    ]
    repeat = made.blocks[0].repeat
    assert repeat is not None
    assert [(each.amount, each.device) for each in repeat.every] == [(200, "mobile"), (300, "desktop")]


def test_a_block_whose_own_room_is_taken_away_keeps_that_of_the_layout(tmp_path: Path) -> None:
    base = """
layout: {clear: {image: 2 units}}
blocks: {x: {kind: source, place: body-end, clear: {image: 5 units, video: never}}}
overrides:
  - {name: none, set: {blocks.x.clear: }}
  - {name: other, set: {blocks.x.clear: {video: 1 unit}}}
"""
    for active in ((0,), (1,), (0, 1)):
        made = rules(tmp_path, base).under(active)
        clear = {each.kind: each for each in made.blocks[0].own.over(made.layout).clear}
        assert clear["image"].before == (Bound("layout.clear.image", Distance(2, "units")),), active
