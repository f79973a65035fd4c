"""What commands say of experiments that run."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from newshole.errors import UsageError
from newshole.rules.continuity import changed_in_flight
from newshole.rules.ruleset import Rules
from newshole.rules.written import meant_or_known


def known_arms(written: Iterable[str], rules: Iterable[Rules]) -> dict[str, str]:
    """The arms that are asked for as EXPERIMENT:ARM. Raises UsageError where the rules have no such one."""
    known = [f"{each.name}:{arm}" for site in rules for each in site.experiments for arm in each.arms]
    for each in written:
        if each not in known:
            raise UsageError(f'no arm "{each}" in the rules{meant_or_known(each, known)}')
    return dict(each.split(":") for each in written)


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
