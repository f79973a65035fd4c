"""Who is in which arm, and on which pages that is seen: `Composition.arms` and `Composition.exposures`."""

from __future__ import annotations

from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any, Final

import pytest

import newshole.composing
from newshole import Reader, Site
from newshole.experiments.assignment import Holdout, arm_ranges, assigned
from newshole.page.outline import Outline
from newshole.plan.planner import Plan, make_plan
from newshole.rules.experiments import Experiment
from newshole.rules.ruleset import Rules
from newshole.site import Composition
from tests.pages import SENTENCE

URL: Final = "https://news.example/city/bridge"
HTML: Final = "text/html; charset=utf-8"
BLOCKS: Final = """
vary: {id: {cookie: uid}, arms: X-Arms}
layout: {gap: 1 unit, story: {min: 5 units}}
blocks:
  ad: {kind: html, html: <p>ad</p>, place: {after: paragraph, nth: 2}}
  box: {kind: html, html: <p>box</p>, place: body-end}
"""
MOVED: Final = "{set: {blocks.ad.place: {after: paragraph, nth: 4}}}"


def site(folder: Path, rest: str) -> Site:
    path = folder / "site.yaml"
    path.write_text(BLOCKS + rest, "utf-8")
    return Site.load(path)


def page(paragraphs: int = 8, section: str = "City") -> bytes:
    text = "".join(f"<p>{SENTENCE * 2}</p>\n" for _ in range(paragraphs))
    return (
        f'<!doctype html><html lang="en"><head><title>Bridge</title>'
        f'<meta property="article:section" content="{section}">'
        '<script type="application/ld+json">{"@type":"NewsArticle"}</script></head>'
        f"<body><main><article><h1>Bridge</h1>{text}</article></main></body></html>"
    ).encode()


def seen(loaded: Site, reader: Reader, body: bytes | None = None, url: str = URL) -> Composition:
    return loaded.compose(page() if body is None else body, url=url, content_type=HTML, reader=reader)


def told(composition: Composition) -> tuple[dict[str, str], dict[str, str]]:
    return dict(composition.arms), dict(composition.exposures)


def reader_in(loaded: Site, arm: str, experiment: str = "e") -> Reader:
    """A reader whom the experiment puts into an arm; "" for one whom it puts into none."""
    (found,) = (each for each in loaded.rules[0].experiments if each.name == experiment)
    return Reader(id=next(uid for uid in map("u{}".format, range(10_000)) if _arm_of(found, uid) == arm))


def _arm_of(experiment: Experiment, uid: str) -> str:
    number = assigned(experiment.allocation, uid)
    return "" if number is None else experiment.arms[number]


def test_control_is_exposed_where_the_other_arm_differs(tmp_path: Path) -> None:
    loaded = site(tmp_path, f"experiments: {{e: {{arms: {{control: {{}}, late: {MOVED}}}}}}}")
    control, late = (seen(loaded, reader_in(loaded, arm)) for arm in ("control", "late"))
    assert told(control) == ({"e": "control"}, {"e": "control"})
    assert told(late) == ({"e": "late"}, {"e": "late"})
    assert control.html == seen(loaded, Reader()).html != late.html
    assert [each.block for each in late.insertions] == [each.block for each in control.insertions]
    assert late.insertions[0].offset > control.insertions[0].offset


def test_nobody_is_exposed_where_the_arms_give_the_same_page(tmp_path: Path) -> None:
    loaded = site(tmp_path, f"experiments: {{e: {{arms: {{control: {{}}, late: {MOVED}}}}}}}")
    short = page(3)
    for arm in ("control", "late"):
        reader = reader_in(loaded, arm)
        assert told(seen(loaded, reader, short)) == ({"e": arm}, {})


