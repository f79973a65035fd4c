"""Events of pages of two versions: each is told of the version that its page was composed by."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from newshole import Newshole, Site
from newshole.experiments.events.row import Row
from newshole.http.witnesses import FEW, PART, Witnesses
from newshole.live.staging.stage import Stage
from tests.http.asgi import asked, asks, page
from tests.http.measured import BY_COOKIE, EXPERIMENT, SAME, SECRET, attribute, posted, rows
from tests.http.measured import Sending as Beacon

ADS = """
site: Example
articles: [{path: /news/**}]
layout: {gap: 1 word, ads_apart: 1 word}
blocks:
  inline:
    kind: ad
    place: {after: paragraph, nth: 2}
    sizes: {mobile: [[300, 50]], desktop: [[300, 50]]}
    serve: {slot: one}
"""
VIEWS = [f"{n:024x}" for n in range(40)]


def sites(folder: Path) -> tuple[Site, Site]:
    """Two versions of rules with an experiment, which differ by the name of a slot."""
    text = ADS + BY_COOKIE + EXPERIMENT.replace("UNIT", "page")
    found = []
    for name, written in (("old", text), ("new", text.replace("slot: one", "slot: two"))):
        file = folder / f"{name}.yaml"
        file.write_text(written, "utf-8")
        found.append(Site.load(file))
    return found[0], found[1]


async def tell(newshole: Newshole, token: str, view: str, *events: list[object], sender: str) -> None:
    body = json.dumps({"t": token, "v": view, "e": [*events]}).encode()
    client = Beacon(body)
    scope = {**posted(SAME), "client": (sender, 1)}
    await newshole(scope, client.receive, client.send)


def test_what_browsers_tell_is_of_the_version_of_the_page_and_counted_for_it(tmp_path: Path) -> None:
    old, new = sites(tmp_path)
    newshole = Newshole(page(), site=old, events=tmp_path / "events", secret=SECRET)
    newshole.stage = Stage(new, "ab" * 16, 50.0, "url")
    digests = {b"one": old.rules[0].digest, b"two": new.rules[0].digest}

    async def serve() -> dict[str, str]:
        wanted: dict[str, str] = {}
        for n, view in enumerate(VIEWS):
            client = await asks(newshole, asked(f"/news/{n}"))
            is_new = b"two" in client.body
            token = attribute(client.body, "token")
            if token:
                wanted[view] = digests[b"two" if is_new else b"one"]
                seen: list[list[object]] = [["viewable", "inline", 1, 1]] if is_new else []
                fill: list[object] = ["fill", "inline", 1, int(not is_new)]
                for _ in range(2):  # what is sent twice is one thing that happened
                    told = ["view", "", 0, 0], fill, *seen
                    await tell(newshole, token, view, *told, sender=f"192.0.2.{n}")
        assert newshole.figures is not None
        for figures, is_new in zip(newshole.figures, (False, True), strict=True):
            views = sum(each == digests[b"two" if is_new else b"one"] for each in wanted.values())
            assert (figures.shown, figures.viewable) == (views, views if is_new else 0)
            assert (figures.asked, figures.unfilled) == (views, views if is_new else 0)
            assert views > 0
        await newshole.close()
        return wanted

    wanted = asyncio.run(serve())
    told = {row.view_id: row.rules for row in rows(newshole) if row.kind == "view"}
    assert told == wanted


def test_one_network_address_tells_of_few_pages_and_of_each_once(tmp_path: Path) -> None:
    old, new = sites(tmp_path)
    newshole = Newshole(page(), site=old, events=tmp_path / "events", secret=SECRET)
    newshole.stage = Stage(new, "ab" * 16, 50.0, "url")

    async def serve() -> None:
        for n, view in enumerate(VIEWS):
            client = await asks(newshole, asked(f"/news/{n % 20}"))
            token = attribute(client.body, "token")
            for sender in ("2001:db8::1", "2001:db8::2"):
                await tell(newshole, token, view, ["view"], ["fill", "inline", 1, 0], sender=sender)
        assert newshole.figures is not None
        assert [each.asked for each in newshole.figures] == [FEW, FEW]
        await newshole.close()

    asyncio.run(serve())
    assert len(rows(newshole)) > 2 * len(VIEWS)


def test_more_readers_are_believed_about_more_pages() -> None:
    witnesses = Witnesses()

    def tells(sender: str, of_page: str) -> int:
        return len(witnesses.heard(sender, [Row(f"{sender}{of_page}", 1, "view", sender, page=of_page)]))

    readers = PART * (FEW + 2)
    assert sum(tells(f"reader {n}", "front") for n in range(readers)) == readers
    assert sum(tells("reader 0", f"story {n}") for n in range(readers)) == FEW + 1
