"""How a version goes into service, wherever somebody says so: at once or for a share, now or later, or once
somebody else has approved it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

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
    act: Callable[..., Awaitable[Change | None]]
    if rollout.is_proposed:
        act = partial(propose, due=rollout.due)
    elif rollout.due is not None:
        act = partial(plan, due=rollout.due)
    elif rollout.share < WHOLE:
        act = stage
    else:
        return await publish(ledger, source, by=by, note=rollout.note, clock=clock, on=on)
    share, unit, ramp = rollout.share, rollout.unit, rollout.ramp
    return await act(
        ledger, source, share=share, unit=unit, ramp=ramp, by=by, note=rollout.note, clock=clock, on=on
    )
