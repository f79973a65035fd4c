"""The keys `experiments` and `holdout`, as written in the rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Annotated, Any, Final, Literal, TypeAlias

from pydantic import AfterValidator, BeforeValidator, Discriminator, Field, Tag

from newshole.experiments.metrics import METRICS
from newshole.rules.conditions import When
from newshole.rules.places import Percent, Share, range_shape
from newshole.rules.quantities import at_no_time
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
from newshole.rules.written import Conflict, Written, expected, meant_or_known, wrong

_METRICS: Final = [metric.name for metric in METRICS]


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


LayerEntry: TypeAlias = Annotated[
    Annotated[EntryName, Tag("(name)")] | Annotated[LayerWritten, Tag("(part)")],
    Discriminator(lambda written: "(part)" if isinstance(written, (dict, LayerWritten)) else "(name)"),
]
"""A part of a layer, or by its name the whole."""


class MetricsWritten(Written):
    """What an experiment is judged by."""

    primary: MetricName
    """The one that decides."""
    guardrails: OneOrSeveral[MetricName] | None = None
    """Those that must not become worse."""


def _rising(looks: tuple[Percent, ...]) -> tuple[Percent, ...]:
    """Shares of the planned units, each above the one before, up to all of them."""
    shares = (
        [0.0, *(each.amount for each in looks if isinstance(each, Percent))]
        if isinstance(looks, tuple)
        else []
    )
    if shares and not (shares[-1] == 100 and all(low < high for low, high in pairwise(shares))):
        raise wrong("looks are shares of the planned units that rise up to 100%, such as [50%, 100%]")
    return looks


Looks: TypeAlias = Annotated[
    Annotated[Literal["always", "once"], Tag("(word)")]
    | Annotated[tuple[Share, ...], Field(min_length=1), AfterValidator(_rising), Tag("(shares)")],
    Discriminator(lambda written: "(shares)" if isinstance(written, (list, tuple)) else "(word)"),
]


def _effect(share: Percent) -> Percent:
    if share.amount <= 0:
        raise expected('a percentage above 0, such as "3%"')
    return share


def _power(share: Percent) -> Percent:
    if not 50 <= share.amount <= 99:
        raise expected('a percentage from 50 to 99, such as "80%"')
    return share


Effect: TypeAlias = Annotated[Share, AfterValidator(_effect)]
Power: TypeAlias = Annotated[Share, AfterValidator(_power)]


class PlanWritten(Written):
    """What an experiment is to be able to show."""

    min_effect: Effect
    """The smallest change of the primary metric that matters."""
    power: Power = Percent(80)
    """The chance to show a change of that size."""
    looks: Looks = "always"
    """When it may be judged: always, once at the end, or at rising shares of its planned units."""


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
    layer: LayerEntry | None = None
    """Experiments of one layer never share a reader."""
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
        yield from at_no_time(written)
        arms = written.get("arms")
        if not isinstance(arms, Mapping):
            return
        if len(arms) < 2:
            yield Conflict("needs two arms at least, control first", ("arms",), lacks=("set",))
        if arms and not any(isinstance(arm, Mapping) and changes_rules(arm) for arm in arms.values()):
            yield Conflict("no arm changes anything", ("arms",))


def changes_rules(arm: Mapping[Any, object]) -> bool:
    """Whether an arm, as it is written, changes anything of the rules."""
    return any(arm.get(key) for key in ("set", "drop", "only"))


HELD_OUT: Final = "holdout"
"""The salt of the holdout where none is given."""


class HoldoutWritten(Written):
    """Units that no experiment gets, so that all of them together can be measured."""

    share: Share
    """What part of all units that is."""
    salt: Salt = HELD_OUT
    """What the choice depends on beside the unit's id."""
