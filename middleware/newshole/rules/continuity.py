"""What new rules would do to experiments that run: whether everybody stays in the arm that they are in.

Assignment has no memory, so a reader's arm changes with whatever decides on it. More readers may join at any
time; one who changes arms, or leaves, has seen part of a test, and what the test says then is not about its
arms any more. With a new salt all readers are dealt anew, and it is another test.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from newshole.experiments.assignment import EVERYONE
from newshole.rules.consent import Consent
from newshole.rules.experiments import Experiment
from newshole.rules.overrides import WAYS
from newshole.rules.ruleset import Rules
from newshole.types import Reader, Story

_ROUNDING: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Break:
    """What of new rules breaks a running experiment, by its path in them."""

    path: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.path}: {self.sentence}"


def changed_in_flight(old: Rules, new: Rules, now: datetime) -> list[Break]:
    """Everything by which new rules would break experiments that run now by the old ones.

    An experiment that is left out ends, and one with another salt is another experiment. Hypothesis, metrics,
    plan and end may change, traffic, layer and targeting may grow.
    """
    after = {each.name: each for each in new.experiments}
    running = [each for each in old.experiments if _is_on(each, now)]
    kept = [(each, after[each.name]) for each in running if each.name in after]
    same = [pair for pair in kept if pair[0].allocation.salt == pair[1].allocation.salt]
    found = [
        Break(f"experiments.{before.name}.{key}", f"{what}: give it a new salt")
        for before, now_written in same
        for key, what in _broken(before, now_written, now)
    ]
    if any(after.unit == "visitor" for _, after in same):
        found += _who_takes_part(old, new)
    return [*found, *(_held_out(old, new) if same else ())]


def broken_experiments(old: Iterable[Rules], new: Iterable[Rules]) -> list[str]:
    """A line for everything by which new rules would break experiments that run now by the old ones.

    Sites are told by the names of their files, and one whose file has another name now by its hosts.
    """
    before, now = tuple(old), datetime.now(UTC)
    pairs = ((_before(each, before), each) for each in new)
    return [
        f"{site.name}: {broken}"
        for was, site in pairs
        if was is not None
        for broken in changed_in_flight(was, site, now)
    ]


def _before(site: Rules, old: Sequence[Rules]) -> Rules | None:
    """The rules that a site had; None for a new one."""
    named = next((each for each in old if each.name == site.name), None)
    return named or next((each for each in old if _have_readers_in_common(each, site)), None)


def _have_readers_in_common(one: Rules, other: Rules) -> bool:
    """Whether both are for the same host, or both for all that no other rules are for."""
    return one.host_names == other.host_names or not {*one.host_names}.isdisjoint(other.host_names)


def _is_on(experiment: Experiment, now: datetime, *keys: str) -> bool:
    """Whether it runs at a moment, as far as its `from` and `until` say, or those of them that are named."""
    paths = [f"experiments.{experiment.name}.{key}" for key in keys or ("from", "until")]
    reader = Reader(now=now)
    return all(each.holds(Story(), reader, "") for each in experiment.when if each.path in paths)


def _broken(before: Experiment, after: Experiment, now: datetime) -> Iterator[tuple[str, str]]:
    """What changes the arm of somebody who is in one, by its key."""
    for key, old, new in (
        ("unit", before.unit, after.unit),
        ("hash", before.allocation.hash, after.allocation.hash),
    ):
        if old != new:
            yield key, f"{new} in the place of {old} deals all readers anew"
    if after.traffic < before.traffic - _ROUNDING:
        down = f"{_percent(after.traffic)}, down from {_percent(before.traffic)},"
        yield "traffic", f"{down} takes readers out of it"
    if _narrows(before, after):
        yield "layer", "another part of the layer takes readers out of it"
    if not is_wider(*(_mapping(each.written.get("when")) for each in (before, after))):
        yield "when", "other conditions may take readers out of it"
    if not _is_on(after, now, "from"):
        yield "from", "a later beginning takes all readers out of it for a time"
    yield from _of_arms(before, after)


def _of_arms(before: Experiment, after: Experiment) -> Iterator[tuple[str, str]]:
    if before.arms != after.arms:
        yield "arms", f"{', '.join(after.arms)} in the place of {', '.join(before.arms)} moves readers"
        return
    weights = zip(before.weights, after.weights, strict=True)
    if any(abs(old - new) > _ROUNDING for old, new in weights):
        yield "arms", "other weights move readers from one arm to another"
    for arm in before.arms:
        old, new = (_changes(each.written["arms"][arm]) for each in (before, after))
        if old != new:
            yield f"arms.{arm}", "what it changes is not what its readers saw before"


def _changes(arm: object) -> dict[str, Any]:
    return {key: value for key, value in _mapping(arm).items() if key in WAYS}


def _mapping(written: object) -> Mapping[str, Any]:
    """What is written, where it is a mapping; a key may have no value."""
    return written if isinstance(written, Mapping) else {}


def _percent(share: float) -> str:
    return f"{share * 100:.6g}%"


def _narrows(before: Experiment, after: Experiment) -> bool:
    """Whether the part of a layer that it takes leaves out somebody whom it had."""
    old, new = before.allocation.layer, after.allocation.layer
    if new is None or new.part == EVERYONE:
        return False
    if old is None or old.name != new.name:
        return True
    return new.part[0] > old.part[0] + _ROUNDING or new.part[1] < old.part[1] - _ROUNDING


def _who_takes_part(old: Rules, new: Rules) -> Iterator[Break]:
    """Another source of readers' ids, and another consent, without which nobody takes part."""
    before, after = _id_source(old), _id_source(new)
    if before is not None and before != after:
        what = f"ids from {after or 'nowhere'} in the place of {before}"
        yield Break("vary.id", f"{what} may move readers: give running experiments a new salt")
    if new.consent.is_served and _asked_for(old.consent) != _asked_for(new.consent):
        yield Break("consent", "other terms may take readers out: give running experiments a new salt")


