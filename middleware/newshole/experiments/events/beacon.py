"""What a browser sends of a page, and the rows that it makes. Pure.

    {"t": token, "v": view id, "e": [["view"], ["viewable", "inline-ad", 2], ["depth", "", 0, 0.61], …]}

The page's own token says what happened on which page in which arm; a browser adds what it alone knows. The
id of a row follows from its view and from what happened, so what is sent twice is one row in the end.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from newshole.experiments.events.row import Row, identity
from newshole.experiments.events.token import LONGEST, PageToken

MOST_BYTES: Final = 8192
MOST_EVENTS: Final = 64

_VIEW_ID: Final = re.compile(r"[0-9a-f]{24}")
_OF_BLOCKS: Final = frozenset(("viewable", "click", "fill"))
_MOST: Final = {"view": 0.0, "read": 0.0, "depth": 1.0, "dwell": 86_400.0}
"""What may happen on a page as a whole, and the highest value of each."""


class Happening(NamedTuple):
    """One event as a browser tells it."""

    kind: str
    block: str = ""
    position: int = 0
    value: float = 0.0


class Beacon(NamedTuple):
    """What one request brings."""

    token: str
    view_id: str
    events: tuple[Happening, ...]


class Sender(NamedTuple):
    """Who sends, at `ms` milliseconds since 1970: `unit` is the reader's id, sealed, "" where none is told;
    `is_held_out` says that no experiment gets them."""

    ms: int
    unit: str = ""
    is_held_out: bool = False


def read_beacon(body: bytes) -> Beacon | None:
    """What a body says; None for one that no script of ours has sent."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, dict) or said.keys() != {"t", "v", "e"}:
        return None
    token, view_id, events = said["t"], said["v"], said["e"]
    if not isinstance(token, str) or len(token) > LONGEST:
        return None
    if not isinstance(view_id, str) or not _VIEW_ID.fullmatch(view_id):
        return None
    if not isinstance(events, list) or not 0 < len(events) <= MOST_EVENTS:
        return None
    happened = [_happening(each) for each in events]
    found = tuple(each for each in happened if each is not None)
    return Beacon(token, view_id, found) if len(found) == len(happened) else None


def _happening(said: object) -> Happening | None:
    if not isinstance(said, list) or not 1 <= len(said) <= len(Happening._fields):
        return None
    kind, block, position, value = Happening(*said)
    if not isinstance(kind, str) or not isinstance(block, str) or type(position) is not int:
        return None
    if type(value) not in (int, float):
        return None
    if kind in _OF_BLOCKS:
        found = value if kind == "fill" else 1.0
        return Happening(kind, block, position, float(found)) if found in (0, 1) else None
    most = _MOST.get(kind)
    return Happening(kind, value=round(value, 3)) if most is not None and 0 <= value <= most else None


def rows_of(beacon: Beacon, token: PageToken, sender: Sender) -> Iterator[Row]:
    """The rows of a beacon: what happened, and at the beginning of a view its exposures, where the server has
    not recorded them. Events of blocks that the page does not have are left out.
    """
    for each in beacon.events:
        if each.kind in _OF_BLOCKS and not 1 <= each.position <= token.blocks.get(each.block, 0):
            continue
        yield _row(each, beacon.view_id, token, sender)
    if beacon.view_id != token.view and any(each.kind == "view" for each in beacon.events):
        yield from exposures(token, beacon.view_id, sender)


def exposures(token: PageToken, view_id: str, sender: Sender) -> Iterator[Row]:
    """The rows that say which arms a view shows."""
    for each in token.exposures:
        own = {"page": token.page, "visitor": sender.unit, "edge": sender.unit}[each.unit]
        yield Row(
            identity("exposure", view_id, each.experiment),
            sender.ms,
            "exposure",
            view_id,
            each.experiment,
            each.arm,
            unit=own or view_id,
            page=token.page,
            value=token.density,
            rules=token.rules,
            attributes={**_attributes(token), "instead": each.instead},
        )


def _row(each: Happening, view_id: str, token: PageToken, sender: Sender) -> Row:
    told = (each.block, each.position) if each.kind in _OF_BLOCKS else (each.value,)
    is_view = each.kind == "view"
    return Row(
        identity(each.kind, view_id, *told),
        sender.ms,
        each.kind,
        view_id,
        unit=sender.unit,
        page=token.page,
        block=each.block,
        position=each.position,
        value=each.value,
        rules=token.rules,
        attributes=_attributes(token, is_held_out=sender.is_held_out) if is_view else {},
    )


def _attributes(token: PageToken, *, is_held_out: bool = False) -> Mapping[str, str]:
    told = {"device": token.device, "section": token.section, "held_out": "yes" if is_held_out else ""}
    return {name: value for name, value in told.items() if value}
