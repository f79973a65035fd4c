"""Purges as Fastly, Cloudflare and a hook take them by their documentation, and what is done when they fail.

The services themselves cannot be had here; a server speaks for each.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import socket
from collections.abc import Callable

import pytest

from newshole.cdn.cloudflare import Cloudflare
from newshole.cdn.fastly import LONGEST_KEYS, Fastly
from newshole.cdn.purge import Outcome, purge
from newshole.cdn.service import Purge, Service
from newshole.cdn.tags import url_tag
from newshole.cdn.varnish import Varnish
from newshole.cdn.webhook import Webhook
from newshole.errors import UsageError
from tests.cdn.services import Api, Asked, api

URL = "https://news.example/world/a%20b?page=2"
Case = Callable[[str], Service]
Answer = tuple[int, object, dict[str, str]]
DONE: Answer = (200, {"success": True, "errors": [], "result": {"id": "1"}}, {})


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tries follow each other at once."""
    monkeypatch.setattr("newshole.cdn.purge.FIRST_WAIT", 0.001)


def asked_of(service: Case, *answers: Answer, **what: object) -> list[Asked]:
    """What a service is asked by a purge, which succeeds."""
    asked, outcome = outcome_of(service, *answers, **what)
    assert outcome.problem is None
    assert outcome.failed == 0
    return asked


def outcome_of(service: Case, *answers: Answer, **what: object) -> tuple[list[Asked], Outcome]:
    """What a service is asked by a purge, and what came of it."""

    async def case() -> tuple[list[Asked], Outcome]:
        async with api(*answers) as server:
            (outcome,) = await purge([service(server.url)], **what)  # type: ignore[arg-type]
            return server.asked, outcome

    return asyncio.run(case())


def fastly(url: str) -> Fastly:
    return Fastly("SU1", "s3cret", url)


def cloudflare(url: str) -> Cloudflare:
    return Cloudflare("zone1", "s3cret", url, (("CF-Device-Type", "mobile"),))


def webhook(url: str) -> Webhook:
    return Webhook(f"{url}/purge?for=news", "s3cret")


def test_fastly_purges_by_surrogate_keys_in_one_call() -> None:
    (call,) = asked_of(fastly, tags=["nh-block-a", "nh-block-b"])
    assert (call.method, call.target) == ("POST", "/service/SU1/purge")
    assert call.headers["fastly-key"] == "s3cret"
    assert call.headers["surrogate-key"] == "nh-block-a nh-block-b"
    assert call.headers["content-length"] == "0"
    assert "fastly-soft-purge" not in call.headers


def test_fastly_purges_softly() -> None:
    calls = asked_of(fastly, tags=["a"], urls=[URL], soft=True)
    assert {call.headers["fastly-soft-purge"] for call in calls} == {"1"}


def test_fastly_purges_an_address_and_all_that_is_kept_under_its_tag() -> None:
    calls = asked_of(fastly, urls=[URL])
    assert sorted((call.target, call.headers.get("surrogate-key")) for call in calls) == [
        ("/purge/news.example/world/a%20b?page=2", None),
        ("/service/SU1/purge", url_tag(URL)),
    ]


def test_fastly_purges_everything() -> None:
    (call,) = asked_of(fastly, everything=True)
    assert (call.method, call.target) == ("POST", "/service/SU1/purge_all")


@pytest.mark.parametrize(("length", "most"), [(10, 256), (500, 13)])
def test_fastly_gets_no_more_keys_in_a_call_than_it_takes(length: int, most: int) -> None:
    tags = [f"{each:0{length}}" for each in range(600)]
    calls = asked_of(fastly, tags=tags)
    lists = [call.headers["surrogate-key"].split() for call in calls]
    assert sorted(tag for each in lists for tag in each) == tags
    assert max(map(len, lists)) == most
    assert max(len(call.headers["surrogate-key"]) for call in calls) <= LONGEST_KEYS


def test_cloudflare_purges_by_tags() -> None:
    (call,) = asked_of(cloudflare, DONE, tags=["a", "b"])
    assert (call.method, call.target) == ("POST", "/zones/zone1/purge_cache")
    assert call.headers["authorization"] == "Bearer s3cret"
    assert call.headers["content-type"] == "application/json"
    assert call.json == {"tags": ["a", "b"]}


def test_cloudflare_purges_an_address_in_each_version_and_by_its_tag() -> None:
    calls = asked_of(cloudflare, DONE, urls=[URL])
    assert {"tags": [url_tag(URL)]} in [call.json for call in calls]
    files = [URL, {"url": URL, "headers": {"CF-Device-Type": "mobile"}}]
    assert {"files": files} in [call.json for call in calls]
    assert len(calls) == 2


def test_cloudflare_gets_thirty_at_a_time() -> None:
    calls = asked_of(cloudflare, DONE, tags=[f"t{each}" for each in range(65)])
    assert sorted(len(call.json["tags"]) for call in calls) == [5, 30, 30]


def test_cloudflare_purges_everything() -> None:
    (call,) = asked_of(cloudflare, DONE, everything=True)
    assert call.json == {"purge_everything": True}


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({"success": False, "errors": [{"code": 1134, "message": "s3cret"}]}, "with the codes 1134"),
        ({"success": False}, "it refused, without a reason"),
        ([], "its answer is no JSON object"),
    ],
)
def test_cloudflare_may_refuse_with_status_200(body: object, problem: str) -> None:
    asked, outcome = outcome_of(cloudflare, (200, body, {}), tags=["a"])
    assert len(asked) == outcome.failed == 1
    assert problem in (outcome.problem or "")


