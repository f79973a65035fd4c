"""The keys `experiments` and `holdout`, as written in the rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator, Field

from newshole.experiments.metrics import METRICS
from newshole.rules.conditions import When
from newshole.rules.places import Percent, Share, range_shape
from newshole.rules.words import (
    BlockId,
    EntryName,
    Moment,
    OneOrSeveral,
    Positive,
    RulePath,
    Text,
    Word,
    matching,
)
from newshole.rules.written import Conflict, Written, expected, found_in, meant_or_known

MOST_VARIANTS: Final = 8
"""Variants of one page that experiments may make together, for each is a page of its own in every cache."""

_METRICS: Final = [metric.name for metric in METRICS]
_SEEN_BEFORE: Final = ("frequency", "dismissed")
"""Keys of blocks by which what a reader met before decides on what is shown."""


def _metric(value: object) -> str:
    if value not in _METRICS:
        hint = meant_or_known(value, _METRICS)
        raise expected(f"a metric{hint}")
    return str(value)


Salt = Annotated[str, matching(r"[^\s]{1,64}", "a salt of 1 to 64 characters without spaces")]
MetricName = Annotated[str, Word(_metric, {"enum": _METRICS})]


class ArmWritten(Written):
    """One arm: what it changes of the rules, nothing for the one that leaves them as they are."""

    weight: Positive = 1
    """Its share among the weights of all arms."""
    changes: dict[RulePath, Any] = Field(default_factory=dict, alias="set")
    """Values by the paths of rules: `layout.ads`, `blocks.inline-ad.repeat.max`."""
    drop: OneOrSeveral[BlockId] | None = None
    """Blocks that are left out."""
    only: OneOrSeveral[BlockId] | None = None
    """All other blocks are left out."""


class LayerWritten(Written):
    """The part of a layer that an experiment takes; experiments in other parts never share a reader."""

    name: EntryName
    part: Annotated[tuple[Share, Share], BeforeValidator(range_shape)] = (Percent(0), Percent(100))
    """From one share of the layer to another, such as [0%, 50%]."""


class MetricsWritten(Written):
    """What an experiment is judged by."""

    primary: MetricName
    """The one that decides."""
    guardrails: OneOrSeveral[MetricName] | None = None
    """Those that must not become worse."""


class PlanWritten(Written):
    """What an experiment is to be able to show."""

    min_effect: Share
    """The smallest change of the primary metric that matters."""
    power: Share = Percent(80)
    """The chance to show a change of that size."""


class ExperimentWritten(Written):
    """A test of rule values: each reader, or each page, gets one of its arms."""

    hypothesis: Text | None = None
    """What it is to find out, in words."""
    unit: Literal["visitor", "edge", "page"] = "visitor"
    """What is assigned: a visitor by an id of the site's own, one whom the edge has assigned, or a page."""
    salt: Salt | None = None
    """What assignment depends on beside the unit's id; the experiment's name where absent."""
    hash: Literal["blake2b", "growthbook-v2"] = "blake2b"
    """What turns an id into a place among the arms."""
    traffic: Share = Percent(100)
    """The share of units that take part."""
    layer: LayerWritten | None = None
    when: When | None = None
    """The pages and readers that it is about."""
    arms: dict[EntryName, ArmWritten]
    """The arms by their names, control first."""
    metrics: MetricsWritten | None = None
    plan: PlanWritten | None = None
    start: Moment | None = Field(default=None, alias="from")
    """Not before this moment; a date is its beginning."""
    until: Moment | None = None
    """Not from this moment on; a date is its beginning."""

    @classmethod
    def conflicts(cls, written: Mapping[str, object]) -> Iterator[Conflict]:
        arms = written.get("arms")
        if not isinstance(arms, Mapping):
            return
        if len(arms) < 2:
            yield Conflict("needs two arms at least, control first", ("arms",), lacks=("set",))
        if arms and not any(isinstance(arm, Mapping) and _changes_rules(arm) for arm in arms.values()):
            yield Conflict("no arm changes anything", ("arms",))
        for name, arm in arms.items():
            if isinstance(arm, Mapping):
                yield from _biased(str(name), arm)
        if "visits" in _conditions(written.get("when")):
            yield Conflict(_BIASED.format(what='"visits"'), ("when", "visits", "[key]"))


class HoldoutWritten(Written):
    """Units that no experiment gets, so that all of them together can be measured."""

    share: Share
    salt: Salt = "holdout"


_BIASED: Final = "{what} depends on what a reader was shown before, which the arms change: no fair test"


def _changes_rules(arm: Mapping[object, object]) -> bool:
    return any(arm.get(key) for key in ("set", "drop", "only"))


def _biased(name: str, arm: Mapping[object, object]) -> Iterator[Conflict]:
    """What an arm sets by which its own earlier effect would decide on what is shown."""
    sets = arm.get("set")
    for path, value in sets.items() if isinstance(sets, Mapping) else ():
        at = ("arms", name, "set", str(path))
        steps = str(path).split(".")
        if steps[0] in ("blocks", "defaults") and steps[-1] in _SEEN_BEFORE:
            yield Conflict(_BIASED.format(what=f'"{steps[-1]}"'), at)
        elif (steps[-1] == "when" and "visits" in _conditions(value)) or steps[-2:] == ["when", "visits"]:
            yield Conflict(_BIASED.format(what='"visits"'), at)


def _conditions(when: object) -> set[str]:
    """The keys of a `when`, those of its combinations among them."""
    if not isinstance(when, Mapping):
        return set()
    found = {str(key) for key in when}
    for key in ("any", "all", "none"):
        for each in found_in(when, key):
            found |= _conditions(each)
    return found


def too_many_variants(written: Mapping[str, object]) -> Iterator[Conflict]:
    """Experiments that make too many variants of a page together, those of one layer being apart."""
    experiments = written.get("experiments")
    variants, arms_of_layer = 1, dict[str, int]()
    for name, each in experiments.items() if isinstance(experiments, Mapping) else ():
        arms = each.get("arms") if isinstance(each, Mapping) else None
        if not isinstance(arms, Mapping):
            continue
        layer = each.get("layer")
        shared = str(layer.get("name", name)) if isinstance(layer, Mapping) else f"experiment {name}"
        # Who is in another part of the layer gets no arm, which is what control is.
        arms_of_layer[shared] = arms_of_layer.get(shared, 1) + len(arms) - 1
    for arms in arms_of_layer.values():
        variants *= arms
    if variants > MOST_VARIANTS:
        sentence = (
            f"these experiments make {variants} variants of a page together, of which {MOST_VARIANTS} are "
            "the most: put them into one layer, or run them one after the other"
        )
        yield Conflict(sentence, ("experiments",))
