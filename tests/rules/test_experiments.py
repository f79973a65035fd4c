"""Experiments in the rules: what arms set, and the tests that could not be believed."""

# ruff: noqa: E501, ISC004 - rules on one line

from __future__ import annotations

from pathlib import Path

import pytest

from newshole.experiments.assignment import Holdout, Layer
from newshole.rules.fairness import MOST_VARIANTS
from newshole.rules.layout import Limit
from tests.rules.files import marked, mistakes, rules, write

BLOCKS = """
layout: {ads: 3}
defaults: {source: {dismissed: 1 day}}
blocks:
  x: {kind: ad, sizes: {mobile: [[300, 250]]}, serve: {slot: a}, place: {after: paragraph, nth: 2}, repeat: {every: 200 words, max: 3}}
  often: {kind: html, html: <p>o</p>, place: body-end, frequency: {max: 3, per: day}}
  closed: {kind: newsletter, url: /in, place: body-end, dismissed: 30 days}
  known: {kind: html, html: <p>k</p>, place: body-end, when: {any: [{visits: {min: 3}}, {section: A}]}}
  given: {kind: source, place: body-end}
  plain: {kind: html, html: <p>p</p>, place: body-end}
"""
SEEN = "depends on what a reader was shown before, which the arms change: no fair test"


def told(folder: Path, experiments: str, before: str = "") -> list[str]:
    """The problems of experiments, without their places; `¦` in them stands at the only one's."""
    if "¦" not in experiments:
        return [each.partition(": ")[2] for each in mistakes(folder, f"{before}{BLOCKS}{experiments}")]
    text, at = marked(f"{before}{BLOCKS}{experiments}")
    found = mistakes(folder, text)
    assert [each.partition(": ")[0] for each in found] == [at]
    return [each.partition(": ")[2] for each in found]


def of_arm(changes: str) -> str:
    return f"experiments: {{e: {{arms: {{control: {{}}, b: {{{changes}}}}}}}}}"


def test_an_arm_sets_any_rule_by_its_path(tmp_path: Path) -> None:
    loaded = rules(
        tmp_path, BLOCKS + of_arm("set: {layout.ads: 1, blocks.x.repeat.max: 2, defaults.ad.label: Ad}")
    )
    (experiment,) = loaded.experiments
    assert experiment.changes == (None, 0)
    under = loaded.under((0,))
    assert under.layout.ads == Limit("experiments.e.arms.b.set.layout.ads", 1)
    repeat = under.blocks[0].repeat
    assert repeat is not None
    assert repeat.most == 2


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        (
            "set: {layout.ads: ¦often}",
            'experiments.e.arms.b.set.layout.ads: expected a whole number from 0 to 1000, found "often"',
        ),
        (
            "set: {blocks.x.repeat.max: ¦-2}",
            "experiments.e.arms.b.set.blocks.x.repeat.max: expected a whole number from 1 to 1000, found -2",
        ),
        (
            "set: {¦blocks.y.place: body-end}",
            'experiments.e.arms.b.set.blocks.y.place: no block is named "y"',
        ),
        (
            "drop: [¦palin]",
            'experiments.e.arms.b.drop[0]: no block is named "palin"; did you mean "plain"?',
        ),
        (
            "weight: ¦0, drop: plain",
            "experiments.e.arms.b.weight: expected a whole number above 0, found 0",
        ),
    ],
)
def test_a_mistake_of_an_arm_is_told_where_it_is_written(tmp_path: Path, written: str, sentence: str) -> None:
    assert told(tmp_path, of_arm(written)) == [sentence]


@pytest.mark.parametrize(
    "key", ["experiments: {}", "holdout: {share: 1%}", "hosts: a.example", "vary: {}", "consent: server"]
)
def test_what_holds_for_the_whole_site_is_set_by_no_arm(tmp_path: Path, key: str) -> None:
    name = key.partition(":")[0]
    [found] = told(tmp_path, of_arm(f"set: {{¦{key}}}"))
    assert found.startswith(f'experiments.e.arms.b.set.{name}: "{name}" cannot be overridden; ')


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ("set: {blocks.plain.frequency: {max: 2, per: day}}", "frequency"),
        ("set: {blocks.plain.dismissed: 3 days}", "dismissed"),
        ("set: {blocks.often.frequency.max: 5}", "frequency"),
        ("set: {defaults.html.dismissed: 3 days}", "dismissed"),
        ("set: {defaults.html: {dismissed: 3 days}}", "dismissed"),
        ("set: {defaults: {html: {dismissed: 3 days}}}", "dismissed"),
        ("set: {blocks.plain.when: {none: [{all: [{visits: 3}]}]}}", "visits"),
        ("set: {blocks.plain.when.visits: 3}", "visits"),
    ],
)
def test_an_arm_that_sets_what_its_own_effect_decides_is_refused(
    tmp_path: Path, changes: str, key: str
) -> None:
    [found] = told(tmp_path, of_arm(changes))
    assert found.endswith(f': "{key}" {SEEN}')
    assert found.startswith("experiments.e.arms.b.set.")