@pytest.mark.parametrize(
    "reader", [Reader(), Reader(id=""), Reader(id="u1", bot=True)], ids=["no id", "empty id", "crawler"]
)
def test_who_cannot_be_assigned_gets_the_rules_as_they_are(tmp_path: Path, reader: Reader) -> None:
    loaded = site(tmp_path, f"experiments: {{e: {{arms: {{control: {{drop: box}}, late: {MOVED}}}}}}}")
    composition = seen(loaded, reader)
    assert told(composition) == ({}, {})
    assert [each.block for each in composition.insertions] == ["ad", "box"]


def test_who_is_outside_of_the_traffic_is_in_no_arm(tmp_path: Path) -> None:
    loaded = site(tmp_path, f"experiments: {{e: {{traffic: 40%, arms: {{control: {{}}, late: {MOVED}}}}}}}")
    assert told(seen(loaded, reader_in(loaded, ""))) == ({}, {})


def test_who_is_held_out_is_in_no_experiment(tmp_path: Path) -> None:
    experiment = f"experiments: {{e: {{arms: {{control: {{}}, late: {MOVED}}}}}}}\n"
    loaded = site(tmp_path, experiment + "holdout: {share: 50%, salt: of-2026}")
    held_out = Holdout("of-2026", 0.5)
    for uid in map("u{}".format, range(40)):
        composition = seen(loaded, Reader(id=uid))
        assert (composition.arms == {}) == held_out.holds(uid)


@pytest.mark.parametrize(
    ("consent", "is_asked"), [("none", False), ("limited", False), ("restricted", False), ("personal", True)]
)
def test_where_the_server_reads_consent_only_who_has_agreed_takes_part(
    tmp_path: Path, consent: str, *, is_asked: bool
) -> None:
    experiments = f"experiments: {{e: {{arms: {{control: {{}}, late: {MOVED}}}}}}}\n"
    loaded = site(tmp_path, experiments + "consent: {mode: server, header: X-Consent}")
    assert bool(seen(loaded, Reader(id="u1", consent=consent)).arms) == is_asked


def test_a_page_is_assigned_by_its_address_whoever_reads_it(tmp_path: Path) -> None:
    loaded = site(tmp_path, f"experiments: {{e: {{unit: page, arms: {{control: {{}}, late: {MOVED}}}}}}}")
    met = set()
    for number in range(30):
        url = f"{URL}-{number}"
        found = [told(seen(loaded, each, url=url)) for each in (Reader(), Reader(id="u1"), Reader(bot=True))]
        assert found[0] == found[1] == found[2]
        assert found[0][0] == found[0][1]
        met.add(found[0][0]["e"])
    assert met == {"control", "late"}


@pytest.mark.parametrize(
    ("arms", "expected"),
    [({"e": "late"}, {"e": "late"}), ({"e": "control"}, {"e": "control"}), ({"e": "gone"}, {}), ({}, {})],
)
def test_the_arm_that_the_edge_assigned_is_taken_as_it_is_told(
    tmp_path: Path, arms: dict[str, str], expected: dict[str, str]
) -> None:
    loaded = site(tmp_path, f"experiments: {{e: {{unit: edge, arms: {{control: {{}}, late: {MOVED}}}}}}}")
    assert told(seen(loaded, Reader(id="u1", arms=arms))) == (expected, expected)


def test_the_edge_assigns_no_arm_of_an_experiment_of_visitors(tmp_path: Path) -> None:
    loaded = site(tmp_path, f"experiments: {{e: {{arms: {{control: {{}}, late: {MOVED}}}}}}}")
    assert told(seen(loaded, Reader(arms={"e": "late"}))) == ({}, {})


@pytest.mark.parametrize(
    ("condition", "body"),
    [
        ("when: {section: Business}", page()),
        ("when: {path: /world/**}", page()),
        ("when: {device: mobile}", page()),
        ("from: 2999-01-01", page()),
        ("until: 2000-01-01", page()),
    ],
)
def test_an_experiment_that_is_not_about_the_page_puts_nobody_into_an_arm(
    tmp_path: Path, condition: str, body: bytes
) -> None:
    loaded = site(
        tmp_path, f"experiments: {{e: {{{condition}, arms: {{control: {{drop: ad}}, late: {MOVED}}}}}}}"
    )
    composition = seen(loaded, Reader(id="u1"), body)
    assert told(composition) == ({}, {})
    assert composition.html == seen(loaded, Reader()).html


