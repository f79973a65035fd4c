"""What a page may cost that is read beside the event loop, in a thread, because it is large."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from newshole.cache.kept import Answer
from newshole.lasting import FAULTY

OVER_BUDGET: Final = "over-budget"
BUSY: Final = "busy"

PLAN_BUDGET: Final = 0.05
PLAN_QUEUE: Final = 16


@dataclass(frozen=True, slots=True)
class Budget:
    """For `seconds` a reader waits for such a page's plan, None for as long as it takes; `pages` are those
    that are planned at a time, or wait for a thread."""

    seconds: float | None = PLAN_BUDGET
    pages: int = PLAN_QUEUE


BUDGET: Final = Budget()


def left(page: bytes, reason: str) -> Answer:
    """A page without a plan for this once."""
    return Answer(page, reason, lasting=FAULTY, plan="")
