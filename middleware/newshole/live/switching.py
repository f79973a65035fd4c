"""Switching off and on what the log tells every worker."""

from __future__ import annotations

from newshole.live.appending import Change, read_log, say
from newshole.live.entries import Target, TurnedOff, TurnedOn, target_of
from newshole.live.ledger import Ledger
from newshole.types import Switch


async def turn_off(ledger: Ledger, switches: tuple[Switch, ...], *, at: float) -> Change:
    """Switch things off; what is off already gets the new reason and end. Raises StoreError."""
    return await say(ledger, lambda _: TurnedOff(switches, at))


async def turn_on(
    ledger: Ledger, targets: tuple[Target, ...], *, at: float, by: str, reason: str
) -> tuple[Change, tuple[Target, ...]]:
    """Switch things on again; also what of them was not off. Raises StoreError."""
    _, state = await read_log(ledger)
    off = set(map(target_of, state.switches))
    change = await say(ledger, lambda _: TurnedOn(targets, at, by, reason))
    return change, tuple(each for each in targets if each not in off)
