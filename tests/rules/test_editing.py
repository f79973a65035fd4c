"""Edits of rules files: what was asked for is there, and nothing else has changed."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from newshole.rules.editing.edits import Change, EditError, Move, Put, Take, edited, tree_of, value_at
from newshole.rules.editing.sheet import Steps
from newshole.rules.tree import Plain
from tests.budget import examples
from tests.rules.nasty import Page, is_sound, keys, trees, values


def written(tree: dict[str, Plain], random: Random) -> tuple[str, Page]:
    """A nasty file that says a tree, and where its values are in it."""
    page = Page(random)
    page.whole(tree)
    newline = random.choice(("\n", "\n", "\r\n"))
    text = random.choice(("", "", "\ufeff")) + newline.join(page.lines) + random.choice((newline, ""))
    assume(same(tree_of(text), tree))  # a text that needs the line end that the file lacks
    return text, page


def paths(tree: Plain, path: Steps = ()) -> list[Steps]:
    """The paths of everything in a tree."""
    steps: list[Any] = []
    if isinstance(tree, dict | list):
        steps = [*(tree.items() if isinstance(tree, dict) else enumerate(tree))]
    return [each for step, below in steps for each in ((*path, step), *paths(below, (*path, step)))]


def check_others_kept(before: str, after: str, first: int, last: int) -> None:
    """Every line outside of `first` to `last` is there as it was."""
    lines = [line + "\n" for line in before.split("\n")]
    lines[-1] = lines[-1].removesuffix("\n")
    assert after.startswith("".join(lines[:first]))
    assert after.endswith("".join(lines[last + 1 :]))


def put(tree: Any, path: Steps, value: Plain) -> Any:
    """A tree with another value, made in the plainest way."""
    if not path:
        return value
    copied: Any = dict(tree) if isinstance(tree, dict) else list(tree)
    copied[path[0]] = put(copied[path[0]], path[1:], value)
    return copied


def taken(tree: Any, path: Steps) -> Any:
    copied: Any = dict(tree) if isinstance(tree, dict) else list(tree)
    if len(path) == 1:
        del copied[path[0]]
    else:
        copied[path[0]] = taken(copied[path[0]], path[1:])
    return copied


def same(one: Plain, other: Plain) -> bool:
    return repr(_sorted(one)) == repr(_sorted(other))


def _sorted(value: Plain) -> object:
    if isinstance(value, dict):
        return sorted((key, _sorted(each)) for key, each in value.items())
    if isinstance(value, list):
        return [_sorted(each) for each in value]
    return value


def touched_by_taking(tree: Plain, path: Steps, page: Page) -> tuple[int, int]:
    """The lines of what goes: of all around it where it is the last one, and up to the next key where it
    shares a dash's line, onto which that one moves."""
    holder = value_at(tree, path[:-1])
    assert isinstance(holder, dict | list)
    if len(path) == 1 or len(holder) == 1:
        return page.spans[path[:-1] or path]
    first, last = page.spans[path]
    siblings: list[Any] = [*holder] if isinstance(holder, dict) else [*range(len(holder))]
    after = siblings[siblings.index(path[-1]) + 1 :]
    if first == page.spans[path[:-1]][0] and after:
        last = page.spans[(*path[:-1], after[0])][0]
    return first, last


@examples(150)
@given(trees, values, st.integers(0, 2**32).map(Random), st.data())
def test_a_value_is_replaced_and_all_other_lines_stay(
    tree: dict[str, Plain], value: Plain, random: Random, data: st.DataObject
) -> None:
    assume(is_sound([tree, value]))
    text, page = written(tree, random)
    path = data.draw(st.sampled_from(paths(tree)))
    after = edited(text, [Put(path, value)])
    assert same(tree_of(after), put(tree, path, value))
    check_others_kept(text, after, *page.spans[path])


@examples(150)
@given(trees, st.integers(0, 2**32).map(Random), st.data())
def test_a_value_is_taken_and_all_other_lines_stay(
    tree: dict[str, Plain], random: Random, data: st.DataObject
) -> None:
    assume(is_sound(tree))
    text, page = written(tree, random)
    path = data.draw(st.sampled_from(paths(tree)))
    after = edited(text, [Take(path)])
    assert same(tree_of(after), taken(tree, path))
    check_others_kept(text, after, *touched_by_taking(tree, path, page))


@examples(150)
@given(trees, keys, values, st.integers(0, 2**32).map(Random), st.data())
def test_a_key_is_added_and_all_lines_stay(
    tree: dict[str, Plain], key: str, value: Plain, random: Random, data: st.DataObject
) -> None:
    assume(is_sound([tree, value]))
    text, page = written(tree, random)
    parents = [(), *(path for path in paths(tree) if isinstance(value_at(tree, path), dict | list))]
    parent = data.draw(st.sampled_from(parents))
    holder = value_at(tree, parent)
    assert isinstance(holder, dict | list)
    assume(key not in holder)
    step = key if isinstance(holder, dict) else len(holder)
    wanted = {**holder, key: value} if isinstance(holder, dict) else [*holder, value]
    after = edited(text, [Put((*parent, step), value)])
    assert same(tree_of(after), put(tree, parent, wanted))
    neighbour = next(reversed(holder)) if isinstance(holder, dict) and holder else len(holder) - 1
    first, last = page.spans[(*parent, neighbour) if holder else parent]
    check_others_kept(text, after, first, last)


