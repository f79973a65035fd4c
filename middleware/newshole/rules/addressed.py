"""What of rules matters at one address: all but what its path and host exclude, whatever the page says."""

from __future__ import annotations

from collections.abc import Iterable

from newshole.rules.facts import URL_FACTS
from newshole.rules.ruleset import Rules
from newshole.rules.targeting import Condition, all_hold, facts_used
from newshole.rules.telling import Telling, narrowed
from newshole.types import Reader, Story


def may_hold(when: Iterable[Condition], url: str) -> bool:
    """Whether conditions may hold together at an address, as far as that alone shows."""
    known = (each for each in when if all(leaf.fact in URL_FACTS for leaf in each.leaves))
    return all_hold(known, Story(), Reader(), url)


def facts_at(rules: Rules, url: str) -> frozenset[str]:
    """The facts of readers that the rules may look at there, such as "device"."""
    return facts_used(each for when in rules.whens if may_hold(when, url) for each in when)


class Tellings:
    """What tells the readers of addresses; those at which the same conditions matter share one."""

    def __init__(self, rules: Rules) -> None:
        self.rules, self.whens = rules, rules.whens
        self.made: dict[tuple[bool, ...], Telling] = {}

    def at(self, url: str) -> Telling:
        """What tells the readers of an address."""
        may = tuple([may_hold(when, url) for when in self.whens])
        found = self.made.get(may)
        if found is None:
            kept = (when for when, holds in zip(self.whens, may, strict=True) if holds)
            found = narrowed(self.rules.telling, (each for when in kept for each in when))
            self.made[may] = found
        return found
