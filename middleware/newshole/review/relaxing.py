"""Rules with one bound taken away.

A bound is any record in the layout or in a block that carries the path of the rule that asks for it, so a
new one is found here by itself, unless it asks for something: those are named in `_ASKING`. What bounds but
has no record of its own stands in `_UNNAMED`, a line each.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from operator import is_not
from typing import Any, Final, NamedTuple

from newshole.rules.ruleset import Block, Repeat, Rules

_ASKING: Final = frozenset(("prefer", "repeat", "when", "options", "path"))
"""What a block says that bounds nothing: it asks for a place, or for a page."""


class _Unnamed(NamedTuple):
    """A bound of a block without a record of its own: what its path ends with, what it requires, None where
    it bounds nothing, and the block without it."""

    ending: str
    required: Callable[[Block], str | None]
    without: Callable[[Block], Block]


_UNNAMED: Final = (
    _Unnamed(
        "exact", lambda block: "true" if block.exact else None, lambda block: replace(block, exact=False)
    ),
    _Unnamed(
        "inside",
        lambda block: block.own.inside,
        lambda block: replace(block, own=replace(block.own, inside=None)),
    ),
    _Unnamed(
        "not_inside",
        lambda block: block.own.not_inside,
        lambda block: replace(block, own=replace(block.own, not_inside=None)),
    ),
    _Unnamed(
        "needs",
        lambda block: " and ".join(block.own.needs) or None,
        lambda block: replace(block, own=replace(block.own, needs=())),
    ),
    _Unnamed(
        "excludes",
        lambda block: " and ".join(block.own.excludes) or None,
        lambda block: replace(block, own=replace(block.own, excludes=())),
    ),
    _Unnamed(
        "group",
        lambda block: block.own.group,
        lambda block: replace(block, own=replace(block.own, group=None)),
    ),
    _Unnamed("repeat.max", lambda block: _most(block.repeat), lambda block: _unlimited(block)),
)


@dataclass(frozen=True, slots=True)
class Relaxable:
    """A bound that can be taken away: the paths that go, of which `path` is the common name, and in words
    what is required there. `is_condition` where it is a `when`, which bounds pages and not places."""

    path: str
    required: str
    paths: frozenset[str]
    is_condition: bool = False

    def out_of(self, rules: Rules) -> Rules:
        """The rules without this bound."""
        return without(rules, self.paths)


def relaxable(rules: Rules, *, conditions: bool = False) -> tuple[Relaxable, ...]:
    """Every bound of the rules by its path, and every list of several as a whole; `when`s where asked for."""
    found: dict[str, str] = {}
    for holder in (rules.layout, *rules.blocks):
        found |= {path: required for path, required in _bounds(holder) if path not in found}
    for block in rules.blocks:
        named = ((f"{block.path}.{each.ending}", each.required(block)) for each in _UNNAMED)
        found |= {path: required for path, required in named if required is not None}
    bounds = [Relaxable(path, required, frozenset((path,))) for path, required in found.items()]
    whens = {each.path: each for block in rules.blocks for each in block.when} if conditions else {}
    asked = [
        Relaxable(path, each.written, frozenset((path,)), is_condition=True) for path, each in whens.items()
    ]
    return (*bounds, *_lists(found), *asked)


def without(rules: Rules, paths: Collection[str]) -> Rules:
    """The rules without what stands at these paths."""
    blocks = tuple(_block_without(block, paths) for block in rules.blocks)
    # What overrides change is in these rules already; they are not to be changed once more.
    return replace(rules, layout=_stripped(rules.layout, paths), blocks=blocks, overrides=(), _combined={})


def _block_without(block: Block, paths: Collection[str]) -> Block:
    for each in _UNNAMED:
        if f"{block.path}.{each.ending}" in paths:
            block = each.without(block)
    when = tuple(condition for condition in block.when if condition.path not in paths)
    stripped: Block = _stripped(block, paths)
    return stripped if when == block.when else replace(stripped, when=when)


def _lists(found: dict[str, str]) -> Iterator[Relaxable]:
    """The lists of several bounds, which often bind together so that one alone costs nothing."""
    lists: dict[str, list[str]] = {}
    for path in found:
        if item := re.fullmatch(r"(.+)\[\d+\]", path):
            lists.setdefault(item[1], []).append(path)
    for name, paths in lists.items():
        if len(paths) > 1 and name not in found:
            yield Relaxable(name, " and ".join(found[path] for path in paths), frozenset(paths))


def _bounds(holder: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - any record of the rules
    """The path of every bound in a record, and what it requires."""
    for _, value in _parts(holder):
        for each in value if isinstance(value, tuple) else (value,):
            if _is_bound(each):
                yield each.path, _required(each)
            elif is_dataclass(each):
                yield from _bounds(each)


def _parts(holder: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - any record of the rules
    for field in fields(holder):
        if field.name not in _ASKING:
            yield field.name, getattr(holder, field.name)


def _is_bound(value: object) -> bool:
    return is_dataclass(value) and isinstance(getattr(value, "path", None), str)


def _required(bound: Any) -> str:  # noqa: ANN401 - any record of the rules
    """What a bound requires, as its rule writes it, near enough."""
    if "__str__" in type(bound).__dict__:
        return str(bound)
    said = [getattr(bound, field.name) for field in fields(bound) if field.name != "path"]
    return " ".join(str(each) for each in said if each is not None)


def _stripped(holder: Any, paths: Collection[str]) -> Any:  # noqa: ANN401 - any record of the rules
    """The record without the bounds at these paths; the record itself where it has none of them."""
    changed: dict[str, Any] = {}
    for name, value in _parts(holder):
        if isinstance(value, tuple):
            kept = tuple(
                _stripped(each, paths) if is_dataclass(each) and not _is_bound(each) else each
                for each in value
                if not (_is_bound(each) and each.path in paths)
            )
            if len(kept) < len(value) or any(map(is_not, kept, value)):
                changed[name] = kept
        elif _is_bound(value):
            if value.path in paths:
                changed[name] = None
        elif is_dataclass(value) and (stripped := _stripped(value, paths)) is not value:
            changed[name] = stripped
    return replace(holder, **changed) if changed else holder


def _most(repeat: Repeat | None) -> str | None:
    return None if repeat is None or repeat.most is None else str(repeat.most)


def _unlimited(block: Block) -> Block:
    return block if block.repeat is None else replace(block, repeat=replace(block.repeat, most=None))
