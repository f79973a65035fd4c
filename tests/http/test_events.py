"""Where browsers send events: only what a page of this site has sent is taken, and nothing else is answered
otherwise."""

from __future__ import annotations

import asyncio
import json
import re
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newshole import Newshole
from newshole.experiments.events.beacon import MOST_BYTES
from newshole.experiments.events.rates import Rate, Rates
from newshole.experiments.events.row import KINDS
from newshole.experiments.events.token import DAY, DAYS, PageToken, day_of, seal
from newshole.http.event_desk import (
    KEPT,
    OF_A_VIEW,
    OF_AN_ADDRESS,
    PATIENCE,
    REFUSED,
    SHIP_FAULT,
    EventDesk,
)
from newshole.http.metrics import exposition, metrics_of
from tests.budget import examples
from tests.http import measured as site
from tests.http.asgi import asked
from tests.http.measured import PATH, SAME, Sending, measured, post, posted, rows, sent
from tests.http.test_metrics import samples_of
from tests.waiting import eventually

VIEW = "0123456789abcdef01234567"
KEY = site.SECRET.encode()
PAGE = "https://news.example/news/bridge"
NOW = 1_800_000_000.0


@pytest.fixture
def newshole(tmp_path: Path) -> Newshole:
    made = measured(tmp_path, site.rules(tmp_path))
    assert made.events is not None
    made.events.now = lambda: NOW
    return made


def token(**more: object) -> str:
    """The token of a page with one block."""
    told = {"page": PAGE, "rules": "1", "day": day_of(PAGE, NOW), "blocks": {"inline": 1}}
    return seal(PageToken(**{**told, **more}), KEY)  # type: ignore[arg-type]


def counts(newshole: Newshole) -> Counter[str]:
    assert newshole.events is not None
    return newshole.events.counts


def test_what_happened_is_a_row_each(newshole: Newshole) -> None:
    happened: list[list[object]] = [
        ["view"],
        ["viewable", "inline", 1],
        ["click", "inline", 1],
        ["fill", "inline", 1, 1],
        ["depth", "", 0, 0.61],
        ["read"],
        ["dwell", "", 0, 42],
    ]
    client = post(newshole, *sent(happened, token(section="World", device="mobile"), VIEW))
    assert client.messages[0]["status"] == 204
    found = rows(newshole)
    assert [(row.kind, row.block, row.position, row.value) for row in found] == [
        ("view", "", 0, 0.0),
        ("viewable", "inline", 1, 1.0),
        ("click", "inline", 1, 1.0),
        ("fill", "inline", 1, 1.0),
        ("depth", "", 0, 0.61),
        ("read", "", 0, 0.0),
        ("dwell", "", 0, 42.0),
    ]
    assert {(row.view_id, row.page, row.ms) for row in found} == {(VIEW, PAGE, int(NOW * 1000))}
    assert found[0].attributes == {"device": "mobile", "section": "World"}


def test_what_is_sent_twice_has_the_same_ids(newshole: Newshole) -> None:
    for _ in range(2):
        post(newshole, *sent([["view"], ["viewable", "inline", 1]], token(), VIEW))
    found = [row.id for row in rows(newshole)]
    assert len(found) == 4
    assert found[:2] == found[2:]


def test_an_ad_that_was_filled_or_not_is_one_row_of_a_view(newshole: Newshole) -> None:
    happened: list[list[object]] = [["fill", "inline", 1, 0], ["fill", "inline", 1, 1]]
    post(newshole, *sent(happened, token(), VIEW))
    first, second = rows(newshole)
    assert (first.value, second.value) == (0.0, 1.0)
    assert first.id == second.id


def test_ads_that_were_filled_or_not_are_told_by_block(newshole: Newshole) -> None:
    happened: list[list[object]] = [
        ["fill", "inline", 1, 0],
        ["fill", "inline", 2, 0],
        ["fill", "other", 1, 1],
    ]
    post(newshole, *sent(happened, token(blocks={"inline": 2}), VIEW))
    samples = samples_of(exposition(metrics_of(newshole)))
    told = {key[1:]: n for key, n in samples.items() if key[0] == "newshole_ad_requests_total"}
    assert told == {("inline", "filled"): 0, ("inline", "unfilled"): 2}


