"""What commands say of experiments that run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from newshole.errors import UsageError
from newshole.experiments.assignment import growthbook_override
from newshole.rules.experiments import Experiment
from newshole.rules.ruleset import Rules
from newshole.rules.targeting import minute_of
from newshole.rules.written import meant_or_known
from newshole.types import Reader, Story


def known_arms(written: Iterable[str], rules: Iterable[Rules]) -> dict[str, str]:
    """The arms that are asked for as EXPERIMENT:ARM. Raises UsageError where the rules have no such one."""
    known = [f"{each.name}:{arm}" for site in rules for each in site.experiments for arm in each.arms]
    for each in written:
        if each not in known:
            raise UsageError(f'no arm "{each}" in the rules{meant_or_known(each, known)}')
    return dict(each.split(":") for each in written)


def growthbook_arms(url: str, rules: Rules | None) -> dict[str, str]:
    """The arms that an address asks for as GrowthBook has it, of the experiments that use its hash."""
    found = {
        each.name: (each, growthbook_override(each.name, url, len(each.arms)))
        for each in (() if rules is None else rules.experiments)
        if each.allocation.hash == "growthbook-v2"
    }
    return {name: each.arms[arm] for name, (each, arm) in found.items() if arm is not None}


def not_about(experiments: Iterable[Experiment], story: Story, reader: Reader, url: str) -> Iterator[str]:
    """A line for each experiment whose arm is asked for on a page that it is not about, or not now."""
    reader = replace(reader, now=minute_of(reader))
    for each in experiments:
        unmet = [when.path for when in each.when if not when.holds(story, reader, url)]
        if each.name in reader.forced and unmet:
            yield (
                f'the experiment "{each.name}" is not about this page now, so no arm of it is shown: '
                f"{', '.join(unmet)} {'does' if len(unmet) == 1 else 'do'} not hold"
            )
