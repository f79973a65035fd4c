"""Who gets which arm: evenly, independently, for good; and as GrowthBook says it where that is asked for."""

from __future__ import annotations

import hashlib
import itertools
import json
import math
import uuid
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newshole.experiments.assignment import (
    Allocation,
    Holdout,
    Layer,
    arm_ranges,
    assigned,
    chosen,
    equal_weights,
    growthbook_override,
    within,
)
from newshole.experiments.shares import growthbook_namespace_share, growthbook_share, share

HERE: Final = Path(__file__).parent
CASES: Final = HERE.parents[2] / "shared/corpus/growthbook/cases.json"
BUCKETS: Final = 100
LIMIT: Final = 148.23
"""The value that chi-square with 99 degrees of freedom exceeds with a probability of .001."""

LOOK_ALIKES: Final = [f"inline-ad-{n}" for n in range(1, 13)]


def units(count: int, *, seed: int = 1) -> Iterator[str]:
    """Ids as browsers and shops have them: the first half version 4 UUIDs, the rest running numbers."""
    for n in range(count):
        made = hashlib.blake2b(f"{seed} {n}".encode(), digest_size=16).digest()
        yield str(uuid.UUID(bytes=made, version=4)) if n < count // 2 else str(1_000_000 + n)


def vectors() -> list[tuple[str, str, float]]:
    lines = (HERE / "shares.txt").read_text(encoding="utf-8").splitlines()
    return [(salt, unit, float.fromhex(at)) for salt, unit, at in (line.split("\t") for line in lines)]


def growthbook(name: str) -> list[list[Any]]:
    if not CASES.exists():
        pytest.skip("needs the public vectors in ../shared/corpus/growthbook")
    cases: list[list[Any]] = json.loads(CASES.read_text(encoding="utf-8"))[name]
    assert cases
    return cases


def test_ten_thousand_frozen_places_are_what_they_were() -> None:
    frozen = vectors()
    assert len(frozen) == 10_000
    assert [each for each in frozen if share(*each[:2]) != each[2]] == []


def test_a_place_can_be_told_by_the_recipe_alone() -> None:
    digest = hashlib.blake2b("wider-gaps-1\nørsted-7".encode(), digest_size=8).hexdigest()
    assert share("wider-gaps-1", "ørsted-7") == (int(digest, 16) >> 11) / 2**53


@given(salt=st.text(st.characters(exclude_characters="\n"), max_size=20), unit=st.text(max_size=60))
def test_every_id_has_a_place_below_one(salt: str, unit: str) -> None:
    assert 0.0 <= share(salt, unit) < 1.0
    assert 0.0 <= growthbook_share(salt, unit) < 1.0


@pytest.mark.parametrize("first", [0, 1], ids=["uuids", "running numbers"])
def test_units_spread_evenly(first: int) -> None:
    ids = list(units(200_000))[first * 100_000 :][:100_000]
    counts = Counter(int(share("wider-gaps-1", unit) * BUCKETS) for unit in ids)
    expected = len(ids) / BUCKETS
    assert sum((counts[n] - expected) ** 2 / expected for n in range(BUCKETS)) < LIMIT


def test_experiments_of_similar_names_are_independent() -> None:
    ids = list(units(40_000))
    halves = {name: [share(name, unit) < 0.5 for unit in ids] for name in LOOK_ALIKES}
    for one, other in itertools.combinations(LOOK_ALIKES, 2):
        same = sum(a == b for a, b in zip(halves[one], halves[other], strict=True))
        z = (same - len(ids) / 2) / math.sqrt(len(ids) / 4)
        assert abs(z) < 4, (one, other, z)


def test_more_traffic_moves_nobody_from_one_arm_to_another() -> None:
    ids = list(units(2_000))
    before: dict[str, int] = {}
    for percent in range(1, 101):
        allocation = Allocation("ramp", arm_ranges((0.5, 0.3, 0.2), percent / 100))
        now = {unit: arm for unit in ids if (arm := assigned(allocation, unit)) is not None}
        assert before.items() <= now.items()
        before = now
    assert len(before) == len(ids)


def test_traffic_is_the_share_of_units_that_gets_an_arm() -> None:
    allocation = Allocation("ramp", arm_ranges((0.5, 0.5), 0.4))
    arms = Counter(assigned(allocation, unit) for unit in units(50_000))
    assert arms[None] / 50_000 == pytest.approx(0.6, abs=0.01)
    assert arms[0] / 50_000 == pytest.approx(0.2, abs=0.01)


def test_experiments_in_one_layer_never_share_a_reader() -> None:
    one = Allocation("a", arm_ranges((0.5, 0.5), 1), Layer("inline", (0.0, 0.5)))
    other = Allocation("b", arm_ranges((0.5, 0.5), 1), Layer("inline", (0.5, 1.0)))
    for unit in units(5_000):
        assert (assigned(one, unit) is None) != (assigned(other, unit) is None)


def test_layers_and_arms_are_independent() -> None:
    allocation = Allocation("a", arm_ranges((0.5, 0.5), 1), Layer("inline", (0.0, 0.5)))
    arms = Counter(assigned(allocation, unit) for unit in units(40_000))
    assert abs(arms[0] - arms[1]) < 4 * math.sqrt(arms[0] + arms[1])


def test_a_holdout_holds_its_share() -> None:
    held = sum(Holdout("holdout-2026", 0.02).holds(unit) for unit in units(50_000))
    assert held / 50_000 == pytest.approx(0.02, abs=0.003)


def test_growthbook_places_units_as_its_sdks_do() -> None:
    asked = [case for case in growthbook("hash") if case[2] == 2]
    assert [growthbook_share(seed, unit) for seed, unit, _, _ in asked] == [want for *_, want in asked]


def test_growthbook_namespaces_hold_whom_they_should() -> None:
    for _, unit, (namespace, low, high), want in growthbook("inNamespace"):
        assert within(growthbook_namespace_share(namespace, unit), (low, high)) is want


def test_growthbook_addresses_ask_for_arms_as_its_sdks_read_them() -> None:
    for name, experiment, url, arms, want in growthbook("getQueryStringOverride"):
        assert growthbook_override(experiment, url, arms) == want, name


def test_a_layer_is_a_growthbook_namespace_where_its_hash_is_asked_for() -> None:
    for _, unit, (namespace, low, high), want in growthbook("inNamespace"):
        layer = Layer(namespace, (low, high))
        allocation = Allocation("seed", arm_ranges((0.5, 0.5), 1), layer, "growthbook-v2")
        assert (assigned(allocation, unit) is not None) is want


def test_growthbook_ranges_are_ours() -> None:
    for name, (count, traffic, weights), want in growthbook("getBucketRange"):
        given_weights = weights if weights and len(weights) == count else equal_weights(count)
        found = arm_ranges(given_weights, traffic)
        for one, other in zip(found, want, strict=True):
            assert one == pytest.approx(tuple(other)), name


def test_growthbook_chooses_as_we_do() -> None:
    for name, place, ranges, want in growthbook("chooseVariation"):
        assert chosen(place, [(low, high) for low, high in ranges]) == (None if want == -1 else want), name


def test_growthbook_has_the_same_equal_weights() -> None:
    for count, want in growthbook("getEqualWeights"):
        assert list(equal_weights(count)) == pytest.approx(want)
