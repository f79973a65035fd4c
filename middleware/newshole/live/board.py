"""What is in service: the one site that requests take, and what is switched off in it.

Only the event loop's thread changes it, each time in one step, so no request sees half of a change.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import Final, Protocol

from newshole.live.staging.figures import Figures
from newshole.live.staging.stage import Stage
from newshole.rules.switches import Switches, in_force
from newshole.site import Site
from newshole.types import Facts, Switch

log = logging.getLogger("newshole")

COUNTED: Final = {
    "rules-swapped": "times that other rules went into service",
    "rules-refused": "versions or edits of the rules that were kept out, for they are wrong",
    "stage-changed": "times that another version was staged, or another share of one, or none any more",
    "stage-halted": "times that this worker halted what was staged, for it did harm",
    "switches-changed": "times that other things were switched off, by a switch, its end or its expiry",
    "switches-refused": "edits of the switch file that were kept out, for they are wrong",
    "live-fault": "times that Redis did not answer the question for what is published",
    "live-unsound": "entries of the log that are damaged or signed with another secret",
    "state-fault": "times that the last good version could not be written to disk",
}
"""Everything that a board counts."""


class Serving(Protocol):
    """What has a site in service, which may be replaced at any time, and with it what is staged."""

    site: Site
    stage: Stage | None

    @property
    def figures(self) -> tuple[Figures, Figures] | None:
        """What was counted of the site in service and of the staged one; None where none is."""


class Board:
    """The site of `serving`, and the switches that each source of them says are off."""

    def __init__(self, serving: Serving) -> None:
        self.serving = serving
        self.counts: Counter[str] = Counter()
        self._said: dict[str, tuple[Switch, ...]] = {}
        self._off: tuple[Switch, ...] = ()

    @property
    def off(self) -> tuple[Switch, ...]:
        """What is off now."""
        return self._off

    def swap(self, site: Site) -> None:
        """Put a site into service; what its blocks show goes on."""
        before = self.serving.site
        feeds = {each.fed_by for each in site.weather_feeds}
        kept = {feed: each for feed, each in before.facts.weather.items() if feed in feeds}
        site.facts = Facts(weather=kept, switches=before.facts.switches)
        self.serving.site = site
        self.counts["rules-swapped"] += 1

    def stage(self, stage: Stage | None) -> None:
        """Let what is staged serve its share from now on; None for nothing."""
        if stage == self.serving.stage:
            return
        self.serving.stage = stage
        self.counts["stage-changed"] += 1
        told = "nothing" if stage is None else f"{stage.digest[:8]}, for {stage.share:g}% by {stage.unit}"
        log.info("staged: %s", told)

    def say(self, source: str, switches: Iterable[Switch], now: float) -> None:
        """Take what a source of switches says is off, and forget what it said before."""
        self._said[source] = tuple(switches)
        self.settle(now)

    def settle(self, now: float) -> None:
        """Let switches that have expired go, and show pages what is off now; times count from 1970."""
        said = tuple(each for switches in self._said.values() for each in switches)
        off = in_force(said, now)
        if off == self._off:
            return
        site = self.serving.site
        site.facts = replace(site.facts, switches=Switches(off) if off else None)
        self._off = off
        # By the clock of this machine: an operator's may be slow, and pages went out meanwhile.
        site.since = max(site.since, now)
        self.counts["switches-changed"] += 1
        log.warning("switched off: %s", ", ".join(map(in_words, off)) or "nothing any more")


def in_words(switch: Switch) -> str:
    """A switch in a few words: what, by whom and why."""
    what = switch.what if switch.what == "all" else f"{switch.what} {switch.name}"
    told = what + (f" by {switch.by}" if switch.by else "")
    return f"{told} ({switch.reason})" if switch.reason else told
