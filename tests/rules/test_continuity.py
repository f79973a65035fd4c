"""What new rules do to experiments that run: who is in an arm stays in it, or it is told why not."""

# ruff: noqa: E501 - rules on one line

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newshole import Reader
from newshole.rules.continuity import changed_in_flight, is_wider
from newshole.rules.experiments import arms_of
from newshole.rules.ruleset import Rules
from tests.budget import examples
from tests.rules.files import rules

NOW: Final = datetime(2026, 12, 5, tzinfo=UTC)
BLOCKS: Final = "blocks: {a: {kind: source, place: body-end}, b: {kind: source, place: body-after}}\n"
ARMS: Final = "arms: {control: {weight: 50}, none: {weight: 50, drop: a}}"
BEFORE: Final = (
    "traffic: 40%, layer: {name: l, part: [20%, 60%]}, when: {section: [A, B], tag: {not: [x, y]}}, "
    "from: 2026-12-01, until: 2026-12-15"
)


def written(folder: Path, keys: str, arms: str = ARMS, *, holdout: str = "{share: 2%}") -> Rules:
    text = f"{BLOCKS}experiments: {{e: {{{keys}, {arms}}}}}\nholdout: {holdout}"
    return rules(folder, text)


def told(folder: Path, keys: str, arms: str = ARMS, *, before: str = BEFORE, **more: str) -> list[str]:
    old = written(folder, before)
    return [str(each) for each in changed_in_flight(old, written(folder, keys, arms, **more), NOW)]


def changed(**keys: str) -> str:
    """`BEFORE` with another value of some keys; "" for none."""
    parts = {
        "traffic": "40%",
        "layer": "{name: l, part: [20%, 60%]}",
        "when": "{section: [A, B], tag: {not: [x, y]}}",
        "from": "2026-12-01",
        "until": "2026-12-15",
    }
    both = {**parts, **{key.rstrip("_"): value for key, value in keys.items()}}
    return ", ".join(f"{key}: {value}" for key, value in both.items() if value)


@pytest.mark.parametrize(
    "keys",
    [
        changed(),
        changed(traffic="80%"),
        changed(traffic=""),
        changed(layer="{name: l, part: [0%, 60%]}"),
        changed(layer="l"),
        changed(layer=""),
        changed(when="{section: [B, A, C], tag: {not: x}}"),
        changed(when="{section: [A, B]}"),
        changed(when=""),
        changed(until="2027-01-31"),
        changed(until=""),
        changed(from_="2026-11-01"),
        changed(hypothesis="Other words.", metrics="{primary: dwell}", plan="{min_effect: 5%}"),
        changed(salt="another", traffic="1%", when="{section: C}"),
    ],
)
def test_what_takes_nobody_out_of_an_arm_is_free(tmp_path: Path, keys: str) -> None:
    assert told(tmp_path, keys) == []


@pytest.mark.parametrize(
    ("keys", "arms", "sentence"),
    [
        (changed(traffic="10%"), ARMS, "traffic: 10%, down from 40%, takes readers out of it"),
        (changed(unit="page"), ARMS, "unit: page in the place of visitor deals all readers anew"),
        (
            changed(hash="growthbook-v2"),
            ARMS,
            "hash: growthbook-v2 in the place of blake2b deals all readers anew",
        ),
        (changed(layer="{name: l, part: [20%, 50%]}"), ARMS, "layer: another part of the layer takes readers out of it"),
        (changed(layer="{name: m, part: [0%, 60%]}"), ARMS, "layer: another part of the layer takes readers out of it"),
        (changed(when="{section: A, tag: {not: [x, y]}}"), ARMS, "when: other conditions may take readers out of it"),
        (changed(when="{section: [A, B], tag: {not: [x, y, z]}}"), ARMS, "when: other conditions may take readers out of it"),
        (
            changed(when="{section: [A, B], tag: {not: [x, y]}, device: mobile}"),
            ARMS,
            "when: other conditions may take readers out of it",
        ),
        (changed(from_="2026-12-10"), ARMS, "from: a later beginning takes all readers out of it for a time"),
        (
            changed(),
            "arms: {control: {weight: 60}, none: {weight: 40, drop: a}}",
            "arms: other weights move readers from one arm to another",
        ),
        (
            changed(),
            "arms: {control: {}, none: {drop: a}, both: {drop: b}}",
            "arms: control, none, both in the place of control, none moves readers",
        ),
        (
            changed(),
            "arms: {none: {drop: a}, control: {}}",
            "arms: none, control in the place of control, none moves readers",
        ),
        (
            changed(),
            "arms: {control: {}, none: {drop: b}}",
            "arms.none: what it changes is not what its readers saw before",
        ),
        (
            changed(),
            "arms: {control: {set: {layout.ads: 1}}, none: {drop: a}}",
            "arms.control: what it changes is not what its readers saw before",
        ),
    ],
)  # fmt: skip
def test_what_moves_readers_needs_a_new_salt(tmp_path: Path, keys: str, arms: str, sentence: str) -> None:
    assert told(tmp_path, keys, arms) == [f"experiments.e.{sentence}: give it a new salt"]
    assert told(tmp_path, f"{keys}, salt: new", arms) == []