def test_a_hook_gets_a_document_that_it_can_verify() -> None:
    (call,) = asked_of(webhook, tags=["a"], urls=[URL], soft=True)
    assert (call.method, call.target) == ("POST", "/purge?for=news")
    assert call.json == {"tags": ["a"], "urls": [URL], "everything": False, "soft": True}
    moment, _, signed = call.headers["x-newshole-signature"].removeprefix("t=").partition(",v1=")
    expected = hmac.new(b"s3cret", moment.encode() + b"." + call.body, hashlib.sha256).hexdigest()
    assert hmac.compare_digest(signed, expected)


def test_varnish_is_asked_as_its_configuration_has_it() -> None:
    calls = asked_of(Varnish, tags=["a"], urls=[URL], soft=True)
    assert sorted((call.method, call.target, call.headers.get("x-purge-tags")) for call in calls) == [
        ("PURGE", "/", f"a {url_tag(URL)}"),
        ("PURGE", "/world/a%20b?page=2", None),
    ]
    assert {call.headers["x-purge-soft"] for call in calls} == {"1"}
    assert "news.example" in [call.headers["host"] for call in calls]
    (everything,) = asked_of(Varnish, everything=True)
    assert (everything.method, everything.headers["x-purge-all"]) == ("PURGE", "1")


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_cache_that_is_busy_is_asked_again(status: int) -> None:
    busy: Answer = (status, {}, {"Retry-After": "0"})
    asked, outcome = outcome_of(fastly, busy, busy, (200, {}, {}), tags=["a"])
    assert len(asked) == 3
    assert outcome == Outcome("fastly://SU1", 1)


def test_a_cache_that_stays_busy_is_given_up() -> None:
    asked, outcome = outcome_of(fastly, (503, {}, {}), tags=["a"])
    assert len(asked) == 4
    assert outcome == Outcome("fastly://SU1", 1, 1, "status 503")


@pytest.mark.parametrize("wait", ["3600", "Fri, 31 Dec 2999 23:59:59 GMT"])
def test_a_cache_that_asks_for_a_long_wait_is_given_up_at_once(wait: str) -> None:
    asked, outcome = outcome_of(fastly, (429, {}, {"Retry-After": wait}), tags=["a"])
    assert len(asked) == 1
    assert outcome.problem == "status 429"


@pytest.mark.parametrize(
    "wait", ["soon", "Thu, 01 Jan 1970 00:00:00 GMT", "-1", f"Mon, 01 Jan {'9' * 20} 00:00:00 GMT"]
)
def test_a_wait_that_cannot_be_read_or_is_over_is_none(wait: str) -> None:
    asked, _ = outcome_of(fastly, (429, {}, {"Retry-After": wait}), (200, {}, {}), tags=["a"])
    assert len(asked) == 2


@pytest.mark.parametrize("status", [302, 400, 401, 403, 404])
def test_a_refusal_is_no_reason_to_ask_again(status: int) -> None:
    asked, outcome = outcome_of(fastly, (status, {}, {"Location": "/elsewhere"}), tags=["a"])
    assert len(asked) == 1
    assert outcome == Outcome("fastly://SU1", 1, 1, f"status {status}")


def closed_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"


def test_one_cache_that_is_down_keeps_no_other_from_being_purged() -> None:
    async def case() -> tuple[tuple[Outcome, ...], Api]:
        async with api() as server:
            return await purge([Varnish(closed_port()), fastly(server.url)], tags=["a"]), server

    (down, up), server = asyncio.run(case())
    assert down.failed == 1
    assert (down.problem or "").startswith("no connection")
    assert up == Outcome("fastly://SU1", 1)
    assert len(server.asked) == 1


def test_some_calls_may_fail_and_others_not() -> None:
    asked, outcome = outcome_of(fastly, (403, {}, {}), (200, {}, {}), tags=["a"], urls=[URL])
    assert (len(asked), outcome.calls, outcome.failed) == (2, 2, 1)


@pytest.mark.parametrize(
    ("tags", "urls"),
    [
        (["a b"], []),
        (["a,b"], []),
        ([""], []),
        (["ü"], []),
        (["a\r\nX-Evil: 1"], []),
        ([], ["/world/story"]),
        ([], ["https://news.example/\r\nX-Evil: 1"]),
        ([], ["ftp://news.example/"]),
        ([], ["https://a@news.example/"]),
        ([], ["https://[news/"]),
        ([], []),
    ],
)
def test_what_cannot_be_purged_is_refused_before_any_call(tags: list[str], urls: list[str]) -> None:
    with pytest.raises(UsageError, match="purge"):
        asyncio.run(purge([fastly(closed_port())], tags=tags, urls=urls))


def test_the_secret_is_in_no_outcome_and_no_record() -> None:
    what = Purge(("a",), (URL,))
    for service in (fastly("http://a"), cloudflare("http://a"), webhook("http://a")):
        assert "s3cret" not in repr(service.calls(what, 0.0)) + repr(service)
