"""Lists of Ad Inserter, as conditions: of a white one an entry must hold, of a black one none."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeAlias

from newshole.importing.drafts import Draft

Condition: TypeAlias = dict[str, Any]


def carry_list(draft: Draft, option: str, read: Callable[[str], Condition | None], loss: str = "") -> None:
    """A white or black list: of a white one an entry must hold, of a black one none may."""
    written = draft.options[option]
    is_white = draft.options.is_on(f"{option}_type")
    found = {entry: read(entry) for entry in entries(written, by_space=option == "url_list")}
    if not found:
        return
    unread = [entry for entry, condition in found.items() if condition is None]
    conditions = [condition for condition in found.values() if condition is not None]
    if unread:
        why = f"{', '.join(unread)} cannot be told from a page here"
        if is_white and not conditions:
            draft.turn_off(option, why, "say it in when, by what the page says itself")
            return
        draft.note(option, why, "say it in when, by what the page says itself")
    elif loss:
        draft.note(option, loss, "look whether your pages name it")
    add(draft, conditions, is_white=is_white)


def add(draft: Draft, conditions: list[Condition], *, is_white: bool) -> None:
    """Conditions of one list, joined where all are on one fact."""
    if any(not each for each in conditions):  # "*" is every page
        if not is_white:
            draft.turn_off("url_list", "it is on no page", "say where it is to be")
        return
    keys = {key for each in conditions for key in each}
    if len(keys) == 1 and all(isinstance(value, list) for each in conditions for value in each.values()):
        (key,) = keys
        values = [*dict.fromkeys(value for each in conditions for value in each[key])]
        one = values[0] if len(values) == 1 else values
        draft.require(key, {key: one if is_white else {"not": one}})
        return
    if is_white and len(conditions) == 1:
        draft.require(next(iter(conditions[0])), conditions[0])
        return
    key = "any" if is_white else "none"
    draft.require(key, {key: conditions})


def entries(written: str, *, by_space: bool = False) -> list[str]:
    """The entries of a list, which commas part; addresses may be parted by spaces too."""
    parts = written.split() if by_space and "," not in written else re.split(r"[,\n]", written)
    return [part.strip() for part in parts if part.strip()]


def lose(draft: Draft, option: str, why: str, todo: str) -> None:
    """What cannot be asked here: without a white list the block would be everywhere."""
    if draft.options.is_on(f"{option}_type"):
        draft.turn_off(option, why, todo)
    else:
        draft.note(option, why, todo)