@pytest.mark.parametrize("weights", [(1, 1), (2, 2), (7, 7)])
def test_weights_count_by_their_shares(tmp_path: Path, weights: tuple[int, int]) -> None:
    arms = f"arms: {{control: {{weight: {weights[0]}}}, none: {{weight: {weights[1]}, drop: a}}}}"
    assert told(tmp_path, BEFORE, arms) == []


@pytest.mark.parametrize(
    "dates", ["from: 2026-12-10", "until: 2026-12-05", "from: 2026-11-01, until: 2026-12-01"]
)
def test_what_does_not_run_yet_or_any_more_may_change(tmp_path: Path, dates: str) -> None:
    assert told(tmp_path, "traffic: 10%", before=f"traffic: 40%, {dates}") == []


def test_an_experiment_that_is_left_out_ends(tmp_path: Path) -> None:
    old, new = written(tmp_path, BEFORE), rules(tmp_path, BLOCKS)
    assert changed_in_flight(old, new, NOW) == []
    assert changed_in_flight(new, old, NOW) == []


@pytest.mark.parametrize(
    ("holdout", "what"),
    [
        ("{share: 2%}", None),
        ("{share: 1%}", None),
        ("{share: 0%}", None),
        ("{share: 3%}", "a greater share"),
        ("{share: 2%, salt: other}", "another salt"),
    ],
)
def test_a_holdout_takes_nobody_out_of_an_arm(tmp_path: Path, holdout: str, what: str | None) -> None:
    sentence = f"holdout: {what} takes readers out of running experiments: give each a new salt"
    assert told(tmp_path, BEFORE, holdout=holdout) == ([] if what is None else [sentence])


SERVED: Final = "vary: {id: X-Id}\nconsent: {mode: server, header: X-Consent, vendors: [755]}\n"


@pytest.mark.parametrize(
    ("old", "new", "sentences"),
    [
        ("vary: {id: {cookie: uid}}\n", "vary: {id: {cookie: uid}, device: X-Device}\n", []),
        ("", "vary: {id: X-Id}\n", []),
        (
            "vary: {id: {cookie: uid}}\n",
            "vary: {id: {cookie: nid}}\n",
            ["vary.id: ids from the cookie nid in the place of the cookie uid may move readers"],
        ),
        (
            "vary: {id: {cookie: uid}}\n",
            "vary: {id: X-Id}\n",
            ["vary.id: ids from the header X-Id in the place of the cookie uid may move readers"],
        ),
        (
            "vary: {id: X-Id}\n",
            "",
            ["vary.id: ids from nowhere in the place of the header X-Id may move readers"],
        ),
        ("vary: {id: X-Id}\n", SERVED, ["consent: other terms may take readers out"]),
        (
            SERVED,
            SERVED.replace("755", "755, 76"),
            ["consent: other terms may take readers out"],
        ),
        (SERVED, SERVED, []),
        (SERVED, "vary: {id: X-Id}\n", []),
    ],
)
def test_who_a_reader_is_and_may_take_part_stays(
    tmp_path: Path, old: str, new: str, sentences: list[str]
) -> None:
    def broken(experiment: str) -> list[str]:
        before, after = (rules(tmp_path, each + BLOCKS + experiment) for each in (old, new))
        return [str(each) for each in changed_in_flight(before, after, NOW)]

    expected = [f"{each}: give running experiments a new salt" for each in sentences]
    assert broken(f"experiments: {{e: {{{ARMS}}}}}") == expected
    assert broken(f"experiments: {{e: {{unit: page, {ARMS}}}}}") == []


