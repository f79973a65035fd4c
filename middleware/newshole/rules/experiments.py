"""Experiments in compiled rules, and who gets which of their arms.

An arm is an override with one more condition: that the reader is in this arm. So everything that holds for
overrides holds for arms, what is read of pages, how plans are kept apart, and what a page varies by.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeAlias

from newshole.experiments.assignment import Allocation, Holdout, assigned
from newshole.rules.consent import PERSONAL
from newshole.rules.targeting import Condition, all_hold, condition
from newshole.types import Reader, Story

FACT_OF_UNIT: Final = {"visitor": "arm", "edge": "edge-arm", "page": "page-arm"}
"""The fact that the condition of an arm looks at, by the unit of its experiment."""


@dataclass(frozen=True, slots=True)
class Experiment:
    """One test. `arms` are their names, control first, and `changes` has for each the number of the override
    that it is, None where it leaves the rules as they are. `unit` is "visitor", "edge" or "page". `looks` are
    the shares of the planned units at which it is judged, none where it always is. With `asks_consent` only
    readers who have agreed take part."""

    name: str
    unit: str
    allocation: Allocation
    arms: tuple[str, ...]
    changes: tuple[int | None, ...]
    when: tuple[Condition, ...] = ()
    hypothesis: str = ""
    weights: tuple[float, ...] = ()
    traffic: float = 1.0
    primary: str = ""
    guardrails: tuple[str, ...] = ()
    min_effect: float = 0.0
    power: float = 0.8
    looks: tuple[float, ...] = ()
    asks_consent: bool = False
    written: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)
    """As it stands in the rules."""

    def applies(self, story: Story, reader: Reader, url: str) -> bool:
        """Whether it is about this page and this reader, now."""
        return all_hold(self.when, story, reader, url)

    @property
    def unchanging(self) -> Iterator[tuple[Condition, ...]]:
        """The conditions of each arm that leaves the rules as they are: who is in it gets the same page as
        who is in none, but counts."""
        for arm, change in zip(self.arms, self.changes, strict=True):
            if change is None:
                yield (*self.when, in_arm(self.name, self.unit, arm))


def arm_path(experiment: str, arm: str) -> str:
    """Where an arm is written."""
    return f"experiments.{experiment}.arms.{arm}"


def in_arm(experiment: str, unit: str, arm: str) -> Condition:
    """The condition that holds for those who are in an arm of an experiment that assigns such units."""
    return condition(arm_path(experiment, arm), FACT_OF_UNIT[unit], (arm,), name=experiment)


Tests: TypeAlias = tuple[tuple[Experiment, ...], Holdout | None]
"""The experiments of a site, and who is held out of them."""


def in_arms(
    experiments: tuple[Experiment, ...], holdout: Holdout | None, reader: Reader, address: str
) -> Reader:
    """The reader in the arms that they are assigned to."""
    if not experiments:
        return reader
    return replace(reader, arms=arms_of(experiments, holdout, reader, address))


def arms_of(
    experiments: tuple[Experiment, ...], holdout: Holdout | None, reader: Reader, address: str
) -> dict[str, str]:
    """The arm of each experiment that a reader, or the page at an address, is assigned to.

    Of those by visitors a crawler and a reader without an id get none, nor does who is held out, or has not
    agreed where that is asked for. What the edge assigned is taken as it is told, where there is such an arm,
    by a crawler too: caches keep what they get for others. "" as the address leaves pages out.
    """
    return dict(_arms(experiments, holdout, reader, address))


def _arms(
    experiments: tuple[Experiment, ...], holdout: Holdout | None, reader: Reader, address: str
) -> Iterator[tuple[str, str]]:
    held_out: dict[str, bool] = {}
    for each in experiments:
        told = reader.forced.get(each.name) or (reader.arms.get(each.name) if each.unit == "edge" else None)
        if told in each.arms:
            yield each.name, told
            continue
        unit = _unit(each, reader, address)
        if not unit:
            continue
        if unit not in held_out:
            held_out[unit] = holdout is not None and holdout.holds(unit)
        if held_out[unit]:
            continue
        number = assigned(each.allocation, unit)
        if number is not None:
            yield each.name, each.arms[number]


def _unit(experiment: Experiment, reader: Reader, address: str) -> str | None:
    """What an experiment assigns here; None for nothing, and for who takes no part in any."""
    if experiment.unit == "page":
        # A story is one unit, whatever campaign its readers come from.
        return address.partition("?")[0]
    is_asked = experiment.asks_consent and reader.consent != PERSONAL
    return None if experiment.unit == "edge" or reader.bot or is_asked else reader.id


def swapped(
    active: tuple[int, ...], experiment: Experiment, arm: str
) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Each other arm of an experiment, in their order, with the overrides that would be active in it."""
    own = experiment.changes[experiment.arms.index(arm)]
    others = [number for number in active if number != own]
    for name, change in zip(experiment.arms, experiment.changes, strict=True):
        if name != arm:
            yield name, tuple(sorted(others if change is None else [*others, change]))


def met(experiments: tuple[Experiment, ...], story: Story, reader: Reader, url: str) -> Mapping[str, str]:
    """The arms of a reader in the experiments that are about this page; `reader.arms` has all of them."""
    return {
        each.name: reader.arms[each.name]
        for each in experiments
        if each.name in reader.arms and each.applies(story, reader, url)
    }


def with_arms_met(experiments: tuple[Experiment, ...], story: Story, reader: Reader, url: str) -> Reader:
    """A reader in the arms of those experiments that are about a page, without such as they asked to see: the
    page is kept for others by no more."""
    if not experiments or not reader.arms:
        return reader
    arms = met(experiments, story, reader, url)
    return replace(reader, arms={name: arm for name, arm in arms.items() if name not in reader.forced})
