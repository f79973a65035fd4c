"""Experiments that could not be believed, told from what is written: arms that their own effect would change,
layers whose experiments share readers, salts that put the same readers into the same arms of two, and more
variants of a page than caches bear."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any, Final, NamedTuple, TypeAlias

from newshole.rules.experiment_model import HELD_OUT, changes_rules
from newshole.rules.places import share_of
from newshole.rules.written import Conflict, found_in, listed

Steps: TypeAlias = tuple[str | int, ...]

MOST_VARIANTS: Final = 8
"""Variants of one page that experiments may make together, for each is a page of its own in every cache."""

_BEFORE: Final = ("frequency", "dismissed")
"""Keys of blocks by which what a reader met before decides on what is shown."""

_UNFAIR: Final = "depends on what a reader was shown before, which the arms change: no fair test"


def unfair(rules: Mapping[str, object]) -> Iterator[Conflict]:
    """Everything for which experiments in rules, as they are written, could not be believed."""
    experiments = {str(name): each for name, each in _mapping(rules.get("experiments")).items()}
    by_name = {name: _mapping(each) for name, each in experiments.items()}
    for name, each in by_name.items():
        if "visits" in _conditions(each.get("when")):
            yield Conflict(f'"visits" {_UNFAIR}', ("experiments", name, "when"))
        for arm, changes in _mapping(each.get("arms")).items():
            yield from _biased(rules, ("experiments", name, "arms", str(arm)), _mapping(changes))
    yield from _overlapping(by_name)
    yield from _entangled(by_name)
    yield from _held_out_of_one_arm(by_name, _mapping(rules.get("holdout")))
    yield from _too_many(by_name)


def _biased(rules: Mapping[str, object], at: Steps, arm: Mapping[str, object]) -> Iterator[Conflict]:
    """What an arm sets or changes by which its own earlier effect would decide on what is shown."""
    blocks = {str(name): _mapping(each) for name, each in _mapping(rules.get("blocks")).items()}
    for path, value in _mapping(arm.get("set")).items():
        for key in sorted(_set_by(str(path).split("."), value)):
            yield Conflict(f'"{key}" {_UNFAIR}', (*at, "set", str(path)))
    by_visits = _changed_by_visits(rules, blocks)
    for name, below in _touched(arm, blocks).items():
        for key in sorted(_of_keys(_with_defaults(rules, blocks.get(name, {})))):
            yield Conflict(f'"{key}" of the block "{name}" {_UNFAIR}', (*at, *below))
        if name in by_visits:
            what = f'"visits" of the override "{by_visits[name]}", which changes "{name}" too,'
            yield Conflict(f"{what} {_UNFAIR}", (*at, *below))


def _set_by(steps: list[str], value: object) -> set[str]:
    """The keys that a path sets by which what a reader met before decides."""
    if steps == ["defaults"]:
        return set().union(*map(_of_keys, _mapping(value).values()))
    return _of_keys(_nested(steps[2:], value)) if steps[0] in ("blocks", "defaults") else set()


def _changed_by_visits(
    rules: Mapping[str, object], blocks: Mapping[str, Mapping[str, Any]]
) -> dict[str, object]:
    """The blocks that an override changes for readers of some visits, each with its name."""
    found: dict[str, object] = {}
    for each in map(_mapping, found_in(rules, "overrides")):
        if "visits" in _conditions(each.get("when")):
            found |= dict.fromkeys(_touched(each, blocks), each.get("name"))
    return found


def _touched(changes: Mapping[str, object], blocks: Mapping[str, Mapping[str, Any]]) -> dict[str, Steps]:
    """The blocks that an override or an arm changes, each with where it does."""
    only = _several(changes.get("only"))
    found: dict[str, Steps] = {name: ("only",) for name in blocks if only and name not in only}
    found |= {str(each): ("drop",) for each in _several(changes.get("drop"))}
    for path, value in _mapping(changes.get("set")).items():
        steps = str(path).split(".")
        if not _set_by(steps, value):
            found |= dict.fromkeys(_named(steps, blocks), ("set", str(path)))
    return found


def _named(steps: list[str], blocks: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """The blocks that a path is about."""
    if steps[0] == "blocks":
        return steps[1:2]
    return [name for name, each in blocks.items() if steps[:2] == ["defaults", str(each.get("kind"))]]


def _nested(steps: list[str], value: object) -> object:
    """What a path below a block sets, as it would be written there."""
    for step in reversed(steps):
        value = {step: value}
    return value


def _with_defaults(rules: Mapping[str, object], block: Mapping[str, Any]) -> dict[str, Any]:
    of_kind = _mapping(_mapping(rules.get("defaults")).get(str(block.get("kind"))))
    both = [each for each in (of_kind.get("when"), block.get("when")) if each is not None]
    return {**of_kind, **block, "when": {"all": both}}


def _of_keys(block: object) -> set[str]:
    """The keys in what is written of a block by which what a reader met before decides."""
    written = _mapping(block)
    found = {key for key in _BEFORE if written.get(key) is not None}
    return found | ({"visits"} & _conditions(written.get("when")))


def _conditions(when: object) -> set[str]:
    """The keys of a `when`, those of its combinations among them."""
    written = _mapping(when)
    found = {str(key) for key in written}
    for key in ("any", "all", "none"):
        for each in found_in(written, key):
            found |= _conditions(each)
    return found


class _Taken(NamedTuple):
    """The part of a layer that an experiment takes, with the unit that it assigns and its hash."""

    experiment: str
    layer: str
    part: tuple[float, float]
    unit: object
    hash: object


def _overlapping(experiments: Mapping[str, Mapping[str, Any]]) -> Iterator[Conflict]:
    """Two experiments of one layer that would share readers."""
    taken = [found for name, each in experiments.items() if (found := _taken(name, each)) is not None]
    for first, second in combinations(taken, 2):
        if first.layer != second.layer:
            continue
        at = ("experiments", second.experiment, "layer")
        if first.unit != second.unit:
            yield Conflict(f'another unit than "{first.experiment}" has in the same layer', at)
        elif first.hash != second.hash:
            yield Conflict(f'another hash than "{first.experiment}" has in the same layer', at)
        elif first.part[0] < second.part[1] and second.part[0] < first.part[1]:
            shared = f'takes a part of the layer "{first.layer}" that "{first.experiment}" has'
            yield Conflict(f"{shared}: give each its own, such as part: [0%, 50%]", at)


def _taken(name: str, experiment: Mapping[str, Any]) -> _Taken | None:
    layer, unit = experiment.get("layer"), experiment.get("unit", "visitor")
    hash_ = experiment.get("hash", "blake2b")
    if isinstance(layer, str):
        return _Taken(name, layer, (0.0, 100.0), unit, hash_)
    written = _mapping(layer)
    part = [share_of(each) for each in _several(written.get("part", ["0%", "100%"]))]
    known = [each for each in part if each is not None]
    if not isinstance(written.get("name"), str) or len(part) != 2 or len(known) != 2:
        return None
    return _Taken(name, str(written["name"]), (known[0], known[1]), unit, hash_)


def _entangled(experiments: Mapping[str, Mapping[str, Any]]) -> Iterator[Conflict]:
    """Two experiments of one salt: whoever is in an arm of one is in that of the other, so that what one does
    is not to be told from what the other does. In one layer they have no reader in common."""
    for (first, one), (second, other) in combinations(experiments.items(), 2):
        salt = _salt(second, other)
        taken = [_taken(*each) for each in ((first, one), (second, other))]
        is_apart = all(taken) and len({each.layer for each in taken if each}) == 1
        is_same = (salt, _dealt_by(other)) == (_salt(first, one), _dealt_by(one))
        if is_same and other.get("unit") != "edge" and not is_apart:
            sentence = (
                f'has the salt "{salt}" of "{first}", so the same readers are in the same arms of both: '
                "give it one of its own"
            )
            yield Conflict(sentence, _at_salt(("experiments", second), other))


def _held_out_of_one_arm(
    experiments: Mapping[str, Mapping[str, Any]], holdout: Mapping[str, Any]
) -> Iterator[Conflict]:
    """A holdout whose salt an experiment has: it would take its readers out of the first arm alone."""
    salt = str(holdout.get("salt", HELD_OUT))
    for name, each in experiments.items():
        unit, hashed = _dealt_by(each)
        if holdout and salt == _salt(name, each) and hashed == "blake2b" and unit != "edge":
            sentence = f'has the salt "{salt}" of the holdout, which would take readers out of one arm only'
            yield Conflict(f"{sentence}: give it one of its own", _at_salt(("experiments", name), each))


def _salt(name: str, experiment: Mapping[str, Any]) -> str:
    return str(experiment.get("salt") or name)


def _dealt_by(experiment: Mapping[str, Any]) -> tuple[object, object]:
    """What is assigned, and the hash that does it."""
    return experiment.get("unit", "visitor"), experiment.get("hash", "blake2b")


def _at_salt(at: Steps, experiment: Mapping[str, Any]) -> Steps:
    return (*at, "salt") if experiment.get("salt") else at


def _too_many(experiments: Mapping[str, Mapping[str, Any]]) -> Iterator[Conflict]:
    """Experiments that make too many variants of a page together, those of one layer being apart."""
    variants, arms_of_layer = 1, dict[str, int]()
    for name, each in experiments.items():
        if each.get("unit") == "page":
            continue  # all readers of a page have the same arm
        taken = _taken(name, each)
        shared = f"experiment {name}" if taken is None else f"layer {taken.layer}"
        # Who is in no arm gets the rules as they are, which an arm that changes nothing is as well.
        arms_of_layer[shared] = arms_of_layer.get(shared, 1) + sum(map(changes_rules, _arms(each)))
    for arms in arms_of_layer.values():
        variants *= arms
    if variants > MOST_VARIANTS:
        sentence = (
            f"these experiments make {variants} variants of a page together, of which {MOST_VARIANTS} are "
            "the most: put them into one layer, or run them one after the other"
        )
        yield Conflict(sentence, ("experiments",))


def _arms(experiment: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """What is written of each arm."""
    yield from map(_mapping, _mapping(experiment.get("arms")).values())


def _several(written: object) -> tuple[Any, ...]:
    """One or several of anything, as a list or a tuple."""
    return tuple(written) if isinstance(written, list) else listed(written)


def _mapping(value: object) -> dict[str, Any]:
    return dict(value) if isinstance(value, Mapping) else {}
