"""How a version is to go into service: what a form says, and the event that comes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

from newshole.console.zone import moment_in
from newshole.errors import UsageError
from newshole.live.events import WHOLE, Step, Unit
from newshole.live.ledger import Ledger
from newshole.live.publishing import Change, plan, propose, publish, stage
from newshole.live.source import Source

SHARES: Final = (1.0, 10.0, 50.0)
"""The shares in percent that a version begins with, or goes on with."""

PAUSES: Final = {
    "": "by hand, when I say so",
    "1800": "by itself, every 30 minutes",
    "7200": "by itself, every 2 hours",
    "43200": "by itself, every 12 hours",
    "86400": "by itself, every day",
}
"""How it goes on from one share to the next, by seconds."""


@dataclass(frozen=True, slots=True)
class Release:
    """How a version is to go into service: to a `share` of all first, at the moment `due` or at once; or how
    it is to be proposed."""

    note: str
    share: float = WHOLE
    unit: Unit = "url"
    ramp: tuple[Step, ...] = ()
    due: float | None = None
    is_proposed: bool = False


def read_release(form: Mapping[str, str], zone: ZoneInfo) -> Release:
    """What a form says. Raises UsageError with what is wrong."""
    note = form.get("note", "").strip()
    if not note:
        raise UsageError("Say in a note what it is about: it stands among the versions for good.")
    share = WHOLE
    ramp: tuple[Step, ...] = ()
    unit: Unit = "url"
    if form.get("whom") == "share":
        share = _share(form.get("share", ""))
        unit = "reader" if form.get("unit") == "reader" else "url"
        ramp = ramp_from(share, form.get("pause", ""))
    due = moment_in(form.get("due", ""), zone) if form.get("when") == "due" else None
    return Release(note, share, unit, ramp, due, is_proposed=form.get("do") == "propose")


def ramp_from(share: float, pause: str) -> tuple[Step, ...]:
    """The steps that follow a share, each a `pause` after the one before; none where it goes on by hand."""
    if not pause:
        return ()
    if pause not in PAUSES:
        raise UsageError("Choose how it goes on.")
    return tuple(Step(each, float(pause)) for each in (*SHARES, WHOLE) if each > share)


def _share(written: str) -> float:
    try:
        share = float(written)
    except ValueError:
        share = 0.0
    if not 0 < share < WHOLE:
        raise UsageError("Choose the share that it begins with: more than 0 and less than 100 percent.")
    return share


async def release(
    ledger: Ledger, source: Source, wanted: Release, *, on: str, by: str, clock: Callable[[], float]
) -> Change | None:
    """Do what is wanted with files in the place of the version `on`; None where they are in service already.

    Raises as `newshole.live.publishing.publish` does.
    """
    note, share, unit, ramp, due = wanted.note, wanted.share, wanted.unit, wanted.ramp, wanted.due
    if wanted.is_proposed:
        return await propose(
            ledger, source, share=share, unit=unit, ramp=ramp, due=due, by=by, note=note, clock=clock, on=on
        )
    if due is not None:
        return await plan(
            ledger, source, due=due, share=share, unit=unit, ramp=ramp, by=by, note=note, clock=clock, on=on
        )
    if share < WHOLE:
        return await stage(
            ledger, source, share=share, unit=unit, ramp=ramp, by=by, note=note, clock=clock, on=on
        )
    return await publish(ledger, source, by=by, note=note, clock=clock, on=on)
