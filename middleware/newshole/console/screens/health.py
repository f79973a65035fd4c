"""Health: how the workers are, what is wrong first."""

from __future__ import annotations

import asyncio
from typing import Final

from starlette.responses import Response

from newshole.console.health.fleet import composed, quantile, requests
from newshole.console.health.problems import problems
from newshole.console.health.pulse import KEPT, Moment
from newshole.console.health.reasons import in_words, let_through
from newshole.console.health.sparkline import HEIGHT, WIDTH, sparkline
from newshole.console.visit import Screen, Visit, get
from newshole.errors import UsageError
from newshole.live.entries import State
from newshole.store import StoreError

DEADLINE: Final = 3.0
"""Seconds that the log may take."""

TIERS: Final = {
    "plan-here": "known to the worker",
    "plan-store": "known to Redis",
    "plan-anew": "planned anew",
    "plan-unsound": "damaged in Redis, planned anew",
}
"""Where plans come from, in words."""


async def show(visit: Visit) -> Response:
    """The whole screen."""
    return await _page(visit, "health.html.j2")


async def show_part(visit: Visit) -> Response:
    """What of it changes."""
    return await _page(visit, "health_part.html.j2")


async def _page(visit: Visit, template: str) -> Response:
    pulse = visit.site.pulse
    await pulse.attend()
    (state, is_answered), fleet, moments = await _state(visit), pulse.fleet, list(pulse.moments)
    is_reached = is_answered and not pulse.problem
    found = problems(fleet, state, moments, is_reached=is_reached, now=visit.site.clock())
    outcomes = {} if fleet is None else fleet.outcomes
    shadow = {} if fleet is None else fleet.shadow
    durations = [] if fleet is None else fleet.durations
    return visit.page(
        template,
        fleet=fleet,
        state=state,
        is_reached=is_reached,
        problems=found,
        total=requests(outcomes),
        composed=composed(outcomes),
        reasons=let_through(outcomes),
        foreseen=composed(shadow),
        left=let_through(shadow),
        in_words=in_words,
        tiers=TIERS,
        usual=_milliseconds(quantile(durations, 0.5)),
        slowest=_milliseconds(quantile(durations, 0.95)),
        lines=_lines(moments),
        box=(WIDTH, HEIGHT),
    )


async def _state(visit: Visit) -> tuple[State | None, bool]:
    """What the log says, None where it cannot be read; and whether it was answered at all."""
    try:
        async with asyncio.timeout(DEADLINE):
            return await visit.site.state(), True
    except UsageError:
        return None, True
    except (StoreError, TimeoutError):
        return None, False


def _lines(moments: list[Moment]) -> list[tuple[str, str, object]]:
    """The lines of the last minutes: what each tells, its newest value, and how it is drawn."""
    requests, made = [each.requests for each in moments], [each.composed for each in moments]
    planning = [1000 * min(each.planning or 0.0, 1.0) for each in moments]
    drawn = [sparkline(each, room=KEPT) for each in (requests, made, planning)]
    return [
        ("Requests a second", f"{drawn[0].last:.1f}", drawn[0]),
        ("Pages composed a second", f"{drawn[1].last:.1f}", drawn[1]),
        ("Planning, 95 of 100, ms", f"{drawn[2].last:g}", drawn[2]),
    ]


def _milliseconds(seconds: float | None) -> str:
    if seconds is None:
        return ""
    return "over 1 s" if seconds == float("inf") else f"{1000 * seconds:g} ms"


SCREEN: Final = Screen(
    "health", "Health", "How the workers are.", (get("health", show), get("health/part", show_part))
)
