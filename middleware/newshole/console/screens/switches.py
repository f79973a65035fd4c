"""Switches: what is off, since when, by whom and why; off and on again, in every worker at once."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from starlette.exceptions import HTTPException
from starlette.responses import Response

from newshole.console.publishing.changing import told
from newshole.console.publishing.switching import (
    LASTING,
    blocks_of,
    is_of_one_story,
    read_off,
    sorted_off,
)
from newshole.console.visit import Screen, Visit, get, post
from newshole.console.zone import zone_of
from newshole.errors import NewsholeError, UsageError
from newshole.live.entries import Target
from newshole.live.switch_file import read_switches
from newshole.live.switch_writing import write_off, write_on
from newshole.live.switching import turn_off, turn_on
from newshole.rules.kinds import KINDS
from newshole.rules.switches import in_force
from newshole.store import StoreError
from newshole.types import Switch

DEADLINE: Final = 3.0
"""Seconds that the log may take to say what is off."""

HERE: Final = "here"
"""What a form says that is for the switch file of this machine."""


async def show(visit: Visit) -> Response:
    """What is off now, and the forms to change it."""
    return await _screen(visit, visit.query)


async def turn_something_off(visit: Visit) -> Response:
    """Switch one thing off."""
    form = await visit.form()
    try:
        switch = read_off(form, visit.site, by=visit.person.name, zone=zone_of(visit.site))
        _check_role(visit, (switch.what, switch.name))
        if form.get("where") == HERE:
            return await _off_here(visit, switch)
        before = await visit.site.ledger.workers()
        change = await turn_off(visit.ledger, (switch,), at=switch.since)
    except StoreError:
        return await _screen(visit, form, status=503)
    except NewsholeError as error:
        return await _screen(visit, form, status=400, wrong=str(error))
    await visit.site.aftermath.follow(visit.site.ledger, change, before)
    return visit.go("switches", done=str(change.number))


async def turn_something_on(visit: Visit) -> Response:
    """Switch one thing on again."""
    form = await visit.form()
    target = (form.get("what", ""), form.get("name", ""))
    reason = form.get("reason", "").strip()
    _check_role(visit, target)
    try:
        if form.get("where") == HERE:
            await asyncio.to_thread(write_on, _file(visit), [target])
            await _note_here(visit, "switch-on", target, reason)
            return visit.go("switches", here="on")
        before = await visit.site.ledger.workers()
        change, _ = await turn_on(
            visit.ledger, (target,), at=visit.site.clock(), by=visit.person.name, reason=reason
        )
    except StoreError:
        return await _screen(visit, {}, status=503)
    except NewsholeError as error:
        return await _screen(visit, {}, status=400, wrong=str(error))
    await visit.site.aftermath.follow(visit.site.ledger, change, before)
    return visit.go("switches", done=str(change.number))


async def _screen(visit: Visit, filled: Mapping[str, str], *, status: int = 200, wrong: str = "") -> Response:
    site = visit.site
    log, unreached = await _of_log(visit)
    here, here_wrong = await asyncio.to_thread(_of_file, visit)
    off = sorted_off(in_force(site.newshole.status.switches if log is None else log, site.clock()), here)
    if log is None:
        # What the console's own worker has seen last; its switch file is told of by itself.
        off = [each for each in off if each.is_here or each.switch not in here]
    done = visit.query.get("done", "")
    return visit.page(
        "switches.html.j2",
        status,
        off=off,
        everything=[each for each in off if each.switch.what == "all"],
        is_reached=log is not None,
        unreached=unreached,
        here_wrong=here_wrong,
        filled=filled,
        wrong=wrong,
        lasting=LASTING,
        blocks=blocks_of(site),
        kinds=sorted(KINDS),
        zone=zone_of(site).key,
        outcome=await told(site, done) if done and log is not None else None,
        is_done_here=visit.query.get("here", ""),
    )


async def _of_log(visit: Visit) -> tuple[tuple[Switch, ...] | None, str]:
    """What the log says is off; None where it cannot be read, and why."""
    try:
        async with asyncio.timeout(DEADLINE):
            return (await visit.site.state()).switches, ""
    except (StoreError, TimeoutError):
        return None, "Redis, or the archive, does not answer."
    except UsageError as error:
        return None, f"{error}."


def _of_file(visit: Visit) -> tuple[tuple[Switch, ...], str]:
    """What the switch file of this machine says is off, and what is wrong with it."""
    if visit.site.switches is None:
        return (), ""
    try:
        return in_force(read_switches(visit.site.switches), visit.site.clock()), ""
    except NewsholeError as error:
        return (), str(error)


async def _off_here(visit: Visit, switch: Switch) -> Response:
    await asyncio.to_thread(write_off, _file(visit), [switch])
    await _note_here(visit, "switch-off", (switch.what, switch.name), switch.reason)
    return visit.go("switches", here="off")


async def _note_here(visit: Visit, what: str, target: Target, why: str) -> None:
    """Note it where the audit can be reached; the switch file says by whom it was all the same."""
    on = " ".join(filter(None, (*target, "on this machine")))
    try:
        async with asyncio.timeout(DEADLINE):
            await visit.note(what, on=on, why=why)
    except (StoreError, TimeoutError):
        return


def _file(visit: Visit) -> Path:
    if visit.site.switches is None:
        raise UsageError("This console knows no switch file: name it in its settings.")
    return visit.site.switches


def _check_role(visit: Visit, target: Target) -> None:
    if not visit.person.may("publisher") and not is_of_one_story(target):
        raise HTTPException(403, "Editors switch the ads of one story off; all else needs a publisher.")


SCREEN: Final = Screen(
    "switches",
    "Switches",
    "Turn things off at once, and on again.",
    (
        get("switches", show),
        post("switches/off", turn_something_off, "editor"),
        post("switches/on", turn_something_on, "editor"),
    ),
)
