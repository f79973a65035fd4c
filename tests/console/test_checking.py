"""What check says of files that are being written, and where in them a rule is."""

from __future__ import annotations

from pathlib import Path

import pytest

from newshole.console.drafting.checking import check_source, packs_of, place_of
from newshole.errors import RulesError
from newshole.live.source import Source
from newshole.rules.compile import load
from tests.live.rules import FIRST, WRONG, source_of, written

LAYERED = Source(
    "own.yaml", {"own.yaml": "extends: newspaper\nsite: Own\nlayout:\n  gap: [4 units, 80 words]\n"}
)


def test_problems_are_those_of_check_by_the_files_own_names(tmp_path: Path) -> None:
    file = written(tmp_path, WRONG)
    with pytest.raises(RulesError) as caught:
        load(file)
    found = check_source(source_of(WRONG), frozenset()).problems
    assert [(each.line, each.column, each.message) for each in found] == [
        (each.line, each.column, each.message) for each in caught.value.problems
    ]
    assert {each.file for each in found} == {Path("site.yaml")}


def test_rules_that_are_right_have_their_costs_told() -> None:
    text = FIRST.replace("nth: 5}", "nth: 5}, when: {device: mobile}")
    checked = check_source(source_of(text), frozenset())
    assert checked.problems == ()
    assert any("device" in note for note in checked.notes)
    assert checked.blocks == ("inline", "spot")


@pytest.mark.parametrize(
    "source", [Source("a.yaml", {}), Source("a.yaml", {"a.yaml": "extends: /etc/hosts\n"})]
)
def test_files_that_make_no_rules_are_one_problem(source: Source) -> None:
    assert len(check_source(source, frozenset()).problems) == 1


def test_a_rule_is_found_where_it_is_written() -> None:
    assert place_of(LAYERED, "layout.gap[1]") == ("own.yaml", 4, 18)
    assert place_of(LAYERED, "layout.gap[7]") == ("own.yaml", 4, 3)
    assert place_of(LAYERED, "layout.clear.image") is not None
    assert place_of(LAYERED, "nowhere.at.all") is None


def test_a_rule_of_a_pack_is_found_in_the_pack() -> None:
    found = place_of(LAYERED, "layout.clear.heading")
    assert found is not None
    line = packs_of(LAYERED)["newspaper"].splitlines()[found[1] - 1]
    assert (found[0], line.strip()) == ("newspaper", "heading: {after: never}")


def test_a_key_that_holds_dots_is_one_step() -> None:
    text = FIRST + "overrides:\n  - name: few\n    when: {device: mobile}\n    set: {layout.gap: 9 units}\n"
    assert place_of(source_of(text), "overrides[few].set.layout.gap") == ("site.yaml", 11, 11)
