"""How a version goes into service, wherever somebody says so: at once or for a share, now or later, or once
somebody else has approved it."""

from __future__ import annotations

from dataclasses import dataclass

from newshole.live.appending import Change
from newshole.live.entries import WHOLE, Step, Unit
from newshole.live.ledger import Ledger
from newshole.live.publishing import Clock, plan, propose, publish, stage
from newshole.live.source import Source


@dataclass(frozen=True, slots=True)
class Rollout:
    """How a version goes into service, with a `note` on why: for a `share` in percent, by `ramp`, at a moment
    `due` in seconds from 1970, None for at once; or how it is to, where it `is_proposed`."""

    note: str
    share: float = WHOLE
    unit: Unit = "url"
    ramp: tuple[Step, ...] = ()
    due: float | None = None
    is_proposed: bool = False


async def begin(
    ledger: Ledger, source: Source, rollout: Rollout, *, by: str, clock: Clock, on: str | None = None
) -> Change | None:
    """Publish, stage, plan or propose a version; None where it is in service already. `on` is the digest of
    the version that it is to replace, None for whatever is in service. Raises as these do."""
    note, share, unit, ramp = rollout.note, rollout.share, rollout.unit, rollout.ramp
    if rollout.is_proposed:
        return await propose(
            ledger,
            source,
            share=share,
            unit=unit,
            ramp=ramp,
            due=rollout.due,
            by=by,
            note=note,
            clock=clock,
            on=on,
        )
    if rollout.due is not None:
        return await plan(
            ledger,
            source,
            due=rollout.due,
            share=share,
            unit=unit,
            ramp=ramp,
            by=by,
            note=note,
            clock=clock,
            on=on,
        )
    if share < WHOLE:
        return await stage(
            ledger,
            source,
            share=share,
            unit=unit,
            ramp=ramp,
            by=by,
            note=note,
            clock=clock,
            on=on,
        )
    return await publish(ledger, source, by=by, note=note, clock=clock, on=on)
