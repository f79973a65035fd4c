"""What a story says to newshole, and how sensitive it is, decide on kept plans as on new ones."""

from __future__ import annotations

import asyncio
import secrets

import pytest

from newshole import Reader, Site
from newshole.cache import Answer, PlanCache
from newshole.cache.plan_record import KeptPage, decode, encode, told_to_blocks
from newshole.store import GuardedStore, MemoryStore
from newshole.types import Signal, Story, Told
from tests.cache.composed import HOST, HTML, Clock, Page

URL = f"{HOST}/city/bridge"
RULES = """
site: Example
sensitivity:
  override: [{meta: ad_sensitivity, values: {solemn: solemn, ok: none}}]
  solemn: {remove: [follow]}
blocks:
  ad: {kind: ad, serve: {slot: x}, sizes: {mobile: [[300, 250]]}, place: {after: paragraph, nth: 2}}
  follow: {kind: follow, network: x, page: News, url: "https://x.example/", place: body-end}
  note: {kind: html, html: <p>note</p>, place: body-end}
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    path = tmp_path_factory.mktemp("rules") / "site.yaml"
    path.write_text(RULES)
    return Site.load(path)


async def cached(cache: PlanCache, page: bytes, words: str = "") -> Answer:
    answer = cache.recall(page, URL, HTML, (), words)
    return answer or await cache.compose(cache.asked(page, URL, HTML, (), Reader, words))


def anew(site: Site, page: bytes, words: str = "") -> bytes:
    return site.compose(page, url=URL, content_type=HTML, words=words).html


def fresh(head: str = "", section: str = "City") -> bytes:
    """A page with a nonce and a form token of its own."""
    nonce, token = secrets.token_urlsafe(12), secrets.token_urlsafe(12)
    return bytes(Page(head=head, section=section, nonce=nonce, token=token))


def sensitivity(value: str) -> str:
    return f'<meta name="ad_sensitivity" content="{value}">'


@pytest.mark.parametrize(
    "heads",
    [
        [sensitivity(value) for value in ("ok", "no", "solemn", "on", "solemn", "ok")],
        ['<meta name="newshole" content="no-ads">', '<meta name="newshole" content="no-odd">', ""],
        ['<meta name="newshole" content="no:ad">', '<meta name="newshole" content="no:note">'],
    ],
)
def test_a_word_that_changes_is_never_taken_for_a_token(site: Site, heads: list[str]) -> None:
    cache = PlanCache(site, clock=Clock())

    async def ask() -> None:
        for head in (*heads, *reversed(heads), *heads):
            for _ in range(2):
                page = fresh(head)
                assert (await cached(cache, page)).html == anew(site, page)

    asyncio.run(ask())


def test_tokens_beside_words_are_still_tokens(site: Site) -> None:
    cache = PlanCache(site, clock=Clock())

    async def ask() -> None:
        for _ in range(50):
            page = fresh(sensitivity("solemn") + '<meta name="newshole" content="no-ads">')
            answer = await cached(cache, page)
            assert answer.blocks == ("note",)

    asyncio.run(ask())
    assert cache.counts["plan-anew"] <= 3


def test_what_a_response_says_is_part_of_the_key(site: Site) -> None:
    cache = PlanCache(site, clock=Clock())
    page = bytes(Page())

    async def ask() -> None:
        for words in ("", "no-ads", "no-social", "", "no-ads", "no-ads no:note"):
            assert (await cached(cache, page, words)).html == anew(site, page, words)

    asyncio.run(ask())
    assert cache.counts["plan-anew"] == 4


@pytest.mark.parametrize("words", ["", "no-social", "no:note"])
@pytest.mark.parametrize("section", ["City", "Obituaries"])
def test_another_worker_has_it_from_the_store(site: Site, words: str, section: str) -> None:
    page = bytes(Page(section=section))

    async def ask() -> None:
        store = MemoryStore()
        workers = [PlanCache(site, GuardedStore(store, deadline=60), clock=Clock()) for _ in range(2)]
        for worker in workers:
            assert (await cached(worker, page, words)).html == anew(site, page, words)
            assert worker.store is not None
            await worker.store.close()
        assert [worker.counts["plan-anew"] for worker in workers] == [1, 0]

    asyncio.run(ask())


def test_a_kept_story_keeps_what_decides() -> None:
    story = Story(
        title="Bridge",
        told=(Told("no-ads", "X-Newshole"),),
        sensitivity="solemn",
        signal=Signal("sensitivity", "section Obituaries"),
    )
    kept = KeptPage(told_to_blocks(story))
    value = encode(kept, b"k" * 16)
    assert value is not None
    assert decode(value, b"k" * 16) == kept
    assert kept.story.told == story.told
