"""What new rules change: slots that come, go and move."""

from __future__ import annotations

from pathlib import Path

import pytest

from newshole import Site
from newshole.review.changes import PageChange, Side, changes, page_change, totals, worst_first
from newshole.review.slots import Slot
from tests.cli.conftest import RULES, STORY


def slot(block: str, offset: int) -> Slot:
    return Slot(block, "ad", 1, offset, f"at {offset}")


def told(before: list[Slot], after: list[Slot]) -> list[tuple[str, str, int | None, int | None]]:
    return [
        (each.what, each.block, _offset(each.before), _offset(each.after)) for each in changes(before, after)
    ]


def _offset(slot: Slot | None) -> int | None:
    return None if slot is None else slot.offset


def test_what_stays_is_no_change() -> None:
    assert told([slot("a", 1), slot("b", 2)], [slot("a", 1), slot("b", 2)]) == []


def test_slots_come_and_go_down_the_page() -> None:
    found = told([slot("a", 30), slot("b", 10)], [slot("c", 20), slot("b", 10)])
    assert found == [("gained", "c", None, 20), ("lost", "a", 30, None)]


def test_a_block_that_goes_and_comes_moves_to_the_nearest_place() -> None:
    found = told([slot("a", 10), slot("a", 50)], [slot("a", 52), slot("a", 90), slot("a", 11)])
    assert found == [("moved", "a", 10, 11), ("moved", "a", 50, 52), ("gained", "a", None, 90)]


def test_blocks_never_move_into_each_other() -> None:
    assert [what for what, *_ in told([slot("a", 10)], [slot("b", 10)])] == ["lost", "gained"]


def change(source: str, before: int, after: int, untouched: str | None = None) -> PageChange:
    olds, news = [slot("a", n) for n in range(before)], [slot("a", n) for n in range(after)]
    sides = Side(None, tuple(olds), 0.2), Side(untouched, tuple(news), None if untouched else 0.3)
    return PageChange(source, *sides, tuple(changes(olds, news)), ())


def test_the_pages_that_lose_most_come_first_and_those_that_stay_do_not_come() -> None:
    pages = [change("same", 2, 2), change("gains", 1, 3), change("loses", 3, 0), change("little", 3, 2)]
    assert [page.source for page in worst_first(pages)] == ["loses", "little", "gains"]


def test_totals_count_pages_and_slots_and_take_the_mean_of_what_is_known() -> None:
    found = totals([change("a", 1, 3), change("b", 2, 2), change("c", 2, 0, "no-site")])
    assert (found.pages, found.changed, found.gained, found.lost, found.moved) == (3, 2, 2, 2, 0)
    assert (found.before, found.after) == (5, 5)
    assert found.density_before == pytest.approx(0.2)
    assert found.density_after == pytest.approx(0.3)


def compared(tmp_path: Path, *replaced: tuple[str, str]) -> PageChange:
    text = RULES.read_text("utf-8")
    for old, new in replaced:
        assert old in text
        text = text.replace(old, new, 1)
    rules = tmp_path / "new.yaml"
    rules.write_text(text, "utf-8")
    page, url = STORY.read_bytes(), "https://a.example/"
    return page_change("story", page, url, "text/html", "desktop", Site.load(RULES), Site.load(rules))


def test_a_place_is_named_in_words(tmp_path: Path) -> None:
    (moved,) = compared(tmp_path, ("nth: 2", "nth: -1")).changes
    assert moved.before
    assert moved.after
    assert (moved.what, moved.before.where, moved.after.where) == (
        "moved",
        "after paragraph 2",
        "after paragraph 5",
    )


def test_other_content_in_the_same_place_is_a_change(tmp_path: Path) -> None:
    page = compared(tmp_path, ("{slot: inline}", "{slot: other}"))
    assert (page.changes, page.redone, page.has_changed) == ((), ("inline-ad",), True)


def test_other_content_by_an_override_is_a_change(tmp_path: Path) -> None:
    override = (
        "overrides: [{name: other, when: {device: desktop}, set: {blocks.inline-ad.serve: {slot: other}}}]"
    )
    page = compared(tmp_path, ("site: News Example", f"site: News Example\n{override}"))
    assert (page.changes, page.redone) == ((), ("inline-ad",))


def test_a_page_that_the_new_rules_leave_loses_all(tmp_path: Path) -> None:
    page = compared(tmp_path, ("site: News Example", "hosts: other.example"))
    assert page.after == Side("no-site", (), None)
    assert [each.what for each in page.changes] == ["lost"]


def test_equal_rules_change_nothing(tmp_path: Path) -> None:
    assert not compared(tmp_path).has_changed
