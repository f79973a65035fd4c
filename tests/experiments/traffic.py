"""Made-up readers whose truth is known, and the rows that the middleware would have kept of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from newshole.experiments.assignment import assigned
from newshole.experiments.events.row import Row, identity
from newshole.rules.experiments import Experiment

START = 1_799_971_200_000
"""A midnight in UTC."""

DAY = 86_400_000


@dataclass(frozen=True, slots=True)
class Truth:
    """What an arm's readers do on a page: viewable ads, the chance to read to the end, the share of ads."""

    viewable: float = 1.2
    read: float = 0.35
    density: float = 0.25


def traffic(
    experiment: Experiment,
    truths: dict[str, Truth],
    *,
    readers: int,
    days: int = 7,
    seed: int = 1,
    earlier: bool = False,
) -> Iterator[Row]:
    """The rows of readers, assigned as the experiment does it; some come often, and see more ads a page.

    With `earlier`, they also came in the week before, as often as they do.
    """
    rng = np.random.default_rng(seed)
    for n in range(readers):
        unit = f"reader-{seed}-{n}"
        keenness, habit = rng.gamma(4.0, 0.25), rng.gamma(1.5, 1.2)
        if earlier:
            yield from _before(unit, int(rng.poisson(2 * habit)), rng)
        number = assigned(experiment.allocation, unit)
        if number is None:
            continue
        arm = experiment.arms[number]
        first = rng.uniform(0, days * DAY)
        for view in range(1 + int(rng.poisson(habit))):
            ms = START + int(min(first + rng.exponential(DAY) * view, days * DAY - 1))
            yield from _view(experiment.name, arm, unit, view, ms, truths[arm], keenness, rng)


def _before(unit: str, views: int, rng: np.random.Generator) -> Iterator[Row]:
    for n in range(views):
        view_id = f"{unit}-before-{n}"
        ms = START - 1 - int(rng.uniform(0, 7 * DAY))
        yield Row(identity("view", view_id), ms, "view", view_id, unit=unit, page="/story")


def _view(
    name: str, arm: str, unit: str, n: int, ms: int, truth: Truth, keenness: float, rng: np.random.Generator
) -> Iterator[Row]:
    view_id = f"{unit}-{n}"
    device = "mobile" if rng.random() < 0.6 else "desktop"
    yield Row(
        identity("exposure", view_id, name), ms, "exposure", view_id, name, arm, unit, f"/story/{n}",
        value=round(max(0.0, rng.normal(truth.density, 0.05)), 3), rules="r1", attributes={"device": device},
    )  # fmt: skip
    yield Row(identity("view", view_id), ms + 5, "view", view_id, unit=unit, page=f"/story/{n}", rules="r1")
    for position in range(1, 1 + min(int(rng.poisson(truth.viewable * keenness)), 9)):
        yield _happened("viewable", view_id, ms, "inline-ad", position, 1.0)
        if rng.random() < 0.01:
            yield _happened("click", view_id, ms, "inline-ad", position, 1.0)
    is_read = rng.random() < truth.read
    yield _happened("depth", view_id, ms, "", 0, 1.0 if is_read else round(rng.uniform(0.1, 0.9), 3))
    yield _happened("dwell", view_id, ms, "", 0, round(rng.exponential(70.0), 3))
    if is_read:
        yield _happened("read", view_id, ms, "", 0, 0.0)


def _happened(kind: str, view_id: str, ms: int, block: str, position: int, value: float) -> Row:
    return Row(
        identity(kind, view_id, block, position), ms + 9_000, kind, view_id, page="/story", block=block,
        position=position, value=value,
    )  # fmt: skip
