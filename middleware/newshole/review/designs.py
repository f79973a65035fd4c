"""The design of an experiment, as the rules have it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from zoneinfo import ZoneInfo

from newshole.experiments.analysis.design import Design
from newshole.rules.experiments import Experiment
from newshole.rules.moments import read_moment
from newshole.rules.ruleset import Rules

PRIMARY: Final = "ad_viewable_per_view"
MIN_EFFECT: Final = 0.05
"""What decides, and the smallest change that matters, where the rules do not say."""


def design_of(experiment: Experiment, *, planned: int = 0) -> Design:
    """What an experiment is to show; `planned` are the units of each arm, 0 to have them computed."""
    weights = experiment.weights or (1.0,) * len(experiment.arms)
    return Design(
        experiment.name,
        {arm: weight / sum(weights) for arm, weight in zip(experiment.arms, weights, strict=True)},
        experiment.primary or PRIMARY,
        planned=planned,
        min_effect=experiment.min_effect or MIN_EFFECT,
        guardrails=experiment.guardrails,
        power=experiment.power,
        looks=experiment.looks,
        unit=experiment.unit,
        hypothesis=experiment.hypothesis,
    )


def began(rules: Iterable[Rules], experiment: Experiment) -> int | None:
    """When an experiment of one of these rules begins by its `from`, in milliseconds since 1970; None where
    they do not say. Who met it before that was in another run, under another salt."""
    for each in rules:
        written = experiment.written.get("from")
        if written is not None and experiment in each.experiments:
            return int(read_moment(str(written), ZoneInfo(each.timezone)).timestamp() * 1000)
    return None