def test_of_three_arms_each_is_exposed_where_any_two_differ(tmp_path: Path) -> None:
    arms = "{control: {}, same: {set: {blocks.ad.priority: 1}}, none: {drop: ad}}"
    loaded = site(tmp_path, f"experiments: {{e: {{arms: {arms}}}}}")
    for arm in ("control", "same", "none"):
        composition = seen(loaded, reader_in(loaded, arm))
        assert told(composition) == ({"e": arm}, {"e": arm})
        assert ("ad" in [each.block for each in composition.insertions]) == (arm != "none")


def test_of_two_experiments_each_is_exposed_by_itself(tmp_path: Path) -> None:
    loaded = site(
        tmp_path,
        f"experiments:\n  e: {{arms: {{control: {{}}, late: {MOVED}}}}}\n"
        "  f: {arms: {control: {}, none: {drop: box}}}",
    )
    met = set()
    for uid in map("u{}".format, range(40)):
        composition = seen(loaded, Reader(id=uid))
        arms = dict(composition.arms)
        assert composition.exposures == arms
        assert ("box" in [each.block for each in composition.insertions]) == (arms["f"] == "control")
        on_short = seen(loaded, Reader(id=uid), page(3))
        assert (on_short.arms, on_short.exposures) == (arms, {"f": arms["f"]})
        met.add((arms["e"], arms["f"]))
    assert len(met) == 4


def test_an_arm_in_which_nothing_is_placed_is_exposed(tmp_path: Path) -> None:
    loaded = site(tmp_path, "experiments: {e: {arms: {control: {}, none: {drop: [ad, box]}}}}")
    none = seen(loaded, reader_in(loaded, "none"))
    assert none.insertions == ()
    assert none.html == page()
    assert told(none) == ({"e": "none"}, {"e": "none"})
    assert told(seen(loaded, reader_in(loaded, "control"))) == ({"e": "control"}, {"e": "control"})


def test_an_arm_that_changes_only_what_a_block_shows_is_exposed(tmp_path: Path) -> None:
    loaded = site(
        tmp_path, 'experiments: {e: {arms: {control: {}, word: {set: {blocks.box.html: "<b>x</b>"}}}}}'
    )
    word, control = (seen(loaded, reader_in(loaded, arm)) for arm in ("word", "control"))
    assert told(word) == ({"e": "word"}, {"e": "word"})
    assert told(control) == ({"e": "control"}, {"e": "control"})
    assert [each.offset for each in word.insertions] == [each.offset for each in control.insertions]


def test_the_arms_go_over_the_overrides_and_are_compared_under_them(tmp_path: Path) -> None:
    loaded = site(
        tmp_path,
        "overrides: [{name: bare, when: {section: Plain}, drop: ad}]\n"
        f"experiments: {{e: {{arms: {{control: {{}}, late: {MOVED}}}}}}}",
    )
    late = reader_in(loaded, "late")
    plain = seen(loaded, late, page(section="Plain"))
    assert told(plain) == ({"e": "late"}, {})
    assert plain.overrides == ("bare",)
    assert told(seen(loaded, late)) == ({"e": "late"}, {"e": "late"})


def test_a_page_that_is_left_alone_exposes_nobody(tmp_path: Path) -> None:
    loaded = site(tmp_path, f"experiments: {{e: {{arms: {{control: {{}}, late: {MOVED}}}}}}}")
    off = page().replace(b"<title>", b'<meta name="newshole" content="off"><title>')
    composition = seen(loaded, Reader(id="u1"), off)
    assert composition.untouched is not None
    assert composition.exposures == {}


