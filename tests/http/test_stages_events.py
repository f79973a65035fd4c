"""Events of pages of two versions: each is told of the version that its page was composed by."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from newshole import Newshole, Site
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


async def tell(newshole: Newshole, token: str, view: str, *events: list[object]) -> None:
    body = json.dumps({"t": token, "v": view, "e": [*events]}).encode()
    client = Beacon(body)
    await newshole(posted(SAME), client.receive, client.send)


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
                await tell(newshole, token, view, ["view", "", 0, 0], fill, *seen)
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