@examples(100)
@given(trees, st.integers(0, 2**32).map(Random))
def test_what_is_there_already_changes_nothing(tree: dict[str, Plain], random: Random) -> None:
    assume(is_sound(tree))
    text, _ = written(tree, random)
    assert edited(text, [Put((key,), value) for key, value in tree.items()]) == text


NEWSROOM = """\
# Courier
defaults: &d
  ad: {label: Ad}
blocks: # in this order

  # the first one
  one:
    kind: ad   # sold by Ida
    sizes: &box
      mobile: [[300, 250]]
    place: 'body-end'

  two: {kind: ad, sizes: *box, <<: *d}

  three:
    kind: html
    html: |
      <b>three</b>
"""


def check_change(changes: list[Change], *pairs: tuple[str, str]) -> None:
    """The changes do to the newsroom's rules what replacing some of its text does."""
    wanted = NEWSROOM
    for old, new in pairs:
        assert wanted.count(old) == 1
        wanted = wanted.replace(old, new)
    assert edited(NEWSROOM, changes) == wanted


def test_a_word_keeps_its_quotes_and_the_comment_behind_it() -> None:
    check_change([Put(("blocks", "one", "place"), "body-start")], ("'body-end'", "'body-start'"))
    check_change([Put(("blocks", "one", "kind"), "html")], ("kind: ad   # sold", "kind: html   # sold"))


def test_a_new_block_stands_apart_where_the_others_do() -> None:
    check_change(
        [Put(("blocks", "four"), {"kind": "paid", "when": {"section": ["A"]}, "by": "no"})],
        ("three</b>\n", 'three</b>\n\n  four:\n    kind: paid\n    when: {section: [A]}\n    by: "no"\n'),
    )


def test_parents_that_lack_are_made() -> None:
    check_change(
        [Put(("blocks", "three", "when", "section", "not"), ["A"])],
        ("three</b>\n", "three</b>\n    when: {section: {not: [A]}}\n"),
    )


def test_of_a_mapping_only_what_differs_is_written() -> None:
    check_change(
        [Put(("blocks", "three"), {"kind": "html", "html": "<b>three</b>\n", "reserve": 90})],
        ("three</b>\n", "three</b>\n    reserve: 90\n"),
    )


def test_a_block_moves_with_its_comments_and_its_empty_line() -> None:
    commented = NEWSROOM.replace("  three:", "  # of the house\n  three:")
    after = edited(commented, [Move(("blocks", "three"), "two")])
    assert "body-end'\n\n  # of the house\n  three:\n" in after
    assert "</b>\n\n  two:" in after
    assert sorted(after.splitlines()) == sorted(commented.splitlines())


def test_a_block_moves_to_the_end() -> None:
    after = edited(NEWSROOM, [Move(("blocks", "two"))])
    assert after.endswith("</b>\n\n  two: {kind: ad, sizes: *box, <<: *d}\n")
    assert edited(NEWSROOM, [Move(("blocks", "three"))]) == NEWSROOM


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (Put(("blocks", "two", "sizes", "mobile"), [[1, 2]]), "box"),
        (Put(("blocks", "one", "sizes", "mobile"), [[1, 2]]), "box"),
        (Take(("blocks", "one")), "box"),
        (Move(("blocks", "one"), "three"), "does not let it be changed"),
        (Take(("blocks", "two", "ad")), "<<"),
        (Put(("blocks", "two", "ad", "label"), "x"), "<<"),
        (Put(("blocks", "one", "kind", "x"), "x"), "something else"),
        (Put(("blocks", 0), "x"), "something else"),
        (Put((), "x"), "needs a key"),
        (Put(("site",), "\ud83d"), "half"),
        (Put(("site",), float("inf")), "number"),
        (Move(("blocks", "four"), "one"), "no such key"),
    ],
)
def test_what_cannot_be_edited_safely_is_refused_in_words(change: Change, why: str) -> None:
    with pytest.raises(EditError, match=why):
        edited(NEWSROOM, [change])


def test_an_alias_is_replaced_whole() -> None:
    check_change([Put(("blocks", "two", "sizes"), {"mobile": [[1, 2]]})], ("*box", "{mobile: [[1, 2]]}"))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a: 1\n---\nb: 2\n", "second document"),
        ("a: [1\n", "line 1"),
        ("a: 1\na: 2\n", "same key twice"),
    ],
)
def test_a_file_with_a_mistake_is_left_alone(text: str, why: str) -> None:
    with pytest.raises(EditError, match=why):
        edited(text, [Put(("a",), 3)])


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "# nothing yet", "\ufeff"])
def test_an_empty_file_gets_its_first_key(text: str) -> None:
    after = edited(text, [Put(("site",), "Courier")])
    assert after.startswith(text)
    assert after.endswith("site: Courier\n")
