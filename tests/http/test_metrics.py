"""What Prometheus is told is what happened."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from newshole import Newshole, Site
from newshole.cache.tally import COUNTED as PLANS
from newshole.http.metrics import METRICS
from newshole.live.board import COUNTED as LIVE
from newshole.store.guarded import COUNTED as EVENTS
from tests.http.asgi import STORY, Client, ask, asked, asks, page

PATH = "/_newshole/metrics"
DOCS = (Path(__file__).parents[2] / "docs" / "metrics.md").read_text(encoding="utf-8")


def told(newshole: Newshole) -> dict[tuple[str, ...], float]:
    """Every sample, by its name and its labels' values."""
    client = ask(newshole, asked(PATH))
    assert client.header(b"content-length") == b"%d" % len(client.body)
    return samples_of(client.body)


def samples_of(shown: bytes) -> dict[tuple[str, ...], float]:
    """The same of what was shown."""
    families = text_string_to_metric_families(shown.decode())
    return {
        (sample.name, *sample.labels.values()): sample.value for each in families for sample in each.samples
    }


def test_every_outcome_is_counted(site: Site) -> None:
    newshole = Newshole(page(), site=site, metrics=PATH)
    composed = [ask(newshole) for _ in range(3)]
    ask(newshole, asked("/about"))
    samples = told(newshole)
    assert samples["newshole_responses_total", "composed"] == 3
    assert samples["newshole_responses_total", "url"] == 1
    assert samples["newshole_plans_total", "plan-anew"] == 1
    assert samples["newshole_plans_total", "plan-here"] == 2
    assert samples["newshole_blocks_total", "inline"] == 3
    assert samples["newshole_added_bytes_total",] == sum(len(each.body) - len(STORY) for each in composed)
    assert samples["newshole_planning_seconds_count",] == 1
    assert samples["newshole_planning_seconds_bucket", "+Inf"] == 1
    assert samples["newshole_planning_seconds_sum",] > 0
    assert samples["newshole_pages_kept",] == 1


def test_faults_are_told_before_there_is_one(site: Site) -> None:
    samples = told(Newshole(page(), site=site, metrics=PATH))
    assert samples["newshole_responses_total", "compose-fault"] == 0
    assert samples["newshole_responses_total", "composed"] == 0


def test_blocks_that_a_page_did_not_get_are_told_with_the_reason(device_site: Site) -> None:
    newshole = Newshole(page(), site=device_site, metrics=PATH)
    ask(newshole)
    assert told(newshole)["newshole_blocks_refused_total", "small", "when"] == 1


def test_the_state_of_the_store_is_told_where_there_is_one(site: Site) -> None:
    newshole = Newshole(page(), site=site, metrics=PATH, redis="redis://127.0.0.1:1/0")

    async def ask_often() -> bytes:
        for number in range(10):
            client = await asks(newshole, asked(query_string=b"a=%d" % number))
            assert b"data-newshole" in client.body
        shown = (await asks(newshole, asked(PATH))).body
        await newshole.close()
        return shown

    samples = samples_of(asyncio.run(ask_often()))
    assert samples["newshole_store_state", "closed"] == 0
    assert samples["newshole_store_state", "open"] + samples["newshole_store_state", "half-open"] == 1
    assert samples["newshole_store_events_total", "store-opened"] == 1


def test_nothing_is_told_unasked(site: Site) -> None:
    client: Client = ask(Newshole(page(b"{}", (b"x-a", b"1")), site=site), asked(PATH))
    assert client.body == b"{}"


def test_counts_go_on_when_the_rules_change(site: Site, device_site: Site) -> None:
    newshole = Newshole(page(), site=site, metrics=PATH)
    ask(newshole)
    newshole.site = device_site
    ask(newshole)
    assert told(newshole)["newshole_plans_total", "plan-anew"] == 2


def test_every_metric_and_event_is_documented() -> None:
    documented = {
        re.sub(r"_total$", "", name) for name in re.findall(r"^\| `(newshole_\w+)`", DOCS, re.MULTILINE)
    }
    assert documented == set(METRICS)
    assert set(re.findall(r"^\| `(store-[a-z]+)`", DOCS, re.MULTILINE)) == set(EVENTS)
    told = dict(re.findall(r"^\| `([a-z]+-[a-z]+)` \| (.+) \|$", DOCS, re.MULTILINE))
    assert {name: told.get(name) for name in LIVE} == LIVE
    assert {name for name in PLANS if f"`{name}`" in DOCS} == set(PLANS)
