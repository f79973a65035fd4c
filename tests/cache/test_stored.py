"""Plans in a store that all workers share: small, signed, and nothing when they are spoilt."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newshole import Facts, Site
from newshole.cache import PlanCache
from newshole.store import GuardedStore
from tests.budget import examples
from tests.cache.composed import (
    Clock,
    Kept,
    Page,
    anew,
    cached,
)
from tests.waiting import until


async def stored(site: Site, store: Kept, pages: list[bytes], secret: bytes = b"") -> None:
    """Have plans of these pages put into the store."""
    cache = PlanCache(site, GuardedStore(store, deadline=60), secret=secret, clock=Clock())
    for page in pages:
        await cached(cache, page)
    await until(lambda: len(store.values) == len(pages))


def test_a_plan_is_shared_by_the_store_and_small(site: Site) -> None:
    site.facts = Facts()

    async def ask() -> None:
        store = Kept()
        await stored(site, store, [bytes(Page())])
        assert all(len(value) <= 2048 for value in store.values.values())
        worker = PlanCache(site, GuardedStore(store, deadline=60), clock=Clock())
        assert (await cached(worker, bytes(Page()))).html == anew(worker, bytes(Page()))
        assert (worker.counts["plan-store"], worker.counts["plan-anew"]) == (1, 0)

    asyncio.run(ask())


SPOILT = st.one_of(
    st.tuples(st.just("flip"), st.integers(0, 2047), st.integers(1, 255)),
    st.tuples(st.just("cut"), st.integers(0, 2047), st.just(0)),
    st.tuples(st.just("add"), st.integers(1, 50), st.integers(0, 255)),
    st.tuples(st.just("other"), st.just(0), st.just(0)),
)


@pytest.mark.slow
@examples(150)
@given(SPOILT)
def test_a_spoilt_value_moves_nothing(site: Site, how: tuple[str, int, int]) -> None:
    kind, place, byte = how
    pages = [bytes(Page()), bytes(Page(paragraphs=9))]
    site.facts = Facts()

    async def ask() -> None:
        store = Kept()
        await stored(site, store, pages)
        values = dict(store.values)

        def spoil(key: bytes, value: bytes) -> bytes:
            if kind == "flip":
                at = place % len(value)
                return value[:at] + bytes([value[at] ^ byte]) + value[at + 1 :]
            if kind == "cut":
                return value[: place % len(value)]
            if kind == "add":
                return value + bytes([byte]) * place
            return next(other for name, other in values.items() if name != key)

        store.spoil = spoil
        worker = PlanCache(site, GuardedStore(store, deadline=60), clock=Clock())
        for page in pages:
            assert (await cached(worker, page)).html == anew(worker, page)
        assert (worker.counts["plan-unsound"], worker.counts["plan-store"]) == (2, 0)

    asyncio.run(ask())


def test_a_value_signed_with_another_secret_is_none(site: Site) -> None:
    site.facts = Facts()

    async def ask() -> None:
        store = Kept()
        await stored(site, store, [bytes(Page())], secret=b"one")
        worker = PlanCache(site, GuardedStore(store, deadline=60), secret=b"two", clock=Clock())
        await cached(worker, bytes(Page()))
        assert (worker.counts["plan-unsound"], worker.counts["plan-anew"]) == (1, 1)

    asyncio.run(ask())


def test_what_a_page_says_at_length_is_not_kept(site: Site) -> None:
    site.facts = Facts()
    cache = PlanCache(site, clock=Clock())
    page = bytes(Page(head=f'<meta name="description" content="{"x" * 100_000}">'))
    asyncio.run(cached(cache, page))
    assert len(cache.kept) == 1
    assert cache.kept.size < 40_000

    async def values() -> list[bytes]:
        store = Kept()
        await stored(site, store, [page])
        return [*store.values.values()]

    [value] = asyncio.run(values())
    assert len(value) < 2048
