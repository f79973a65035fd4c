"""What a form of the switches asks for, and what is off now, ready to be shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

from newshole.console.site import ConsoleSite
from newshole.console.zone import moment_in
from newshole.errors import UsageError
from newshole.live.entries import Target
from newshole.rules.kinds import KINDS
from newshole.rules.switches import misnamed
from newshole.rules.written import meant, meant_or_known
from newshole.types import SWITCHABLE, Switch

LASTING: Final = {
    "1800": "30 minutes",
    "3600": "1 hour",
    "7200": "2 hours",
    "14400": "4 hours",
    "86400": "1 day",
    "": "Until I turn it on again",
}
"""How long something may be off, by seconds."""

WORDS: Final = {
    "all": "Everything",
    "section": "Section",
    "url": "Page",
    "block": "Block",
    "kind": "Kind of block",
    "no-ads": "No ads on",
}
"""What can be off, as it is told."""


@dataclass(frozen=True, slots=True)
class Off:
    """One thing that is off; `is_here` says that the switch file of this machine has it, not the log."""

    switch: Switch
    is_here: bool

    @property
    def words(self) -> str:
        """What is off, in words: "Block"."""
        return WORDS[self.switch.what]


def read_off(form: Mapping[str, str], site: ConsoleSite, *, by: str, zone: ZoneInfo) -> Switch:
    """The switch that a form asks for. Raises UsageError with what is wrong with it."""
    what, name = read_target(form, site)
    reason = form.get("reason", "").strip()
    if not reason:
        raise UsageError("Say why: whoever asks what is off reads the reason.")
    now = site.clock()
    return Switch(what, name, by, reason, now, _end(form, now, zone))


def read_target(form: Mapping[str, str], site: ConsoleSite) -> Target:
    """What a form is about. Raises UsageError where there is no such thing."""
    what, name = form.get("what", ""), form.get("name", "").strip()
    if what not in SWITCHABLE:
        raise UsageError("Choose what is to be off.")
    name = "" if what == "all" else name
    if what == "no-ads" and name:
        name = site.pages.address(name).partition("?")[0]
    wrong = misnamed(what, name)
    if what == "kind" and name not in KINDS:
        wrong = f"there is no such kind{meant_or_known(name, list(KINDS))}"
    known = blocks_of(site)
    if what == "block" and known and name not in known:
        wrong = f"the rules in service have no such block{meant(name, known)}"
    if wrong is not None:
        raise UsageError(f"“{name}” cannot be switched: {wrong}.")
    return what, name


def blocks_of(site: ConsoleSite) -> list[str]:
    """The ids of the blocks of the rules in service and of those that are staged, of what is off too."""
    stage = site.newshole.stage
    rules = site.newshole.site.rules + (() if stage is None else stage.site.rules)
    return sorted({block.id for each in rules for block in each.blocks})


def is_of_one_story(target: Target) -> bool:
    """Whether a switch is for the ads of one story alone, as editors may have it."""
    what, name = target
    return what == "no-ads" and "*" not in name


def sorted_off(log: Sequence[Switch], here: Sequence[Switch]) -> list[Off]:
    """What is off: everything first, then the newest."""
    found = [Off(each, is_here=False) for each in log] + [Off(each, is_here=True) for each in here]
    return sorted(found, key=lambda each: (each.switch.what != "all", -each.switch.since))


def _end(form: Mapping[str, str], now: float, zone: ZoneInfo) -> float | None:
    until, lasting = form.get("until", "").strip(), form.get("lasting", "")
    if until:
        ends = moment_in(until, zone)
        if ends <= now:
            raise UsageError(f"{until.replace('T', ' ')} is over already: choose a later moment.")
        return ends
    if lasting not in LASTING:
        raise UsageError("Choose how long it is to be off.")
    return now + float(lasting) if lasting else None