def test_everything_is_told_at_once(tmp_path: Path) -> None:
    keys = changed(traffic="5%", layer="", when="{section: A}", hash="growthbook-v2")
    found = told(tmp_path, keys, "arms: {control: {}, none: {weight: 3, drop: b}}", holdout="{share: 9%}")
    assert [each.partition(": ")[0].removeprefix("experiments.e.") for each in found] == [
        "hash", "traffic", "when", "arms", "arms.none", "holdout",
    ]  # fmt: skip


KEYS: Final[dict[str, st.SearchStrategy[Any]]] = {
    "traffic": st.sampled_from(["10%", "40%", "100%"]),
    "hash": st.sampled_from(["blake2b", "growthbook-v2"]),
    "salt": st.sampled_from(["s", "t"]),
    "layer": st.sampled_from(["l", "m", "{name: l, part: [20%, 60%]}", "{name: l, part: [10%, 70%]}"]),
}


@examples(60)
@given(
    old=st.fixed_dictionaries(KEYS),
    new=st.fixed_dictionaries(KEYS),
    weights=st.tuples(st.sampled_from([1, 2]), st.sampled_from([1, 2])),
    share=st.sampled_from(["0%", "2%", "20%"]),
)
def test_where_nothing_is_told_every_reader_stays_in_their_arm(
    tmp_path_factory: pytest.TempPathFactory,
    old: dict[str, str],
    new: dict[str, str],
    weights: tuple[int, int],
    share: str,
) -> None:
    folder = tmp_path_factory.mktemp("rules")
    keys = (", ".join(f"{key}: {value}" for key, value in each.items()) for each in (old, new))
    arms = [f"arms: {{control: {{weight: {each}}}, none: {{drop: a}}}}" for each in weights]
    before = written(folder, next(keys), arms[0])
    after = written(folder, next(keys), arms[1], holdout=f"{{share: {share}}}")
    if changed_in_flight(before, after, NOW) or old["salt"] != new["salt"]:
        return
    for number in range(200):
        reader = Reader(id=f"u{number}")
        was, now = (arms_of(each.experiments, each.holdout, reader, "") for each in (before, after))
        assert was.items() <= now.items()


@pytest.mark.parametrize(
    ("old", "new", "wider"),
    [
        ({}, {}, True),
        ({}, {"section": "A"}, False),
        ({"section": "A"}, {}, True),
        ({"section": "A"}, {"section": ["B", "A"]}, True),
        ({"section": ["A", "B"]}, {"section": "A"}, False),
        ({"section": "A"}, {"section": {"not": "B"}}, False),
        ({"tag": {"not": ["x", "y"]}}, {"tag": {"not": "x"}}, True),
        ({"tag": {"not": "x"}}, {"tag": {"not": ["x", "y"]}}, False),
        ({"words": {"min": 300}}, {"words": {"min": 100}}, False),
        ({"any": [{"section": "A"}]}, {"any": [{"section": "B"}, {"section": "A"}]}, True),
        ({"any": [{"section": "A"}, {"section": "B"}]}, {"any": [{"section": "B"}]}, False),
        ({"all": [{"section": "A"}, {"tag": "x"}]}, {"all": [{"section": "A"}]}, True),
        ({"all": [{"section": "A"}]}, {"all": [{"section": "A"}, {"tag": "x"}]}, False),
        ({"none": [{"section": "A"}, {"tag": "x"}]}, {"none": [{"tag": "x"}]}, True),
        ({"none": [{"tag": "x"}]}, {"none": [{"section": "A"}, {"tag": "x"}]}, False),
        ({"meta": {"a": "1"}}, {"meta": {"a": ["1", "2"]}}, True),
        ({"meta": {"a": "1", "b": "2"}}, {"meta": {"a": "1"}}, True),
        ({"meta": {"a": "1"}}, {"meta": {"a": "1", "b": "2"}}, False),
    ],
)
def test_conditions_are_wider_where_they_surely_hold_wherever_the_old_ones_did(
    old: dict[str, Any], new: dict[str, Any], *, wider: bool
) -> None:
    assert is_wider(old, new) == wider
