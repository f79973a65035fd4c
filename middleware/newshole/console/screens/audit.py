"""Audit: who did what, when and why."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import islice
from typing import Final

from starlette.responses import Response, StreamingResponse

from newshole.console.screens import past
from newshole.console.visit import Screen, Visit, get
from newshole.console.zone import zone_of
from newshole.live.timeline import Happening, Sought, read_timeline, record

SHOWN: Final = 100
"""Happenings of one page."""


async def show(visit: Visit) -> Response:
    """What was done, the newest first."""
    happened = await _happened(visit)
    sought, zone = _sought(visit), zone_of(visit.site)
    found = [each for each in happened if sought.fits(each, zone)]
    page = _number(visit.query.get("page", ""))
    begin = (page - 1) * SHOWN
    return visit.page(
        "audit.html.j2",
        found=found[begin : begin + SHOWN],
        total=len(found),
        happened=len(happened),
        unsound=sum(not each.is_sound for each in happened),
        people=sorted({each.by for each in happened if each.by}),
        kinds=sorted({each.what for each in happened}),
        sought=sought,
        asked={"by": sought.by, "what": sought.what, "day": sought.day, "text": sought.text},
        zone=zone.key,
        page=page,
        pages=-(-len(found) // SHOWN),
    )


async def export(visit: Visit) -> Response:
    """The same as lines of JSON, all of them."""
    sought, zone = _sought(visit), zone_of(visit.site)
    found = [each for each in await _happened(visit) if sought.fits(each, zone)]
    name = _plain(f"audit-{visit.site.label}.jsonl")
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(_lines(found), media_type="application/jsonl", headers=headers)


def _lines(found: Iterable[Happening]) -> Iterator[str]:
    lines = (json.dumps(record(each), ensure_ascii=False) + "\n" for each in found)
    while batch := "".join(islice(lines, 200)):
        yield batch


async def _happened(visit: Visit) -> list[Happening]:
    return await read_timeline(visit.site.ledger, visit.site.audit)


def _sought(visit: Visit) -> Sought:
    asked = visit.query
    by, what = (asked.get(key, "").strip() for key in ("by", "what"))
    return Sought(by, what, _day(asked), asked.get("text", ""))


def _day(asked: dict[str, str]) -> str:
    try:
        return date.fromisoformat(asked.get("day", "")).isoformat()
    except ValueError:
        return ""


def _number(written: str) -> int:
    return max(1, int(written)) if written.isdecimal() and len(written) < 8 else 1


def _plain(name: str) -> str:
    """A name for a file, in letters that every header takes."""
    return re.sub(r"[^A-Za-z0-9._-]", "_", name)


SCREEN: Final = Screen(
    "audit",
    "Audit",
    "Who did what, when and why.",
    (get("audit", show), get("audit.jsonl", export), *past.WAYS),
)
