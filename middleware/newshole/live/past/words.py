"""Accounts of the past in words, as the command line and the console have them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from newshole.explaining.fates import fates
from newshole.explaining.untouched import left_untouched
from newshole.explaining.words import Places
from newshole.live.entries import Staged
from newshole.live.past.account import Account, Past
from newshole.live.past.served import Served
from newshole.live.past.sources import HERE

ONE_MACHINE: Final = "the journal of one machine was read: another one may have served another page"
DIFFERS: Final = (
    "made again it comes out otherwise, for what blocks showed of other stories and servers, cookies and "
    "headers are not kept; what was served is told above"
)


def machines_in_words(machines: Sequence[str]) -> str:
    """Machines by their names, this one first: "this machine and web-2"."""
    names = ["this machine" if each == HERE else each for each in machines]
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def reach(past: Past) -> str:
    """How far what is told of a past with a journal reaches."""
    others = [each for each in past.machines if each != HERE]
    return f"the journals of {machines_in_words(past.machines)} were read" if others else ONE_MACHINE


def staged_in_words(staged: Staged) -> str:
    """What was staged beside the version in service."""
    units = "addresses" if staged.unit == "url" else "readers"
    return f"version {staged.digest[:8]} was staged for {staged.share:g}% of the {units}"


def whose(served: Served) -> str:
    """Which readers got it: "phone, consent personal, DE"."""
    seen = served.circumstances
    facts = (
        {"": "any device", "mobile": "phone"}.get(seen.device, seen.device),
        "" if seen.consent == "none" else f"consent {seen.consent}",
        seen.country or "",
        "logged in" if seen.logged_in else "",
        "crawler" if seen.bot else "",
        *(f"{name}: {arm}" for name, arm in served.arms.items()),
        "by the staged version" if served.staged else "",
        "in shadow mode, so nobody saw it" if served.shadow else "",
    )
    return ", ".join(filter(None, facts))


def got(account: Account) -> str:
    """What they got, and by which rules."""
    served = account.served
    rules = f"version {account.version[:8]}" if account.version else f"rules {served.rules}"
    if served.untouched is not None:
        return f"by {rules} the page {left_untouched(served.untouched, served.address)}"
    return f"by {rules}: {', '.join(_standing(account))}"


def _standing(account: Account) -> Iterator[str]:
    """Each block and where it stood: by the outline of the page of then, else by its offset."""
    composition, served = account.composition, account.served
    if composition is None or not account.is_same:
        yield from (f"{block} at byte {at}" for block, at in zip(served.blocks, served.offsets, strict=True))
        return
    places = Places(composition.outline)
    for fate in fates(composition):
        yield from (f"{fate.block} {places.of(each)}" for each in fate.placed)
