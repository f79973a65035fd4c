"""Changes in a rules file that leave everything else as it is written.

The text is never written anew: each change replaces, adds or takes away the characters of one value, and
comments, order, quotes and anchors of all others stay, byte for byte. The result is read again, and is only
good where it says just what was asked for; what aliases or `<<` make unsafe is refused in words.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import Final, TypeAlias

from ruamel.yaml.error import YAMLError

from newshole.errors import NewsholeError
from newshole.rules.editing.sheet import Sheet, Steps, UneditableError
from newshole.rules.editing.writing import UnwritableError, Value
from newshole.rules.source import read_text
from newshole.rules.tree import NOTHING, Nothing, Plain, Told, plain, under

BOM: Final = "\ufeff"


class EditError(NewsholeError):
    """A change that cannot be made without touching more than it says: which path, and why in a sentence."""

    def __init__(self, path: Steps, sentence: str) -> None:
        self.path, self.sentence = path, sentence
        named = in_words(path)
        super().__init__(f"{named}: {sentence}" if named else sentence)


@dataclass(frozen=True, slots=True)
class Put:
    """A value goes to a path, such as `("blocks", "more", "count")`; what lacks on the way there is made.

    A number behind the last item of a list adds one. Of a list or mapping that stands there, only what
    differs is written anew.
    """

    path: Steps
    value: Value


@dataclass(frozen=True, slots=True)
class Take:
    """The key or the item at a path goes, with its value; nothing happens where there is none."""

    path: Steps


@dataclass(frozen=True, slots=True)
class Move:
    """The key at a path goes before another one of its mapping, or behind all for ""; with all its lines."""

    path: Steps
    before: str = ""


Change: TypeAlias = Put | Take | Move


def edited(text: str, changes: Sequence[Change]) -> str:
    """The text of a rules file with the changes, one after the other.

    Raises EditError where one cannot be made safely, or the text is no YAML without mistakes.
    """
    mark, written = (BOM, text[1:]) if text.startswith(BOM) else ("", text)
    wanted = tree_of(written)
    for change in changes:
        try:
            written, wanted = _made(written, wanted, change)
        except (UneditableError, UnwritableError) as error:
            raise EditError(change.path, str(error)) from error
        except (YAMLError, RecursionError) as error:
            raise EditError(change.path, _UNSAFE) from error
    if changes and not _is_same(_read_back(written, changes[-1].path), wanted):
        raise EditError(changes[-1].path, _UNSAFE)
    return mark + written


_UNSAFE: Final = "what stands around it does not let it be changed by itself; edit it in the YAML"


def tree_of(text: str) -> Plain:
    """What a text says, an empty one being an empty mapping. Raises EditError for the first mistake in it."""
    told = Told()
    node = read_text(text.removeprefix(BOM), Path(), told)
    for problem in told:
        raise EditError((), f"line {problem.line}: {problem.message}; mend this first")
    return {} if node is None else plain(node)


def in_words(path: Steps) -> str:
    """A path as messages have it: `layout.gap[0]`."""
    named = ""
    for step in path:
        named = f"{named}[{step}]" if isinstance(step, int) else under(named, step)
    return named


def value_at(tree: Plain, path: Steps) -> Plain | None:
    """What stands at a path; None where nothing does."""
    found: Plain | None = tree
    for step in path:
        if isinstance(found, dict) and isinstance(step, str):
            found = found.get(step)
        elif isinstance(found, list) and isinstance(step, int) and 0 <= step < len(found):
            found = found[step]
        else:
            return None
    return found


def _read_back(text: str, path: Steps) -> Plain:
    try:
        return tree_of(text)
    except EditError as error:
        raise EditError(path, _UNSAFE) from error


def _made(text: str, tree: Plain, change: Change) -> tuple[str, Plain]:
    if not change.path:
        raise UneditableError("a change needs a key")
    old = value_at(tree, change.path)
    if isinstance(change, Move):
        return Sheet(text).moved(change.path, change.before), tree
    if isinstance(change, Take):
        if old is None:
            return text, tree
        return Sheet(text).without(change.path), _with(tree, change.path, None)
    path, value = _from_what_is_there(tree, change.path, _copied(change.value))
    return _rewritten(text, value_at(tree, path), value, path), _with(tree, path, value)


def _from_what_is_there(tree: Plain, path: Steps, value: Plain) -> tuple[Steps, Plain]:
    """The path of the first thing that lacks, and the value with the parents that it needs around it."""
    for n in range(1, len(path)):
        parent = value_at(tree, path[:n])
        if parent is None or parent is NOTHING:
            for step in reversed(path[n:]):
                value = {step: value} if isinstance(step, str) else [value]
            return path[:n], value
        if not isinstance(parent, dict if isinstance(path[n], str) else list):
            raise UneditableError(f"{in_words(path[:n])} is something else in the file")
    return path, value


def _rewritten(text: str, old: Plain | None, new: Plain, path: Steps) -> str:
    """The text with `new` in the place of `old`, whose parts stay where they are the same."""
    if old is None:
        return Sheet(text).added(path, new)
    if _is_same(old, new):
        return text
    if old and new and not Sheet(text).is_alias(path):
        if isinstance(old, dict) and isinstance(new, dict):
            return _mapping(text, old, new, path)
        if isinstance(old, list) and isinstance(new, list):
            return _list(text, old, new, path)
    return Sheet(text).put(path, new)


def _mapping(text: str, old: dict[str, Plain], new: dict[str, Plain], path: Steps) -> str:
    for key, value in new.items():
        text = _rewritten(text, old.get(key), value, (*path, key))
    for key in old:
        if key not in new:
            text = Sheet(text).without((*path, key))
    return text


def _list(text: str, old: list[Plain], new: list[Plain], path: Steps) -> str:
    """From the end to the beginning, so that the numbers of the items before stay theirs."""
    compared = SequenceMatcher(None, [*map(_told, old)], [*map(_told, new)], autojunk=False)
    for kind, low, high, first, last in reversed(compared.get_opcodes()):
        if kind == "equal":
            continue
        both = min(high - low, last - first)
        for n in reversed(range(low + both, high)):
            text = Sheet(text).without((*path, n))
        for n in reversed(range(first + both, last)):
            text = Sheet(text).added((*path, low + both), new[n])
        for n in range(both):
            text = _rewritten(text, old[low + n], new[first + n], (*path, low + n))
    return text


def _told(value: Plain) -> str:
    return json.dumps(value, default=lambda _: {"": ""}, sort_keys=True)


def _is_same(one: Plain, other: Plain) -> bool:
    """Whether two values are the same to a reader of YAML, to whom `1` is not `true`."""
    return _told(one) == _told(other)


def _copied(value: Value) -> Plain:
    if value is None:
        return NOTHING
    if isinstance(value, Mapping):
        return {key: _copied(each) for key, each in value.items()}
    if isinstance(value, str | int | float | Nothing):
        return value
    return [_copied(each) for each in value]


def _with(tree: Plain, path: Steps, value: Plain | None) -> Plain:
    """The tree with a value at a path, or without what is there for None."""
    step, below = path[0], path[1:]
    if isinstance(tree, dict) and isinstance(step, str):
        made = _with(tree[step], below, value) if below else value
        kept = {**tree, step: made}
        return {key: each for key, each in kept.items() if each is not None}
    if isinstance(tree, list) and isinstance(step, int) and 0 <= step <= len(tree) - bool(below):
        made = _with(tree[step], below, value) if below else value
        return [*tree[:step], *([] if made is None else [made]), *tree[step + 1 :]]
    raise UneditableError(f"{_step(step)} cannot be there: the file has something else")


def _step(step: str | int) -> str:
    return f"item {step + 1}" if isinstance(step, int) else f'"{step}"'
