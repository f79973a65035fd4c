"""The bounded memory."""

from __future__ import annotations

import random

import pytest

from newshole.store import Lru


def test_the_entry_unused_for_longest_goes_first() -> None:
    lru: Lru[str, int] = Lru(2, 100)
    lru.put("a", 1, 1)
    lru.put("b", 2, 1)
    assert lru.get("a") == 1
    lru.put("c", 3, 1)
    assert (lru.get("a"), lru.get("b"), lru.get("c")) == (1, None, 3)


def test_bytes_are_a_bound_of_their_own() -> None:
    lru: Lru[str, int] = Lru(100, 10)
    for key in "abc":
        lru.put(key, 0, 4)
    assert (len(lru), lru.size) == (2, 8)
    assert lru.get("a") is None


def test_a_key_put_again_counts_once() -> None:
    lru: Lru[str, int] = Lru(10, 100)
    lru.put("a", 1, 60)
    lru.put("a", 2, 30)
    assert (lru.get("a"), len(lru), lru.size) == (2, 1, 30)


def test_what_is_too_large_for_all_the_room_replaces_nothing_but_its_own() -> None:
    lru: Lru[str, int] = Lru(10, 10)
    lru.put("a", 1, 4)
    lru.put("b", 1, 4)
    lru.put("b", 2, 11)
    assert (lru.get("a"), lru.get("b"), lru.size) == (1, None, 4)


def test_dropping_and_clearing_free_the_room() -> None:
    lru: Lru[str, int] = Lru(10, 10)
    for key in "abc":
        lru.put(key, 0, 3)
    lru.drop("a")
    lru.drop("a")
    assert (len(lru), lru.size) == (2, 6)
    lru.clear()
    assert (len(lru), lru.size) == (0, 0)


@pytest.mark.parametrize("seed", range(5))
def test_the_bounds_hold_whatever_is_done(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - a test's
    lru: Lru[int, int] = Lru(8, 50)
    sizes: dict[int, int] = {}
    for _ in range(2000):
        key, size = chance.randrange(20), chance.randrange(60)
        match chance.randrange(4):
            case 0:
                lru.drop(key)
            case 1:
                assert lru.get(key) in (None, sizes.get(key))
            case _:
                sizes[key] = size
                lru.put(key, size, size)
        kept = [value for key in sizes if (value := lru.get(key)) is not None]
        assert len(lru) == len(kept) <= 8
        assert lru.size == sum(kept) <= 50
