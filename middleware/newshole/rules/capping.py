"""How often a reader sees a block, and how long one that a reader has closed stays away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from newshole.rules.spans import LENGTHS
from newshole.rules.words import Most
from newshole.rules.written import Written


@dataclass(frozen=True, slots=True)
class Frequency:
    """At most so many pages with a block on screen, in a time that begins with the first of them."""

    most: int
    length: timedelta


class FrequencyWritten(Written):
    """How often a reader sees a block."""

    max: Most
    """At most on so many pages."""
    per: Literal["hour", "day", "week", "month"]
    """In this time, counted from the first of them."""


def frequency(written: FrequencyWritten | None) -> Frequency | None:
    """What is written, as blocks read it."""
    return None if written is None else Frequency(written.max, LENGTHS[written.per])