def test_events_of_blocks_that_the_page_does_not_have_are_left_out(newshole: Newshole) -> None:
    happened: list[list[object]] = [
        ["viewable", "inline", 2],
        ["click", "other", 1],
        ["viewable", "inline", 0],
    ]
    post(newshole, *sent(happened, token(), VIEW))
    assert rows(newshole) == []


def test_no_answer_sets_a_cookie_or_may_be_kept(newshole: Newshole) -> None:
    client = post(newshole, *sent([["view"]], token(), VIEW))
    assert client.headers == [(b"cache-control", b"no-store"), (b"content-length", b"0")]


def refused(newshole: Newshole, reason: str) -> bool:
    """Whether the last beacon was refused for this reason, and left nothing."""
    return counts(newshole) == {reason: 1} and rows(newshole) == []


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "OPTIONS"])
def test_only_what_is_posted_is_taken(newshole: Newshole, method: str) -> None:
    client = post(newshole, asked(PATH, method=method, headers=[SAME]), b"")
    assert client.messages[0]["status"] == 204
    assert refused(newshole, "method")


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [(b"sec-fetch-site", b"cross-site")],
        [(b"sec-fetch-site", b"same-site")],
        [(b"sec-fetch-site", b"none")],
        [(b"origin", b"https://other.example")],
        [(b"origin", b"null")],
        [(b"origin", b"https://[")],
        [(b"origin", b"https://news.example"), (b"sec-fetch-site", b"cross-site")],
    ],
)
def test_what_another_site_sends_is_refused(newshole: Newshole, headers: list[tuple[bytes, bytes]]) -> None:
    _, body = sent([["view"]], token(), VIEW)
    post(newshole, posted(*headers), body)
    assert refused(newshole, "origin")


def test_a_browser_without_fetch_metadata_is_known_by_its_origin(newshole: Newshole) -> None:
    _, body = sent([["view"]], token(), VIEW)
    post(newshole, posted((b"origin", b"https://news.example")), body)
    assert counts(newshole) == {"kept": 1}


def test_a_body_that_is_too_large_is_refused_by_its_length_or_when_it_is_there(newshole: Newshole) -> None:
    long = b" " * (MOST_BYTES + 1)
    post(newshole, posted(SAME, (b"content-length", b"%d" % len(long))))
    post(newshole, posted(SAME), long[:5000], long[5000:])
    assert counts(newshole) == {"too-large": 2}
    assert rows(newshole) == []


def test_a_body_that_breaks_off_is_refused(newshole: Newshole) -> None:
    post(newshole, posted(SAME))
    assert refused(newshole, "too-large")


@pytest.mark.parametrize(
    "said",
    [
        "",
        "[]",
        "{",
        "[" * 5000,
        {"t": 1, "v": VIEW, "e": [["view"]]},
        {"t": "", "v": "x", "e": [["view"]]},
        {"t": "", "v": VIEW.upper(), "e": [["view"]]},
        {"t": "", "v": VIEW, "e": []},
        {"t": "", "v": VIEW, "e": [["view"]] * 65},
        {"t": "", "v": VIEW, "e": [["exposure"]]},
        {"t": "", "v": VIEW, "e": [["depth", "", 0, 1.5]]},
        {"t": "", "v": VIEW, "e": [["depth", "", 0, -0.1]]},
        {"t": "", "v": VIEW, "e": [["dwell", "", 0, True]]},
        {"t": "", "v": VIEW, "e": [["fill", "inline", 1, 0.5]]},
        {"t": "", "v": VIEW, "e": [["fill", "inline", 1, -1]]},
        {"t": "", "v": VIEW, "e": [["click", "inline", 1.0]]},
        {"t": "", "v": VIEW, "e": [["view", "", 0, 0, 0]]},
        {"t": "", "v": VIEW, "e": [[]]},
        {"t": "", "v": VIEW, "e": [["view"]], "more": 1},
    ],
)
def test_what_our_script_does_not_send_is_refused(newshole: Newshole, said: object) -> None:
    body = said if isinstance(said, str) else json.dumps(said)
    post(newshole, posted(SAME), body.encode())
    assert refused(newshole, "malformed")