@pytest.mark.parametrize(
    ("changes", "at", "key"),
    [
        ("set: {blocks.often.place: body-start}", "set.blocks.often.place", '"frequency" of the block "often"'),
        ("drop: closed", "drop", '"dismissed" of the block "closed"'),
        ("set: {blocks.known.html: <p>q</p>}", "set.blocks.known.html", '"visits" of the block "known"'),
        ("drop: [plain, given]", "drop", '"dismissed" of the block "given"'),
        ("set: {defaults.newsletter.priority: 2}", "set.defaults.newsletter.priority", '"dismissed" of the block "closed"'),
        ("only: [x, often, closed, given]", "only", '"visits" of the block "known"'),
    ],
)  # fmt: skip
def test_an_arm_that_changes_a_block_shown_by_what_was_seen_before_is_refused(
    tmp_path: Path, changes: str, at: str, key: str
) -> None:
    assert told(tmp_path, of_arm(changes)) == [f"experiments.e.arms.b.{at}: {key} {SEEN}"]


@pytest.mark.parametrize(
    ("changes", "below"),
    [("set: {blocks.x.priority: 3}", "set.blocks.x.priority"), ("drop: x", "drop")],
)
def test_an_arm_that_changes_what_an_override_changes_by_visits_is_refused(
    tmp_path: Path, changes: str, below: str
) -> None:
    loyal = "overrides: [{name: loyal, when: {visits: {min: 9}}, set: {blocks.x.repeat.max: 1}}]\n"
    assert told(tmp_path, of_arm(changes), loyal) == [
        f'experiments.e.arms.b.{below}: "visits" of the override "loyal", which changes "x" too, {SEEN}'
    ]
    assert len(rules(tmp_path, loyal + BLOCKS + of_arm("drop: plain")).experiments) == 1


def test_an_experiment_for_some_visits_is_refused(tmp_path: Path) -> None:
    written = "experiments: {e: {when: {all: [{visits: 3}]}, arms: {control: {}, b: {drop: plain}}}}"
    assert told(tmp_path, written) == [f'experiments.e.when: "visits" {SEEN}']


def test_blocks_that_arms_leave_alone_may_depend_on_anything(tmp_path: Path) -> None:
    loaded = rules(tmp_path, BLOCKS + of_arm("set: {layout.ads: 1, blocks.x.priority: 2}, drop: plain"))
    assert len(loaded.overrides) == 1


LAYERED = """
experiments:
  first: {{{first}, arms: {{control: {{}}, b: {{drop: plain}}}}}}
  second: {{{second}, arms: {{control: {{}}, b: {{set: {{layout.ads: 1}}}}}}}}
"""


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("layer: a", "layer: a"),
        ("layer: a", "layer: {name: a, part: [90%, 100%]}"),
        ("layer: {name: a, part: [0%, 50%]}", "layer: {name: a}"),
        ("layer: {name: a, part: [0%, 50.1%]}", "layer: {name: a, part: [50%, 100%]}"),
        ("layer: {name: a, part: [20%, 30%]}", "layer: {name: a, part: [0%, 100%]}"),
    ],
)
def test_two_experiments_of_a_layer_that_would_share_readers_are_refused(
    tmp_path: Path, first: str, second: str
) -> None:
    assert told(tmp_path, LAYERED.format(first=first, second=second)) == [
        'experiments.second.layer: takes a part of the layer "a" that "first" has: give each its own, such as '
        "part: [0%, 50%]"
    ]


def test_experiments_of_a_layer_assign_the_same_unit(tmp_path: Path) -> None:
    written = LAYERED.format(
        first="layer: {name: a, part: [0%, 50%]}", second="unit: page, layer: {name: a, part: [50%, 100%]}"
    )
    assert told(tmp_path, written) == [
        'experiments.second.layer: another unit than "first" has in the same layer'
    ]


def test_experiments_of_a_layer_have_the_same_hash(tmp_path: Path) -> None:
    written = LAYERED.format(
        first="layer: {name: a, part: [0%, 50%]}",
        second="hash: growthbook-v2, layer: {name: a, part: [50%, 100%]}",
    )
    assert told(tmp_path, written) == [
        'experiments.second.layer: another hash than "first" has in the same layer'
    ]


def test_parts_of_a_layer_that_touch_share_nobody(tmp_path: Path) -> None:
    written = LAYERED.format(
        first="layer: {name: a, part: [0%, 50%]}", second="layer: {name: a, part: [50%, 100%]}"
    )
    layers = [each.allocation.layer for each in rules(tmp_path, BLOCKS + written).experiments]
    assert layers == [Layer("a", (0.0, 0.5)), Layer("a", (0.5, 1.0))]
    assert all(sum(each.holds(f"u{n}") for each in layers if each) == 1 for n in range(1_000))


