"""How often a reader sees a block, and how long one that a reader has closed stays away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Literal

from newshole.rules.quantities import LENGTH
from newshole.rules.spans import LENGTHS, Age
from newshole.rules.words import Most, Word
from newshole.rules.written import Written, expected


@dataclass(frozen=True, slots=True)
class Frequency:
    """At most so many pages with a block on screen, in a time that begins with the first of them."""

    most: int
    length: timedelta


def _lasting(value: object) -> Age:
    match = LENGTH.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise expected('a length of time such as "30 days" or "6 months"')
    return Age(int(match[1]), match[2])


Lasting = Annotated[
    Age, Word(_lasting, {"type": "string", "pattern": f"^{LENGTH.pattern}$", "examples": ["30 days"]})
]


class FrequencyWritten(Written):
    """How often a reader sees a block."""

    max: Most
    """At most on so many pages."""
    per: Literal["hour", "day", "week", "month"]
    """In this time, counted from the first of them."""


def frequency(written: FrequencyWritten | None) -> Frequency | None:
    """What is written, as blocks read it."""
    return None if written is None else Frequency(written.max, LENGTHS[written.per])