def test_numbers_that_are_none_are_refused(newshole: Newshole) -> None:
    for number in ("NaN", "Infinity", "-Infinity", "1e999"):
        post(
            newshole,
            posted(SAME),
            b'{"t":"","v":"%s","e":[["depth","",0,%s]]}' % (VIEW.encode(), number.encode()),
        )
    assert counts(newshole) == {"malformed": 4}


def forgeries() -> dict[str, str]:
    """Tokens that are not of this site."""
    good = token()
    payload, _, signature = good.partition(".")
    other = seal(PageToken(PAGE, "1", day_of(PAGE, NOW)), b"another secret")
    return {
        "nothing": "",
        "no signature": payload,
        "another's signature": f"{payload}.{other.partition('.')[2]}",
        "another's token": other,
        "another payload": f"{other.partition('.')[0]}.{signature}",
        "cut": good[:-1],
        "longer": good + "A",
        "not ascii": good + "é",
    }


@pytest.mark.parametrize("which", forgeries())
def test_a_forged_token_is_refused(newshole: Newshole, which: str) -> None:
    post(newshole, *sent([["view"]], forgeries()[which], VIEW))
    assert refused(newshole, "forged")


@pytest.mark.parametrize(
    ("age", "reason"), [(0, "kept"), (DAYS, "kept"), (DAYS + 1, "expired"), (-1, "expired")]
)
def test_a_token_holds_for_some_days(newshole: Newshole, age: int, reason: str) -> None:
    post(newshole, *sent([["view"]], token(day=day_of(PAGE, NOW - age * DAY)), VIEW))
    assert counts(newshole) == {reason: 1}


def test_a_token_that_was_taken_before_expires_too(newshole: Newshole) -> None:
    assert newshole.events is not None
    post(newshole, *sent([["view"]], token(), VIEW))
    newshole.events.now = lambda: NOW + (DAYS + 1) * DAY
    post(newshole, *sent([["view"]], token(), VIEW))
    assert counts(newshole) == {"kept": 1, "expired": 1}


def test_a_view_that_sends_without_end_is_refused(newshole: Newshole) -> None:
    assert newshole.events is not None
    newshole.events.views = Rates(OF_A_VIEW, lambda: 0.0)
    for _ in range(50):
        post(newshole, *sent([["view"]], token(), VIEW))
    post(newshole, *sent([["view"]], token(), "f" * 24))
    assert counts(newshole) == {"kept": OF_A_VIEW.burst + 1, "flooded": 50 - OF_A_VIEW.burst}


def test_an_address_that_sends_without_end_is_refused_before_its_body_is_read(tmp_path: Path) -> None:
    newshole = measured(tmp_path, site.rules(tmp_path))
    assert newshole.events is not None
    newshole.events.addresses = Rates(Rate(3, 0), lambda: 0.0)
    for number in range(5):
        post(newshole, *sent([["view"]], token(), f"{number:024x}"))
    post(newshole, {**posted(SAME), "client": ("10.0.0.1", 1)}, b"{}")
    assert counts(newshole)["flooded"] == 2
    assert counts(newshole)["malformed"] == 1


def test_what_is_no_address_takes_no_more_room_than_one(tmp_path: Path) -> None:
    newshole = measured(tmp_path, site.rules(tmp_path))
    assert newshole.events is not None
    for letter in "abc":
        post(newshole, {**posted(SAME), "client": (letter * 60_000, 1)}, b"{}")
    assert sum(map(len, newshole.events.addresses.buckets)) < 3 * 50


def test_a_crawler_sends_in_vain(newshole: Newshole) -> None:
    post(newshole, *sent([["view"]], token(), VIEW, (b"user-agent", b"Examplebot/2")))
    assert refused(newshole, "bot")


