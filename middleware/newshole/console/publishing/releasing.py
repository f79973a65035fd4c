"""How a version is to go into service: what a form says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from zoneinfo import ZoneInfo

from newshole.console.zone import moment_in
from newshole.errors import UsageError
from newshole.live.entries import WHOLE, Step, Unit
from newshole.live.staging.rollout import Rollout

SHARES: Final = (1.0, 10.0, 50.0)
"""The shares in percent that a version begins with, or goes on with."""

PAUSES: Final = {
    "": "By hand, when I say so",
    "1800": "By itself, every 30 minutes",
    "7200": "By itself, every 2 hours",
    "43200": "By itself, every 12 hours",
    "86400": "By itself, every day",
}
"""How it goes on from one share to the next, by seconds."""


def read_rollout(form: Mapping[str, str], zone: ZoneInfo) -> Rollout:
    """What a form says of how a draft is to go into service. Raises UsageError with what is wrong."""
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
    return Rollout(note, share, unit, ramp, due, is_proposed=form.get("do") == "propose")


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