def _id_source(rules: Rules) -> str | None:
    """Where the id of a reader comes from; None for nowhere."""
    kinds = (("header", rules.telling.headers), ("cookie", rules.telling.cookies))
    return next((f"the {kind} {told['id']}" for kind, told in kinds if "id" in told), None)


def _asked_for(consent: Consent) -> tuple[object, ...]:
    """What decides on the server whether a reader has agreed."""
    return consent.cookie, consent.header, consent.vendors, consent.regions


def _held_out(old: Rules, new: Rules) -> Iterator[Break]:
    """A holdout that takes in readers of experiments."""
    before, after = old.holdout, new.holdout
    if after is None or after.part == 0:
        return
    is_same = before is not None and before.salt == after.salt
    if before is None or not is_same or after.part > before.part + _ROUNDING:
        what = "another salt" if before is not None and not is_same else "a greater share"
        yield Break("holdout", f"{what} takes readers out of running experiments: give each a new salt")


def is_wider(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Whether conditions, as they are written, surely hold wherever the old ones did."""
    return all(key in old and _covers(key, old[key], wanted) for key, wanted in new.items())


def _covers(key: str, old: Any, new: Any) -> bool:  # noqa: ANN401 - whatever a condition may be
    """Whether what is asked for now of one fact takes all in that was asked for before."""
    if old == new:
        return True
    if key in ("meta", "jsonld", "query", "cookie", "header") and isinstance(new, dict):
        return isinstance(old, dict) and is_wider(old, new)
    if isinstance(old, dict) and isinstance(new, dict):
        return old.keys() == new.keys() == {"not"} and _is_among(new["not"], old["not"])
    if isinstance(old, dict) or isinstance(new, dict):
        return False
    return _is_among(new, old) if key in ("all", "none") else _is_among(old, new)


def _is_among(some: object, all_of_them: object) -> bool:
    """Whether of one or several values each is among others."""
    return all(each in _listed(all_of_them) for each in _listed(some))


def _listed(written: object) -> list[object]:
    return written if isinstance(written, list) else [written]
