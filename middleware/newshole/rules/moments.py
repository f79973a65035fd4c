"""Moments as people write them, by the clocks of a zone."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo

from newshole.errors import UsageError


def read_moment(written: str, zone: tzinfo | None) -> datetime:
    """A moment such as "2026-12-01T06:00" or "2026-12-01", by the clocks of a zone where it has no offset; by
    those of this machine for None. Where clocks are put back, the first of two.

    Raises UsageError where it is none.
    """
    try:
        at = datetime.fromisoformat(written.strip())
        at = at if at.tzinfo is not None else at.replace(tzinfo=zone)
        at.astimezone(UTC)
    except (ValueError, OverflowError):
        raise UsageError(f'no moment: "{written}"; write it as 2026-12-01T06:00') from None
    return at if at.tzinfo is not None else at.astimezone()


def is_left_out(at: datetime) -> bool:
    """Whether clocks are put forward over a moment, so that they never show it."""
    return at.astimezone(UTC).astimezone(at.tzinfo).replace(fold=0) != at.replace(fold=0)


def is_twice(at: datetime) -> bool:
    """Whether clocks are put back over a moment, so that they show it twice."""
    return not is_left_out(at) and at.replace(fold=0).utcoffset() != at.replace(fold=1).utcoffset()
