"""The clocks of a newsroom: those that its rules are written for."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from newshole.console.site import ConsoleSite
from newshole.errors import UsageError
from newshole.rules.moments import is_left_out, read_moment


def zone_of(site: ConsoleSite) -> ZoneInfo:
    """The time zone of the rules in service: of the first site among them, UTC where there are none."""
    rules = site.newshole.site.rules
    return ZoneInfo(rules[0].timezone if rules else "UTC")


def moment_in(written: str, zone: ZoneInfo) -> float:
    """A moment such as "2026-12-01T06:00" by the clocks of a zone, in seconds from 1970.

    Raises UsageError where it is none, or one that these clocks leave out.
    """
    meant = read_moment(written, zone)
    if is_left_out(meant):
        raise UsageError(f"the clocks of {zone.key} are put forward then: there is no {written}")
    return meant.timestamp()


def local(at: float, zone: ZoneInfo) -> str:
    """A moment by the clocks of a zone, with the zone's short name: "1 Dec 2026, 06:00 CET"."""
    return f"{datetime.fromtimestamp(at, zone):%-d %b %Y, %H:%M %Z}"