def test_a_layer_by_its_name_is_all_of_it(tmp_path: Path) -> None:
    written = LAYERED.format(first="layer: a", second="layer: b")
    layers = [each.allocation.layer for each in rules(tmp_path, BLOCKS + written).experiments]
    assert layers == [Layer("a"), Layer("b")]


def several(count: int, *, layer: str = "") -> str:
    entries = [
        f"  e{n}: {{{layer.format(n * 10, n * 10 + 10)}arms: {{control: {{}}, b: {{set: {{layout.ads: {n}}}}}}}}}"
        for n in range(count)
    ]
    return "experiments:\n" + "\n".join(entries)


def test_experiments_make_so_many_variants_of_a_page_at_most(tmp_path: Path) -> None:
    assert len(rules(tmp_path, BLOCKS + several(3)).experiments) == 3
    assert told(tmp_path, several(4)) == [
        "experiments: these experiments make 16 variants of a page together, of which 8 are the most: put them "
        "into one layer, or run them one after the other"
    ]
    assert MOST_VARIANTS == 8


def test_arms_that_all_change_the_rules_make_one_variant_more(tmp_path: Path) -> None:
    """For who is in none of them gets the rules as they are."""
    entries = [f"  e{n}: {{arms: {{a: {{set: {{layout.ads: 1}}}}, b: {{drop: plain}}}}}}" for n in range(2)]
    [found] = told(tmp_path, "experiments:\n" + "\n".join(entries))
    assert "make 9 variants" in found


ENTANGLED = """
experiments:
  first: {{{first}, arms: {{control: {{}}, b: {{drop: plain}}}}}}
  second: {{{second}, arms: {{control: {{}}, b: {{set: {{layout.ads: 1}}}}}}}}
"""


@pytest.mark.parametrize(
    ("first", "second", "at"),
    [
        ("salt: s", "salt: s", "second.salt"),
        ("traffic: 50%", "salt: first", "second.salt"),
        ("salt: second", "traffic: 50%", "second"),
        ("unit: page, salt: s", "unit: page, salt: s", "second.salt"),
        ("salt: s, layer: a", "salt: s, layer: b", "second.salt"),
        ("salt: s, hash: growthbook-v2", "salt: s, hash: growthbook-v2", "second.salt"),
    ],
)
def test_two_experiments_that_put_the_same_readers_into_the_same_arms_are_refused(
    tmp_path: Path, first: str, second: str, at: str
) -> None:
    [found] = told(tmp_path, ENTANGLED.format(first=first, second=second))
    assert found.startswith(f"experiments.{at}: has the salt ")
    assert found.endswith(
        ' of "first", so the same readers are in the same arms of both: give it one of its own'
    )


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("salt: s", "salt: s, hash: growthbook-v2"),
        ("salt: s", "salt: s, unit: page"),
        ("salt: s, unit: edge", "salt: s, unit: edge"),
        ("salt: s, layer: {name: a, part: [0%, 50%]}", "salt: s, layer: {name: a, part: [50%, 100%]}"),
    ],
)
def test_a_salt_is_shared_where_no_reader_is_in_both_by_it(tmp_path: Path, first: str, second: str) -> None:
    assert len(rules(tmp_path, BLOCKS + ENTANGLED.format(first=first, second=second)).experiments) == 2


@pytest.mark.parametrize(
    ("name", "keys", "holdout", "at"),
    [
        ("e", "salt: year", "{share: 5%, salt: year}", "e.salt"),
        ("holdout", "traffic: 100%", "{share: 5%}", "holdout"),
    ],
)
def test_a_holdout_that_would_take_readers_out_of_one_arm_alone_is_refused(
    tmp_path: Path, name: str, keys: str, holdout: str, at: str
) -> None:
    written = f"experiments: {{{name}: {{{keys}, arms: {{control: {{}}, b: {{drop: plain}}}}}}}}"
    [found] = told(tmp_path, f"{written}\nholdout: {holdout}")
    assert found.startswith(f"experiments.{at}: has the salt ")
    assert "of the holdout, which would take readers out of one arm only" in found


def test_experiments_by_page_make_no_variants(tmp_path: Path) -> None:
    assert len(rules(tmp_path, BLOCKS + several(6, layer="unit: page, ")).experiments) == 6


