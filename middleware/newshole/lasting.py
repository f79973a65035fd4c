"""How long a page stays as it is composed now: until rules, stories or facts change it by themselves.

Conditions and blocks see the time in whole minutes, so a page changes at whole minutes only.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import datetime
from typing import Final, NamedTuple

from newshole import blocks
from newshole.rendering import Look
from newshole.rules.ruleset import Block, Rules
from newshole.rules.targeting import earliest
from newshole.rules.turns import rules_turn
from newshole.types import Facts, Reader, Story

NEVER: Final = math.inf
SOON: Final = 0.0


class Lasting(NamedTuple):
    """Two moments, in seconds since 1970: the page is the same `until` one, whatever the clock says before
    it; and caches should ask again by `fresh`, which also counts what is read beside the site's pages.

    `NEVER` where nothing is to come; `SOON` where it may come at any moment.
    """

    until: float = NEVER
    fresh: float = NEVER


LASTS: Final = Lasting()
"""Of a page that nothing changes but the site and its rules."""

FAULTY: Final = Lasting(SOON, SOON)
"""Of a page that is as it is because something failed."""


def lasting(rules: Rules, under: Rules, looked: Look | None, seen: tuple[Story, Reader, str]) -> Lasting:
    """How long a page lasts that was composed by `rules`, which are `under` the overrides active on it.

    `seen` are its story, its reader and its address; `looked` is None for one that was left before its blocks
    were looked at.
    """
    turn = rules_turn(rules, under, *seen)
    if looked is None:
        return _lasting(turn, NEVER)
    asked = [block for block in under.blocks if _is_asked(block, looked)]
    turn = earliest((turn, blocks.next_turn(asked, looked.view)))
    return _lasting(turn, next_reading(asked, looked.view.facts))


def switched(lasts: Lasting, facts: Facts) -> Lasting:
    """How long a page lasts while something is switched off that comes back by itself."""
    if facts.switches is None or facts.switches.until >= lasts.until:
        return lasts
    until = facts.switches.until
    return Lasting(until, min(until, lasts.fresh))


def next_reading(asked: Iterable[Block], facts: Facts) -> float:
    """When what blocks show is to be read again, `SOON` where it is missing or late."""
    return min(blocks.readings(asked, facts), default=NEVER)


def _is_asked(block: Block, looked: Look) -> bool:
    """Whether a block shows something, or would if it had anything to show."""
    reasons = looked.refused.get(block.id, ())
    return all(reason.code == "nothing-to-show" for reason in reasons)


def _lasting(turn: datetime | None, fresh: float) -> Lasting:
    until = NEVER if turn is None else math.ceil(turn.timestamp() / 60) * 60.0
    return Lasting(until, min(until, fresh))
