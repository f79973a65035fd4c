"""Conditions that can never hold together, where that can be told from what is written.

Looked at is what is written, for it may have other mistakes: whatever cannot be read claims nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any, Final, TypeAlias

from newshole.rules.conditions import COMBINATIONS, DEEPEST
from newshole.rules.facts import AMOUNTS, FACTS, FLAGS, NAMED, NONE_AT_ALL
from newshole.rules.quantities import bounds_of, is_over
from newshole.rules.written import Conflict, found_in

Steps: TypeAlias = tuple[str | int, ...]

_SINGLE: Final = frozenset(
    ("section", "page", "language", "sensitivity", "device", "country", "query", "cookie", "header", *FLAGS)
)
"""Facts that have one value at most."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What must be so for a `when` to hold: a fact is one of `values`, or lies between `bounds`, or is over.

    `negated` is for the opposite; without values it is claimed to be there at all. `at` is where it is
    written, in the rules.
    """

    fact: str
    name: str
    at: Steps
    values: tuple[str, ...] = ()
    bounds: tuple[int | None, int | None] | None = None
    times: tuple[object, object] | None = None
    negated: bool = False

    @property
    def is_measured(self) -> bool:
        """Whether it is about more or less, not about words."""
        return self.bounds is not None or self.times is not None


def contradictions(rules: Mapping[str, object]) -> Iterator[Conflict]:
    """Every contradiction in the conditions of rules, as they are written."""
    defaults = _mapping(rules.get("defaults"))
    for kind, own in defaults.items():
        yield from _in_when(_mapping(own).get("when"), ("defaults", kind, "when"), ())
    for name, block in _mapping(rules.get("blocks")).items():
        kind = str(_mapping(block).get("kind"))
        shared = _mapping(defaults.get(kind)).get("when")
        yield from _in_when(
            _mapping(block).get("when"),
            ("blocks", name, "when"),
            [*_claims(shared, ("defaults", kind, "when"))],
        )
    for key in ("articles", "pages"):
        for n, entry in enumerate(found_in(rules, key)):
            yield from _in_when(entry, (key, n), ())
    for n, entry in enumerate(found_in(rules, "overrides")):
        yield from _in_when(_mapping(entry).get("when"), ("overrides", n, "when"), ())
    for name, entry in _mapping(rules.get("experiments")).items():
        at, times = ("experiments", name), {key: _mapping(entry).get(key) for key in ("from", "until")}
        yield from _in_when(_mapping(entry).get("when"), (*at, "when"), [*_claims(times, at)])


def _in_when(when: object, at: Steps, shared: Iterable[Claim]) -> Iterator[Conflict]:
    """The contradictions in one `when`, and with what is claimed beside it."""
    own = [*_claims(when, at)]
    yield from _among(own)
    for first in shared:
        for second in own:
            yield from _between(first, second)
    yield from _in_alternatives(when, at, [*shared, *own])


def _in_alternatives(when: object, at: Steps, claimed: list[Claim], depth: int = 1) -> Iterator[Conflict]:
    """The same of each part of "any", which must hold beside the rest; and what is nested too deep."""
    for key in COMBINATIONS:
        for n, part in enumerate(found_in(_mapping(when), key)):
            if depth > DEEPEST:
                yield Conflict(f"conditions nested more than {DEEPEST} deep", (*at, key, "[key]"))
                return
            inside = (*at, key, n)
            own = [] if key == "all" else [*_claims(part, inside)]
            yield from _among(own)
            if key == "any":
                for first in claimed:
                    for second in own:
                        yield from _between(first, second)
            yield from _in_alternatives(part, inside, claimed + own if key != "none" else own, depth + 1)


def _among(claims: list[Claim]) -> Iterator[Conflict]:
    """The conflicts between the claims of one `when`, which has also no use for a value that it excludes."""
    for first, second in combinations(claims, 2):
        conflicts = [*_between(first, second)]
        yield from conflicts
        if not conflicts and (first.fact, first.name) == (second.fact, second.name):
            yield from _useless(first, second)


def _useless(first: Claim, second: Claim) -> Iterator[Conflict]:
    if first.negated != second.negated and not first.is_measured and not second.is_measured:
        wanted, excluded = (second, first) if first.negated else (first, second)
        for each in wanted.values:
            if _is_in(each, excluded):
                yield Conflict(f'"{each}" is excluded by {_path(excluded.at)}', wanted.at)


def _between(first: Claim, second: Claim) -> Iterator[Conflict]:
    """A conflict where two claims cannot both be so, told at the second one."""
    if (first.fact, first.name) == (second.fact, second.name) and _exclude_each_other(first, second):
        yield Conflict(f"never holds beside {_path(first.at)}", second.at)


def _exclude_each_other(first: Claim, second: Claim) -> bool:
    if first.times and second.times:
        return is_over(first.times[0], second.times[1]) or is_over(second.times[0], first.times[1])
    if first.bounds and second.bounds:
        return _is_above(first.bounds, second.bounds) or _is_above(second.bounds, first.bounds)
    if first.is_measured or second.is_measured:
        return False
    if first.negated == second.negated:
        return not first.negated and _are_apart(first, second)
    wanted, excluded = (second, first) if first.negated else (first, second)
    if not excluded.values:
        return True
    return bool(wanted.values) and all(_is_in(each, excluded) for each in wanted.values)


def _are_apart(first: Claim, second: Claim) -> bool:
    """Whether of a fact with one value two different ones are asked for."""
    if first.fact not in _SINGLE or not first.values or not second.values:
        return False
    return not any(_is_in(each, second) for each in first.values) and not any(
        _is_in(each, first) for each in second.values
    )


def _is_in(value: str, claim: Claim) -> bool:
    if claim.fact == "language":
        return any(value == each or value.startswith(f"{each}-") for each in claim.values)
    return value in claim.values


def _is_above(one: tuple[int | None, int | None], other: tuple[int | None, int | None]) -> bool:
    return one[0] is not None and other[1] is not None and one[0] > other[1]


def _claims(when: object, at: Steps) -> Iterator[Claim]:
    """What a `when` claims, with what its "all" and its "none" do."""
    written = _mapping(when)
    for key, value in written.items():
        if key in NAMED:
            for name, wanted in _mapping(value).items():
                yield from _of_words(key, str(name), wanted, (*at, key, name))
        elif key in ("all", "none"):
            for n, part in enumerate(found_in(written, key)):
                inside = _claims(part, (*at, key, n))
                yield from inside if key == "all" else _opposite([*inside], part)
        else:
            yield from _of_key(key, value, (*at, key))
    times = (written.get("from"), written.get("until"))
    if any(times):
        yield Claim("time", "", (*at, "until" if times[1] else "from"), times=times)


def _of_key(key: str, value: object, at: Steps) -> Iterator[Claim]:
    if key in FACTS:
        yield from _of_words(key, "", value, at)
    elif key in FLAGS and isinstance(value, bool):
        yield Claim(key, "", at, (str(value).lower(),))
    elif key in AMOUNTS and (bounds := bounds_of(value)) is not None:
        yield Claim(key, "", at, bounds=bounds)
    elif key == "schedule":
        inner = _mapping(value)
        yield Claim("time", "", at, times=(inner.get("from"), inner.get("until")))


def _opposite(claims: list[Claim], part: object) -> Iterator[Claim]:
    """The opposite of a part of "none", where it is about one fact: of two either may be what fails."""
    keys = list(_mapping(part))
    if len(claims) == len(keys) == 1 and keys[0] not in COMBINATIONS and not claims[0].is_measured:
        yield replace(claims[0], negated=not claims[0].negated)


def _of_words(fact: str, name: str, value: object, at: Steps) -> Iterator[Claim]:
    negated = isinstance(value, dict)
    wanted = value.get("not") if isinstance(value, dict) else value
    values = wanted if isinstance(wanted, list) else [wanted]
    if not values or not all(isinstance(each, (str, int)) for each in values):
        return
    words = tuple(_folded(fact, each) for each in values)
    if "present" in words:
        # For some facts there is a word for none at all.
        nothing = NONE_AT_ALL.get(fact)
        words, negated = ((nothing,), not negated) if nothing else ((), negated)
    folded = name.lower() if fact in ("meta", "header") else name
    yield Claim(fact, folded, (*at, "not") if isinstance(value, dict) else at, words, negated=negated)


def _folded(fact: str, value: object) -> str:
    """A value as it is compared; the case of paths counts."""
    word = str(value).lower() if isinstance(value, bool) else str(value)
    return word if fact == "path" else word.strip().casefold()


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _path(at: Steps) -> str:
    """A place in the rules, as people write it."""
    path = "".join(f"[{each}]" if isinstance(each, int) else f".{each}" for each in at if each != "not")
    return path.removeprefix(".")