def test_an_arm_that_somebody_asked_to_see_is_shown_and_exposes_nobody(tmp_path: Path) -> None:
    loaded = site(
        tmp_path,
        f"holdout: {{share: 100%}}\nexperiments: {{e: {{arms: {{control: {{}}, late: {MOVED}}}}}}}",
    )
    forced = seen(loaded, Reader(bot=True, forced={"e": "late"}))
    assert told(forced) == ({"e": "late"}, {})
    assert forced.html != seen(loaded, Reader()).html
    assert seen(loaded, Reader(forced={"e": "gone"})).arms == {}


def test_an_ad_server_is_told_the_arm_and_that_makes_no_page_differ(tmp_path: Path) -> None:
    ad = (
        "  paying: {kind: ad, sizes: {mobile: [[300, 250]]}, place: body-start, "
        'serve: {gpt: {unit: "/1/{arm}", targeting: '
        '{nh_arm: "{arm}", nh_pos: "{block}-{n}", both: "x {arm}"}}}}\n'
    )
    loaded = site(
        tmp_path,
        ad + f"experiments:\n  e: {{arms: {{control: {{}}, late: {MOVED}}}}}\n"
        "  f: {unit: edge, when: {section: City}, arms: {control: {}, none: {drop: box}}}\n",
    )
    late = replace(reader_in(loaded, "late"), arms={"f": "control"})
    html = unescape(seen(loaded, late).html.decode())
    assert '"nh_arm":["e:late","f:control"],"nh_pos":["paying-1"],"both":["x e-late-f-control"]' in html
    assert 'data-nh-gpt="/1/e-late-f-control"' in html
    elsewhere = unescape(seen(loaded, late, page(section="Sport")).html.decode())
    assert '"nh_arm":["e:late"]' in elsewhere
    assert "nh_arm" not in seen(loaded, Reader()).html.decode()
    assert "e:late" not in seen(loaded, Reader(forced={"e": "late"})).html.decode()
    assert told(seen(loaded, late, page(3))) == ({"e": "late", "f": "control"}, {"f": "control"})


def test_more_traffic_takes_nobody_out_of_an_arm(tmp_path: Path) -> None:
    before: dict[str, str] = {}
    for traffic in (1, 10, 40, 100):
        allocation = arm_ranges((0.5, 0.5), traffic / 100)
        arms = f"experiments: {{e: {{traffic: {traffic}%, arms: {{control: {{}}, late: {MOVED}}}}}}}"
        loaded = site(tmp_path, arms)
        assert loaded.rules[0].experiments[0].allocation.ranges == allocation
        now = {
            uid: dict(seen(loaded, Reader(id=uid)).arms).get("e", "") for uid in map("u{}".format, range(60))
        }
        assert all(now[uid] == arm for uid, arm in before.items() if arm)
        before = now
    assert "" not in before.values()


@pytest.mark.parametrize("whose", ["control", "late"])
def test_a_fault_in_one_arm_exposes_nobody_and_leaves_the_other_arm_its_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, whose: str
) -> None:
    loaded = site(tmp_path, f"experiments: {{e: {{arms: {{control: {{}}, late: {MOVED}}}}}}}")
    readers = {arm: reader_in(loaded, arm) for arm in ("control", "late")}
    expected = seen(loaded, readers[whose]).html
    moved = loaded.rules[0].under((0,)).blocks
    plan = make_plan

    def broken_late(outline: Outline, rules: Rules, *more: Any, **named: Any) -> Plan:
        if rules.blocks == moved:
            raise RuntimeError("broken on purpose")
        return plan(outline, rules, *more, **named)

    monkeypatch.setattr(newshole.composing, "make_plan", broken_late)
    composition = seen(loaded, readers[whose])
    assert composition.exposures == {}
    assert composition.html == (expected if whose == "control" else page())
    assert composition.untouched == (None if whose == "control" else "plan-fault")
