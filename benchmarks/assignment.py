"""What it takes to put a reader into the arms of experiments, for each experiment."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Final

from benchmarks.figures import Headline, Options, Report, Spread, Table, at_most
from benchmarks.timing import paired
from newshole import Reader
from newshole.experiments.assignment import Allocation, Holdout, Layer, arm_ranges
from newshole.rules.experiments import Experiment, Tests, arms_of, in_arms

READERS: Final = 2_000
ID: Final = "5f0c1d2e-{:04d}-4c1b-9d3e-0a1b2c3d4e5f"
"""As long as ids are."""

_RECORDED: Final = "one experiment, with the reader's new record"

LIMIT: Final = 3.0
"""Microseconds an experiment."""


def measure(options: Options) -> Report:
    """Readers into the arms of some sets of experiments; the microseconds of each by their number."""
    sets = experiments()
    readers = [Reader(id=ID.format(number)) for number in range(READERS)]
    work = {name: partial(_assign, each, readers) for name, each in sets.items()}
    work[_RECORDED] = partial(_record, sets["one experiment"], readers)
    times = paired(work, options.rounds)
    counts = {name: len(each[0]) for name, each in sets.items()} | {_RECORDED: 1}
    figures = {
        name: Spread.of([each * 1000 / READERS / counts[name] for each in found])
        for name, found in times.items()
    }
    rows = tuple((name, *each.cells()) for name, each in figures.items())
    caption = f"{READERS:,} readers with ids of 36 letters, medians of {options.rounds} rounds."
    table = Table("Assignment", caption, ("", "µs an experiment", "quartiles"), rows)
    return Report((table,), tuple(_headlines(figures)))


def experiments() -> Mapping[str, Tests]:
    """Sets of experiments by what they are, each with its holdout."""
    held_out = Holdout("holdout-2026", 0.02)
    plain = [_experiment(number) for number in range(8)]
    layered = [_experiment(number, layer=Layer(f"layer-{number}", (0.0, 0.9))) for number in range(8)]
    return {
        "one experiment": (tuple(plain[:1]), None),
        "eight": (tuple(plain), None),
        "eight in layers, behind a holdout": (tuple(layered), held_out),
        "eight by GrowthBook's hash": (
            tuple(_experiment(number, hash_name="growthbook-v2") for number in range(8)),
            None,
        ),
    }


def _experiment(number: int, *, layer: Layer | None = None, hash_name: str = "blake2b") -> Experiment:
    ranges = arm_ranges((0.5, 0.5), 0.8)
    allocation = Allocation(f"experiment-{number}-2026", ranges, layer, hash_name)
    return Experiment(f"experiment-{number}", "visitor", allocation, ("control", "other"), (None, 0))


def _assign(tests: Tests, readers: list[Reader]) -> None:
    for reader in readers:
        arms_of(*tests, reader, "")


def _record(tests: Tests, readers: list[Reader]) -> None:
    for reader in readers:
        in_arms(*tests, reader, "")


def _headlines(figures: Mapping[str, Spread]) -> list[Headline]:
    ours = ("one experiment", "eight", "eight in layers, behind a holdout")
    return [at_most(f"assignment, {name}", figures[name], LIMIT, "µs an experiment") for name in ours]
