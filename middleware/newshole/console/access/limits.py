"""How often anybody may try to sign in: from one network address, and with one name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from newshole.experiments.events.rates import Rate, Rates

AGAIN: Final = 60
"""Seconds after which whoever may not try may do so again."""

FROM_ONE_PLACE: Final = Rate(10, 1 / AGAIN)
WITH_ONE_NAME: Final = Rate(50, 1 / AGAIN)
"""More than from one place, so that nobody alone keeps another one out."""

TOLD: Final = Rate(5, 1 / 600)
"""Failures with one name that are told in the audit."""


class SignInLimits:
    """The tries that are left, by name and by place; in a bounded memory."""

    def __init__(self, *, clock: Callable[[], float]) -> None:
        self._places = Rates(FROM_ONE_PLACE, clock)
        self._names = Rates(WITH_ONE_NAME, clock)
        self._told = Rates(TOLD, clock)

    def take(self, name: str, place: str) -> int:
        """Count a try; 0 where it may be made, else the seconds until the next one may."""
        is_free = self._places.take(place) and self._names.take(name)
        return 0 if is_free else AGAIN

    def forgive(self, name: str, place: str) -> None:
        """Give back what was tried before it went right."""
        self._places.buckets.pop(place, None)
        self._names.buckets.pop(name, None)

    def is_to_tell(self, name: str) -> bool:
        """Whether a failure with this name is one of the few that are told."""
        return self._told.take(name)
