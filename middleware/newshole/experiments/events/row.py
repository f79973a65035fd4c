"""One event as it is kept everywhere: in segments and streams a line of JSON, in tables a row."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Final, get_args, get_type_hints

KINDS: Final = ("exposure", "view", "viewable", "click", "fill", "depth", "read", "dwell")
"""Everything that can happen. The `value` of `depth` is the share of the story that was scrolled past, of
`dwell` it is in seconds; `viewable` and `click` have 1, `fill` has 1 for an ad that its server filled and 0
for one that it did not."""

MOST_BYTES: Final = 4096
"""The longest line that is a row."""

_ID = re.compile(r"[0-9a-f]{24}")
_encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=True).encode


@dataclass(frozen=True, slots=True)
class Row:
    """What happened, `ms` milliseconds since 1970.

    `view_id` names one showing of a page, `unit` whom or what the experiment counts; `position` is which copy
    of a block, from 1, 0 for none. `attributes` say more, as GrowthBook and Eppo have them: device, section.
    Rows with the same `id` tell of the same thing.
    """

    id: str
    ms: int
    kind: str
    view_id: str = ""
    experiment: str = ""
    arm: str = ""
    unit: str = ""
    page: str = ""
    block: str = ""
    position: int = 0
    value: float = 0.0
    rules: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)

    def encode(self) -> bytes:
        """The row as a line of JSON, without what is empty and without a line feed."""
        told = ((name, getattr(self, name)) for name in NAMES)
        said = {name: value for name, value in told if value or name == "ms"}
        return _encode(said).encode("ascii")


def identity(kind: str, *parts: object) -> str:
    """The id of what happened, by all that tells it from anything else, such as its view and its block."""
    told = _encode([kind, *parts]).encode()
    return hashlib.blake2b(told, digest_size=12).hexdigest()


NAMES: Final = tuple(each.name for each in fields(Row))
"""The fields of a row, in order."""
_TYPES: Final = {
    each.name: (float, int) if kind is float else dict if get_args(kind) else kind
    for each in fields(Row)
    for kind in (get_type_hints(Row)[each.name],)
}


def decode(line: bytes) -> Row | None:
    """The row of a line; None for a line that is torn, too long, or none of ours."""
    if len(line) > MOST_BYTES:
        return None
    try:
        said = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return _row(said) if isinstance(said, dict) else None


def _row(said: Mapping[str, Any]) -> Row | None:
    if not {"id", "ms", "kind"} <= said.keys() <= _TYPES.keys():
        return None
    if any(not isinstance(value, _TYPES[key]) or isinstance(value, bool) for key, value in said.items()):
        return None
    attributes = said.get("attributes", {})
    if any(not isinstance(value, str) for value in attributes.values()):
        return None
    row = Row(**said)
    return row if _ID.fullmatch(row.id) and row.kind in KINDS and 0 <= row.ms < 2**52 else None
