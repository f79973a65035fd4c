"""A fault in any function that makes blocks, of every kind, for a reader who agreed: the page is whole."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from newshole import Newshole, Site
from tests.blocks.opened import ADSENSE, GPT, PREBID, REVIVE
from tests.consent.strings import Written
from tests.http.asgi import SENTENCE, Client, asked, page
from tests.http.injection import Counting, Hook, InjectedError, Injector, faults, traced, wrong
from tests.rules.files import write

EVERY_KIND = Path(__file__).parents[1] / "readers/every-kind.yaml"

OURS = ("blocks", "consent", "library", "rules")
"""The folders whose functions fail."""

STORY = (
    "<!doctype html><html lang=en><head><title>Five dead as bridge falls</title>"
    "<meta property='og:type' content='article'></head><body><main><article><h1>Five dead</h1>"
    f"<div class=story>{f'<p>{SENTENCE * 3}</p>' * 30}</div></article></main></body></html>"
).encode()

RULES = """
extends: EVERY_KIND
consent: {mode: server}
sensitivity: {signals: [{title: standard, level: review}], review: {ads: flag}}
blocks:
"""


def load(folder: Path) -> Site:
    """Blocks of every kind, and of every server of ads."""
    served = "".join(
        f"  by-{name}: {{kind: ad, serve: {serve}, place: {{after: paragraph, nth: {5 + 3 * n}}}}}\n"
        for n, (name, serve) in enumerate(
            {"gpt": GPT, "prebid": PREBID, "adsense": ADSENSE, "revive": REVIVE}.items()
        )
    )
    rules = write(folder, site=RULES.replace("EVERY_KIND", str(EVERY_KIND)) + served)
    return Site.load(rules / "site.yaml")


def answer(site: Site, hook: Hook) -> Client:
    """What a reader gets who agreed to everything."""
    newshole, client = Newshole(page(STORY), site=Site(*site.rules)), Client()
    now = int(time.time()) * 10
    cookie = f"euconsent-v2={Written(created=now, updated=now).text}"
    scope = asked(headers=[(b"accept", b"text/html"), (b"cookie", cookie.encode())])

    async def ask() -> None:
        with traced(hook):
            await newshole(scope, client.receive, client.send)

    asyncio.run(ask())
    return client


def ours(counting: Counting) -> Iterator[Injector]:
    """A fault in the first call of each function."""
    for injector in faults(counting):
        folders = Path(injector.code.co_filename).parts
        if not (injector.nth or injector.is_lasting) and {*OURS} & {*folders}:
            yield injector


def broken(site: Site, injector: Injector, whole: bytes) -> str | None:
    """What a fault broke, None where the reader has a whole page."""
    try:
        client = answer(site, injector)
    except InjectedError:
        return f"{injector}: raised"
    found = wrong(client, (STORY, whole))
    return None if found is None else f"{injector}: {found}"


@pytest.mark.slow
def test_a_fault_in_what_makes_any_kind_fails_no_page(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL + 1, "newshole")
    site = load(tmp_path)
    counting = Counting()
    whole = answer(site, counting).body
    assert all(f'data-newshole="{block.id}"'.encode() in whole for block in site.rules[0].blocks)
    assert b'data-nh-consent="personal"' in whole
    injected = list(ours(counting))
    assert len(injected) > 200
    assert [told for each in injected if (told := broken(site, each, whole))] == []
