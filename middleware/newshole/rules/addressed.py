"""What of rules matters at one address: all but what its path and host exclude, whatever the page says."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from newshole.rules.facts import URL_FACTS
from newshole.rules.ruleset import Rules
from newshole.rules.targeting import Condition, all_hold, facts_used
from newshole.rules.telling import Telling, narrowed
from newshole.types import Reader, Story

_NO_STORY: Final = Story()
_NOBODY: Final = Reader()


def of_address(when: Iterable[Condition]) -> tuple[Condition, ...]:
    """Those of some conditions that an address alone decides."""
    return tuple(each for each in when if all(leaf.fact in URL_FACTS for leaf in each.leaves))


def may_hold(when: Iterable[Condition], url: str) -> bool:
    """Whether conditions may hold together at an address, as far as that alone shows."""
    return all_hold(of_address(when), _NO_STORY, _NOBODY, url)


def facts_at(rules: Rules, url: str) -> frozenset[str]:
    """The facts of readers that the rules may look at there, such as "device"."""
    return facts_used(each for when in rules.whens if may_hold(when, url) for each in when)


class Tellings:
    """What tells the readers of addresses; those at which the same conditions matter share one."""

    def __init__(self, rules: Rules) -> None:
        self.rules, self.whens = rules, rules.whens
        # Every address of a site comes by here once, and most conditions are of no address.
        self.known = [of_address(when) for when in rules.whens]
        self.made: dict[tuple[bool, ...], Telling] = {}

    def at(self, url: str) -> Telling:
        """What tells the readers of an address."""
        may = tuple([not known or all_hold(known, _NO_STORY, _NOBODY, url) for known in self.known])
        found = self.made.get(may)
        if found is None:
            kept = (when for when, holds in zip(self.whens, may, strict=True) if holds)
            found = narrowed(self.rules.telling, (each for when in kept for each in when))
            self.made[may] = found
        return found
