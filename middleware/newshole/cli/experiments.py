"""What commands say of experiments that run."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from newshole.rules.continuity import changed_in_flight
from newshole.rules.ruleset import Rules


def broken_experiments(old: Iterable[Rules], new: Iterable[Rules]) -> list[str]:
    """A line for everything by which new rules would break experiments that run now by the old ones.

    Sites are told by the names of their files.
    """
    before, now = {each.name: each for each in old}, datetime.now(UTC)
    return [
        f"{each.name}: {broken}"
        for each in new
        if each.name in before
        for broken in changed_in_flight(before[each.name], each, now)
    ]