CONSENTING = """
consent: {mode: server, header: X-Consent}
"""


@pytest.mark.parametrize(
    ("word", "outcome"),
    [("personal", "kept"), ("restricted", "kept"), ("limited", "consent"), ("", "consent")],
)
def test_where_the_server_knows_what_readers_agreed_to_it_asks_there(
    tmp_path: Path, word: str, outcome: str
) -> None:
    more = site.EXPERIMENT.replace("UNIT", "visitor") + CONSENTING
    newshole = measured(tmp_path, site.rules(tmp_path, more=more))
    assert newshole.events is not None
    newshole.events.now = lambda: NOW
    post(newshole, *sent([["view"]], token(), VIEW, (b"x-consent", word.encode())))
    assert counts(newshole) == {outcome: 1}


_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=5), inner, max_size=5),
    max_leaves=20,
)
_EVENTS = st.lists(st.lists(_JSON, max_size=5), max_size=6)
_HEADERS = st.lists(
    st.tuples(
        st.sampled_from(
            [b"sec-fetch-site", b"origin", b"content-length", b"cookie", b"user-agent", b"x-consent"]
        ),
        st.binary(max_size=40) | st.sampled_from([b"same-origin", b"https://news.example", b"12"]),
    ),
    max_size=4,
)


@settings(examples(400), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    headers=_HEADERS,
    parts=st.lists(st.binary(max_size=200), max_size=4),
    said=st.none() | _JSON | st.fixed_dictionaries({"t": st.just(token()), "v": st.just(VIEW), "e": _EVENTS}),
    is_same=st.booleans(),
)
def test_nothing_that_is_sent_makes_it_fail(
    newshole: Newshole,
    headers: list[tuple[bytes, bytes]],
    parts: list[bytes],
    said: object,
    is_same: bool,
) -> None:
    body = parts if said is None else [json.dumps(said).encode("utf-8", "surrogatepass")]
    client = post(newshole, posted(*([SAME] if is_same else []), *headers), *body)
    assert client.messages[0]["status"] == 204
    assert counts(newshole)["event-fault"] == 0


def test_a_fault_of_ours_is_counted_and_answered(newshole: Newshole, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> str:
        raise OSError

    monkeypatch.setattr(EventDesk, "keep", fail)
    client = post(newshole, *sent([["view"]], token(), VIEW))
    assert client.messages[0]["status"] == 204
    assert counts(newshole) == {"event-fault": 1}


def test_segments_are_ready_soon_after_the_last_event(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("newshole.http.event_desk.ROUND", 0.01)
    monkeypatch.setattr("newshole.experiments.events.segments.SEGMENT_SECONDS", 0.0)
    newshole = measured(tmp_path, site.rules(tmp_path))
    assert newshole.events is not None
    newshole.events.now = lambda: NOW

    async def run() -> None:
        scope, body = sent([["view"]], token(), VIEW)
        client = Sending(body)
        await newshole(scope, client.receive, client.send)
        await asyncio.to_thread(eventually, lambda: [*(tmp_path / "events").glob("*.ready")])
        await newshole.close()

    asyncio.run(run())


def test_every_outcome_and_bound_is_documented() -> None:
    docs = (Path(__file__).parents[2] / "docs" / "events.md").read_text("utf-8")
    told = set(re.findall(r"^\| `([a-z-]+)` \| ", docs, re.MULTILINE))
    assert {KEPT, SHIP_FAULT, *REFUSED, *KINDS} <= told
    assert f"sent over {OF_A_VIEW.burst} times (another one every {1 / OF_A_VIEW.a_second:g} seconds)" in docs
    assert f"over {OF_AN_ADDRESS.burst:,} times ({OF_AN_ADDRESS.a_second} a second)" in docs
    assert f"over {MOST_BYTES >> 10} KiB, or did not come whole in {PATIENCE:g} seconds" in docs
    assert f"taken for {DAYS} days more" in docs
