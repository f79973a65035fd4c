"""Which arm of an experiment a unit gets. Pure, and without memory: the ranges of its arms and the unit's
place among them say it.

    0                     .5                      1
    ├── control ──┤        ├─── wide ────┤             traffic 60%: each arm has 60% of its range
    ├─ control ┤           ├── wide ──┤                traffic 40%: no one of these moves when it grows
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias
from urllib.parse import parse_qsl, urlsplit

from newshole.experiments.shares import growthbook_namespace_share, growthbook_share, share

Range: TypeAlias = tuple[float, float]
"""From the first number, up to but not with the second."""

EVERYONE: Final[Range] = (0.0, 1.0)
_ROUNDING: Final = 0.01
"""How far weights may add up to something else than 1, for such as are rounded."""

HASHES: Final[dict[str, Callable[[str, str], float]]] = {"blake2b": share, "growthbook-v2": growthbook_share}
"""What places units, by the names that rules have for it."""

_LAYER_HASHES: Final[dict[str, Callable[[str, str], float]]] = {
    "blake2b": lambda layer, unit: share(f"layer:{layer}", unit),
    "growthbook-v2": growthbook_namespace_share,
}
"""What places units in a layer, which is a namespace of GrowthBook's where that is asked for."""


@dataclass(frozen=True, slots=True)
class Layer:
    """The part of a layer that an experiment takes: experiments that take other parts of it never have a
    reader in common."""

    name: str
    part: Range = EVERYONE

    def holds(self, unit: str, hash_: str = "blake2b") -> bool:
        """Whether a unit falls into this part, by the hash of its experiments."""
        return within(_LAYER_HASHES[hash_](self.name, unit), self.part)


@dataclass(frozen=True, slots=True)
class Allocation:
    """How units are put into the arms of one experiment: `ranges` has one for each, in the rules' order."""

    salt: str
    ranges: tuple[Range, ...]
    layer: Layer | None = None
    hash: str = "blake2b"


@dataclass(frozen=True, slots=True)
class Holdout:
    """The units that no experiment gets, `part` of all."""

    salt: str
    part: float

    def holds(self, unit: str) -> bool:
        """Whether a unit is held out."""
        return share(self.salt, unit) < self.part


def assigned(allocation: Allocation, unit: str) -> int | None:
    """The number of the arm that a unit gets, from 0; None for one that is not in the experiment."""
    if allocation.layer is not None and not allocation.layer.holds(unit, allocation.hash):
        return None
    return chosen(HASHES[allocation.hash](allocation.salt, unit), allocation.ranges)


def chosen(place: float, ranges: Sequence[Range]) -> int | None:
    """The number of the first range that holds a place, None for none."""
    for number, (low, high) in enumerate(ranges):
        if low <= place < high:
            return number
    return None


def growthbook_override(experiment: str, url: str, arms: int) -> int | None:
    """The number of the arm that an address asks for as GrowthBook's SDKs read it, `?EXPERIMENT=NUMBER`; None
    for none, and for one that there is not."""
    asked = dict(parse_qsl(urlsplit(url).query)).get(experiment, "")
    return int(asked) if asked.isdecimal() and asked.isascii() and int(asked[:9]) < arms else None


def within(place: float, part: Range) -> bool:
    """Whether a place lies in a range."""
    return part[0] <= place < part[1]


def arm_ranges(weights: Sequence[float], traffic: float) -> tuple[Range, ...]:
    """The ranges of arms with these weights, `traffic` being the share of units that is in any arm.

    Weights that do not add up to 1 count as equal ones. Each arm begins where it would with all traffic, so
    more traffic moves nobody from one arm to another.
    """
    traffic = min(max(traffic, 0.0), 1.0)
    if abs(sum(weights) - 1.0) > _ROUNDING:
        weights = equal_weights(len(weights))
    starts = [sum(weights[:number]) for number in range(len(weights))]
    return tuple((start, start + traffic * weight) for start, weight in zip(starts, weights, strict=True))


def equal_weights(count: int) -> tuple[float, ...]:
    """Weights of as many arms, each the same."""
    return (1.0 / count,) * count if count > 0 else ()
