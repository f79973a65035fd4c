"""Of two people who change the same rules neither loses a line."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from newshole.console.drafting.merging import Piece, merge, merge_files, settled

LINES = st.lists(st.sampled_from(["a\n", "b\n", "c\n", "d: 1\n", "d: 2\n", "\n"]), max_size=12).map("".join)
TEXTS = st.tuples(LINES, st.sampled_from(["", "end", "a"])).map("".join)


@given(TEXTS, TEXTS, TEXTS)
def test_the_pieces_are_the_three_texts_whole(base: str, theirs: str, mine: str) -> None:
    pieces = merge(base, theirs, mine)
    assert "".join(each.base for each in pieces) == base
    assert "".join(each.theirs for each in pieces) == theirs
    assert "".join(each.mine for each in pieces) == mine


@given(TEXTS, TEXTS, TEXTS)
def test_what_one_changed_is_taken_or_shown(base: str, theirs: str, mine: str) -> None:
    for piece in merge(base, theirs, mine):
        if piece.theirs != piece.base:
            assert piece.is_conflict or piece.merged == piece.theirs
        if piece.mine != piece.base:
            assert piece.is_conflict or piece.merged == piece.mine


@given(TEXTS, TEXTS)
def test_who_alone_changed_something_has_their_way(base: str, changed: str) -> None:
    for pieces in (merge(base, changed, base), merge(base, base, changed), merge(base, changed, changed)):
        assert not any(each.is_conflict for each in pieces)
        assert "".join(each.merged for each in pieces) == changed


@given(TEXTS, TEXTS, TEXTS)
def test_sides_that_are_exchanged_have_the_same_conflicts(base: str, theirs: str, mine: str) -> None:
    one, other = merge(base, theirs, mine), merge(base, mine, theirs)
    assert [each.base for each in one if each.is_conflict] == [
        each.base for each in other if each.is_conflict
    ]


def test_changes_apart_are_merged_and_changes_of_one_line_are_a_conflict() -> None:
    base = "site: A\nlayout:\n  gap: 3 units\n  blocks: 4\nblocks: {}\n"
    theirs = base.replace("3 units", "5 units").replace("site: A", "site: B")
    mine = base.replace("3 units", "7 units").replace("blocks: {}", "blocks: {a: {}}")
    (conflict,) = [each for each in merge(base, theirs, mine) if each.is_conflict]
    assert conflict == Piece("  gap: 3 units\n", "  gap: 5 units\n", "  gap: 7 units\n")
    (file,) = merge_files({"a.yaml": base}, {"a.yaml": theirs}, {"a.yaml": mine})
    assert settled(file, [conflict.chosen("theirs")]) == (
        "site: B\nlayout:\n  gap: 5 units\n  blocks: 4\nblocks: {a: {}}\n"
    )


def test_both_sides_of_a_conflict_can_be_kept_each_on_its_own_lines() -> None:
    assert Piece("a", "b", "c\n").chosen("both") == "b\nc\n"


def test_a_file_that_one_deleted_goes_unless_the_other_changed_it() -> None:
    base = {"a.yaml": "a\n", "b.yaml": "b\n"}
    gone, kept = merge_files(base, {}, {"a.yaml": "a\n", "b.yaml": "changed\n"})
    assert settled(gone, []) is None
    (conflict,) = kept.conflicts
    assert settled(kept, [conflict.theirs]) is None
    assert settled(kept, [conflict.mine]) == "changed\n"