def test_a_file_that_extends_another_changes_its_experiments_by_their_names(tmp_path: Path) -> None:
    write(tmp_path, house=BLOCKS + several(3) + "\nholdout: {share: 2%}")
    loaded = rules(
        tmp_path,
        "extends: house.yaml\nexperiments:\n  e0: {traffic: 40%}\n  e1:\n  e2: {arms: {b: {drop: plain}}}\n",
    )
    first, second = loaded.experiments
    assert (first.name, first.traffic, first.arms) == ("e0", 0.4, ("control", "b"))
    assert (second.name, second.written["arms"]["b"]["drop"]) == ("e2", "plain")
    assert len(loaded.overrides) == 2
    assert loaded.holdout == Holdout("holdout", 0.02)


def test_in_one_layer_variants_add_up(tmp_path: Path) -> None:
    layer = "layer: {{name: a, part: [{}%, {}%]}}, "
    assert len(rules(tmp_path, BLOCKS + several(7, layer=layer)).experiments) == 7
    [found] = told(tmp_path, several(8, layer=layer))
    assert "make 9 variants" in found


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("experiments: {¦Wide: {arms: {a: {}, b: {drop: plain}}}}", "experiments.Wide: expected a name of small"),
        ("experiments: {e: {arms: ¦{a: {drop: plain}}}}", "experiments.e.arms: needs two arms at least"),
        ("experiments: {e: {arms: ¦{a: {}, b: {}}}}", "experiments.e.arms: no arm changes anything"),
        ("experiments: {e: {salt: ¦a b, arms: {a: {}, b: {drop: plain}}}}", "experiments.e.salt: expected a salt"),
        ("experiments: {e: {unit: ¦cookie, arms: {a: {}, b: {drop: plain}}}}", "experiments.e.unit: expected"),
        ("experiments: {e: {traffic: ¦140%, arms: {a: {}, b: {drop: plain}}}}", "experiments.e.traffic: expected"),
        (
            "experiments: {e: {plan: {min_effect: ¦0%}, arms: {a: {}, b: {drop: plain}}}}",
            'experiments.e.plan.min_effect: expected a percentage above 0, such as "3%", found "0%"',
        ),
        (
            "experiments: {e: {plan: {min_effect: 3%, looks: ¦[50%, 40%, 100%]}, arms: {a: {}, b: {drop: plain}}}}",
            "experiments.e.plan.looks: looks are shares of the planned units that rise up to 100%",
        ),
        (
            "experiments: {e: {metrics: {primary: ¦click_per_view}, arms: {a: {}, b: {drop: plain}}}}",
            'experiments.e.metrics.primary: expected a metric; did you mean "clicks_per_view"?',
        ),
        (
            "experiments: {e: {from: 2026-12-15, until: ¦2026-12-01, arms: {a: {}, b: {drop: plain}}}}",
            'experiments.e.until: holds at no time: "from" is 2026-12-15, which is not before it',
        ),
        (
            "experiments: {e: {until: 2026-12-15, when: {schedule: ¦{from: 2027-01-01}}, arms: {a: {}, b: {drop: plain}}}}",
            "experiments.e.when.schedule: never holds beside experiments.e.until",
        ),
        (
            "experiments: {e: {when: {section: A, none: [{section: ¦A}]}, arms: {a: {}, b: {drop: plain}}}}",
            "experiments.e.when.none[0].section: never holds beside experiments.e.when.section",
        ),
        ("holdout: {share: ¦much}", 'holdout.share: expected a percentage from 0 to 100, such as "30%"'),
        ("holdout: ¦{}", 'holdout: needs "share"'),
    ],
)  # fmt: skip
def test_a_mistake_in_an_experiment(tmp_path: Path, written: str, sentence: str) -> None:
    [found] = told(tmp_path, written)
    assert found.startswith(sentence)


@pytest.mark.parametrize(
    ("looks", "shares"),
    [("always", ()), ("once", (1.0,)), ("[25%, 50%, 100%]", (0.25, 0.5, 1.0)), (None, ())],
)
def test_looks_are_planned(tmp_path: Path, looks: str | None, shares: tuple[float, ...]) -> None:
    plan = "{min_effect: 3%}" if looks is None else f"{{min_effect: 3%, looks: {looks}}}"
    written = f"experiments: {{e: {{plan: {plan}, arms: {{control: {{}}, b: {{drop: plain}}}}}}}}"
    (experiment,) = rules(tmp_path, BLOCKS + written).experiments
    assert experiment.looks == shares


def test_weights_are_shares_of_their_sum(tmp_path: Path) -> None:
    arms = "arms: {control: {weight: 3}, b: {weight: 1, drop: plain}}"
    (experiment,) = rules(tmp_path, BLOCKS + f"experiments: {{e: {{traffic: 40%, {arms}}}}}").experiments
    assert experiment.weights == (0.75, 0.25)
    assert [end for each in experiment.allocation.ranges for end in each] == pytest.approx(
        [0, 0.3, 0.75, 0.85]
    )
    assert experiment.allocation.salt == "e"
